"""How to decide: what both flows may be asked for, and what each of them may be besides."""
