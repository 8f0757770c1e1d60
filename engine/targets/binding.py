"""Which limits shape the optimum, and what each costs (RFC-0012).

Where several sets of prices satisfy the conditions, Bland's rule chooses one. Its way is long where thousands of instruments hang
together by groups that cross, so that it is paid from a counted effort, which depends on nothing but the optimum.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

from engine.targets.algebra.effort import UNLIMITED, Effort, EffortSpent
from engine.targets.algebra.least import Tableau
from engine.targets.algebra.linear import GramEquations
from engine.targets.algebra.simplex import Column, basic_solution
from engine.targets.polytope import FREE, LOWER, UPPER, Bound, Constraint, Point
from engine.targets.problem import TargetProblem

LEAST_ROW = 0
MOST_ROW = 1
FIRST_GROUP_ROW = 2
"""Numbers of the rows in a projection: the least sum, the greatest sum, then the groups by key."""

EFFORT: Final = 2_000_000
"""What the search by Bland's rule may cost, in numbers that pivots rewrite: a second or two."""

Direction = Mapping[int, Fraction]
"""What the prices of rows, by number, change by."""


class Prices(NamedTuple):
    """Every constraint tight at the optimum with its shadow price: the fall of Σ(w - m)² per unit of relaxation, ≥ 0.

    Order: cash_band.max, cash_band.min, long_only by id, single_position_max by id, group by key. Where several sets of
    prices satisfy the conditions, the one that phase one with Bland's rule reaches over this list; `by_rule` is False where that
    took more than its effort: then the first price is the least possible, of what is left the second, and so on.
    """

    limits: list[tuple[str, Fraction]]
    by_rule: bool = True


def binding_limits(problem: TargetProblem, point: Point) -> Prices:
    """The prices at the optimum."""
    tight = [(name, one) for name, one in _constraints(problem) if point.excess(one) == 0]
    constraints, by_rule = [one for _, one in tight], True
    rows = _FreeRows(point, constraints)
    if _determined(point, constraints, rows):
        prices = _prices_at(point, constraints)
    else:
        try:
            prices = _basic_prices(problem, point, constraints, Effort(EFFORT))
        except EffortSpent:
            prices, by_rule = _least_prices(point, constraints, rows), False
    return Prices([(name, price) for (name, _), price in zip(tight, prices, strict=True)], by_rule)


def _prices_at(point: Point, constraints: Sequence[Constraint]) -> list[Fraction]:
    return [Fraction(2 * point.price(one), point.scale) for one in constraints]


def _constraints(problem: TargetProblem) -> list[tuple[str, Constraint]]:
    by_id = sorted(range(len(problem.ids)), key=problem.ids.__getitem__)
    found: list[tuple[str, Constraint]] = [("cash_band.max", LEAST_ROW), ("cash_band.min", MOST_ROW)]
    found += [(f"long_only:{problem.ids[i]}", Bound(i, LOWER)) for i in by_id]
    if problem.cap is not None:
        found += [(f"single_position_max:{problem.ids[i]}", Bound(i, UPPER)) for i in by_id]
    found += [(f"group:{group.key}", FIRST_GROUP_ROW + number) for number, group in enumerate(problem.groups)]
    return found


def _determined(point: Point, tight: Sequence[Constraint], rows: "_FreeRows") -> bool:
    """Whether the tight directions are independent, a limit and its opposite being one: then prices are determined.

    A basic solution never uses both of two opposite limits, so the sign decides between them.
    """
    held = sum(1 for side in point.active.at if side != FREE)
    if len(tight) == held + len(point.active.rows):
        return True  # only what the method holds is tight, and that is independent
    opposite = rows.masks.get(MOST_ROW) and rows.twins.get(MOST_ROW) == LEAST_ROW
    return rows.loose <= ({MOST_ROW} if opposite else set()) and rows.equations.independent()


def _basic_prices(problem: TargetProblem, point: Point, tight: list[Constraint], effort: Effort) -> list[Fraction]:
    rank_of = {i: row for row, i in enumerate(sorted(range(len(problem.ids)), key=problem.ids.__getitem__))}
    columns = []
    for one in tight:
        if isinstance(one, Bound):
            columns.append(Column(one.side, frozenset([rank_of[one.variable]])))
        else:
            row = point.problem.rows[one]
            columns.append(Column(row.sign, frozenset([rank_of[i] for i in row.members])))
    right = [0] * len(rank_of)
    for i, (weight, model) in enumerate(zip(point.weights, point.problem.model, strict=True)):
        right[rank_of[i]] = 2 * (model * point.scale - weight)
    return [value / point.scale for value in basic_solution(columns, right, effort)]


def _least_prices(point: Point, tight: Sequence[Constraint], rows: "_FreeRows") -> list[Fraction]:
    """The prices of the tight constraints, ≥ 0, in their order; each is the least that those before it leave.

    Prices differ by sums of a few directions, one for each tight limit that depends on other ones: a tableau has so many columns.
    """
    values = _prices_at(point, tight)
    table: dict[int, dict[int, Fraction]] = {}
    directions = rows.directions()
    second = _second_bounds(point, tight)
    for number, direction in enumerate(directions):
        for place, change in enumerate(_changes(point, tight, direction)):
            if change and place not in second:
                table.setdefault(place, {})[-1 - number] = change
    for place, first in second.items():
        table.setdefault(first, {})[place] = Fraction(1)
    for place, value in Tableau({place: values[place] for place in table}, table, len(directions), second).least().items():
        values[place] = value
    return values


def _second_bounds(point: Point, tight: Sequence[Constraint]) -> dict[int, int]:
    """Of weights whose bounds are one, where the bound stands that is not held, and where the other one does: both may rise together."""
    places: dict[int, list[int]] = {}
    for place, one in enumerate(tight):
        if isinstance(one, Bound):
            places.setdefault(one.variable, []).append(place)
    found = {}
    for i, both in places.items():
        if len(both) > 1:
            lower, upper = both
            second, first = (lower, upper) if point.active.at[i] == UPPER else (upper, lower)
            found[second] = first
    return found


class _FreeRows:
    """The tight rows over the weights between their bounds, as bits.

    `first` are different and not empty; `twins` name for each other one the first that has its members; empty ones have none.
    """

    def __init__(self, point: Point, tight: Sequence[Constraint]) -> None:
        free = (1 << len(point.weights)) - 1
        for one in tight:
            if isinstance(one, Bound):
                free &= ~(1 << one.variable)
        rows = [one for one in tight if not isinstance(one, Bound) and point.problem.rows[one].members]
        self.signs = {one: point.problem.rows[one].sign for one in rows}
        self.masks = {one: point.problem.masks[one] & free for one in self.signs}
        first_of: dict[int, int] = {}
        for one, mask in self.masks.items():
            if mask:
                first_of.setdefault(mask, one)
        self.first = list(first_of.values())
        self.twins = {one: first_of[mask] for one, mask in self.masks.items() if mask and first_of[mask] != one}
        self.loose = self.signs.keys() - set(self.first)

    @cached_property
    def equations(self) -> GramEquations:
        """Those of the first rows."""
        return GramEquations([self._products(one) for one in self.first], UNLIMITED)

    def directions(self) -> list[Direction]:
        """A base of what the prices of rows may change by without a change at any weight between its bounds."""
        found = list[Direction]()
        for one in sorted(self.loose):
            twin = self.twins.get(one)
            found.append({one: Fraction(1)} | ({} if twin is None else {twin: Fraction(-self.signs[one] * self.signs[twin])}))
        if self.equations.independent():
            return found
        kept = self.equations.solve([0] * len(self.first))[1]
        for column, one in enumerate(self.first):
            if column not in kept:
                scale, parts = self.equations.solve(self._products(one))
                found.append({one: Fraction(1)} | {self.first[c]: Fraction(-value, scale) for c, value in parts.items() if value})
        return found

    def _products(self, one: int) -> list[int]:
        mask, sign = self.masks[one], self.signs[one]
        return [sign * self.signs[other] * (mask & self.masks[other]).bit_count() for other in self.first]


def _changes(point: Point, tight: Sequence[Constraint], direction: Direction) -> list[Fraction]:
    """What each price changes by in a direction: of a bound by what the rows of its weight leave to it."""
    signed = {number: point.problem.rows[number].sign * value for number, value in direction.items()}
    sums = [sum((signed[number] for number in rows if number in signed), Fraction(0)) for rows in point.problem.patterns]
    return [
        -one.side * sums[point.problem.pattern_of[one.variable]] if isinstance(one, Bound) else direction.get(one, Fraction(0))
        for one in tight
    ]
