"""What a result says, member by member (dpm-engine 15)."""
