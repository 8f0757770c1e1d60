"""Orders and the FX that pays them: sized as in release 1.0 where that can be paid, guarded where not or where it is asked for (practice 2)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from engine.contracts import TargetMethod
from engine.contracts.snapshots import Position
from engine.guarded.groups import groups_of
from engine.guarded.orders import guarded_orders, trade_of
from engine.guarded.plan import FundingPlan
from engine.guarded.run import GuardedRun
from engine.guarded.sizing import lines_of, measure
from engine.guarded.whole_units import WholeUnits
from engine.intents.brief import Brief
from engine.intents.cash_band import SizedOrders, keep_cash_band
from engine.intents.orders import BUY, FxDeal, Trade
from engine.intents.sizing import size_intents
from engine.intents.turnover import cap_turnover
from engine.market import GroupLimit
from engine.notes import Notes
from engine.numbers import ZERO
from engine.simulation.fx import fx_deals, numbered_deals
from engine.simulation.rules import WEIGHT_TOLERANCE
from engine.universe import Universe

NEARLY: Final = WEIGHT_TOLERANCE - Decimal("1e-15")
"""What a limit tolerates, less a share of the total that no rounding to 28 digits reaches."""


class PaidOrders(Struct):
    """Trades as they were sized, those that the turnover cap left, and their deals; `plan` and `run` of a guarded one.

    `walked` are the sells that the walk over the gains budget looked at.
    """

    sized: list[Trade] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    deals: list[FxDeal] = field(default_factory=list)
    walked: Mapping[str, Trade] = field(default_factory=dict)
    plan: FundingPlan | None = None
    run: GuardedRun | None = None


def pay_for_orders(universe: Universe, positions: Sequence[Position], brief: Brief, *, guarded: bool) -> PaidOrders:
    """The orders of a run. Where the first sizing cannot be paid, or leaves less cash than the solver's band, it is sized again, guarded.

    What the first sizing noticed is dropped then.
    """
    if guarded:
        return _guarded(universe, positions, brief)
    noticed = Notes()
    sizing = brief.noting(noticed)
    first = as_sized(universe, positions, sizing)
    if brief.options.funding is None and not noticed.data_blocks(brief.options):
        kept = None if _unpayable(first, brief) else _in_cash_band(first, universe, sizing)
        if kept is None:
            return _guarded(universe, positions, brief, first=first.trades)
        first = kept
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
    left = brief.standing.cash.get(base, ZERO)
    for trade in orders.trades:
        if trade.price.currency == base:
            left += trade.proceeds()
    for deal in orders.deals:
        left += deal.buy_amount if deal.buy_currency == base else -deal.sell_amount
    return left < ZERO and any(trade.side == BUY for trade in orders.trades)


def _in_cash_band(first: PaidOrders, universe: Universe, brief: Brief) -> PaidOrders | None:
    """The orders within the solver's cash band; None where only a guarded run keeps it."""
    if brief.options.target_method is not TargetMethod.SOLVER:
        return first
    orders = SizedOrders(first.sized, first.trades, first.deals)
    kept = keep_cash_band(orders, universe, brief)
    if kept is None or kept is orders:
        return None if kept is None else first
    deals = numbered_deals(kept.deals, kept.trades, brief.options.dependencies)
    return replace(first, sized=kept.sized, trades=kept.trades, deals=deals)


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
    cap = options.single_position_max_weight
    moved = [(trade.instrument_id, trade.notional_base if trade.side == BUY else -trade.notional_base) for trade in wished]
    if cap is not None:
        after = {name: row.base_value for name, row in rows.items()}
        for name, amount in moved:
            after[name] = after.get(name, ZERO) + amount
        if after and max(after.values()) > (cap + NEARLY) * worth:
            return True
    for limit in brief.shelf.limits(options.group_constraints):
        if limit.known:
            carriers = limit.carriers
            if sum([amount for name, amount in moved if name in carriers], _held_of(limit, brief)) > (limit.cap + NEARLY) * worth:
                return True
    return False


def _held_of(limit: GroupLimit, brief: Brief) -> Decimal:
    """What the members of a group are worth before the trades: a bucket of the state, unless open orders moved them since it was summed."""
    state = brief.standing.state
    if not brief.standing.moved:
        return state.by_attribute.get(limit.name, {}).get(limit.value, ZERO)
    return sum([row.base_value for name, row in state.by_instrument.items() if name in limit.carriers], ZERO)
