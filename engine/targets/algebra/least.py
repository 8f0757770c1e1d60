"""The least values in order: the first as small as can be, of what is left the second, and so on (RFC-0012).

There is one such set of values, whatever it is reached from.
"""

from collections.abc import Iterable
from fractions import Fraction


class Tableau:
    """Each price, by its place, as a value plus multiples of columns: parameters, numbered from -1 down, and prices at zero."""

    def __init__(self, values: dict[int, Fraction], table: dict[int, dict[int, Fraction]], parameters: int, at_zero: Iterable[int]) -> None:
        self._values, self._table = values, table
        self._parameters = range(-1, -1 - parameters, -1)
        self._open = {*self._parameters, *at_zero}

    def least(self) -> dict[int, Fraction]:
        """The values with each, in order of places, as small as those before it allow."""
        for parameter in self._parameters:
            above = self._blocking(parameter, 1)
            self._pivot(parameter, self._blocking(parameter, -1) if above is None else above)
        found = dict.fromkeys(self._table.keys() | self._open, Fraction(0))
        for place in sorted(found):
            while (row := self._table.get(place)) is not None:
                entering = min((column for column, value in row.items() if column in self._open and value < 0), default=None)
                if entering is None:
                    self._open -= row.keys()
                    break
                self._pivot(entering, self._blocking(entering, 1))
            self._open.discard(place)
        return found | self._values

    def _blocking(self, column: int, direction: int) -> int | None:
        """The price that is the first to reach zero when a column grows, or falls; of several the one with the least place."""
        first, best = None, None
        for place in sorted(self._table):
            if (slope := self._table[place].get(column, Fraction(0)) * direction) < 0:
                distance = self._values[place] / -slope
                if best is None or distance < best:
                    first, best = place, distance
        return first

    def _pivot(self, entering: int, leaving: int | None) -> None:
        """Let a column be a price with a value, and that price a column at zero."""
        if leaving is None:
            raise ArithmeticError("prices are bounded from below")
        row, value = self._table.pop(leaving), self._values.pop(leaving)
        slope = row.pop(entering)
        solved = {column: -other / slope for column, other in row.items()} | {leaving: 1 / slope}
        start = -value / slope
        for place, other in self._table.items():
            if factor := other.pop(entering, None):
                self._values[place] += factor * start
                for column, part in solved.items():
                    if total := other.get(column, Fraction(0)) + factor * part:
                        other[column] = total
                    else:
                        other.pop(column, None)
        if entering >= 0:
            self._table[entering], self._values[entering] = solved, start
        self._open.discard(entering)
        self._open.add(leaving)
