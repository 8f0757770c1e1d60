"""Books on one machine: the code that the state machine's functions run, on the cores that are here."""
