"""Why every instrument is traded as it is (desk 10)."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

import orjson

from engine.guarded.exact import NOTHING, Parts, all_twelve_places, ratios
from engine.guarded.lines import LeftOut, Line
from engine.guarded.sizing import Measured, lines_of, measure
from engine.intents.brief import Brief
from engine.intents.orders import SELL, Trade
from engine.intents.paid_orders import PaidOrders
from engine.notes import Notes
from engine.numbers import ZERO, plain
from engine.result.amounts import array, quoted
from engine.result.drivers import DONE, Driver, Explained, driver_of
from engine.result.endings import Ending, RunInProgress
from engine.universe import Universe
from engine.valuation import State

AS_PLANNED: Final = '"driver":"TARGET","driver_key":null,"price":null,"flips_at":null'
NO_ORDER: Final = '"decision":"NONE","quantity":"0"'


def explain(run: RunInProgress, ending: Ending) -> orjson.Fragment:
    """The reasons of a run that came to orders, ids ascending; none of another."""
    brief, paid = run.brief, run.paid
    if not ending.decided or brief is None:
        return array(())
    if paid.run is None:
        measured = measure(ending.universe, brief)
        parts, values, worth, targets = measured.parts, measured.values, max(measured.total, 0), measured.targets
        lines = {line.instrument_id: line for line in lines_as_sized(ending.universe, brief, paid, measured, worth)}
    else:
        parts, values, worth, targets, lines = paid.run.parts, paid.run.values, paid.run.worth, paid.run.targets, paid.run.by_id
    explained = Explained(
        parts,
        lines,
        paid.walked,
        dict(ending.universe.excluded),
        paid.plan.price_of_cash if paid.plan else Fraction(0),
        paid.plan.turnover if paid.plan else None,
        run.options,
    )
    weights = run.targets.weights
    shown = targets if weights is brief.weights else parts.in_last_decimals(weights)  # sums in another order differ in their last digit
    trades, model = {trade.instrument_id: trade for trade in paid.trades}, ending.universe.model
    names = sorted({*trades, *model, *[name for name, quantity in brief.standing.quantities.items() if quantity]})
    orders = [trades.get(name) for name in names]
    rows = zip(
        names,
        orders,
        *drifts_of(names, parts, worth, values, weights, shown, ending.after or ending.before),
        _traded(orders),
        [_because(driver_of(name, explained)) for name in names],
        strict=True,
    )
    return array(
        [
            f'{{"instrument_id":{quoted(name)},{_ordered(trade) if trade else NO_ORDER},"target_weight":"{target}","drift_before":"{before}",'
            f'"drift_after":"{after}","wished":"{wished}","traded":"{traded}",{reason}}}'
            for name, trade, target, before, after, wished, traded, reason in rows
        ]
    )


def lines_as_sized(universe: Universe, brief: Brief, paid: PaidOrders, measured: Measured, worth: int) -> list[Line]:
    """The lines of a run that was not guarded, with what became of their wishes."""
    parts, lines = measured.parts, lines_of(universe, brief.noting(Notes()), measured, worth)
    kept = {trade.instrument_id: trade for trade in paid.trades}
    suppressed = {intent.instrument_id: intent for intent in brief.notes.suppressed}
    dropped = {intent.instrument_id for intent in brief.notes.dropped}
    for line in lines:
        name = line.instrument_id
        trade, walked, small = kept.get(name), paid.walked.get(name), suppressed.get(name)
        line.quantity = parts.steps(trade.quantity) if trade else 0
        line.limited_by = [*(trade.constraints if trade else ()), *([walked.limited_by] if walked and walked.limited_by else ())]
        if small:
            steps = int(Fraction(small.notional) / Fraction(line.unit) * parts.steps_per_unit)
            line.left_out = LeftOut(small.reason, Fraction(small.notional) * Fraction(line.rate), steps)
        line.dropped = int(name in dropped)
    return lines


def drifts_of(
    names: Sequence[str],
    parts: Parts,
    worth: int,
    values: Mapping[str, int],
    weights: Mapping[str, Decimal],
    targets: Mapping[str, int],
    after: State,
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Of each instrument the target weight, how far it is from it before and after the orders, and what it wished to trade, with 12 decimals.

    `targets` are the weights in the last decimal of a share.
    """
    whole, shares = worth if worth > 0 else parts.per_base, after.shares if after.total > 0 else [row.base_value for row in after.positions]
    wanted, held, last_decimal = (
        [targets.get(name, 0) for name in names],
        [values.get(name, 0) for name in names],
        parts.last_decimal(whole),
    )
    drifts = [value - target * last_decimal for value, target in zip(held, wanted, strict=True)]
    later = dict(zip(after.by_instrument, shares, strict=True))
    return (
        ratios(wanted, parts.whole_share),
        ratios(drifts, whole),
        all_twelve_places([later.get(name, ZERO) - weights.get(name, ZERO) for name in names]),
        ratios([-drift for drift in (drifts if worth > 0 else held)], parts.per_base),
    )


def _ordered(trade: Trade) -> str:
    return f'"decision":"{trade.side}","quantity":"{plain(trade.quantity)}"'


def _traded(orders: Sequence[Trade | None]) -> Iterator[str]:
    """What each order moves in base, below zero for a sell."""
    moved = iter(all_twelve_places([-trade.notional_base if trade.side == SELL else trade.notional_base for trade in orders if trade]))
    return (next(moved) if trade else NOTHING for trade in orders)


def _because(driver: Driver) -> str:
    """What decided, as members of a row."""
    if driver is DONE:
        return AS_PLANNED
    key, price = "null" if driver.key is None else quoted(driver.key), "null" if driver.price is None else f'"{driver.price}"'
    return f'"driver":"{driver.code}","driver_key":{key},"price":{price},"flips_at":{driver.flips_at}'
