"""What decided of an instrument, and which one number would have to move for another decision (desk 10).

The drivers are functions in the order of the specification's table: of those that apply, the last one speaks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple, Self

from engine.contracts.conventions import QuantityRounding
from engine.contracts.options.rebalance import EngineOptions
from engine.guarded.exact import Parts
from engine.guarded.funded_turnover import TurnoverLevels
from engine.guarded.last_lots import ROUNDED_UP
from engine.guarded.lines import Line
from engine.intents.gains import gains_of
from engine.intents.orders import BUY, SELL, Trade
from engine.intents.smallest import BELOW_MIN_QUANTITY
from engine.intents.tax_lots import realised

LIMITS: Final = frozenset({"SINGLE_POSITION_MAX", "GROUP_MAX"})


class Flip(NamedTuple):
    """A number, its current value, and the value at which the decision changes while all else stays; both in so many parts of one."""

    number: str
    current: int
    at: int
    unit: int

    @classmethod
    def exact(cls, number: str, current: Fraction, at: Fraction) -> Self:
        """Of two rationals."""
        return cls(number, current.numerator * at.denominator, at.numerator * current.denominator, current.denominator * at.denominator)


class Driver(NamedTuple):
    """What decided: a code, which one of its kind, the price that it set, and what would change the decision."""

    code: str
    key: str | None = None
    price: Fraction | None = None
    flip: Flip | None = None


DONE: Final = Driver("TARGET")
ON_TARGET: Final = Driver("ON_TARGET")


@dataclass(frozen=True, slots=True)
class Explained:
    """A decided run, as its reasons look at it.

    `lines` are those of tradeable instruments, `sells` what the gains walk looked at.
    """

    parts: Parts
    lines: Mapping[str, Line]
    sells: Mapping[str, Trade]
    excluded: Mapping[str, str]
    price_of_cash: Fraction
    turnover: TurnoverLevels | None
    options: EngineOptions

    def twice_the_smallest(self, line: Line) -> int:
        """Twice the least amount that makes an order: half a lot where the nearest lot is taken and nothing else asks for more."""
        nearest = self.options.quantity_rounding is QuantityRounding.NEAREST_AFFORDABLE
        return line.lot_value if nearest and line.least == line.lot else 2 * line.step * line.least

    def smallest_amount(self, line: Line) -> Fraction:
        """The least amount that makes an order, in base."""
        return self.parts.in_base(self.twice_the_smallest(line)) / 2

    def no_number_decides(self, line: Line) -> bool:
        """Whether a sell grew by a lot for a limit, or a buy got one back (practice 2.2, 3), or nothing may be sold, since it is only being bought."""
        if line.side == BUY:
            return ROUNDED_UP in line.limited_by and self.options.quantity_rounding is QuantityRounding.FLOOR
        return not line.most or line.grown or any(mark.partition(":")[0] in LIMITS for mark in line.limited_by)

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
    met = line.quantity  # a minimum speaks before a last lot is added, but asks for one lot at least
    if ROUNDED_UP in line.limited_by:
        met = max(met - line.lot, line.lot)
    return Driver("TARGET", flip=Flip.exact(_threshold_name(run), Fraction(limit.amount), _in_threshold_currency(line, met, run)))


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
    return Driver("TURNOVER_PRICE", price=price, flip=Flip.exact("turnover.price", price, at))


def tax(line: Line, run: Explained) -> Driver | None:
    """The gains budget or the lots cut the sell."""
    trade = run.sells.get(line.instrument_id)
    if "TAX_BUDGET" in line.limited_by and trade is not None and trade.budget_left is not None:
        budget = Fraction(run.options.max_realized_capital_gains or 0)
        if not line.exits and line.planned < line.least * line.step:  # no budget makes an order of it
            return Driver("TAX_BUDGET")
        smallest = run.parts.quantity(min(line.least, line.most))
        at = budget - Fraction(trade.budget_left) + Fraction(gains_of(realised(trade.lots, smallest)))
        return Driver("TAX_BUDGET", flip=Flip.exact("max_realized_capital_gains", budget, at))
    return Driver("LOT_QUANTITY") if "LOT_QUANTITY" in line.limited_by else None


def minimum(line: Line, run: Explained) -> Driver | None:
    """Too small for an order."""
    if not line.suppressed or line.quantity:
        return None
    quantity, least = Fraction(run.parts.quantity(line.too_small)), Fraction(line.smallest.min_quantity or 0)
    if line.suppressed == BELOW_MIN_QUANTITY:
        flip = Flip.exact("min_quantity", least, quantity) if quantity else None  # none makes an order of less than a lot
        return Driver("MINIMUM", "MIN_QUANTITY", flip=flip)
    limit = line.smallest.threshold
    if limit is None or not quantity or quantity < least:
        return Driver("MINIMUM", "MIN_NOTIONAL")
    at = _in_threshold_currency(line, line.too_small, run)
    return Driver("MINIMUM", "MIN_NOTIONAL", flip=Flip.exact(_threshold_name(run), Fraction(limit.amount), at))


def group_room(line: Line, run: Explained) -> Driver | None:
    """The room of a group cut the buy."""
    if line.group is None:
        return None
    at = line.group.demand - run.smallest_amount(line)
    return Driver("GROUP_ROOM", line.group.key, line.group.level, Flip.exact("group_price", line.group.level, at))


def cash_price(line: Line, run: Explained) -> Driver | None:
    """The price of cash cut the buy: that of the round which left it out, or else that of the run."""
    price = run.price_of_cash if line.left_out_at is None else line.left_out_at
    if line.side != BUY or line.demand is None or not price:
        return None
    unit = 2 * run.parts.per_base
    at = 2 * line.demand - run.twice_the_smallest(line)
    flip = Flip("price_of_cash", price.numerator * unit, at * price.denominator, unit * price.denominator)
    return Driver("CASH_PRICE", price=price, flip=flip)


def lot_size(line: Line, run: Explained) -> Driver | None:
    """Less than a lot was planned, and nothing is left."""
    if line.quantity or not line.planned or line.suppressed or line.dropped:
        return None
    lot = line.lot_value
    if line.planned >= lot:  # what left nothing of a whole lot has spoken already
        return None
    nearest = run.options.quantity_rounding is QuantityRounding.NEAREST_AFFORDABLE
    at, unit = 2 * line.planned if nearest else line.planned, line.step * run.parts.steps_per_unit
    if at > lot or (
        line.smallest.binds and line.smallest.asks_for_more_than(Fraction(at, unit), line.unit)
    ):  # refused, or refused whatever the lot
        return Driver("LOT_SIZE")
    return Driver("LOT_SIZE", flip=Flip("lot_size", lot, at, unit))


def money_rounding(line: Line, _: Explained) -> Driver | None:
    """A lot went back because of rounded money."""
    return Driver("MONEY_ROUNDING") if "MONEY_ROUNDING" in line.limited_by else None


DRIVERS: Final[Sequence[Callable[[Line, Explained], Driver | None]]] = (
    money_rounding,
    lot_size,
    cash_price,
    group_room,
    minimum,
    tax,
    turnover_limit,
    on_target,
    target,
)
"""From the last row of the table to the first, so that the first one that applies speaks."""


def driver_of(name: str, run: Explained) -> Driver:
    """What decided of an instrument."""
    line = run.lines.get(name)
    if line is None:
        return Driver("NOT_TRADEABLE", run.excluded[name]) if name in run.excluded else Driver("MISSING_DATA")
    if line.quantity and not line.limited_by and not run.price_of_cash:
        return target(line, run) or ON_TARGET
    for applies in DRIVERS:
        if found := applies(line, run):
            return found._replace(flip=None) if found.flip and run.no_number_decides(line) else found
    return ON_TARGET


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
