"""What decided of an instrument, and which one number would have to move for another decision (desk 10).

The drivers are functions in the order of the specification's table: of those that apply, the last one speaks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.contracts.conventions import QuantityRounding
from engine.contracts.options.rebalance import EngineOptions
from engine.guarded.exact import PLACES, TWELVE_PLACES, Parts, ratio, shown, twelfth_places, with_point
from engine.guarded.funded_turnover import TurnoverLevels
from engine.guarded.last_lots import MONEY_ROUNDING, ROUNDED_UP
from engine.guarded.lines import Line
from engine.intents.gains import gains_of
from engine.intents.orders import BUY, SELL, Trade
from engine.intents.smallest import BELOW_MIN_QUANTITY, ONE_UNIT
from engine.intents.tax_lots import realised

LIMITS: Final = frozenset({"SINGLE_POSITION_MAX", "GROUP_MAX"})
SUPPRESSED: Final = "SUPPRESSED"
DROPPED: Final = "DROPPED"
NEVER: Final = "null"
Ratio = tuple[int, int]
"""A rational as its numerator and its denominator, above zero, which need not be reduced."""


class Driver(Struct, frozen=True):
    """What decided: a code, which one of its kind, the price that it set, as it is shown, and what would change the decision, as JSON."""

    code: str
    key: str | None = None
    price: str | None = None
    flips_at: str = NEVER


def flips_at(number: str, current: int, at: int, unit: int) -> str:
    """A number, and the value at which the decision changes while all else stays, if the number can take it; both in so many parts of one."""
    if at < 0:
        return NEVER
    return f'{{"number":"{number}","at":"{ratio(at, unit)}","distance":"{ratio(abs(current - at), unit)}"}}'


def flips_at_ratio(number: str, current: Ratio, at: Ratio) -> str:
    """As `flips_at`, of two rationals."""
    return flips_at(number, current[0] * at[1], at[0] * current[1], current[1] * at[1])


DONE: Final = Driver("TARGET")
ON_TARGET: Final = Driver("ON_TARGET")
UNDER_WAY: Final = Driver("NOT_TRADEABLE")
"""What open orders buy may not be resold (practice 7.1)."""


@dataclass(slots=True)
class Explained:
    """A decided run, as its reasons look at it.

    `lines` are those of tradeable instruments, `sells` what the gains walk looked at. `marks` is all that shaped an order or let none be,
    `drivers` are those of the table that anything in this run lets speak, an `undisturbed` one none that speaks of an order. `cash` is the price of cash, and `turnover_price` and
    `turnover_cash` the prices of a funded turnover, in half parts of base.
    """

    parts: Parts
    lines: Mapping[str, Line]
    sells: Mapping[str, Trade]
    excluded: Mapping[str, str]
    price_of_cash: Fraction
    turnover: TurnoverLevels | None
    options: EngineOptions
    nearest: bool = field(init=False)
    marks: frozenset[str] = field(init=False)
    drivers: Sequence["Speaker"] = field(init=False)
    undisturbed: bool = field(init=False)
    cash: int = field(init=False)
    cash_shown: str = field(init=False)
    turnover_price: int = field(default=0, init=False)
    turnover_cash: int = field(default=0, init=False)
    turnover_shown: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Work out once what many rows ask."""
        self.nearest = self.options.quantity_rounding is QuantityRounding.NEAREST_AFFORDABLE
        self.marks = marks_of(self.lines.values())
        self.cash, self.cash_shown = self._half_parts(self.price_of_cash), shown(self.price_of_cash)
        self.drivers = [driver for driver, may_speak in DRIVERS if may_speak(self)]
        self.undisturbed = len(self.drivers) == len(ALWAYS)
        if self.turnover is not None:
            price, cash_price = self.turnover.price, self.turnover.cash_price
            self.turnover_price, self.turnover_cash, self.turnover_shown = (
                self._half_parts(price),
                self._half_parts(cash_price),
                shown(price),
            )

    def _half_parts(self, price: Fraction) -> int:
        """A price of the run, which the parts were refined for."""
        return price.numerator * 2 * self.parts.per_base // price.denominator

    def twice_the_smallest(self, line: Line) -> int:
        """Twice the least amount that makes an order: half a lot where the nearest lot is taken and nothing else asks for more."""
        return line.lot_value if self.nearest and line.least == line.lot else 2 * line.step * line.least

    def smallest_amount(self, line: Line) -> Fraction:
        """The least amount that makes an order, in base."""
        return self.parts.in_base(self.twice_the_smallest(line)) / 2

    def no_number_decides(self, line: Line) -> bool:
        """Whether a sell grew by a lot for a limit, or a buy got one back, or one more for the cash band (practice 2.2, 3), or nothing may be sold, since it is only being bought."""
        if line.side == BUY:
            return ROUNDED_UP in line.limited_by and (line.grown or not self.nearest)
        marks = line.limited_by
        return not line.most or line.grown or bool(marks and not LIMITS.isdisjoint([mark.partition(":")[0] for mark in marks]))


def marks_of(lines: Iterable[Line]) -> frozenset[str]:
    """What shaped the orders of a run, and for lines without one SUPPRESSED and DROPPED."""
    shaped = [line for line in lines if line.limited_by or line.left_out or line.dropped]
    left_out, dropped = [SUPPRESSED for line in shaped if line.left_out], [DROPPED for line in shaped if line.dropped]
    return frozenset([mark for line in shaped for mark in line.limited_by]).union(left_out, dropped)


def target(line: Line, run: Explained) -> Driver | None:
    """Done within a lot; a threshold above the notional would have left it out."""
    if not line.quantity:
        return None
    limit = line.smallest.threshold
    if limit is None or line.smallest.notional is None or line.may_be_small:
        return DONE
    met = line.quantity  # a minimum speaks before a last lot is added, but asks for one lot at least
    if ROUNDED_UP in line.limited_by:
        met = max(met - line.lot, line.lot)
    return Driver(
        "TARGET", flips_at=flips_at_ratio(_threshold_name(run), limit.amount.as_integer_ratio(), _in_threshold_currency(line, met, run))
    )


def on_target(line: Line, _: Explained) -> Driver | None:
    """No wish."""
    return None if line.wish or line.quantity else ON_TARGET


def turnover_limit(line: Line, run: Explained) -> Driver | None:
    """A ranked turnover left it out, or a funded one cut it."""
    if line.dropped:
        return Driver("TURNOVER_LIMIT")
    if run.turnover is None or "TURNOVER_LEVEL" not in line.limited_by:
        return None
    at = 2 * line.wish - run.twice_the_smallest(line)
    if at >= 0:  # no level makes an order of less than the smallest
        at += run.turnover_cash if line.side == SELL else -run.turnover_cash
    flips = flips_at("turnover.price", run.turnover_price, at, 2 * run.parts.per_base)
    return Driver("TURNOVER_PRICE", price=run.turnover_shown, flips_at=flips)


def tax(line: Line, run: Explained) -> Driver | None:
    """The gains budget or the lots cut the sell."""
    trade = run.sells.get(line.instrument_id)
    if "TAX_BUDGET" in line.limited_by and trade is not None and trade.budget_left is not None:
        budget = Fraction(run.options.max_realized_capital_gains or 0)
        if line.dropped or (not line.exits and line.planned < line.least * line.step):  # no budget makes an order of it
            return Driver("TAX_BUDGET")
        smallest = run.parts.quantity(min(line.least, line.most))
        at = budget - Fraction(trade.budget_left) + Fraction(gains_of(realised(trade.lots, smallest)))
        flips = flips_at_ratio("max_realized_capital_gains", budget.as_integer_ratio(), at.as_integer_ratio())
        return Driver("TAX_BUDGET", flips_at=flips)
    return Driver("LOT_QUANTITY") if "LOT_QUANTITY" in line.limited_by else None


def minimum(line: Line, run: Explained) -> Driver | None:
    """Too small for an order."""
    if not line.left_out or line.quantity:
        return None
    quantity, least = Fraction(run.parts.quantity(line.left_out.steps)), Fraction(line.smallest.min_quantity or 0)
    if line.left_out.minimum == BELOW_MIN_QUANTITY:
        if not quantity:  # no number makes an order of less than a lot
            return Driver("MINIMUM", "MIN_QUANTITY")
        return Driver(
            "MINIMUM", "MIN_QUANTITY", flips_at=flips_at_ratio("min_quantity", least.as_integer_ratio(), quantity.as_integer_ratio())
        )
    limit = line.smallest.threshold
    if limit is None or not quantity or quantity < least:
        return Driver("MINIMUM", "MIN_NOTIONAL")
    at = _in_threshold_currency(line, line.left_out.steps, run)
    return Driver("MINIMUM", "MIN_NOTIONAL", flips_at=flips_at_ratio(_threshold_name(run), limit.amount.as_integer_ratio(), at))


def group_room(line: Line, run: Explained) -> Driver | None:
    """The room of a group cut the buy."""
    if line.group is None:
        return None
    level, at = line.group.level, line.group.demand - run.smallest_amount(line)
    flips = flips_at_ratio("group_price", level.as_integer_ratio(), at.as_integer_ratio())
    return Driver("GROUP_ROOM", line.group.key, shown(level), flips)


def cash_price(line: Line, run: Explained) -> Driver | None:
    """The price of cash cut the buy: that of the round which left it out, or else that of the run."""
    if line.side != BUY or line.demand is None:
        return None
    at, unit = 2 * line.demand - run.twice_the_smallest(line), 2 * run.parts.per_base
    price = line.left_out.level if line.left_out else None
    if price is None:
        return Driver("CASH_PRICE", price=run.cash_shown, flips_at=flips_at("price_of_cash", run.cash, at, unit)) if run.cash else None
    flips = flips_at_ratio("price_of_cash", price.as_integer_ratio(), (at, unit))
    return Driver("CASH_PRICE", price=shown(price), flips_at=flips) if price else None


def lot_size(line: Line, run: Explained) -> Driver | None:
    """Less than a lot was planned, and nothing is left. A full exit needs no lot, nor does a sell that grew: what took those was the budget."""
    if line.quantity or not line.planned or line.left_out or line.dropped or line.limited_by_tax:
        return None
    lot = line.lot_value
    if line.planned >= lot:  # what left nothing of a whole lot has spoken already
        return None
    at, unit = 2 * line.planned if run.nearest else line.planned, line.step * run.parts.steps_per_unit
    if at > lot or (
        line.smallest is not ONE_UNIT and line.smallest.asks_for_more_than(Fraction(at, unit), line.unit)
    ):  # refused, or refused whatever the lot
        return Driver("LOT_SIZE")
    return Driver("LOT_SIZE", flips_at=_flips_at_lot(line.lot, at, unit, run.parts))


def _flips_at_lot(lot: int, at: int, unit: int, parts: Parts) -> str:
    """As `flips_at`, of a lot in steps, which is no less than what would make an order, in so many parts of a unit.

    A lot is a whole and even number of the twelfth decimal, unless it has more: what is left of it is then rounded as what is taken.
    """
    if parts.step_digits >= PLACES:
        return flips_at("lot_size", lot * (unit // parts.steps_per_unit), at, unit)
    places = twelfth_places(at, unit)
    distance = lot * (TWELVE_PLACES // parts.steps_per_unit) - places
    return f'{{"number":"lot_size","at":"{with_point(places)}","distance":"{with_point(distance)}"}}'


def money_rounding(line: Line, _: Explained) -> Driver | None:
    """A lot went back because of rounded money."""
    return Driver(MONEY_ROUNDING) if MONEY_ROUNDING in line.limited_by else None


Speaker = Callable[[Line, Explained], Driver | None]


def _always(_: Explained) -> bool:
    return True


DRIVERS: Final[Sequence[tuple[Speaker, Callable[[Explained], bool]]]] = (
    (money_rounding, lambda run: MONEY_ROUNDING in run.marks),
    (lot_size, _always),
    (cash_price, lambda run: run.cash > 0 or SUPPRESSED in run.marks),
    (group_room, lambda run: "GROUP_ROOM" in run.marks),
    (minimum, lambda run: SUPPRESSED in run.marks),
    (tax, lambda run: not run.marks.isdisjoint(("TAX_BUDGET", "LOT_QUANTITY"))),
    (turnover_limit, lambda run: not run.marks.isdisjoint(("TURNOVER_LEVEL", DROPPED))),
    (on_target, _always),
    (target, _always),
)
"""From the last row of the table to the first, so that the first one that applies speaks; and of which runs it says anything."""

ALWAYS: Final = tuple(driver for driver, may_speak in DRIVERS if may_speak is _always)


def driver_of(name: str, run: Explained) -> Driver:
    """What decided of an instrument."""
    line = run.lines.get(name)
    if line is None:
        return Driver("NOT_TRADEABLE", run.excluded[name]) if name in run.excluded else Driver("MISSING_DATA")
    if line.quantity and (run.undisturbed or not (line.limited_by or run.cash)):
        done = target(line, run) or ON_TARGET
        if done is DONE or not line.limited_by:
            return done
    for applies in run.drivers:
        if found := applies(line, run):
            return replace(found, flips_at=NEVER) if found.flips_at is not NEVER and run.no_number_decides(line) else found
    return UNDER_WAY if line.side == SELL and line.wish and not line.most else ON_TARGET


def _in_threshold_currency(line: Line, steps: int, run: Explained) -> Ratio:
    """What so many steps are worth in the currency of the dust threshold."""
    unit, of = line.unit.as_integer_ratio()
    worth, of = steps * unit, run.parts.steps_per_unit * of
    limit, smallest = line.smallest.threshold, line.smallest.notional
    if limit is None or smallest is None or not smallest:
        return worth, of
    (stated, per_stated), (converted, per_converted) = limit.amount.as_integer_ratio(), smallest.as_integer_ratio()
    return worth * stated * per_converted, of * per_stated * converted


def _threshold_name(run: Explained) -> str:
    """Whose dust threshold is in force: the options' or the shelf's."""
    return "min_trade_notional" if run.options.min_trade_notional else "min_notional"
