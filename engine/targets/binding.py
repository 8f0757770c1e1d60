"""Which limits shape the optimum, and what each costs (RFC-0012)."""

from fractions import Fraction

from engine.targets.algebra.effort import UNLIMITED
from engine.targets.algebra.linear import GramEquations
from engine.targets.algebra.simplex import Column, basic_solution
from engine.targets.polytope import FREE, LOWER, UPPER, Bound, Constraint, Point
from engine.targets.problem import TargetProblem

LEAST_ROW = 0
MOST_ROW = 1
FIRST_GROUP_ROW = 2
"""Numbers of the rows in a projection: the least sum, the greatest sum, then the groups by key."""


def binding_limits(problem: TargetProblem, point: Point) -> list[tuple[str, Fraction]]:
    """Every constraint tight at the optimum with its shadow price: the fall of Σ(w - m)² per unit of relaxation, ≥ 0.

    Order: cash_band.max, cash_band.min, long_only by id, single_position_max by id, group by key. Where several sets of
    prices satisfy the conditions, the one that phase one with Bland's rule reaches over this list.
    """
    tight = [(name, one) for name, one in _constraints(problem) if point.excess(one) == 0]
    if _independent(point, [one for _, one in tight]):
        prices = [Fraction(2 * _multiplier(point, one), point.scale) for _, one in tight]
    else:
        prices = _basic_prices(problem, point, [one for _, one in tight])
    return [(name, price) for (name, _), price in zip(tight, prices, strict=True)]


def _constraints(problem: TargetProblem) -> list[tuple[str, Constraint]]:
    by_id = sorted(range(len(problem.ids)), key=problem.ids.__getitem__)
    found: list[tuple[str, Constraint]] = [("cash_band.max", LEAST_ROW), ("cash_band.min", MOST_ROW)]
    found += [(f"long_only:{problem.ids[i]}", Bound(i, LOWER)) for i in by_id]
    if problem.cap is not None:
        found += [(f"single_position_max:{problem.ids[i]}", Bound(i, UPPER)) for i in by_id]
    found += [(f"group:{group.key}", FIRST_GROUP_ROW + number) for number, group in enumerate(problem.groups)]
    return found


def _multiplier(point: Point, one: Constraint) -> int:
    return point.multiplier(one) if isinstance(one, Bound) else point.rows.get(one, 0)


def _independent(point: Point, tight: list[Constraint]) -> bool:
    """Whether the tight directions are independent, a limit and its opposite being one: then prices are determined.

    A basic solution never uses both of two opposite limits, so the sign decides between them.
    """
    free = (1 << len(point.weights)) - 1
    for one in tight:
        if isinstance(one, Bound):
            free &= ~(1 << one.variable)
    rows = [one for one in tight if not isinstance(one, Bound) and point.problem.rows[one].members]
    held = sum(1 for side in point.active.at if side != FREE)
    if len(tight) == held + len(point.active.rows):
        return True  # only what the method holds is tight, and that is independent
    if LEAST_ROW in rows and MOST_ROW in rows:
        rows.remove(MOST_ROW)
    masks = [point.problem.masks[number] & free for number in rows]
    gram = [[(a & b).bit_count() for b in masks] for a in masks]
    return GramEquations(gram, UNLIMITED).rank() == len(rows)


def _basic_prices(problem: TargetProblem, point: Point, tight: list[Constraint]) -> list[Fraction]:
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
    return [value / point.scale for value in basic_solution(columns, right)]
