"""From targets to trades in whole units: size all, keep limits, then tax budget, then dust, then number them (RFC-0001, RFC-0009)."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from engine.contracts import ValuationMode
from engine.contracts.conventions import ExitsBelowMinimum
from engine.contracts.snapshots import Position
from engine.intents.brief import Brief
from engine.intents.dust import Dust, states_dust
from engine.intents.gains import GainsBudget
from engine.intents.orders import BUY, SELL, Trade
from engine.numbers import ZERO
from engine.simulation.rules import WEIGHT_TOLERANCE
from engine.universe import Universe

Grow = Callable[[list[Trade]], list[Trade]]
"""Lets sells grow by the unit that a limit needs."""


class Sized(Struct):
    """Trades in trace order, and the sells that the walk over the gains budget looked at, those that it cut to nothing included."""

    trades: list[Trade]
    walked: Mapping[str, Trade]


def size_intents(universe: Universe, positions: Sequence[Position], brief: Brief, grow: Grow = lambda trades: trades) -> Sized:
    """The trades that bring each instrument to its target, numbered in trace order."""
    wished = grow(_wished(universe, brief))
    if brief.options.enable_tax_awareness or states_dust(brief.options, brief.shelf):
        return _limited(wished, positions, brief)
    for number, trade in enumerate(wished, start=1):
        trade.intent_id = f"oi_{number}"
    return Sized(wished, {})


def _limited(wished: list[Trade], positions: Sequence[Position], brief: Brief) -> Sized:
    """The trades that the gains budget and the thresholds of dust leave."""
    dust = Dust(brief.market, brief.shelf, brief.options, brief.notes)
    may_be_small = exemption(brief)

    def too_small(trade: Trade) -> bool:
        notional, currency = trade.quantity * trade.unit, trade.price.currency
        return not may_be_small(trade) and dust.suppresses(trade.instrument_id, notional, currency)

    walked: dict[str, Trade] = {}
    if brief.options.enable_tax_awareness:
        lots_of = {position.instrument_id: position for position in positions if position.lots}
        budget = GainsBudget(lots_of, brief.market, brief.options.max_realized_capital_gains, brief.notes)
        walked = {trade.instrument_id: trade for trade in wished if trade.side == SELL}
        budget.walk(walked.values(), too_small)
        _in_trace_order(wished, brief)
    trades: list[Trade] = []
    for trade in wished:
        if not trade.quantity or (dust.asked_for and too_small(trade)):
            continue
        if trade.limited_by:
            trade.constraints = [trade.limited_by, *trade.constraints]
            trade.revalue()
        if dust.asked_for and dust.watches(trade.instrument_id, trade.price.currency):
            trade.constraints = ["MIN_NOTIONAL", *trade.constraints]
        trades.append(trade)
        trade.intent_id = f"oi_{len(trades)}"
    return Sized(trades, walked)


def exemption(brief: Brief) -> Callable[[Trade], bool]:
    """Which sells are never dust: full exits where the options say so, and what a position's limit needs (practice 3.3, 8.5)."""
    cap, held = brief.options.single_position_max_weight, brief.standing.quantities
    exits = brief.options.exits_below_minimum is ExitsBelowMinimum.SELL
    if cap is None and not exits:
        return lambda _: False
    limit = None if cap is None else (cap + WEIGHT_TOLERANCE) * brief.worth

    def exempt(trade: Trade) -> bool:
        if trade.side == BUY:
            return False
        holding = held.get(trade.instrument_id, ZERO)
        if exits and not brief.weights[trade.instrument_id] and trade.quantity == holding:
            return True
        return limit is not None and holding * trade.unit * trade.rate > limit

    return exempt


def never_needs_rate(name: str, universe: Universe, brief: Brief) -> bool:
    """Whether a holding is locked and worth what the snapshot says, in a currency that has a rate: what dpm-engine 9.1.2 excepts."""
    stated = brief.standing.stated.get(name)
    return name in universe.locked and stated is not None and stated.currency in brief.market.base_rates


def _in_trace_order(wished: Sequence[Trade], brief: Brief) -> None:
    """Report what the walk over the gains budget met in trace order, not in the order of the walk."""
    places = {trade.instrument_id: place for place, trade in enumerate(wished)}
    brief.notes.tax_events.sort(key=lambda event: places[event.instrument_id])


def _wished(universe: Universe, brief: Brief) -> list[Trade]:  # noqa: C901, PLR0912  (one loop: a call per instrument costs as much as its sizing)
    """Every trade wished for: whole units towards the target; no sell exceeds the holding, a full exit sells its fraction too.

    Excluded targets that are not held need no market data; locked holdings do, though they are not traded. Raises when units need more than 28 digits.
    """
    trades: list[Trade] = []
    weights, held_rows, market, notes = brief.weights, brief.standing.state.by_instrument, brief.market, brief.notes
    tradeable, locked, prices, units, rates = universe.tradeable, universe.locked, market.prices, market.units, market.base_rates
    worth = brief.worth
    trusts, under_way = brief.options.valuation_mode is ValuationMode.TRUST_SNAPSHOT, brief.standing.moved
    for name in universe.trace(universe.weights):
        held = held_rows.get(name)
        if name not in tradeable and (held is None or not held.quantity or name not in weights):
            continue
        price = prices.get(name)
        if price is None:
            notes.price_missing[name] = None
            continue
        currency = price.currency
        rate = rates.get(currency)
        if rate is None:
            if not never_needs_rate(name, universe, brief):
                notes.fx_missing[market.base_pair(currency)] = None
            continue
        if name in locked:
            continue
        weight, unit = weights[name], units[name]
        target, current, holding = worth * weight / rate, ZERO, ZERO
        if held is not None:
            current = held.value if held.currency == currency else held.base_value / rate
            holding = brief.standing.sellable(name) if under_way else held.quantity
        if not weight and holding > ZERO:
            side, quantity = SELL, holding
        elif target > current:
            side, quantity = BUY, (target - current) // unit
            if trusts and not weight and held is not None and held.quantity < ZERO:
                quantity = -held.quantity
        else:
            side, quantity = SELL, (current - target) // unit
            if holding <= quantity:
                quantity = max(holding, ZERO)
        if quantity:
            notional = quantity * unit
            trades.append(Trade(name, side, quantity, price, unit, rate, notional, notional * rate))
    return trades
