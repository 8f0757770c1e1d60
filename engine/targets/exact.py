"""The nearest point of a polytope, exactly: a dual active-set method on whole numbers.

Minimise Σ(w - m)² subject to 0 ≤ w ≤ upper and rows Σ ±w ≤ bound. The optimum is unique, so neither the start nor the
order of the input can change it. Every state visited is the optimum under some of the constraints, all with multipliers
≥ 0; its objective rises strictly from state to state, there are finitely many states, hence it ends, tied and degenerate data
included (Goldfarb and Idnani 1983). It ends at the optimum with the Karush-Kuhn-Tucker conditions met exactly, or with
multipliers that prove that no point exists (Farkas).
"""

from fractions import Fraction
from typing import Final

from engine.targets.algebra.linear import GramEquations
from engine.targets.polytope import FREE, UPPER, ActiveSet, Bound, Constraint, Contradiction, Point, Projection

REMEMBERED: Final = 3
VISIT: Final = 12
"""How many numbers a visit of a point rewrites for each weight."""


def project(problem: Projection, start: ActiveSet | None = None) -> Point | Contradiction:
    """The nearest point, or the proof that there is none. A start near the answer saves steps and changes nothing.

    Raises EffortSpent where the problem's effort ends first.
    """
    point = _settle(problem, start or ActiveSet([FREE] * len(problem.model), []))
    while violated := point.violated():
        candidate = _settle(problem, point.active.with_all(violated))
        if candidate.objective() > point.objective():
            point = candidate
            continue
        active = _admit(problem, point.active, max(violated, key=lambda one: violated[one]))
        if isinstance(active, Contradiction):
            return active
        point = _equality_optimum(problem, active)
    return point


def _settle(problem: Projection, active: ActiveSet) -> Point:
    """Drop what depends on the rest or pulls the wrong way, until every multiplier is ≥ 0."""
    while True:
        point = _equality_optimum(problem, active)
        at = [
            FREE if (side and (pull - weight) * side < 0) else side
            for side, pull, weight in zip(point.active.at, point.pull, point.weights, strict=True)
        ]
        rows = [number for number in point.active.rows if point.rows[number] >= 0]
        if at == point.active.at and len(rows) == len(point.active.rows):
            return point
        active = ActiveSet(at, rows)


def _equality_optimum(problem: Projection, active: ActiveSet) -> Point:
    """Solve with the active constraints as equations; rows that depend on the others are left out."""
    held = _held_values(problem, active)
    right = [problem.rows[n].sign * sum([held[i] for i in problem.rows[n].members]) - problem.rows[n].bound for n in active.rows]
    problem.effort.spend(VISIT * len(held))
    scale, multipliers = _row_multipliers(problem, active, right)
    pull = [m * scale - s for m, s in zip(problem.model, problem.spread(multipliers), strict=True)]
    weights = [p if side == FREE else h * scale for p, h, side in zip(pull, held, active.at, strict=True)]
    return Point(problem, ActiveSet(active.at, list(multipliers)), scale, multipliers, pull, weights)


def _held_values(problem: Projection, active: ActiveSet) -> list[int]:
    return [
        m if side == FREE else (upper or 0) if side == UPPER else 0
        for m, upper, side in zip(problem.model, problem.upper, active.at, strict=True)
    ]


def _row_multipliers(problem: Projection, active: ActiveSet, right: list[int]) -> tuple[int, dict[int, int]]:
    """Solve Gram · multipliers = right over the free weights: the scale, and a numerator per independent row."""
    free = 0
    for i, side in enumerate(active.at):
        if side == FREE:
            free |= 1 << i
    scale, solution = _equations(problem, tuple(active.rows), free).solve(right)
    return scale, {active.rows[column]: value for column, value in solution.items()}


def _equations(problem: Projection, rows: tuple[int, ...], free: int) -> GramEquations:
    """The Gram matrix of rows over the free weights; the latest ones are remembered, since they come back."""
    known = problem.equations.pop((rows, free), None)
    if known is None:
        masks = [problem.masks[n] & free for n in rows]
        signs = [problem.rows[n].sign for n in rows]
        problem.effort.spend(len(rows) * len(rows))
        gram: list[list[int]] = []
        for k, (s, a) in enumerate(zip(signs, masks, strict=True)):
            gram.append([row[k] for row in gram] + [s * t * (a & b).bit_count() for t, b in zip(signs[k:], masks[k:], strict=True)])
        known = GramEquations(gram, problem.effort)
    problem.equations[rows, free] = known
    if len(problem.equations) > REMEMBERED:
        del problem.equations[next(iter(problem.equations))]
    return known


def _admit(problem: Projection, active: ActiveSet, entering: Constraint) -> ActiveSet | Contradiction:
    """Raise the multiplier of a violated constraint until it holds, dropping on the way what would turn negative."""
    if isinstance(entering, Bound):
        normal = {entering.variable: entering.side}
    else:
        normal = dict.fromkeys(problem.rows[entering].members, problem.rows[entering].sign)
    while True:
        point = _equality_optimum(problem, active)
        right = [problem.rows[n].sign * sum(normal.get(i, 0) for i in problem.rows[n].members if active.at[i] == FREE) for n in active.rows]
        scale, falls = _row_multipliers(problem, active, right)  # the same system: whatever its scale, it cancels below
        slope = [normal.get(i, 0) * scale - s for i, s in enumerate(problem.spread(falls))]
        gain = sum(slope[i] * a for i, a in normal.items() if active.at[i] == FREE)
        blocking = _first_to_vanish(point, falls, slope)
        if blocking is None and gain == 0:
            return _contradiction(entering, active, falls, slope, scale)
        if blocking is None or (gain > 0 and point.excess(entering) * blocking[1].denominator <= blocking[1].numerator * gain):
            return active.with_all([entering])
        active = active.without(blocking[0])


def _first_to_vanish(point: Point, falls: dict[int, int], slope: list[int]) -> tuple[Constraint, Fraction] | None:
    """The active constraint whose multiplier reaches zero first, and when."""
    first: Constraint | None = None
    best, rate = 0, 0
    for number, fall in falls.items():
        if fall > 0 and (first is None or point.rows[number] * rate < best * fall):
            first, best, rate = number, point.rows[number], fall
    for i, side in enumerate(point.active.at):
        if side and (fall := slope[i] * side) > 0:
            value = (point.pull[i] - point.weights[i]) * side
            if first is None or value * rate < best * fall:
                first, best, rate = Bound(i, side), value, fall
    return None if first is None else (first, Fraction(best, rate))


def _contradiction(entering: Constraint, active: ActiveSet, falls: dict[int, int], slope: list[int], scale: int) -> Contradiction:
    multipliers: dict[Constraint, Fraction] = {entering: Fraction(1)}
    for number, fall in falls.items():
        if fall:
            multipliers[number] = Fraction(-fall, scale)
    for i, side in enumerate(active.at):
        if side and slope[i]:
            multipliers[Bound(i, side)] = Fraction(-slope[i] * side, scale)
    return Contradiction(multipliers)
