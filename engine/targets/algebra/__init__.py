"""Exact arithmetic under the solver: systems of equations on whole numbers, and what they may cost (RFC-0012)."""
