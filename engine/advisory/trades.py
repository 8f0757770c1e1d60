"""From what is proposed to what can be executed: guards, prices, quantities, costs (advisory-engine 7, advisory-practice 2)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct

from engine.advisory.quantities import NOTHING_HELD, Wish, set_quantity
from engine.advisory.values import AdvisedTrade
from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.proposals import INVALID_TRADE, ProposedTrade
from engine.contracts.shelf import ShelfEntry, ShelfStatus
from engine.costs import Charges
from engine.intents.orders import BUY, SELL
from engine.market import Market, Shelf
from engine.minor_currencies import HUNDREDTH
from engine.notes import Notes
from engine.numbers import ONE, ZERO, rational

NOT_SUPPORTED: Final = "PROPOSAL_TRADE_NOT_SUPPORTED_BY_SHELF"
SHELF_MISSING: Final = "SHELF_MISSING"
PRICE_MISSING: Final = "PRICE_MISSING"
SOURCE_SKIPPED: Final = "SOURCE_SKIPPED"
COST_PROHIBITIVE: Final = "COST_PROHIBITIVE"
NO_BUYS: Final = frozenset({ShelfStatus.RESTRICTED, ShelfStatus.SELL_ONLY, ShelfStatus.BANNED, ShelfStatus.SUSPENDED})


class Outcome(Struct):
    """What became of one proposed trade: the trade, or why there is none. `failure` blocks the proposal, and is warned of."""

    number: int
    proposed: ProposedTrade
    trade: AdvisedTrade | None = None
    skipped: str | None = None
    failure: str | None = None

    @property
    def intent_id(self) -> str:
        """The id of the trade, executed or not."""
        return f"oi_{self.number}"


@dataclass(slots=True)
class Desk:
    """What sizing looks at. `free` is what may still be sold of each instrument, and falls with every sell.

    With `executable` quantities are what can be ordered.
    """

    market: Market
    shelf: Shelf
    minors: Mapping[str, str]
    options: ProposalOptions
    charges: Charges
    notes: Notes
    sellable: Callable[[str], Decimal]
    free: dict[str, Decimal] = field(default_factory=dict)
    executable: bool = field(init=False)

    def __post_init__(self) -> None:
        """Look up once what every trade asks for."""
        self.executable = self.options.executable

    def free_holding(self, instrument_id: str) -> Decimal:
        """What the proposal may still sell of an instrument."""
        if instrument_id not in self.free:
            self.free[instrument_id] = max(ZERO, self.sellable(instrument_id))
        return self.free[instrument_id]


def size_trades(proposed: Sequence[ProposedTrade], desk: Desk) -> list[Outcome]:
    """What becomes of each proposed trade, in the order given. Switches are sized last, from what the sells bring."""
    outcomes = [Outcome(number, row) for number, row in enumerate(proposed, start=1)]
    for outcome in outcomes:
        outcome.trade = _admit(outcome, desk)
    switches = []
    for outcome in outcomes:
        trade = outcome.trade
        if trade is not None and trade.sources:
            switches.append(outcome)
        elif trade is not None:
            _size(outcome, trade, desk)
    if switches:
        executed = [outcome.trade for outcome in outcomes if outcome.trade and outcome.trade.side == SELL]
        for outcome in switches:
            _switch(outcome, executed, desk)
    for outcome in outcomes:
        if outcome.trade is None or outcome.trade.unrated:
            _note(outcome, desk)
    return outcomes


def _admit(outcome: Outcome, desk: Desk) -> AdvisedTrade | None:
    """The trade where it passes shelf and price; else the outcome says what stops it."""
    row, market, notional = outcome.proposed, desk.market, outcome.proposed.notional
    name, side = row.instrument_id, BUY if row.side == BUY else SELL
    entry = desk.shelf.entries.get(name)
    if entry is None:
        outcome.skipped = SHELF_MISSING
        return None
    if side == BUY and entry.status in NO_BUYS and not _permitted(entry, desk.options):
        outcome.skipped = outcome.failure = NOT_SUPPORTED
        return None
    price = market.prices.get(name)
    if price is None or not price.price:  # a price of zero says what a holding is worth, not what it sells for
        outcome.skipped = PRICE_MISSING
        return None
    if notional and desk.minors.get(notional.currency, notional.currency) != price.currency:
        outcome.skipped = outcome.failure = INVALID_TRADE
        return None
    if desk.charges.schedule and desk.charges.prohibitive(name, side):
        outcome.skipped = COST_PROHIBITIVE
        return None
    rate, sources, executable = market.base_rates.get(price.currency), row.proceeds_of, desk.executable
    trade = AdvisedTrade(name, side, ZERO, price, market.units[name], ZERO if rate is None else rate)
    # members one by one: named in the call, they would cost as much as all the rest of the trade
    trade.intent_id, trade.number, trade.unrated = outcome.intent_id, outcome.number, rate is None
    trade.by_amount = by_amount = sources is not None or (notional is not None and row.quantity is None)
    trade.lot, trade.min_quantity = entry.lot_size, entry.min_quantity
    if executable:
        trade.whole_when_near = True
        trade.min_notional = _smallest_notional(entry, price.currency, desk)
        if trade.lot is None and by_amount:
            trade.lot = ONE  # an amount is dealt in whole units
    if row.priority:
        trade.priority = row.priority
    if sources:
        trade.sources = tuple(sources)
    return trade


def _permitted(entry: ShelfEntry, options: ProposalOptions) -> bool:
    """Whether a buy that the shelf does not offer is allowed for once."""
    return options.allow_restricted and entry.status is ShelfStatus.RESTRICTED


def _smallest_notional(entry: ShelfEntry, currency: str, desk: Desk) -> Decimal | None:
    """The shelf's smallest notional in the currency of the price; said where no rate converts it (dpm-engine S26)."""
    threshold = entry.min_notional
    if threshold is None or not threshold.amount:
        return None
    rate = desk.market.rate_through_base(threshold.currency, currency)
    if rate is None:
        desk.notes.warn_once(f"DUST_THRESHOLD_UNCONVERTIBLE_{entry.instrument_id}")
        return None
    return threshold.amount * rate if threshold.currency != currency else threshold.amount


def _size(outcome: Outcome, trade: AdvisedTrade, desk: Desk) -> None:
    """Give the trade what is asked for; a sell takes from what may still be sold."""
    row = outcome.proposed
    free = desk.free_holding(trade.instrument_id) if trade.side == SELL else ZERO
    if row.sell_all:
        if not free:
            outcome.trade, outcome.skipped = None, NOTHING_HELD
            return
        wish = Wish(free)
    elif row.quantity is not None:
        wish = Wish(row.quantity, worth=row.notional.amount if row.notional else None)  # an amount beside it: what was decided before
    elif row.notional:
        amount = row.notional.amount.scaleb(HUNDREDTH) if row.notional.currency in desk.minors else row.notional.amount
        wish = Wish.for_amount(amount, trade.unit)
    else:
        wish = Wish(ZERO)
    _settle(outcome, trade, wish, free, desk)
    if outcome.trade and trade.side == SELL:
        desk.free[trade.instrument_id] = max(ZERO, free - trade.quantity)


def _switch(outcome: Outcome, sells: Iterable[AdvisedTrade], desk: Desk) -> None:
    """Buy for what the named sells bring, less what the buy costs; the buy waits for them."""
    trade = outcome.trade
    if trade is None:
        return
    named = [sell for sell in sells if sell.instrument_id in trade.sources]
    brought = Fraction(0)
    for sell in named:
        rate = desk.market.exact_between(sell.price.currency, trade.price.currency)
        if rate is None:
            named = []
            break
        brought += (Fraction(sell.notional) - Fraction(sell.cost)) * rate
    if {sell.instrument_id for sell in named} != set(trade.sources):
        outcome.trade, outcome.skipped = None, SOURCE_SKIPPED
        return
    proceeds = rational(max(brought, Fraction(0)))
    amount = max(ZERO, proceeds - desk.charges.cost(trade.instrument_id, BUY, proceeds, trade.price.currency).total)
    trade.dependencies = tuple(sell.intent_id for sell in named)
    _settle(outcome, trade, Wish.for_amount(amount, trade.unit), ZERO, desk)


def _settle(outcome: Outcome, trade: AdvisedTrade, wish: Wish, free: Decimal, desk: Desk) -> None:
    """Give the trade its quantity, worth and cost, or say why it is no order."""
    outcome.skipped = set_quantity(trade, wish, free)
    if outcome.skipped:
        outcome.trade = None
        return
    if not trade.unrated:
        trade.notional_base = trade.notional * trade.rate
    if desk.charges.schedule:
        trade.cost = desk.charges.cost(trade.instrument_id, trade.side, trade.notional, trade.price.currency).total


def _note(outcome: Outcome, desk: Desk) -> None:
    """Note what is missing for the trade, and what blocks it."""
    notes, name, trade = desk.notes, outcome.proposed.instrument_id, outcome.trade
    if trade is not None:
        if trade.unrated:
            notes.fx_missing[desk.market.base_pair(trade.price.currency)] = None
    elif outcome.skipped == SHELF_MISSING:
        notes.shelf_missing[name] = None
    elif outcome.skipped == PRICE_MISSING:
        notes.price_missing[name] = None
    if outcome.failure:
        notes.warn(outcome.failure)
