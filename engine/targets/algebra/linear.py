"""Exact linear algebra on whole numbers: no digit is ever lost, and zeros cost nothing."""

from collections.abc import Sequence
from math import gcd, lcm
from typing import Final

from engine.targets.algebra.effort import UNLIMITED, Effort
from engine.targets.algebra.lifting import Gram, Solution

WIDE: Final = 24
"""Gram matrices of so many columns are lifted; below, elimination is faster."""

Matrix = list[list[int]]


def solve(matrix: Matrix, effort: Effort = UNLIMITED) -> Solution:
    """Solve for all columns but the last, which is the right-hand side; the matrix is used up.

    Returns a common denominator > 0 and the numerator of every unknown that is determined. A column that depends on others
    gets none, its unknown is zero. Sparse columns go first, and the diagonal is preferred: of a Gram matrix, which may be
    singular, the independent part is solved.
    """
    return _eliminated(matrix, _sparse_first(matrix, len(matrix[0]) - 1 if matrix else 0), effort)


class GramEquations:
    """Equations with a Gram matrix, for any number of right sides: `solve` of each, faster where there are many columns."""

    def __init__(self, matrix: Matrix, effort: Effort) -> None:
        self._matrix, self._effort = matrix, effort
        self._lifted = Gram(matrix, _sparse_first(matrix, len(matrix)), effort) if len(matrix) >= WIDE else None

    def solve(self, right: Sequence[int]) -> Solution:
        """The solution for a right side."""
        found = self._lifted.solve(right) if self._lifted else None
        return found or solve([[*row, value] for row, value in zip(self._matrix, right, strict=True)], self._effort)

    def independent(self) -> bool:
        """Whether the columns are independent. True is certain; False, of many columns, all but certain and not worth a proof."""
        return self._lifted.independent if self._lifted else len(self.solve([0] * len(self._matrix))[1]) == len(self._matrix)


def _eliminated(matrix: Matrix, columns: Sequence[int], effort: Effort) -> tuple[int, dict[int, int]]:
    pivots: dict[int, int] = {}
    unused = set(range(len(matrix)))
    for column in columns:
        chosen = next((r for r in (column, *sorted(unused)) if r in unused and matrix[r][column]), None)
        if chosen is None:
            continue
        unused.discard(chosen)
        pivots[column] = chosen
        pivot_row = matrix[chosen]
        others = [r for r, row in enumerate(matrix) if r != chosen and row[column]]
        for r in others:
            matrix[r] = _cleared(matrix[r], pivot_row, column)
        effort.spend((len(others) + 1) * len(pivot_row))
    ratios = {c: _reduced(matrix[r][-1], matrix[r][c]) for c, r in sorted(pivots.items())}
    scale = lcm(*(denominator for _, denominator in ratios.values()))
    return scale, {c: numerator * (scale // denominator) for c, (numerator, denominator) in ratios.items()}


def _sparse_first(matrix: Matrix, width: int) -> list[int]:
    return sorted(range(width), key=lambda c: sum([1 for row in matrix if row[c]]))


def _cleared(row: list[int], pivot_row: list[int], column: int) -> list[int]:
    """The row with its entry in a column eliminated, free of common factors."""
    pivot, factor = pivot_row[column], row[column]
    common = gcd(pivot, factor)
    pivot //= common
    factor //= common
    cleared = [pivot * a - factor * b for a, b in zip(row, pivot_row, strict=True)]
    common = gcd(*cleared)
    return [a // common for a in cleared] if common > 1 else cleared


def _reduced(numerator: int, denominator: int) -> tuple[int, int]:
    common = gcd(numerator, denominator)
    sign = -1 if denominator < 0 else 1
    return sign * numerator // common, sign * denominator // common
