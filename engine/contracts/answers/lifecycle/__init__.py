"""What the calls on living proposals answer (advisory-lifecycle 10)."""
