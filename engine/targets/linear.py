"""Exact linear algebra on whole numbers: fraction-free elimination, so that no digit is ever lost."""

Matrix = list[list[int]]


def eliminate(matrix: Matrix, width: int) -> tuple[int, dict[int, int]]:
    """Solve in place for the first `width` columns; further columns are right-hand sides.

    Returns the common denominator and, per column that has a pivot, the row where its solution stands: the value of
    unknown c for right-hand side b is matrix[row of c][b] ÷ denominator. A column that depends on earlier ones gets no
    pivot, its unknown is zero. The diagonal is preferred, so that of a Gram matrix the independent part is solved.
    """
    denominator = 1
    pivots: dict[int, int] = {}
    unused = set(range(len(matrix)))
    for column in range(width):
        row = column if column in unused and matrix[column][column] else None
        if row is None:
            row = next((r for r in sorted(unused) if matrix[r][column]), None)
        if row is None:
            continue
        unused.discard(row)
        pivots[column] = row
        pivot_row = matrix[row]
        pivot = pivot_row[column]
        for r, other in enumerate(matrix):
            if r != row:
                factor = other[column]
                matrix[r] = [(pivot * a - factor * b) // denominator for a, b in zip(other, pivot_row, strict=True)]
        denominator = pivot
    return denominator, pivots
