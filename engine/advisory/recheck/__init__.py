"""A proposal decided again on later data, before it is executed (advisory-practice 10)."""
