"""Books: many portfolios decided over one market, one shelf and a few models."""
