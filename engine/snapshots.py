"""What several decisions about one portfolio share: indexes, valuations, lineage; made once (RFC-0013)."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, Self

import orjson

from engine.contracts import EngineOptions, ValuationMode
from engine.contracts.requests import SharedSnapshots
from engine.contracts.snapshots import MarketDataSnapshot, ModelTarget, PortfolioSnapshot, ShelfStatus
from engine.market import Market, Shelf
from engine.minor_currencies import InMajor, in_major, options_in_major
from engine.notes import Notes
from engine.result.amounts import Json
from engine.result.provenance import snapshot_lineage
from engine.result.states import render_state
from engine.universe import TRADEABLE_HOLDING
from engine.valuation import State, value

TRUSTED: Final = ValuationMode.TRUST_SNAPSHOT


@dataclass(slots=True)
class Snapshots:
    """The indexed snapshots, all amounts in major currencies. Nobody changes them after `of`; before valuations are remembered by mode.

    What options decide of the market is decided by `under`: decisions are made over what it answers.
    """

    portfolio: PortfolioSnapshot
    quantities: dict[str, Decimal]
    targets: list[ModelTarget]
    market: Market
    shelf: Shelf
    lineage: dict[str, Any]
    _major: InMajor
    _given: MarketDataSnapshot
    _unpriced: list[str]
    _markets: dict[tuple[str | None, frozenset[str]], "Snapshots"] = field(default_factory=dict)
    _valued: dict[ValuationMode, tuple[State, Notes]] = field(default_factory=dict)
    _shown: dict[ValuationMode, Json] = field(default_factory=dict)
    _texts: dict[ValuationMode, orjson.Fragment] = field(default_factory=dict)

    @classmethod
    def of(cls, request: SharedSnapshots) -> Self:
        """Index the snapshots of a request."""
        major, given = in_major(request), request.market_data_snapshot
        portfolio = major.portfolio
        market = Market.of(major.market, base=portfolio.base_currency, given=given)
        return cls(
            portfolio=portfolio,
            quantities={row.instrument_id: row.quantity for row in portfolio.positions},
            targets=request.model_portfolio.targets,
            market=market,
            shelf=Shelf.of(major.shelf),
            lineage=snapshot_lineage(request.portfolio_snapshot, given),
            _major=major,
            _given=given,
            _unpriced=[] if len(market.prices) == len(given.prices) else _held_at_zero(portfolio, given),
        )

    def under(self, options: EngineOptions) -> "Snapshots":
        """The snapshots as these options see them: rates derived through their hub, and what a price of zero says (practice 5.4, 6.2)."""
        worthless = frozenset(name for name in self._unpriced if self._may_not_be_traded(name, options))
        if options.fx_hub is None and not worthless:
            return self
        known = self._markets.get((options.fx_hub, worthless))
        if known is None:
            base = self.portfolio.base_currency
            market = Market.of(self._major.market, base=base, hub=options.fx_hub, worthless=worthless, given=self._given)
            known = replace(self, market=market, _markets={}, _valued={}, _shown={}, _texts={})
            self._markets[options.fx_hub, worthless] = known
        return known

    def options(self, options: EngineOptions) -> EngineOptions:
        """The options with their amounts in major currencies."""
        return options_in_major(options, self._major.minors)

    def _may_not_be_traded(self, name: str, options: EngineOptions) -> bool:
        """Whether the shelf locks a holding: it allows no trade, or knows nothing of it."""
        entry = self.shelf.entries.get(name)
        if entry is None:
            return True
        if entry.status is ShelfStatus.RESTRICTED and options.allow_restricted:
            return all(row.instrument_id != name for row in self.targets)
        return entry.status not in TRADEABLE_HOLDING

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


def _held_at_zero(portfolio: PortfolioSnapshot, market: MarketDataSnapshot) -> list[str]:
    """The instruments at a price of exactly zero that are held, or will be once open orders are done."""
    held = {row.instrument_id for row in portfolio.positions if row.quantity} | {row.instrument_id for row in portfolio.open_orders}
    return [row.instrument_id for row in market.prices if not row.price and row.instrument_id in held]
