"""From targets to orders: whole units, dust, tax budget, turnover cap (RFC-0005, RFC-0009, RFC-0010)."""
