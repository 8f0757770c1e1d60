"""State machines as tables: what may follow on what, and who decides it."""
