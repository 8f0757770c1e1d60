"""The level: the one price at which demands are cut so that what is left of them can be paid (desk 3).

Of a demand D a level λ leaves max(0, D − λ). Of all cuts with the same sum this one leaves the smallest sum of squared
remainders, and of all cuts that can be paid the smallest largest remainder: nobody gives up more while somebody else gives
up less. All numbers are exact.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import Final

NOTHING: Final = Fraction(0)

Slack = Callable[[Fraction], Fraction | int]
"""What is left over at a level; it never falls as the level rises."""

Breaks = Callable[[Fraction, Fraction], Sequence[Fraction | int]]
"""The levels, ascending, between which a slack is linear; of those outside the two given ones nobody asks."""


def level(slack: Slack, top: Fraction, *breaks: Breaks) -> Fraction | None:
    """The smallest level from 0 to `top` with no negative slack, exact; None where even `top` leaves one.

    `slack` is continuous from the right and linear between neighbours of `breaks`, which are asked one after the other, each
    for the piece that the earlier ones left: O(log n) calls of `slack` for n breaks, then one linear equation.
    """
    if slack(NOTHING) >= 0:
        return NOTHING
    if slack(top) < 0:
        return None
    low, high = NOTHING, top
    for points in breaks:
        low, high = _bracket(points(low, high), low, high, slack)
    missing, middle = slack(low), (low + high) / 2
    rise = slack(middle) - missing
    return min(high, low - missing * (middle - low) / rise) if rise > 0 else high


def _bracket(points: Sequence[Fraction | int], low: Fraction, high: Fraction, slack: Slack) -> tuple[Fraction, Fraction]:
    """The piece between neighbouring points in which the slack ceases to be negative."""
    first, last = bisect_right(points, low), bisect_left(points, high)
    while first < last:
        middle = (first + last) // 2
        point = Fraction(points[middle])
        if slack(point) < 0:
            low, first = point, middle + 1
        else:
            high, last = point, middle
    return low, high


class Demands:
    """Amounts that are asked for, sorted once, so that what a level leaves of them is at hand without a walk."""

    __slots__ = ("_sums", "points")

    def __init__(self, amounts: Iterable[int]) -> None:
        self.points = sorted(amounts)
        self._sums = list(accumulate(reversed(self.points), initial=0))

    @property
    def total(self) -> int:
        """Everything that is asked for."""
        return self._sums[-1]

    @property
    def largest(self) -> Fraction:
        """The level that leaves nothing."""
        return Fraction(self.points[-1]) if self.points else NOTHING

    def left(self, at: Fraction) -> Fraction:
        """The sum of what the level leaves."""
        above = len(self.points) - bisect_right(self.points, at.numerator // at.denominator)
        return self._sums[above] - above * at

    def breaks(self, _low: Fraction, _high: Fraction) -> Sequence[int]:
        """The levels at which one demand more is cut to nothing."""
        return self.points

    def level(self, budget: Fraction | int) -> Fraction:
        """The smallest level that leaves no more than a budget ≥ 0."""
        found = level(lambda at: budget - self.left(at), self.largest, self.breaks)
        return self.largest if found is None else found


def level_on_total(amounts: Sequence[Fraction | int], budget: int) -> Fraction:
    """The smallest level that leaves no more than a budget ≥ 0 of these amounts, exact."""
    common = lcm(*(amount.denominator for amount in amounts))
    return Demands(amount.numerator * (common // amount.denominator) for amount in amounts).level(budget * common) / common
