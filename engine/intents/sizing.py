"""From targets to trades in whole units: size all, then tax budget, then dust, then number them (RFC-0001, RFC-0009)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.admission import lot_tolerance
from engine.contracts import EngineOptions
from engine.contracts.snapshots import Position
from engine.intents.dust import Dust
from engine.intents.orders import BUY, SELL, Trade
from engine.intents.tax_lots import lots_by_cost, realised, shortfall, within_budget
from engine.market import Market, Shelf
from engine.notes import Notes, TaxEvent
from engine.numbers import ZERO
from engine.universe import Universe
from engine.valuation import State

BUDGET_REACHED: Final = "TAX_BUDGET_LIMIT_REACHED"
LOT_SHORTFALL: Final = "LOT_QUANTITY_SHORTFALL"


@dataclass(slots=True)
class Sizing:
    """What sizing reads: the weights to reach and the worth they are shares of, the holdings and the market."""

    weights: Mapping[str, Decimal]
    worth: Decimal
    before: State
    market: Market
    shelf: Shelf
    options: EngineOptions
    notes: Notes


def size_intents(universe: Universe, positions: list[Position], sizing: Sizing) -> list[Trade]:
    """The trades that bring each instrument to its target, numbered in trace order."""
    wished = _wished(universe, sizing)
    dust = Dust(sizing.market, sizing.shelf, sizing.options, sizing.notes)
    if sizing.options.enable_tax_awareness:
        _spend_tax_budget(wished, positions, sizing, dust)
    trades: list[Trade] = []
    for trade in wished:
        name, notional = trade.instrument_id, trade.quantity * trade.unit
        if not trade.quantity or dust.suppresses(name, notional, trade.price.currency):
            continue
        if name in dust.thresholds:
            trade.constraints = ["MIN_NOTIONAL"]
        if trade.limited_by:
            trade.constraints = [*trade.constraints, trade.limited_by]
        trade.notional, trade.notional_base = notional, notional * trade.rate
        trades.append(trade)
        trade.intent_id = f"oi_{len(trades)}"
    return trades


def _wished(universe: Universe, sizing: Sizing) -> list[Trade]:  # noqa: C901  (one loop: a call per instrument costs as much as its sizing)
    """Every trade wished for: whole units towards the target; no sell exceeds the holding, a full exit sells its fraction too.

    Excluded targets that are not held need no market data; locked holdings do, though they are not traded. Raises when units need more than 28 digits.
    """
    trades: list[Trade] = []
    weights, held_rows, market, notes = sizing.weights, sizing.before.by_instrument, sizing.market, sizing.notes
    tradeable, prices, units, rates, worth = universe.tradeable, market.prices, market.units, market.base_rates, sizing.worth
    for name in universe.trace(universe.weights):
        held = held_rows.get(name)
        if name not in tradeable and (held is None or not held.quantity or name not in weights):
            continue
        price = prices.get(name)
        if price is None:
            notes.price_missing[name] = None
            continue
        rate = rates.get(price.currency)
        if rate is None:
            notes.fx_missing[market.base_pair(price.currency)] = None
            continue
        if name in universe.locked:
            continue
        weight, unit = weights[name], units[name]
        target, current, holding = worth * weight / rate, ZERO, ZERO
        if held is not None:
            current = held.value if held.currency == price.currency else held.base_value / rate
            holding = held.quantity
        if not weight and holding > ZERO:
            side, quantity = SELL, holding
        elif target > current:
            side, quantity = BUY, (target - current) // unit
        else:
            side, quantity = SELL, (current - target) // unit
            if holding <= quantity:
                quantity = max(holding, ZERO)
        if quantity:
            trades.append(Trade(name, side, quantity, price, unit, rate))
    return trades


def _spend_tax_budget(trades: list[Trade], positions: list[Position], sizing: Sizing, dust: Dust) -> None:
    """Give the gains budget to the cheapest sells first: gain per notional ascending, then id."""
    lots_of = {position.instrument_id: position for position in positions if position.lots}
    ranked = []
    for trade in trades:
        name = trade.instrument_id
        if trade.side == SELL and trade.quantity > 0 and name in lots_of:
            trade.lots = lots_by_cost(lots_of[name], trade.price, trade.rate, sizing.market, sizing.notes)
            if trade.lots:
                gain = sum(realised(trade.lots, trade.quantity), ZERO)
                ranked.append((gain / (trade.quantity * trade.unit * trade.rate), name, trade))
    budget = sizing.options.max_realized_capital_gains
    for _, _, trade in sorted(ranked, key=lambda row: row[:2]):
        _limit(trade, budget, lot_tolerance(lots_of[trade.instrument_id]), sizing.notes)
        if budget is None or trade.quantity == 0:
            continue
        if not dust.suppresses(trade.instrument_id, trade.quantity * trade.unit, trade.price.currency):
            budget -= sum((amount for amount in trade.realised if amount > 0), ZERO)


def _limit(trade: Trade, budget: Decimal | None, tolerance: Decimal, notes: Notes) -> None:
    lots = trade.lots
    requested = trade.quantity
    covered = shortfall(lots, requested, tolerance)
    for allowed, reason, constraint in (
        (requested if covered is None else covered, LOT_SHORTFALL, "LOT_QUANTITY"),
        (within_budget(lots, requested if covered is None else covered, budget), BUDGET_REACHED, "TAX_BUDGET"),
    ):
        if allowed < trade.quantity:
            notes.warn_once(reason)
            notes.tax_events.append(TaxEvent(trade.instrument_id, requested, allowed, reason))
            trade.quantity, trade.limited_by = allowed, constraint
    trade.realised = realised(lots, trade.quantity)
