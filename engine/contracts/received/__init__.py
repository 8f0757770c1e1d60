"""Texts as they were sent, looked at before any contract does."""
