"""Exact linear algebra on whole numbers: no digit is ever lost, and zeros cost nothing."""

from math import gcd, lcm

Matrix = list[list[int]]


def solve(matrix: Matrix) -> tuple[int, dict[int, int]]:
    """Solve for all columns but the last, which is the right-hand side; the matrix is used up.

    Returns a common denominator > 0 and the numerator of every unknown that is determined. A column that depends on others
    gets none, its unknown is zero. Sparse columns go first, and the diagonal is preferred: of a Gram matrix, which may be
    singular, the independent part is solved.
    """
    width = len(matrix[0]) - 1 if matrix else 0
    pivots: dict[int, int] = {}
    unused = set(range(len(matrix)))
    for column in sorted(range(width), key=lambda c: sum([1 for row in matrix if row[c]])):
        chosen = next((r for r in (column, *sorted(unused)) if r in unused and matrix[r][column]), None)
        if chosen is None:
            continue
        unused.discard(chosen)
        pivots[column] = chosen
        pivot_row = matrix[chosen]
        for r, row in enumerate(matrix):
            if r != chosen and row[column]:
                matrix[r] = _cleared(row, pivot_row, column)
    ratios = {c: _reduced(matrix[r][-1], matrix[r][c]) for c, r in sorted(pivots.items())}
    scale = lcm(*(denominator for _, denominator in ratios.values()))
    return scale, {c: numerator * (scale // denominator) for c, (numerator, denominator) in ratios.items()}


def rank(matrix: Matrix) -> int:
    """The number of independent columns; the matrix is used up."""
    return len(solve([[*row, 0] for row in matrix])[1])


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
