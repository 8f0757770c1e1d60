"""A turnover cap that pays for what it keeps: two levels instead of a ranking (desk 6.5, FUNDED)."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.guarded.funds import Amount, Funds, Orders
from engine.guarded.level import NOTHING, level


@dataclass(frozen=True, slots=True)
class TurnoverLevels:
    """What a binding cap takes off every sell (`sells`) and every buy (`buys`), in parts of base.

    `spent` is whether the cap is used up: want of cash may leave some of it, with all sells done whole.
    """

    sells: Fraction = NOTHING
    buys: Fraction = NOTHING
    spent: bool = True

    @property
    def price(self) -> Fraction:
        """The price of turnover: what one more unit of it would be worth."""
        return (self.sells + self.buys) / 2 if self.spent else NOTHING

    @property
    def cash_price(self) -> Fraction:
        """The price of cash within the cap."""
        return self.buys - self.price


def turnover_levels(sells: Sequence[tuple[str, int]], buys: Sequence[tuple[str, int]], budget: int, funds: Funds) -> TurnoverLevels | None:
    """The levels of sells and buys, given by currency, under a budget ≥ 0; None where everything fits.

    One level for all, if that can be paid. Else buys give up more, and what they free of the budget goes to the sells that pay
    for them: for one currency the exact least-squares optimum under both budgets.
    """
    selling, buying = Orders.of(sells), Orders.of(buys)
    everything = Orders.of([*sells, *buys]).together
    if everything.total <= budget:
        return None
    common = everything.level(budget)

    def sells_at(buy_level: Fraction) -> Fraction:
        room = min(Fraction(selling.together.total), budget - buying.together.left(buy_level))
        return selling.together.level(max(room, NOTHING))

    def net(at: Fraction) -> dict[str, Amount]:
        buy_level = common + at
        proceeds: dict[str, Amount] = dict(selling.left(sells_at(buy_level)))
        for name, amount in buying.left(buy_level).items():
            proceeds[name] = proceeds.get(name, 0) - amount
        return proceeds

    def buy_breaks(_low: Fraction, _high: Fraction) -> Sequence[Amount]:
        points = buying.together.points
        return [point - common for point in points[bisect_right(points, common) :]]

    def sell_breaks(low: Fraction, high: Fraction) -> Sequence[Amount]:
        """Where one sell more is done in part, or the last one whole: asked in a piece in which the sum of buys is linear in the level."""
        middle = (low + high) / 2
        there, halfway = buying.together.left(common + low), buying.together.left(common + middle)
        slope = (halfway - there) / (middle - low)
        if not slope:
            return ()
        return _Crossings(
            [0, *selling.together.points], lambda point: low + (budget - selling.together.left(Fraction(point)) - there) / slope
        )

    def surplus(at: Fraction) -> Amount:
        return funds.surplus(net(at))

    top = max(buying.together.largest - common, NOTHING)
    above = level(surplus, top, buy_breaks, sell_breaks, funds.turning_points(net))
    buy_level = common + (top if above is None else above)
    if buy_level == common:
        return TurnoverLevels(common, common)
    sell_level = sells_at(buy_level)
    turned = selling.together.left(sell_level) + buying.together.left(buy_level)
    return TurnoverLevels(sell_level, buy_level, spent=turned == budget)


class _Crossings(Sequence[Amount]):
    """Levels of buys at which the level of sells passes one of its breaks, ascending, worked out when they are asked for."""

    def __init__(self, points: Sequence[int], at: Callable[[int], Fraction]) -> None:
        self._points, self._at = points, at

    def __len__(self) -> int:
        return len(self._points)

    def __getitem__(self, place: int) -> Fraction:  # type: ignore[override]
        return self._at(self._points[-1 - place])
