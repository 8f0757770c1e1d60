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

from engine.targets.algebra.effort import Effort
from engine.targets.exact import project
from engine.targets.polytope import LOWER, Bound, Constraint, Contradiction, Projection, Row
from engine.targets.problem import UNITS, TargetProblem

CASH_MIN: Final = "cash_band.min"
CASH_MAX: Final = "cash_band.max"
POSITION_MAX: Final = "single_position_max"
LOCKED_WEIGHT: Final = "locked_weight"
LONG_ONLY: Final = "long_only"
LOOK: Final = 12
"""How many numbers it takes for each weight to state a question."""


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


class Feasibility:
    """Asks of one problem which limits can hold together. All that it asks is paid from `effort`."""

    def __init__(self, problem: TargetProblem, effort: Effort | None = None) -> None:
        self.problem, self.effort = problem, effort or Effort()
        self._tradeable = _tradeable(problem)
        self._families = _families(problem)
        self._refuted: list[Term] | None = None

    def refuted(self) -> list[Term] | None:
        """A proof that all limits together cannot hold; None when they can. Looked for once."""
        if self._refuted is None:
            self._refuted = self.contradiction(limits(self.problem))
        return self._refuted

    def contradiction(self, names: Collection[str], relaxed: Mapping[str, Fraction] | None = None) -> list[Term] | None:
        """A proof that the named limits, relaxed by so many units, cannot hold together; None when they can."""
        if CASH_MAX in names and (LOCKED_WEIGHT in names or not any(self.problem.locked.values())):
            for family in self._families:
                self.effort.spend(LOOK * len(family))
                if found := _by_family(self.problem, family, names, relaxed or {}):
                    return found
        return self.nearest_contradiction(names, relaxed)

    def nearest_contradiction(self, names: Collection[str], relaxed: Mapping[str, Fraction] | None = None) -> list[Term] | None:
        """As `contradiction`, always by the projection."""
        self.effort.spend(LOOK * len(self._tradeable))
        unlocked = [] if LOCKED_WEIGHT in names else _sellable(self.problem)
        return _by_projection(self.problem, names, relaxed or {}, [*self._tradeable, *unlocked], self.effort)


def _families(problem: TargetProblem) -> list[dict[int, tuple[int, ...]]]:
    """Groups of one attribute that share no member: number → members; what no group holds under -1."""
    named: dict[str, dict[int, tuple[int, ...]]] = {}
    for n, group in enumerate(problem.groups):
        if group.members:
            named.setdefault(group.key.partition(":")[0], {})[n] = group.members
    found = []
    for family in named.values():
        held = {i for members in family.values() for i in members}
        if len(held) == sum(len(members) for members in family.values()):
            found.append({-1: tuple(i for i in range(len(problem.ids)) if i not in held), **family})
    return found


def _by_family(
    problem: TargetProblem, family: Mapping[int, tuple[int, ...]], names: Collection[str], slack: Mapping[str, Fraction]
) -> list[Term] | None:
    """The simplest proof: all that the groups of an attribute and the position cap admit is less than what must be invested."""
    cap = problem.cap + slack.get(POSITION_MAX, 0) if problem.cap is not None and POSITION_MAX in names else None
    (_, _, least, _), _, *groups = _row_limits(problem, slack)
    gap: Fraction | int = least
    used, capped = list[tuple[str, Fraction | int]](), list[int]()
    for number, members in family.items():
        limit, _, bound, _ = groups[number] if number >= 0 else ("", 1, 0, None)
        if limit in names and (cap is None or bound <= cap * len(members)):
            gap -= bound
            used.append((limit, bound))
        elif members and cap is None:
            return None
        else:
            gap -= (cap or 0) * len(members)
            capped += members
    if gap <= 0:
        return None
    terms = [Term(CASH_MAX, Fraction(1), at_least=True, bound=Fraction(least))]
    terms += [Term(limit, Fraction(1), at_least=False, bound=Fraction(bound)) for limit, bound in used]
    if capped:
        terms.append(Term(POSITION_MAX, Fraction(1), at_least=False, bound=Fraction(cap or 0), members=tuple(sorted(capped))))
    return terms


def _by_projection(
    problem: TargetProblem, names: Collection[str], slack: Mapping[str, Fraction], variables: list[_Variable], effort: Effort
) -> list[Term] | None:
    cap = None
    if problem.cap is not None and POSITION_MAX in names:
        cap = Fraction(problem.cap + slack.get(POSITION_MAX, 0))
    terms, rows = [], []
    members_of: dict[int | None, list[int]] = {None: list(range(len(variables)))}
    for i, one in enumerate(variables):
        for n in one.groups:
            members_of.setdefault(n, []).append(i)
    for limit, sign, moved, group in _row_limits(problem, slack):
        if limit in names:
            members = members_of.get(group, [])
            terms.append(Term(limit, Fraction(1), sign < 0, Fraction(moved)))
            rows.append((sign, members, sign * (moved + sum(max(variables[i].locked, Fraction(0)) for i in members))))
    uppers = [one.upper(cap) for one in variables]
    scale = lcm(*(value.denominator for value in [*(bound for _, _, bound in rows), *uppers] if value is not None))
    outcome = project(
        Projection(
            model=[0] * len(variables),
            upper=[None if upper is None else int(upper * scale) for upper in uppers],
            floored=[LONG_ONLY in names or not one.members for one in variables],
            rows=[Row(sign, tuple(members), int(bound * scale)) for sign, members, bound in rows],
            effort=effort,
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


def _row_limits(problem: TargetProblem, slack: Mapping[str, Fraction]) -> list[tuple[str, int, Fraction | int, int | None]]:
    """Limit, 1 for a greatest and -1 for a least sum, bound with its slack, group (None: all)."""
    most = problem.most + slack.get(CASH_MIN, 0)
    least = problem.least + problem.crossed - slack.get(CASH_MAX, 0)
    rooms = ((f"group:{group.key}", n, group.room) for n, group in enumerate(problem.groups))
    return [
        (CASH_MAX, -1, min(least, most) if problem.crossed else least, None),
        (CASH_MIN, 1, most, None),
        *((limit, 1, room + slack.get(limit, 0), n) for limit, n, room in rooms),
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
