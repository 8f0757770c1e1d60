"""Why every instrument is traded as it is, and which one number would have to move for another decision (desk 10).

The drivers are functions in the order of the specification's table: of those that apply, the last one speaks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

import orjson

from engine.contracts.conventions import QuantityRounding
from engine.contracts.options import EngineOptions
from engine.guarded.exact import Parts, ratio, scaled, shown, twelve_places
from engine.guarded.funded_turnover import TurnoverLevels
from engine.guarded.last_lots import ROUNDED_UP
from engine.guarded.lines import Line
from engine.guarded.sizing import lines_of, money_of, parts_of, values_of
from engine.intents.brief import Brief
from engine.intents.gains import gains_of
from engine.intents.orders import BUY, SELL, Trade
from engine.intents.paid_orders import PaidOrders
from engine.intents.smallest import BELOW_MIN_QUANTITY
from engine.intents.tax_lots import realised
from engine.notes import Notes
from engine.numbers import ZERO, plain
from engine.result.amounts import array, quoted
from engine.result.endings import Ending, RunInProgress
from engine.universe import Universe
from engine.valuation import State

NOTHING: Final = Fraction(0)
LIMITS: Final = frozenset({"SINGLE_POSITION_MAX", "GROUP_MAX"})


@dataclass(frozen=True, slots=True)
class Flip:
    """A number, its current value, and the value at which the decision changes while all else stays."""

    number: str
    current: Fraction
    at: Fraction


@dataclass(frozen=True, slots=True)
class Driver:
    """What decided: a code, which one of its kind, the price that it set, and what would change the decision."""

    code: str
    key: str | None = None
    price: Fraction | None = None
    flip: Flip | None = None


DONE: Final = Driver("TARGET")
ON_TARGET: Final = Driver("ON_TARGET")
NOTHING_TRADED: Final = "0.000000000000"


@dataclass(frozen=True, slots=True)
class Explained:
    """A decided run, as its reasons look at it.

    `lines` are those of tradeable instruments, `sells` what the gains walk looked at, `named` what is held or modelled.
    """

    parts: Parts
    worth: int
    values: Mapping[str, int]
    lines: Mapping[str, Line]
    sells: Mapping[str, Trade]
    trades: Mapping[str, Trade]
    weights: Mapping[str, Decimal]
    excluded: Mapping[str, str]
    price_of_cash: Fraction
    turnover: TurnoverLevels | None
    after: State
    options: EngineOptions
    named: set[str]

    def smallest_amount(self, line: Line) -> Fraction:
        """The least amount that makes an order, in base: half a lot where the nearest lot is taken and nothing else asks for more."""
        nearest = self.options.quantity_rounding is QuantityRounding.NEAREST_AFFORDABLE
        if nearest and line.least == line.lot:
            return self.parts.in_base(line.lot_value) / 2
        return self.parts.in_base(line.step * line.least)

    def moved_by_a_lot(self, line: Line) -> bool:
        """Whether a sell grew by a lot for a limit, or a buy got one back: no single number says when it would not (practice 2.2, 3)."""
        if line.side == BUY:
            return ROUNDED_UP in line.limited_by and self.options.quantity_rounding is QuantityRounding.FLOOR
        return line.grown or any(mark.partition(":")[0] in LIMITS for mark in line.limited_by)

    def wished(self, line: Line) -> Fraction:
        """The amount that a line wished to trade, in base."""
        return self.parts.in_base(line.wish)


def target(line: Line, run: Explained) -> Driver | None:
    """Done within a lot; a threshold above the notional would have left it out."""
    if not line.quantity:
        return None
    limit = line.smallest.threshold
    if limit is None or line.smallest.notional is None or line.may_be_small:
        return DONE
    return Driver("TARGET", flip=Flip(_threshold_name(run), Fraction(limit.amount), _in_threshold_currency(line, line.quantity, run)))


def on_target(line: Line, _: Explained) -> Driver | None:
    """No wish."""
    return None if line.wish or line.quantity else ON_TARGET


def turnover_limit(line: Line, run: Explained) -> Driver | None:
    """A ranked turnover left it out, or a funded one cut it."""
    if line.dropped:
        return Driver("TURNOVER_LIMIT")
    if run.turnover is None or "TURNOVER_LEVEL" not in line.limited_by:
        return None
    price, spare = run.turnover.price, run.wished(line) - run.smallest_amount(line)
    shift = run.turnover.cash_price if line.side == SELL else -run.turnover.cash_price
    at = spare + shift if spare >= 0 else spare  # no level makes an order of less than the smallest
    return Driver("TURNOVER_PRICE", price=price, flip=Flip("turnover.price", price, at))


def tax(line: Line, run: Explained) -> Driver | None:
    """The gains budget or the lots cut the sell."""
    trade = run.sells.get(line.instrument_id)
    if "TAX_BUDGET" in line.limited_by and trade is not None and trade.budget_left is not None:
        budget = Fraction(run.options.max_realized_capital_gains or 0)
        if not line.exits and line.planned < line.least * line.step:  # no budget makes an order of it
            return Driver("TAX_BUDGET")
        smallest = run.parts.quantity(min(line.least, line.most))
        at = budget - Fraction(trade.budget_left) + Fraction(gains_of(realised(trade.lots, smallest)))
        return Driver("TAX_BUDGET", flip=Flip("max_realized_capital_gains", budget, at))
    return Driver("LOT_QUANTITY") if "LOT_QUANTITY" in line.limited_by else None


def minimum(line: Line, run: Explained) -> Driver | None:
    """Too small for an order."""
    if not line.suppressed or line.quantity:
        return None
    if line.suppressed == BELOW_MIN_QUANTITY:
        least = Fraction(line.smallest.min_quantity or 0)
        return Driver("MINIMUM", "MIN_QUANTITY", flip=Flip("min_quantity", least, Fraction(run.parts.quantity(line.too_small))))
    limit = line.smallest.threshold
    if limit is None or not line.too_small:
        return Driver("MINIMUM", "MIN_NOTIONAL")
    at = _in_threshold_currency(line, line.too_small, run)
    return Driver("MINIMUM", "MIN_NOTIONAL", flip=Flip(_threshold_name(run), Fraction(limit.amount), at))


def group_room(line: Line, run: Explained) -> Driver | None:
    """The room of a group cut the buy."""
    if line.group is None:
        return None
    at = line.group.demand - run.smallest_amount(line)
    return Driver("GROUP_ROOM", line.group.key, line.group.level, Flip("group_price", line.group.level, at))


def cash_price(line: Line, run: Explained) -> Driver | None:
    """The price of cash cut the buy."""
    if line.side != BUY or line.demand is None or not run.price_of_cash:
        return None
    at = line.demand - run.smallest_amount(line)
    return Driver("CASH_PRICE", price=run.price_of_cash, flip=Flip("price_of_cash", run.price_of_cash, at))


def lot_size(line: Line, run: Explained) -> Driver | None:
    """Less than a lot was planned, and nothing is left."""
    if line.quantity or not line.planned or line.suppressed or line.dropped:
        return None
    lots = Fraction(line.planned, line.step) / run.parts.steps_per_unit
    if lots >= line.smallest.lot:  # what left nothing of a whole lot has spoken already
        return None
    nearest = run.options.quantity_rounding is QuantityRounding.NEAREST_AFFORDABLE
    return Driver("LOT_SIZE", flip=Flip("lot_size", Fraction(line.smallest.lot), 2 * lots if nearest else lots))


def money_rounding(line: Line, _: Explained) -> Driver | None:
    """A lot went back because of rounded money."""
    return Driver("MONEY_ROUNDING") if "MONEY_ROUNDING" in line.limited_by else None


DRIVERS: Final[Sequence[Callable[[Line, Explained], Driver | None]]] = (
    target,
    on_target,
    turnover_limit,
    tax,
    minimum,
    group_room,
    cash_price,
    lot_size,
    money_rounding,
)


def explain(run: RunInProgress, ending: Ending) -> orjson.Fragment:
    """The reasons of a run that came to orders, ids ascending; none of another."""
    brief, paid = run.brief, run.paid
    if not ending.decided or brief is None:
        return array(())
    if paid.run is None:
        parts = parts_of(ending.universe, brief)
        values = values_of(parts, brief)
        worth = max(sum(values.values()) + money_of(parts, brief), 0)
        lines = lines_as_sized(ending.universe, brief, paid, parts, values, worth)
    else:
        parts, values, worth, lines = paid.run.parts, paid.run.values, paid.run.worth, paid.run.lines
    explained = Explained(
        parts,
        worth,
        values,
        {line.instrument_id: line for line in lines},
        paid.walked,
        {trade.instrument_id: trade for trade in paid.trades},
        run.targets.weights,
        dict(ending.universe.excluded),
        paid.plan.price_of_cash if paid.plan else NOTHING,
        paid.plan.turnover if paid.plan else None,
        ending.after or ending.before,
        run.options,
        {name for name, quantity in brief.standing.quantities.items() if quantity} | set(ending.universe.model),
    )
    return array([_row(name, explained) for name in sorted({*explained.named, *explained.trades})])


def lines_as_sized(universe: Universe, brief: Brief, paid: PaidOrders, parts: Parts, values: dict[str, int], worth: int) -> list[Line]:
    """The lines of a run that was not guarded, with what became of their wishes."""
    lines = lines_of(universe, brief.noting(Notes()), parts, values, worth)
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


def _row(name: str, run: Explained) -> str:
    trade, after = run.trades.get(name), run.after.by_instrument.get(name)
    parts, worth, total, weight = run.parts, run.worth, run.after.total, run.weights.get(name, ZERO)
    unit: int = 10**parts.share_digits
    value, target = run.values.get(name, 0) * unit, scaled(weight, parts.share_digits)
    value_after = after.base_value if after else ZERO
    driver = _driver(name, run.lines.get(name), run)
    traded = NOTHING_TRADED
    if trade:
        traded = twelve_places(-trade.notional_base if trade.side == SELL else trade.notional_base)
    before = ratio(value - target * worth, worth * unit) if worth > 0 else ratio(value - target * parts.per_base, parts.per_base * unit)
    return (
        f'{{"instrument_id":{quoted(name)},"decision":"{trade.side if trade else "NONE"}",'
        f'"quantity":"{plain(trade.quantity) if trade else "0"}","target_weight":"{ratio(target, unit)}","drift_before":"{before}",'
        f'"drift_after":"{twelve_places((value_after / total if total > 0 else value_after) - weight)}",'
        f'"wished":"{ratio(target * worth - value, parts.per_base * unit)}","traded":"{traded}",{_because(driver)}}}'
    )


def _because(driver: Driver) -> str:
    """What decided, as members of a row."""
    key = "null" if driver.key is None else quoted(driver.key)
    price = "null" if driver.price is None else f'"{shown(driver.price)}"'
    flip = driver.flip
    if flip is None or flip.at < 0:
        return f'"driver":"{driver.code}","driver_key":{key},"price":{price},"flips_at":null'
    at = f'{{"number":"{flip.number}","at":"{shown(flip.at)}","distance":"{shown(abs(flip.current - flip.at))}"}}'
    return f'"driver":"{driver.code}","driver_key":{key},"price":{price},"flips_at":{at}'


def _driver(name: str, line: Line | None, run: Explained) -> Driver:
    if line is None:
        return Driver("NOT_TRADEABLE", run.excluded[name]) if name in run.excluded else Driver("MISSING_DATA")
    if line.quantity and not line.limited_by and not run.price_of_cash:
        return target(line, run) or ON_TARGET
    found = ON_TARGET
    for applies in DRIVERS:
        found = applies(line, run) or found
    return replace(found, flip=None) if run.moved_by_a_lot(line) else found


def _in_threshold_currency(line: Line, steps: int, run: Explained) -> Fraction:
    """What so many steps are worth in the currency of the dust threshold."""
    notional = Fraction(run.parts.quantity(steps)) * Fraction(line.unit)
    limit, smallest = line.smallest.threshold, line.smallest.notional
    if limit is None or smallest is None or not smallest:
        return notional
    return notional * Fraction(limit.amount) / Fraction(smallest)


def _threshold_name(run: Explained) -> str:
    """Whose dust threshold is in force: the options' or the shelf's."""
    return "min_trade_notional" if run.options.min_trade_notional else "min_notional"
