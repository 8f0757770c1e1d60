"""Phase one of the simplex method with Bland's rule, exactly: which multipliers are shown where many would do (RFC-0012).

Every column is sign on its members, zero elsewhere. Most columns have one member, so that a basis is such columns, one on
each of most rows, and a small core of wider columns that answers for the remaining rows. Only the core is ever solved.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from engine.targets.algebra.linear import solve


class Column(NamedTuple):
    """sign (1 or -1) in the members' rows, 0 elsewhere."""

    sign: int
    members: frozenset[int]

    def at(self, row: int) -> int:
        """The column's entry in a row."""
        return self.sign if row in self.members else 0


@dataclass(slots=True)
class _Basis:
    """`cover` names, per row, the one-member column that answers for it; rows at None belong to the `core` columns.

    Columns past the given ones are artificial: one a row, signed like its right side.
    """

    columns: list[Column]
    right: list[int]
    cover: list[int | None]
    core: list[int]

    def open_rows(self) -> list[int]:
        return [row for row, cover in enumerate(self.cover) if cover is None]

    def sign(self, column: int, row: int) -> int:
        if column < len(self.columns):
            return self.columns[column].sign
        return -1 if self.right[row] < 0 else 1

    def prices(self) -> list[int]:
        """Per row the price, on some scale > 0, at which artificial columns are worth one and the others nothing."""
        given = len(self.columns)
        known = [self.sign(cover, row) if cover is not None and cover >= given else 0 for row, cover in enumerate(self.cover)]
        if not self.core:
            return known
        open_rows = self.open_rows()
        matrix = []
        for number in self.core:
            column = self.columns[number]
            worth = column.sign * sum(known[row] for row in column.members)
            matrix.append([column.at(row) for row in open_rows] + [-worth])
        scale, solution = solve(matrix)
        prices = [price * scale for price in known]
        for k, row in enumerate(open_rows):
            prices[row] = solution[k]
        return prices

    def express(self, target: list[int]) -> tuple[dict[int, int], int]:
        """The target as a sum of basic columns: column → numerator (zeros left out), and the positive denominator."""
        open_rows = self.open_rows()
        matrix = [[self.columns[number].at(row) for number in self.core] + [target[row]] for row in open_rows]
        scale, solution = solve(matrix)
        found = {number: solution[k] for k, number in enumerate(self.core)}
        left = [value * scale for value in target]
        for number, value in found.items():
            column = self.columns[number]
            for row in column.members:
                left[row] -= column.sign * value
        for row, cover in enumerate(self.cover):
            if cover is not None and left[row]:
                found[cover] = left[row] * self.sign(cover, row)
        return found, scale

    def exchange(self, entering: int, leaving: int) -> None:
        if leaving in self.core:
            self.core.remove(leaving)
        else:
            self.cover[self.cover.index(leaving)] = None
        members = self.columns[entering].members
        if len(members) == 1:
            self.cover[next(iter(members))] = entering
        else:
            self.core.append(entering)


def basic_solution(columns: list[Column], right: list[int]) -> list[Fraction]:
    """The basic solution of Σ value · column = right, values ≥ 0, that phase one with Bland's rule reaches.

    Entering: the first column, in the order given, that lowers the sum of the artificial ones. Leaving: the smallest ratio,
    ties to the first column, artificial columns after all others in row order. A solution must exist.
    """
    given = len(columns)
    basis = _Basis(columns, right, [given + row for row in range(len(right))], [])
    while True:
        values, scale = basis.express(right)
        if all(number < given or not value for number, value in values.items()):
            return [Fraction(values.get(number, 0), scale) for number in range(given)]
        prices = basis.prices()
        entering = next(number for number, (sign, rows) in enumerate(columns) if sign * sum([prices[row] for row in rows]) > 0)
        column = columns[entering]
        steps, _ = basis.express([column.at(row) for row in range(len(right))])
        leaving = min(
            (number for number, step in steps.items() if step > 0),
            key=lambda number: (Fraction(values.get(number, 0), steps[number]), number),
        )
        basis.exchange(entering, leaving)
