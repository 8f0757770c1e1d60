"""What sizing is told: the weights to reach, where the portfolio stands, the market and the options."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from engine.contracts import EngineOptions
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.standing import Standing
from engine.valuation import State


class Brief(Struct):
    """`worth` is what the weights are shares of; `before` the state that a result shows, `standing` the one that is sized from."""

    weights: Mapping[str, Decimal]
    worth: Decimal
    before: State
    standing: Standing
    market: Market
    shelf: Shelf
    options: EngineOptions
    notes: Notes

    def noting(self, notes: Notes) -> "Brief":
        """The same brief for a sizing whose notes may be dropped."""
        return Brief(self.weights, self.worth, self.before, self.standing, self.market, self.shelf, self.options, notes)
