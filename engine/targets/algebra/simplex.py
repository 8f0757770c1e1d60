"""Phase one of the simplex method with Bland's rule, exactly: which multipliers are shown where many would do (RFC-0012).

Every column is sign on its members, zero elsewhere. Most columns have one member, so that a basis is such columns, one on
each of most rows, and a small core of wider columns that answers for the remaining rows. Of the basis's inverse only the rows
of the core are kept; they, the values and the prices are changed by each pivot where it touches them, never made anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from typing import Final, NamedTuple

from engine.targets.algebra.effort import UNLIMITED, Effort

DIVIDED: Final = 8
"""How many whole numbers a fraction costs."""

Number = int | Fraction
"""Whole as long as nothing is divided, which hardly ever happens: pivots are mostly 1 or -1."""


class Column(NamedTuple):
    """sign (1 or -1) in the members' rows, 0 elsewhere."""

    sign: int
    members: frozenset[int]


class _Equations:
    """The columns and the rows that count: of equal rows without a column of their own the first stands for all.

    Up to the pivot in which its artificial column leaves they are in every step alike; from then on those of the others are zero,
    and no column reaches them. So the path is the same, but that the first is worth as many as it stands for.
    """

    def __init__(self, columns: Sequence[Column], right: Sequence[int]) -> None:
        self.columns, self.right = columns, right
        self.alone: dict[int, list[int]] = defaultdict(list)
        self.wide_at: list[list[int]] = [[] for _ in right]
        for number, column in enumerate(columns):
            for row in column.members:
                (self.alone[row] if len(column.members) == 1 else self.wide_at[row]).append(number)
        first_of: dict[tuple[tuple[int, ...], int], int] = {}
        self.times: dict[int, int] = defaultdict(int)
        for row, value in enumerate(right):
            first = row if row in self.alone else first_of.setdefault((tuple(self.wide_at[row]), value), row)
            self.times[first] += 1
        alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for row in self.times:
            alike[tuple(self.wide_at[row])].append(row)
        self.kinds = list(alike.values())
        self.kinds_in: list[list[int]] = [[] for _ in columns]
        for kind, wide in enumerate(alike):
            for number in wide:
                self.kinds_in[number].append(kind)

    def artificial(self, row: int) -> int:
        """The entry of a row's artificial column. They are numbered past the given ones, in the order of rows."""
        return -1 if self.right[row] < 0 else 1


class _Prices:
    """Per row the price at which artificial columns are worth one for each row they stand for, and the other basic ones nothing."""

    def __init__(self, equations: _Equations) -> None:
        self._equations = equations
        self._of_row: dict[int, Number] = dict.fromkeys(equations.times, 0)
        self._of_wide: dict[int, Number] = defaultdict(int)
        self._worth_a_look: list[int] = []
        self.change({row: equations.artificial(row) * times for row, times in equations.times.items()})

    def change(self, by: dict[int, Number]) -> None:
        """Add to the prices of rows."""
        wide = set()
        for row, value in by.items():
            self._of_row[row] += value
            for number in self._equations.wide_at[row]:
                self._of_wide[number] += value
                wide.add(number)
            self._look_at(self._equations.alone.get(row, ()))
        self._look_at(wide)

    def gain(self, number: int) -> Number:
        """By how much the sum of the artificial columns falls for one more of this one."""
        sign, rows = self._equations.columns[number]
        return sign * (self._of_row[next(iter(rows))] if len(rows) == 1 else self._of_wide[number])

    def first(self) -> int:
        """The first column with a gain. There must be one."""
        while self.gain(self._worth_a_look[0]) <= 0:
            heappop(self._worth_a_look)
        return self._worth_a_look[0]

    def _look_at(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if self.gain(number) > 0:
                heappush(self._worth_a_look, number)


class _Basis:
    """`cover` names, per row, the one-member column that answers for it; rows without one are open, the `core` answers for them.

    `signs` are those of the covers. `whole` says that no pivot divided yet. `core` has, for each wide column of the basis, its row of the inverse over the open rows; `values` are
    those of all basic columns.
    """

    def __init__(self, equations: _Equations) -> None:
        self.equations = equations
        given = len(equations.columns)
        self.cover: list[int | None] = [given + row for row in range(len(equations.right))]
        self.signs = [equations.artificial(row) for row in range(len(equations.right))]
        self.core: dict[int, dict[int, Number]] = {}
        self.whole = True
        self.values: dict[int, Number] = {given + row: abs(equations.right[row]) for row in equations.times}

    def steps(self, entering: int) -> dict[int, Number]:
        """The column as a sum of basic ones, zeros left out."""
        sign, members = self.equations.columns[entering]
        if len(members) == 1:
            (row,) = members
            if (cover := self.cover[row]) is not None:
                return {cover: sign * self.signs[row]}
        found: dict[int, Number] = {}
        left: dict[int, Number] = defaultdict(int, dict.fromkeys(self.equations.kinds_in[entering], sign))
        for number, inverse in self.core.items():
            few, many = (inverse, members) if len(inverse) < len(members) else (members, inverse)
            if value := sign * sum([inverse[row] for row in few if row in many]):
                found[number] = value
                value *= self.equations.columns[number].sign
                for kind in self.equations.kinds_in[number]:
                    left[kind] -= value
        for kind, value in left.items():
            if value:
                for row in self.equations.kinds[kind]:
                    if (cover := self.cover[row]) is not None:
                        found[cover] = value if self.signs[row] > 0 else -value
        return found

    def leaving(self, steps: dict[int, Number]) -> int:
        """The column whose value reaches zero first; of several the first, artificial columns after all others in row order."""
        alike: dict[Number, list[int]] = defaultdict(list)
        for number, step in steps.items():
            if step > 0:
                alike[step].append(number)
        best: int = -1
        least: Number = 0
        rate: Number = 0
        for step, numbers in alike.items():
            values = [self.values[number] for number in numbers]
            value = min(values)
            ahead = value * rate - least * step if rate else -1
            if ahead <= 0:
                first = min([number for number, one in zip(numbers, values, strict=True) if one == value])
                if ahead < 0 or first < best:
                    best, least, rate = first, value, step
        return best

    def exchange(self, entering: int, leaving: int, steps: dict[int, Number]) -> dict[int, Number]:
        """One column for another. Returns the row of the inverse that is the entering one's."""
        pivot = steps.pop(leaving)
        self.whole = self.whole and pivot in (1, -1)
        inverse = {row: _ratio(value, pivot) for row, value in self._removed(leaving).items()}
        for number, step in steps.items():
            if number in self.core:
                _add(self.core[number], -step, inverse)
        size = _ratio(self.values.pop(leaving), pivot)
        if size:
            by = {step: size * step for step in set(steps.values())}
            for number, step in steps.items():
                self.values[number] -= by[step]
        self.values[entering] = size
        sign, members = self.equations.columns[entering]
        if len(members) == 1:
            (row,) = members
            self.cover[row], self.signs[row] = entering, sign
        else:
            self.core[entering] = inverse
        return inverse

    def _removed(self, leaving: int) -> dict[int, Number]:
        """The leaving column's row of the inverse."""
        if leaving in self.core:
            return self.core.pop(leaving)
        given = len(self.equations.columns)
        row = leaving - given if leaving >= given else next(iter(self.equations.columns[leaving].members))
        self.cover[row], sign = None, self.signs[row]
        inverse: dict[int, Number] = {row: sign}
        for number in self.equations.wide_at[row]:
            if number in self.core:
                _add(inverse, -sign * self.equations.columns[number].sign, self.core[number])
        return inverse


def _add(numbers: dict[int, Number], factor: Number, others: dict[int, Number]) -> None:
    """Add others times a factor; what becomes zero goes."""
    for key, other in others.items():
        if value := numbers.get(key, 0) + factor * other:
            numbers[key] = value
        else:
            del numbers[key]


def _ratio(value: Number, pivot: Number) -> Number:
    if pivot in (1, -1):
        return value * pivot
    ratio = Fraction(value) / pivot
    return ratio.numerator if ratio.denominator == 1 else ratio


def basic_solution(columns: list[Column], right: list[int], effort: Effort = UNLIMITED) -> list[Fraction]:
    """The basic solution of Σ value · column = right, values ≥ 0, that phase one with Bland's rule reaches.

    Entering: the first column, in the order given, that lowers the sum of the artificial ones. Leaving: the smallest ratio,
    ties to the first column, artificial columns after all others in row order. A solution must exist.
    """
    equations = _Equations(columns, right)
    prices, basis = _Prices(equations), _Basis(equations)
    missing: Number = sum(abs(value) for value in right)
    while missing:
        entering = prices.first()
        gain, steps = prices.gain(entering), basis.steps(entering)
        inverse = basis.exchange(entering, basis.leaving(steps), steps)
        touched = len(steps) + len(inverse) * (1 + sum(number in basis.core for number in steps))
        effort.spend(touched if basis.whole else DIVIDED * touched)
        missing -= gain * basis.values[entering]
        prices.change({row: -gain * value for row, value in inverse.items()})
    return [Fraction(basis.values.get(number, 0)) for number in range(len(columns))]
