"""What was built, proved by running it as Lambda would: one module, one proof."""
