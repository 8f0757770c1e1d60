"""Why every instrument is traded as it is (desk 10)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import orjson

from engine.guarded.exact import NOTHING, Parts, Ratios, ratio, shown, twelve_places
from engine.guarded.lines import Line
from engine.guarded.sizing import Measured, lines_of, measure
from engine.intents.brief import Brief
from engine.intents.orders import SELL, Trade
from engine.intents.paid_orders import PaidOrders
from engine.notes import Notes
from engine.numbers import ZERO, plain
from engine.result.amounts import array, quoted
from engine.result.drivers import Driver, Explained, driver_of
from engine.result.endings import Ending, RunInProgress
from engine.universe import Universe
from engine.valuation import State


def explain(run: RunInProgress, ending: Ending) -> orjson.Fragment:
    """The reasons of a run that came to orders, ids ascending; none of another."""
    brief, paid = run.brief, run.paid
    if not ending.decided or brief is None:
        return array(())
    if paid.run is None:
        measured = measure(ending.universe, brief)
        parts, values, worth = measured.parts, measured.values, max(measured.total, 0)
        lines = lines_as_sized(ending.universe, brief, paid, measured, worth)
    else:
        parts, values, worth, lines = paid.run.parts, paid.run.values, paid.run.worth, paid.run.lines
    explained = Explained(
        parts,
        {line.instrument_id: line for line in lines},
        paid.walked,
        dict(ending.universe.excluded),
        paid.plan.price_of_cash if paid.plan else Fraction(0),
        paid.plan.turnover if paid.plan else None,
        run.options,
    )
    trades, model = {trade.instrument_id: trade for trade in paid.trades}, ending.universe.model
    named = {*trades, *model, *[name for name, quantity in brief.standing.quantities.items() if quantity]}
    drifts = Drifts(parts, worth, values, run.targets.weights, ending.after or ending.before)
    return array([_row(name, trades.get(name), drifts, driver_of(name, explained)) for name in sorted(named)])


def lines_as_sized(universe: Universe, brief: Brief, paid: PaidOrders, measured: Measured, worth: int) -> list[Line]:
    """The lines of a run that was not guarded, with what became of their wishes."""
    parts, lines = measured.parts, lines_of(universe, brief.noting(Notes()), measured, worth)
    kept = {trade.instrument_id: trade for trade in paid.trades}
    suppressed = {intent.instrument_id: intent for intent in brief.notes.suppressed}
    dropped = {intent.instrument_id for intent in brief.notes.dropped}
    for line in lines:
        name = line.instrument_id
        trade, walked, small = kept.get(name), paid.walked.get(name), suppressed.get(name)
        line.planned = line.wish
        line.quantity = parts.steps(trade.quantity) if trade else 0
        line.limited_by = [*(trade.constraints if trade else ()), *([walked.limited_by] if walked and walked.limited_by else ())]
        if small:
            line.suppressed, line.too_small = small.reason, int(Fraction(small.notional) / Fraction(line.unit) * parts.steps_per_unit)
        line.dropped = int(name in dropped)
    return lines


class Drifts:
    """How far instruments are from their targets before and after the orders, and what they wished to trade, with 12 decimals."""

    def __init__(self, parts: Parts, worth: int, values: Mapping[str, int], weights: Mapping[str, Decimal], after: State) -> None:
        self._values, self._weights, self._parts, self._worth = values, weights, parts, worth
        self._whole: int = 10**parts.share_digits
        wish_unit = parts.per_base * self._whole
        self._wishes, self._shares = Ratios(wish_unit), Ratios(self._whole)
        self._drifts, self._of = (Ratios(worth * self._whole), worth) if worth > 0 else (self._wishes, parts.per_base)
        shares = after.shares if after.total > 0 else [row.base_value for row in after.positions]
        self._after = dict(zip(after.by_instrument, shares, strict=True))

    def text(self, name: str) -> str:
        """As members of a row."""
        weight, value = self._weights.get(name, ZERO), self._values.get(name, 0) * self._whole
        target = self._parts.whole_share(weight)
        return (
            f'"target_weight":"{self._shares.text(target)}","drift_before":"{self._drifts.text(value - target * self._of)}",'
            f'"drift_after":"{twelve_places(self._after.get(name, ZERO) - weight)}",'
            f'"wished":"{self._wishes.text(target * self._worth - value)}"'
        )


def _row(name: str, trade: Trade | None, drifts: Drifts, driver: Driver) -> str:
    if trade is None:
        decision, quantity, traded = "NONE", "0", NOTHING
    else:
        amount = -trade.notional_base if trade.side == SELL else trade.notional_base
        decision, quantity, traded = trade.side, plain(trade.quantity), twelve_places(amount)
    return (
        f'{{"instrument_id":{quoted(name)},"decision":"{decision}","quantity":"{quantity}",{drifts.text(name)},'
        f'"traded":"{traded}",{_because(driver)}}}'
    )


def _because(driver: Driver) -> str:
    """What decided, as members of a row."""
    key = "null" if driver.key is None else quoted(driver.key)
    price = "null" if driver.price is None else f'"{shown(driver.price)}"'
    flip = driver.flip
    if flip is None or flip.at < 0:
        return f'"driver":"{driver.code}","driver_key":{key},"price":{price},"flips_at":null'
    at = f'{{"number":"{flip.number}","at":"{ratio(flip.at, flip.unit)}","distance":"{ratio(abs(flip.current - flip.at), flip.unit)}"}}'
    return f'"driver":"{driver.code}","driver_key":{key},"price":{price},"flips_at":{at}'
