"""Orders and the FX that pays them: sized as in release 1.0 where that can be paid, guarded where not or where it is asked for (practice 2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.contracts.snapshots import Position
from engine.intents.guarded_orders import FundingPlan, guarded_orders
from engine.intents.lines import Line
from engine.intents.orders import BUY, SELL, FxDeal, Trade
from engine.intents.sizing import Sizing, size_intents
from engine.intents.turnover import cap_turnover
from engine.notes import Notes
from engine.numbers import ZERO
from engine.simulation.fx import fx_deals
from engine.universe import Universe


@dataclass(slots=True)
class PaidOrders:
    """Trades as they were sized, those that the turnover cap left, and their deals; `plan` and `lines` of a guarded run."""

    sized: list[Trade] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    deals: list[FxDeal] = field(default_factory=list)
    plan: FundingPlan | None = None
    lines: list[Line] = field(default_factory=list)


def pay_for_orders(universe: Universe, positions: Sequence[Position], sizing: Sizing, *, guarded: bool) -> PaidOrders:
    """The orders of a run. Where the first sizing cannot be paid, what it noticed is dropped and the run is sized again, guarded."""
    if guarded:
        return _guarded(universe, positions, sizing)
    noticed = Notes()
    first = as_sized(universe, positions, replace(sizing, notes=noticed))
    if sizing.options.funding is None and not noticed.data_blocks(sizing.options) and _unpayable(first, sizing):
        return _guarded(universe, positions, sizing, first=first.trades)
    sizing.notes.take(noticed)
    return first


def as_sized(universe: Universe, positions: Sequence[Position], sizing: Sizing) -> PaidOrders:
    """Orders towards the targets whether or not there is money for them (release 1.0)."""
    options, notes = sizing.options, sizing.notes
    sized = size_intents(universe, positions, sizing)
    if notes.data_blocks(options):
        return PaidOrders(sized)
    trades = cap_turnover(sized, options.max_turnover_pct, sizing.worth, sizing.before, notes)
    deals = fx_deals(sizing.standing.cash, trades, sizing.market, options.fx_buffer_pct, notes)
    return PaidOrders(sized, trades, deals)


def _guarded(universe: Universe, positions: Sequence[Position], sizing: Sizing, first: Sequence[Trade] | None = None) -> PaidOrders:
    found = guarded_orders(universe, positions, sizing, first)
    return PaidOrders(found.trades, found.trades, found.deals, found.plan, found.run.lines)


def _unpayable(orders: PaidOrders, sizing: Sizing) -> bool:
    """Whether orders with a buy among them overdraw base; every other currency that has a rate is levelled by its deal."""
    base = sizing.market.base
    left, buys = sizing.standing.cash.get(base, ZERO), False
    for trade in orders.trades:
        buys = buys or trade.side == BUY
        if trade.price.currency == base:
            left += trade.notional if trade.side == SELL else -trade.notional
    for deal in orders.deals:
        left += deal.buy_amount if deal.buy_currency == base else -deal.sell_amount
    return buys and left < ZERO
