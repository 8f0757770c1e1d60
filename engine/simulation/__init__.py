"""From orders to the portfolio after them: FX, dependencies, settlement, rules, reconciliation."""
