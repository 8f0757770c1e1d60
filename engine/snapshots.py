"""What several decisions share: market and shelf for any number of portfolios, a portfolio for any number of options (RFC-0013)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Self, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from engine.contracts import EngineOptions, ValuationMode
from engine.contracts.market_data import MarketDataSnapshot, Price
from engine.contracts.options.shared import SharedOptions
from engine.contracts.requests import SharedSnapshots
from engine.contracts.shelf import ShelfEntry, ShelfStatus
from engine.contracts.snapshots import ModelTarget, PortfolioSnapshot
from engine.conventions import in_lots
from engine.market import Market, Shelf
from engine.minor_currencies import market_in_major, minors_of, options_in_major, portfolio_in_major, price_in_major, shelf_in_major
from engine.notes import Notes
from engine.result.provenance import Origin
from engine.result.states import ShownState, render_state
from engine.universe import TRADEABLE_HOLDING
from engine.valuation import State, value

if TYPE_CHECKING:  # a rebalance builds no options of a proposal
    from engine.contracts.options.proposals import ProposalOptions

Options = TypeVar("Options", bound=SharedOptions)
Key = TypeVar("Key")
Value = TypeVar("Value")
MAX_REMEMBERED: Final = 32
"""Base currencies, and markets by base currency, hub and worthless holdings: more than a bank has, less than a memory holds."""
NONE: Final[frozenset[str]] = frozenset()
TRUSTED: Final = ValuationMode.TRUST_SNAPSHOT


class SeenFrom(Struct):
    """Market and shelf as portfolios of one base currency see them, in major currencies; `minors` are the codes that stand for hundredths."""

    market: Market
    shelf: Shelf
    minors: Mapping[str, str]


class MarketAndShelf(Struct):
    """Market data and shelf, indexed once however many portfolios are decided over them: one market per base currency.

    What a portfolio costs does not grow with either, and what is remembered is bounded, whatever portfolios name. Only what is made `for_many` remembers how its instruments are shown: to one portfolio that would be work for nothing.
    """

    data: MarketDataSnapshot
    entries: Sequence[ShelfEntry]
    origin: Origin
    for_many: bool = False
    _seen: dict[str, SeenFrom] = field(default_factory=dict)
    _through: dict[tuple[str, str | None, frozenset[str]], Market] = field(default_factory=dict)
    _zero: dict[str, Price] | None = None
    _in_lots: bool | None = None

    @classmethod
    def of(cls, data: MarketDataSnapshot, entries: Sequence[ShelfEntry], *, for_many: bool = False) -> Self:
        """Hold what the bank states of markets and instruments; it is indexed when a portfolio first asks."""
        return cls(data, entries, Origin.of_market(data), for_many)

    def seen_from(self, base: str) -> SeenFrom:
        """Market and shelf for portfolios of a base currency."""
        found = self._seen.get(base)
        if found is None:
            minors = minors_of(base, self.data)
            alike = next((seen for seen in self._seen.values() if seen.minors == minors), None) if self._seen else None
            if alike:
                found = replace(alike, market=alike.market.in_base(base))
            else:
                data = market_in_major(self.data, minors)
                market = Market.of(data, base, given=self.data)
                market.shown = {} if self.for_many else None
                found = SeenFrom(market, Shelf.of(shelf_in_major(self.entries, minors)), minors)
            _remember(self._seen, base, found)
        return found

    @property
    def zero(self) -> dict[str, Price]:
        """Prices of exactly zero as they were given, in their order."""
        if self._zero is None:
            self._zero = {row.instrument_id: row for row in self.data.prices if not row.price}
        return self._zero

    @property
    def in_lots(self) -> bool:
        """Whether anything is dealt in lots; looked up once for all portfolios."""
        if self._in_lots is None:
            self._in_lots = in_lots(self.entries)
        return self._in_lots

    def through(self, base: str, hub: str | None, worthless: frozenset[str]) -> Market:
        """The market with its hub's rates, in which the prices of worthless holdings count."""
        market = self._through.get((base, hub, worthless))
        if market is None:
            seen = self.seen_from(base)
            market = seen.market if hub is None else seen.market.through(hub)
            if worthless:
                market = market.with_worthless(
                    {name: (price_in_major(self.zero[name], seen.minors), self.zero[name]) for name in worthless}
                )
                market.shown = {} if self.for_many else None
            _remember(self._through, (base, hub, worthless), market)
        return market


def _remember(known: dict[Key, Value], key: Key, found: Value) -> None:
    """Remember one more, after forgetting all where that would be too many."""
    if len(known) >= MAX_REMEMBERED:
        known.clear()
    known[key] = found


class Snapshots(Struct):
    """A portfolio among market and shelf, with the model's targets where it has any. What is derived from them is remembered by mode.

    What options decide of the market is decided by `under`: decisions are made over what it answers.
    """

    portfolio: PortfolioSnapshot
    targets: Sequence[ModelTarget]
    quantities: dict[str, Decimal]
    market: Market
    shelf: Shelf
    origin: Origin
    shared: MarketAndShelf
    unpriced: Sequence[str] = ()
    _markets: dict[tuple[str | None, frozenset[str]], "Snapshots"] = field(default_factory=dict)
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
        seen = shared.seen_from(portfolio.base_currency)
        return cls(
            portfolio=portfolio_in_major(portfolio, seen.minors),
            targets=targets,
            quantities={row.instrument_id: row.quantity for row in portfolio.positions},
            market=seen.market,
            shelf=seen.shelf,
            origin=Origin.of_portfolio(portfolio),
            shared=shared,
            unpriced=() if len(seen.market.prices) == len(shared.data.prices) else _held_at_zero(portfolio, shared.zero),
        )

    def under(self, options: "EngineOptions | ProposalOptions") -> "Snapshots":
        """The snapshots as these options see them: rates derived through their hub, and what a price of zero says (practice 5.4, 6.2)."""
        worthless = frozenset([name for name in self.unpriced if self._may_not_be_traded(name, options)]) if self.unpriced else NONE
        if options.fx_hub is None and not worthless:
            return self
        known = self._markets.get((options.fx_hub, worthless))
        if known is None:
            market = self.shared.through(self.portfolio.base_currency, options.fx_hub, worthless)
            known = replace(self, market=market, _markets={}, _valued={}, _shown={})
            self._markets[options.fx_hub, worthless] = known
        return known

    def options(self, options: Options) -> Options:
        """The options with their amounts in major currencies."""
        return options_in_major(options, self.shared.seen_from(self.portfolio.base_currency).minors)

    def _may_not_be_traded(self, name: str, options: SharedOptions) -> bool:
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

    def lacks_values(self, mode: ValuationMode) -> bool:
        """Whether something held has no value for want of a price or a rate; only asked for once the portfolio is valued."""
        _, found = self._valued[mode]
        return bool(found.price_missing or found.fx_missing)

    def shown_before(self, mode: ValuationMode) -> ShownState:
        """The portfolio as it is, as every result shows it; only asked for once it is valued."""
        shown = self._shown.get(mode)
        if shown is None:
            shown = self._shown[mode] = render_state(self._valued[mode][0], self.market)
        return shown


def _held_at_zero(portfolio: PortfolioSnapshot, zero: Mapping[str, Price]) -> list[str]:
    """The instruments at a price of exactly zero that are held, or will be once open orders are done."""
    held = {row.instrument_id for row in portfolio.positions if row.quantity} | {row.instrument_id for row in portfolio.open_orders}
    return [name for name in zero if name in held]
