"""What every call answers that decides nothing itself, member by member (dpm-service 15). Only the documentation reads these models."""
