"""Running a book: index, chunks, summary. The same code in a state machine's functions and on one machine."""
