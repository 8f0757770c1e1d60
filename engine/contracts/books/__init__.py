"""What a book is made of: one document that all portfolios share, and a line for each of them."""
