"""What several decisions share: market and shelf for any number of portfolios, a portfolio for any number of options (RFC-0013)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Self

from engine.contracts import ValuationMode
from engine.contracts.requests import SharedSnapshots
from engine.contracts.snapshots import MarketDataSnapshot, ModelTarget, PortfolioSnapshot, ShelfEntry
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.result.provenance import Origin
from engine.result.states import ShownState, render_state
from engine.valuation import State, value

TRUSTED: Final = ValuationMode.TRUST_SNAPSHOT


@dataclass(slots=True)
class MarketAndShelf:
    """Market data and shelf, indexed once however many portfolios are decided over them: one market per base currency."""

    data: MarketDataSnapshot
    shelf: Shelf
    origin: Origin
    _markets: dict[str, Market] = field(default_factory=dict)

    @classmethod
    def of(cls, data: MarketDataSnapshot, entries: Iterable[ShelfEntry]) -> Self:
        """Index what the bank states of markets and instruments."""
        return cls(data, Shelf.of(entries), Origin.of_market(data))

    def market(self, base: str) -> Market:
        """The market of a base currency."""
        found = self._markets.get(base)
        if found is None:
            other = next(iter(self._markets.values()), None)
            found = self._markets[base] = other.in_base(base) if other else Market.of(self.data, base)
        return found


@dataclass(slots=True)
class Snapshots:
    """A portfolio among market and shelf, with the model's targets where it has any. What is derived from them is remembered by mode."""

    portfolio: PortfolioSnapshot
    targets: Sequence[ModelTarget]
    quantities: dict[str, Decimal]
    market: Market
    shelf: Shelf
    origin: Origin
    market_origin: Origin
    _valued: dict[ValuationMode, tuple[State, Notes]] = field(default_factory=dict)
    _shown: dict[ValuationMode, ShownState] = field(default_factory=dict)

    @classmethod
    def of(cls, request: SharedSnapshots) -> Self:
        """Index the snapshots of a request."""
        shared = MarketAndShelf.of(request.market_data_snapshot, request.shelf_entries)
        return cls.over(shared, request.portfolio_snapshot, request.model_portfolio.targets)

    @classmethod
    def over(cls, shared: MarketAndShelf, portfolio: PortfolioSnapshot, targets: Sequence[ModelTarget] = ()) -> Self:
        """A portfolio over what it shares with others."""
        return cls(
            portfolio=portfolio,
            targets=targets,
            quantities={row.instrument_id: row.quantity for row in portfolio.positions},
            market=shared.market(portfolio.base_currency),
            shelf=shared.shelf,
            origin=Origin.of_portfolio(portfolio),
            market_origin=shared.origin,
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

    def shown_before(self, mode: ValuationMode) -> ShownState:
        """The portfolio as it is, as every result shows it; only asked for once it is valued."""
        shown = self._shown.get(mode)
        if shown is not None:
            return shown.again()
        shown = self._shown[mode] = ShownState(render_state(self._valued[mode][0], self.market.shown_prices))
        return shown
