"""What buys and their costs take at a level: where a commission has bounds, that is linear in pieces and jumps at the end (desk 3, 8.2)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import NamedTuple

from engine.costs import Terms
from engine.guarded.funds import Amount


class Bend(NamedTuple):
    """A level above which something more is paid for each amount that the level falls, and something at once."""

    level: Amount
    slope: Amount
    jump: Amount = 0


def bends_of(demand: Amount, terms: Terms, unit: Amount) -> Iterator[Bend]:
    """The bends of one buy: where it ends, where its commission leaves the minimum and where it reaches the maximum.

    `unit` is what one unit of its currency is worth, in the parts that the demand is counted in.
    """
    if terms.free:
        yield Bend(demand, 1)
        return
    least = terms.minimum * unit
    yield Bend(demand, 1 + terms.tax, least)
    if terms.rate:
        yield Bend(demand - least / terms.rate, terms.rate)
        if terms.maximum is not None:
            yield Bend(demand - terms.maximum * unit / terms.rate, -terms.rate)


class Payments:
    """The sum that some buys take, costs included, at any level: their bends are sorted once, and kept as whole numbers of small parts."""

    __slots__ = ("_jumps", "_points", "_slopes", "_whole", "levels")

    def __init__(self, bends: Iterable[Bend]) -> None:
        rows = sorted(bend for bend in bends if bend.level > 0)
        self.levels: list[Amount] = [bend.level for bend in rows]
        point = lcm(*(bend.level.denominator for bend in rows))
        share = lcm(*(amount.denominator for bend in rows for amount in (bend.slope, bend.jump)))
        self._points = [int(bend.level * point) for bend in rows]
        slopes = [int(bend.slope * share) for bend in reversed(rows)]
        jumps = [
            slope * at + int(bend.jump * share) * point
            for slope, at, bend in zip(slopes, reversed(self._points), reversed(rows), strict=True)
        ]
        self._slopes, self._jumps, self._whole = [*accumulate(slopes, initial=0)], [*accumulate(jumps, initial=0)], (point, share)

    @property
    def largest(self) -> Fraction:
        """The level that leaves nothing."""
        return Fraction(self.levels[-1]) if self.levels else Fraction(0)

    def at(self, level: Fraction) -> Amount:
        """What is paid where the level is taken off every buy."""
        point, share = self._whole
        above = len(self._points) - bisect_right(self._points, level.numerator * point // level.denominator)
        paid = self._jumps[above] * level.denominator - self._slopes[above] * point * level.numerator
        parts = point * share * level.denominator
        return Fraction(paid, parts) if parts > 1 else paid

    def breaks(self, _low: Fraction, _high: Fraction) -> Sequence[Amount]:
        """The levels at which the sum bends or jumps."""
        return self.levels
