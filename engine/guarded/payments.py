"""What buys and their costs take at a level: where a commission has bounds, that is linear in pieces and jumps at the end (desk 3, 8.2)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
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
    """The sum that some buys take, costs included, at any level: their bends are sorted once."""

    __slots__ = ("_jumps", "_slopes", "levels")

    def __init__(self, bends: Iterable[Bend]) -> None:
        rows = sorted(bend for bend in bends if bend.level > 0)
        self.levels: list[Amount] = [bend.level for bend in rows]
        self._slopes: list[Amount] = [0] * (len(rows) + 1)
        self._jumps: list[Amount] = [0] * (len(rows) + 1)
        for place in range(len(rows) - 1, -1, -1):
            bend = rows[place]
            self._slopes[place] = self._slopes[place + 1] + bend.slope
            self._jumps[place] = self._jumps[place + 1] + bend.slope * bend.level + bend.jump

    @property
    def largest(self) -> Fraction:
        """The level that leaves nothing."""
        return Fraction(self.levels[-1]) if self.levels else Fraction(0)

    def at(self, level: Fraction) -> Amount:
        """What is paid where the level is taken off every buy."""
        place = bisect_right(self.levels, level)
        return self._jumps[place] - self._slopes[place] * level

    def breaks(self, _low: Fraction, _high: Fraction) -> Sequence[Amount]:
        """The levels at which the sum bends or jumps."""
        return self.levels
