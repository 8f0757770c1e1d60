"""Whether some of the limits can hold together, with a proof when they cannot (RFC-0012).

Instruments that share their groups are one variable here, their sum: feasibility asks for no more. A limit is dropped by
leaving out its inequalities: without `locked_weight` locked positions may be closed (never enlarged), without `long_only`
tradeable weights may turn negative. So fewer limits always admit more weights.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Final

from engine.targets.exact import project
from engine.targets.polytope import LOWER, Bound, Constraint, Contradiction, Projection, Row
from engine.targets.problem import UNITS, TargetProblem

CASH_MIN: Final = "cash_band.min"
CASH_MAX: Final = "cash_band.max"
POSITION_MAX: Final = "single_position_max"
LOCKED_WEIGHT: Final = "locked_weight"
LONG_ONLY: Final = "long_only"


def limits(problem: TargetProblem) -> list[str]:
    """The limits of a problem, in the order in which a conflict lists them."""
    return [
        CASH_MIN,
        CASH_MAX,
        *([] if problem.cap is None else [POSITION_MAX]),
        *(f"group:{group.key}" for group in problem.groups),
        *([LOCKED_WEIGHT] if any(problem.locked.values()) else []),
        LONG_ONLY,
    ]


@dataclass(frozen=True, slots=True)
class Term:
    """One inequality of a proof, times its multiplier > 0: the sum of the tradeable members' weights ≤ or ≥ bound, in units.

    `limit` names its origin. Of a position cap and of long_only it stands for the members one by one, `bound` being each one's.
    """

    limit: str
    multiplier: Fraction
    at_least: bool
    bound: Fraction
    members: tuple[int, ...] = ()

    @property
    def gap(self) -> Fraction:
        """What the inequality adds to the contradiction, in units."""
        worth = self.multiplier * self.bound * self.times
        return worth if self.at_least else -worth

    @property
    def times(self) -> int:
        """How many inequalities it stands for."""
        return len(self.members) if self.limit in (POSITION_MAX, LONG_ONLY) else 1


@dataclass(frozen=True, slots=True)
class _Variable:
    """The sum of weights that are in the same groups: of tradeable ones (places in ids), or of locked ones, in units."""

    groups: frozenset[int]
    members: tuple[int, ...] = ()
    locked: Fraction = Fraction(0)

    def upper(self, cap: Fraction | None) -> Fraction | None:
        """The greatest sum."""
        if not self.members:
            return abs(self.locked)
        return None if cap is None else cap * len(self.members)


def contradiction(problem: TargetProblem, names: Collection[str], relaxed: Mapping[str, Fraction] | None = None) -> list[Term] | None:
    """A proof that the named limits, relaxed by so many units, cannot hold together; None when they can."""
    slack = relaxed or {}
    cap = None
    if problem.cap is not None and POSITION_MAX in names:
        cap = problem.cap + slack.get(POSITION_MAX, Fraction(0))
    variables = [*_tradeable(problem), *([] if LOCKED_WEIGHT in names else _sellable(problem))]
    terms, rows = [], []
    for limit, sign, moved, group in _row_limits(problem, slack):
        if limit in names:
            members = [i for i, one in enumerate(variables) if group is None or group in one.groups]
            terms.append(Term(limit, Fraction(1), sign < 0, moved))
            rows.append((sign, members, sign * (moved + sum(max(variables[i].locked, Fraction(0)) for i in members))))
    uppers = [one.upper(cap) for one in variables]
    scale = lcm(*(value.denominator for value in [*(bound for _, _, bound in rows), *uppers] if value is not None))
    outcome = project(
        Projection(
            model=[0] * len(variables),
            upper=[None if upper is None else int(upper * scale) for upper in uppers],
            floored=[LONG_ONLY in names or not one.members for one in variables],
            rows=[Row(sign, tuple(members), int(bound * scale)) for sign, members, bound in rows],
        )
    )
    if not isinstance(outcome, Contradiction):
        return None
    return [_term(one, value, terms, variables, cap) for one, value in outcome.multipliers.items()]


def _term(constraint: Constraint, multiplier: Fraction, rows: list[Term], variables: list[_Variable], cap: Fraction | None) -> Term:
    if not isinstance(constraint, Bound):
        return replace(rows[constraint], multiplier=multiplier)
    one = variables[constraint.variable]
    at_least = constraint.side == LOWER
    if not one.members:
        return Term(LOCKED_WEIGHT, multiplier, at_least, Fraction(0) if at_least else abs(one.locked))
    if at_least:
        return Term(LONG_ONLY, multiplier, at_least, Fraction(0), one.members)
    return Term(POSITION_MAX, multiplier, at_least, cap or Fraction(0), one.members)


def _row_limits(problem: TargetProblem, slack: Mapping[str, Fraction]) -> list[tuple[str, int, Fraction, int | None]]:
    """Limit, 1 for a greatest and -1 for a least sum, bound with its slack, group (None: all)."""
    most = problem.most + slack.get(CASH_MIN, Fraction(0))
    least = problem.least + problem.crossed - slack.get(CASH_MAX, Fraction(0))
    rooms = ((f"group:{group.key}", n, group.room) for n, group in enumerate(problem.groups))
    return [
        (CASH_MAX, -1, min(least, most) if problem.crossed else least, None),
        (CASH_MIN, 1, most, None),
        *((limit, 1, room + slack.get(limit, Fraction(0)), n) for limit, n, room in rooms),
    ]


def _tradeable(problem: TargetProblem) -> list[_Variable]:
    groups_of: dict[int, list[int]] = {i: [] for i in sorted(range(len(problem.ids)), key=problem.ids.__getitem__)}
    for n, group in enumerate(problem.groups):
        for i in group.members:
            groups_of[i].append(n)
    alike: dict[frozenset[int], list[int]] = {}
    for i, groups in groups_of.items():
        alike.setdefault(frozenset(groups), []).append(i)
    return [_Variable(groups, tuple(members)) for groups, members in alike.items()]


def _sellable(problem: TargetProblem) -> list[_Variable]:
    """Locked positions that may go to zero: what is left of a long one, what is bought back of a short one."""
    alike: dict[tuple[frozenset[int], bool], Fraction] = {}
    for name, weight in sorted(problem.locked.items()):
        kind = frozenset(n for n, group in enumerate(problem.groups) if name in group.locked), weight > 0
        alike[kind] = alike.get(kind, Fraction(0)) + Fraction(weight) * UNITS
    return [_Variable(groups, locked=weight) for (groups, _), weight in alike.items()]
