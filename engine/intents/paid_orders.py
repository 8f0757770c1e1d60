"""Orders and the FX that pays them: sized as in release 1.0 where that can be paid, guarded where not or where it is asked for (practice 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Final

from engine.contracts.snapshots import Position
from engine.guarded.groups import groups_of
from engine.guarded.orders import guarded_orders, trade_of
from engine.guarded.plan import FundingPlan
from engine.guarded.run import GuardedRun
from engine.guarded.sizing import lines_of, measure
from engine.guarded.whole_units import WholeUnits
from engine.intents.brief import Brief
from engine.intents.cash_band import SizedOrders, keep_cash_band
from engine.intents.orders import BUY, SELL, FxDeal, Trade
from engine.intents.sizing import size_intents
from engine.intents.turnover import cap_turnover
from engine.market import GroupLimit
from engine.notes import Notes
from engine.numbers import ZERO
from engine.simulation.fx import fx_deals, numbered_deals
from engine.simulation.rules import WEIGHT_TOLERANCE
from engine.universe import Universe

NEAR: Final = Decimal("1e-15")
"""A share of the total that no rounding to 28 digits reaches."""


@dataclass(slots=True)
class PaidOrders:
    """Trades as they were sized, those that the turnover cap left, and their deals; `plan` and `run` of a guarded one.

    `walked` are the sells that the walk over the gains budget looked at.
    """

    sized: list[Trade] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    deals: list[FxDeal] = field(default_factory=list)
    walked: Mapping[str, Trade] = field(default_factory=dict)
    plan: FundingPlan | None = None
    run: GuardedRun | None = None

    @property
    def orders(self) -> SizedOrders:
        """The trades and their deals alone."""
        return SizedOrders(self.sized, self.trades, self.deals)


def pay_for_orders(universe: Universe, positions: Sequence[Position], brief: Brief, *, guarded: bool) -> PaidOrders:
    """The orders of a run. Where the first sizing cannot be paid, or leaves less cash than the solver's band, it is sized again, guarded.

    What the first sizing noticed is dropped then.
    """
    if guarded:
        return _guarded(universe, positions, brief)
    noticed = Notes()
    first = as_sized(universe, positions, brief.noting(noticed))
    if brief.options.funding is None and not noticed.data_blocks(brief.options):
        orders = first.orders
        kept = None if _unpayable(first, brief) else keep_cash_band(orders, universe, brief.noting(noticed))
        if kept is None:
            return _guarded(universe, positions, brief, first=first.trades)
        if kept is not orders:
            deals = numbered_deals(kept.deals, kept.trades, brief.options.dependencies)
            first = replace(first, sized=kept.sized, trades=kept.trades, deals=deals)
    brief.notes.take(noticed)
    return first


def as_sized(universe: Universe, positions: Sequence[Position], brief: Brief) -> PaidOrders:
    """Orders towards the targets whether or not there is money for them (release 1.0)."""
    options, notes = brief.options, brief.notes
    limited = options.single_position_max_weight is not None or bool(options.group_constraints)
    sized = size_intents(universe, positions, brief, partial(_grown, universe, brief) if limited else _as_wished)
    if notes.data_blocks(options):
        return PaidOrders(sized.trades)
    trades = cap_turnover(sized.trades, options.max_turnover_pct, brief.worth, brief.before, notes)
    deals = fx_deals(brief.standing.cash, trades, brief.market, options.fx_buffer_pct, notes)
    return PaidOrders(sized.trades, trades, numbered_deals(deals, trades, options.dependencies), sized.walked)


def _guarded(universe: Universe, positions: Sequence[Position], brief: Brief, first: Sequence[Trade] | None = None) -> PaidOrders:
    found = guarded_orders(universe, positions, brief, first)
    return PaidOrders(found.trades, found.trades, found.deals, found.run.gains.trades, found.plan, found.run)


def _unpayable(orders: PaidOrders, brief: Brief) -> bool:
    """Whether orders with a buy among them overdraw base; every other currency that has a rate is levelled by its deal."""
    base = brief.market.base
    left, buys = brief.standing.cash.get(base, ZERO), False
    for trade in orders.trades:
        buys = buys or trade.side == BUY
        if trade.price.currency == base:
            left += trade.notional if trade.side == SELL else -trade.notional
    for deal in orders.deals:
        left += deal.buy_amount if deal.buy_currency == base else -deal.sell_amount
    return buys and left < ZERO


def _as_wished(wished: list[Trade]) -> list[Trade]:
    return wished


def _grown(universe: Universe, brief: Brief, wished: list[Trade]) -> list[Trade]:
    """The trades with sells that truncation left a unit short of a limit one unit larger, in trace order (practice 3)."""
    if not brief.standing.stated and not _near_a_limit(brief, wished):
        return wished
    measured = measure(universe, brief)
    parts, worth = measured.parts, measured.total
    lines = lines_of(universe, brief.noting(Notes()), measured, worth)
    known = {trade.instrument_id: trade for trade in wished}
    for line in lines:
        trade = known.get(line.instrument_id)
        line.quantity = parts.steps(trade.quantity) if trade else 0
    units = WholeUnits(lines, parts, worth, fits=lambda _: True)
    cap = brief.options.single_position_max_weight
    if cap is not None:
        units.keep_position_limit(cap)
    units.keep_group_limits(
        groups_of(brief.shelf.limits(brief.options.group_constraints), {line.instrument_id: line for line in lines}, measured.values)
    )
    trades: list[Trade] = []
    for line in lines:
        trade = known.get(line.instrument_id)
        if line.grown:
            trade = trade_of(line, parts)
            trade.constraints = line.limited_by
        if trade:
            trades.append(trade)
    return trades


def _near_a_limit(brief: Brief, wished: list[Trade]) -> bool:
    """Whether the trades leave some position or group above its limit, or so near that only exact figures tell."""
    rows, options, worth = brief.standing.state.by_instrument, brief.options, brief.worth
    near, cap = WEIGHT_TOLERANCE - NEAR, options.single_position_max_weight
    if cap is not None:
        after = {name: row.base_value for name, row in rows.items()}
        for trade in wished:
            after[trade.instrument_id] = after.get(trade.instrument_id, ZERO) + _moved(trade)
        if after and max(after.values()) > (cap + near) * worth:
            return True
    for limit in brief.shelf.limits(options.group_constraints):
        if limit.known:
            held = _held_of(limit, brief)
            if sum([_moved(trade) for trade in wished if trade.instrument_id in limit.carriers], held) > (limit.cap + near) * worth:
                return True
    return False


def _moved(trade: Trade) -> Decimal:
    """What a trade adds to its position, in base."""
    amount = trade.quantity * trade.unit * trade.rate
    return amount if trade.side == BUY else -amount


def _held_of(limit: GroupLimit, brief: Brief) -> Decimal:
    """What the members of a group are worth before the trades: a bucket of the state, unless open orders moved them since it was summed."""
    state = brief.standing.state
    if not brief.standing.moved:
        return state.by_attribute.get(limit.name, {}).get(limit.value, ZERO)
    return sum([row.base_value for name, row in state.by_instrument.items() if name in limit.carriers], ZERO)
