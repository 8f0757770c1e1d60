"""What several decisions about one portfolio share: indexes, valuations, lineage; made once (RFC-0013)."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Self

import orjson

from engine.contracts import ValuationMode
from engine.contracts.requests import SharedSnapshots
from engine.contracts.snapshots import ModelTarget, PortfolioSnapshot
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.result.amounts import Json
from engine.result.provenance import snapshot_lineage
from engine.result.states import render_state
from engine.valuation import State, value

TRUSTED: Final = ValuationMode.TRUST_SNAPSHOT


@dataclass(slots=True)
class Snapshots:
    """The indexed snapshots. Nobody changes them after `of`; before valuations are remembered by mode."""

    portfolio: PortfolioSnapshot
    quantities: dict[str, Decimal]
    targets: list[ModelTarget]
    market: Market
    shelf: Shelf
    lineage: dict[str, Any]
    _valued: dict[ValuationMode, tuple[State, Notes]] = field(default_factory=dict)
    _shown: dict[ValuationMode, Json] = field(default_factory=dict)
    _texts: dict[ValuationMode, orjson.Fragment] = field(default_factory=dict)

    @classmethod
    def of(cls, request: SharedSnapshots) -> Self:
        """Index the snapshots of a request."""
        return cls(
            portfolio=request.portfolio_snapshot,
            quantities={row.instrument_id: row.quantity for row in request.portfolio_snapshot.positions},
            targets=request.model_portfolio.targets,
            market=Market.of(request.market_data_snapshot, base=request.portfolio_snapshot.base_currency),
            shelf=Shelf.of(request.shelf_entries),
            lineage=snapshot_lineage(request.portfolio_snapshot, request.market_data_snapshot),
        )

    def before(self, mode: ValuationMode, notes: Notes) -> State:
        """The portfolio as it is, with what is missing added to the notes."""
        if mode not in self._valued:
            found = Notes()
            stated = (
                {row.instrument_id: row.market_value for row in self.portfolio.positions if row.market_value} if mode is TRUSTED else {}
            )
            state = value(self.quantities, self.portfolio.cash_balances, self.market, self.shelf, found, stated)
            self._valued[mode] = (state, found)
        state, found = self._valued[mode]
        notes.price_missing.update(found.price_missing)
        notes.fx_missing.update(found.fx_missing)
        return state

    def shown_before(self, mode: ValuationMode) -> tuple[Json, Json | orjson.Fragment]:
        """The portfolio as it is, as a result shows it; made once for all decisions, changed by none.

        Second comes what a result holds: the same for the first decision, its text for all others.
        """
        shown = self._shown.get(mode)
        if shown is None:
            shown = self._shown[mode] = render_state(self._valued[mode][0], self.market.shown_prices)
            return shown, shown
        text = self._texts.get(mode)
        if text is None:
            text = self._texts[mode] = orjson.Fragment(orjson.dumps(shown))
        return shown, text
