"""The guarded run: orders that the money at hand pays for, decided in exact amounts (desk 1.3, 3, 6)."""
