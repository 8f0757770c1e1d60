"""Exact solutions of wide Gram equations, digit by digit: solved modulo a prime, lifted to its powers, proved (RFC-0012).

Elimination on whole numbers is slow where there are hundreds of unknowns, since its numbers grow with every pivot. Modulo a
prime they do not, and the factors found once yield one digit of the solution after the other (Dixon 1982). What is read from
the digits is put into the equations, so that no digit is believed: an unlucky prime costs time and changes nothing.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd, isqrt
from operator import mul
from typing import Final

from engine.targets.algebra.effort import UNLIMITED, Effort

PRIME: Final = 2**89 - 1
RESIDUE: Final = 12
SLOT: Final = 24
"""Bytes in which the sum of many products of two residues fits: a row is one whole number, one slot a column."""
FIRST_LOOK: Final = 2
MOST_DIGITS: Final = 4096

Solution = tuple[int, dict[int, int]]
"""A common denominator > 0, and the numerator of every unknown that is determined."""


@dataclass(slots=True)
class _Step:
    """A pivot: its place in the order, earlier places with what is taken off of each, and later places with their entries.

    `packed` are the entries in one whole number.
    """

    place: int
    inverse: int
    earlier: list[int]
    factors: list[int]
    later: list[int]
    entries: list[int] = field(default_factory=list)
    packed: int = 0


class Gram:
    """A matrix of inner products and its triangular factors modulo the prime, for any number of right sides.

    Of columns that depend on each other those stay that come first in the order given.
    """

    def __init__(self, matrix: Sequence[Sequence[int]], order: Sequence[int], effort: Effort = UNLIMITED) -> None:
        self._matrix, self._given, self.effort = matrix, order, effort
        self._proved: bool | None = None
        self._factor(_least_fill(matrix))

    @property
    def independent(self) -> bool:
        """Whether the columns are independent modulo the prime: then they are. If not, they hardly ever are."""
        return len(self._steps) == len(self._given)

    def rank(self) -> int | None:
        """How many columns stay; None where the prime is unlucky and nothing is proved."""
        if self._proved is None:
            if not self.independent:
                self._factor(self._given)
            self._proved = self._rest_depends()
        return len(self._steps) if self._proved else None

    def solve(self, right: Sequence[int]) -> Solution | None:
        """The solution over the columns that stay; None as above."""
        return None if self.rank() is None else self._lifted([right[c] for c in self._order])

    def _rest_depends(self) -> bool:
        """Whether each column without a pivot is a sum of earlier columns with one, exactly."""
        pivots = {step.place for step in self._steps}
        for place, column in enumerate(self._order):
            if place in pivots:
                continue
            right = [self._matrix[c][column] for c in self._order]
            scale, found = self._lifted(right) or (0, {})
            if not scale or any(value and c not in self._order[:place] for c, value in found.items()):
                return False
            if sum(self._matrix[column][c] * value for c, value in found.items()) != right[place] * scale:
                return False
        return True

    def _factor(self, order: Sequence[int]) -> None:
        """Factor modulo the prime in an order. A place without a pivot depends on the earlier ones."""
        place_of = {column: place for place, column in enumerate(order)}
        self._order = order
        self._rows = [_sparse(self._matrix[column], place_of) for column in order]
        self._steps: list[_Step] = []
        above: list[list[tuple[_Step, int]]] = [[] for _ in order]
        for place in range(len(order)):
            values = self._cleared(place, above[place])
            if not values.get(place):
                continue
            inverse = pow(values.pop(place), -1, PRIME)
            later = sorted(p for p, value in values.items() if value)
            step = _Step(place, inverse, [one.place for one, _ in above[place]], [factor for _, factor in above[place]], later)
            step.entries = [values[p] for p in later]
            step.packed = _packed(step.entries, later)
            self._steps.append(step)
            for p, value in zip(later, step.entries, strict=True):
                above[p].append((step, -value * inverse % PRIME))

    def _cleared(self, place: int, above: list[tuple[_Step, int]]) -> dict[int, int]:
        """The row at a place, from the diagonal on, with the pivots above taken off, modulo the prime."""
        places, entries = self._rows[place]
        start = bisect_left(places, place)
        self.effort.spend(len(places) + sum(len(step.later) for step, _ in above) // 3)
        if not above:
            return {p: value % PRIME for p, value in zip(places[start:], entries[start:], strict=True)}
        total = _packed([value % PRIME for value in entries[start:]], places[start:]) >> (8 * SLOT * place)
        touched = set(places[start:])
        for step, factor in above:
            total += factor * (step.packed >> (8 * SLOT * place))
            touched.update(step.later)
        slots = total.to_bytes(SLOT * (len(self._order) - place), "little")
        return {p: int.from_bytes(slots[SLOT * (p - place) : SLOT * (p - place + 1)], "little") % PRIME for p in touched if p >= place}

    def _lifted(self, right: Sequence[int]) -> Solution | None:
        """The solution of the pivots' equations for a right side in the order of places, by columns."""
        rest, sums = list(right), [0] * len(right)
        power, look = 1, FIRST_LOOK
        cost = sum(len(step.earlier) + len(step.later) + len(self._rows[step.place][0]) for step in self._steps)
        for digits in range(1, MOST_DIGITS):
            self.effort.spend(cost)
            digit = self._digit(rest)
            for step in self._steps:
                place = step.place
                sums[place] += digit[place] * power
                rest[place] = (rest[place] - self._value(place, digit)) // PRIME
            power *= PRIME
            if digits == look:
                look += max(1, look // 4)
                scale, found = _fractions(sums, power)
                if scale and all(self._value(step.place, found) == right[step.place] * scale for step in self._steps):
                    return scale, {self._order[step.place]: found[step.place] for step in self._steps}
        return None

    def _digit(self, right: Sequence[int]) -> list[int]:
        """The solution modulo the prime."""
        found = [0] * len(right)
        for step in self._steps:
            found[step.place] = (right[step.place] + sum(map(mul, step.factors, [found[k] for k in step.earlier]))) % PRIME
        for step in reversed(self._steps):
            off = sum(map(mul, step.entries, [found[p] for p in step.later]))
            found[step.place] = (found[step.place] - off) * step.inverse % PRIME
        return found

    def _value(self, place: int, numerators: Sequence[int]) -> int:
        """The left side of an equation."""
        places, entries = self._rows[place]
        return sum(map(mul, entries, [numerators[p] for p in places]))


def _sparse(row: Sequence[int], place_of: Mapping[int, int]) -> tuple[list[int], list[int]]:
    """Places with an entry, ascending, and the entries."""
    pairs = sorted((place_of[column], value) for column, value in enumerate(row) if value)
    return [place for place, _ in pairs], [value for _, value in pairs]


def _packed(residues: Sequence[int], places: Sequence[int]) -> int:
    """Residues at ascending places as one whole number, a slot for each place."""
    if not places:
        return 0
    slots = bytearray(SLOT * (places[-1] + 1))
    for place, value in zip(places, residues, strict=True):
        slots[SLOT * place : SLOT * place + RESIDUE] = value.to_bytes(RESIDUE, "little")
    return int.from_bytes(slots, "little")


def _least_fill(matrix: Sequence[Sequence[int]]) -> list[int]:
    """Columns in an order that fills few zeros: of those that are left, the one that meets the fewest others."""
    meets = [sum(1 << c for c, value in enumerate(row) if value) for row in matrix]
    waiting, order = (1 << len(matrix)) - 1, list[int]()
    left = list(range(len(matrix)))
    counts = [one.bit_count() for one in meets]
    while left:
        column = min(left, key=counts.__getitem__)
        if meets[column] == waiting:
            return [*order, *left]
        left.remove(column)
        order.append(column)
        waiting &= ~(1 << column)
        for c in left:
            if meets[c] >> column & 1:
                meets[c] = (meets[c] | meets[column]) & waiting
                counts[c] = meets[c].bit_count()
    return order


def _fractions(residues: Sequence[int], modulus: int) -> tuple[int, list[int]]:
    """The fractions with small terms that leave these residues: a common denominator, free of common factors, and numerators; 0 if none."""
    bound = isqrt(modulus // 2)
    scale = 1
    for residue in residues:
        value = residue * scale % modulus
        if min(value, modulus - value) > bound:
            scale *= _denominator(value, modulus, bound)
            if scale > bound:
                return 0, []
    found = [residue * scale % modulus for residue in residues]
    found = [value if value <= bound else value - modulus for value in found]
    common = gcd(scale, *found)
    return scale // common, [value // common for value in found]


def _denominator(residue: int, modulus: int, bound: int) -> int:
    """The denominator of the fraction with a numerator within the bound that leaves the residue."""
    above, below, earlier, later = modulus, residue, 0, 1
    while below > bound:
        times = above // below
        above, below = below, above - times * below
        earlier, later = later, earlier - times * later
    return abs(later)
