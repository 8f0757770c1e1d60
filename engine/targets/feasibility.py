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
from engine.targets.greatest import group_prices
from engine.targets.nests import Most, Nest, nests
from engine.targets.polytope import LOWER, Bound, Constraint, Contradiction, Projection, Row
from engine.targets.problem import UNITS, TargetProblem
from engine.targets.solver import Guess

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
        self._variables: list[_Variable] = []
        self._nests: list[Nest] | None = None
        self._refuted: list[Term] | None = None

    def refuted(self) -> list[Term] | None:
        """A proof that all limits together cannot hold; None when they can. Looked for once."""
        if self._refuted is None:
            self._refuted = self.contradiction(limits(self.problem))
        return self._refuted

    def refuted_at(self, greatest: Guess) -> list[Term] | None:
        """As `refuted`, without a projection; None too where that proves nothing.

        The guess is at what binds where as much is invested as all limits admit.
        """
        if self._refuted is None:
            asked = _Asked(self.problem, frozenset(limits(self.problem)), {})
            self._refuted, decided = self._by_adding_up(asked)
            if not decided and (binding := greatest(self.problem)):
                self._variables = self._variables or _tradeable(self.problem)
                self._refuted = _by_prices(self.problem, group_prices(self.problem, binding, self.effort), self._variables)
        return self._refuted

    def contradiction(self, names: Collection[str], relaxed: Mapping[str, Fraction] | None = None) -> list[Term] | None:
        """A proof that the named limits, relaxed by so many units, cannot hold together; None when they can."""
        found, decided = self._by_adding_up(_Asked(self.problem, frozenset(names), relaxed or {}))
        return found if decided else self.nearest_contradiction(names, relaxed)

    def _by_adding_up(self, asked: "_Asked") -> tuple[list[Term] | None, bool]:
        """A proof, None when the limits can hold together, and whether groups in groups decide that."""
        if self._nests is None:
            self._nests = list(nests(self.problem))
        for nest in self._nests:
            self.effort.spend(LOOK * len(nest.rooms))
            most = nest.most(asked.rooms, asked.cap)
            if found := asked.refuted_by(nest, most):
                return found, True
            if asked.proved_by(nest, most):
                return None, True
        return None, False

    def nearest_contradiction(self, names: Collection[str], relaxed: Mapping[str, Fraction] | None = None) -> list[Term] | None:
        """As `contradiction`, always by the projection."""
        self._variables = self._variables or _tradeable(self.problem)
        self.effort.spend(LOOK * len(self._variables))
        unlocked = [] if LOCKED_WEIGHT in names else _sellable(self.problem)
        return _by_projection(self.problem, names, relaxed or {}, [*self._variables, *unlocked], self.effort)


class _Asked:
    """Limits of a problem by what they are: `least` and `most` invested, `rooms` by group, `cap`; None or absent where not asked about."""

    def __init__(self, problem: TargetProblem, names: frozenset[str], slack: Mapping[str, Fraction]) -> None:
        (_, _, least, _), (_, _, most, _), *rooms = _row_limits(problem, slack)
        self.problem = problem
        self.least = least if CASH_MAX in names else None
        self.most = most if CASH_MIN in names else None
        self.rooms = {n: room for n, (limit, _, room, _) in enumerate(rooms) if limit in names}
        self.cap = problem.cap + slack.get(POSITION_MAX, 0) if problem.cap is not None and POSITION_MAX in names else None
        self.kept = LOCKED_WEIGHT in names or not any(problem.locked.values())

    def refuted_by(self, nest: Nest, most: Most) -> list[Term] | None:
        """The simplest proof: all that groups and position cap admit is less than what must be invested, locked weights staying."""
        if self.least is None or not self.kept or most.total is None or most.total >= self.least:
            return None
        groups, capped = nest.limiting(most)
        bounds = [(f"group:{self.problem.groups[n].key}", Fraction(self.rooms[n])) for n in groups]
        terms = [Term(CASH_MAX, Fraction(1), at_least=True, bound=Fraction(self.least))]
        terms += [Term(limit, Fraction(1), at_least=False, bound=bound) for limit, bound in bounds]
        if capped:
            terms.append(Term(POSITION_MAX, Fraction(1), at_least=False, bound=Fraction(self.cap or 0), members=tuple(capped)))
        return terms

    def proved_by(self, nest: Nest, most: Most) -> bool:
        """Whether weights exist for certain: nothing is as much as may be, and where something must, the nest knows every group.

        Weights that reach its greatest sum shrink to any smaller one. Neither long_only nor locked weights hinder: they are as they are.
        """
        if min([0, *self.rooms.values()]) < 0 or (self.most is not None and self.most < max(0, self.least or 0)):
            return False
        if self.least is None or self.least <= 0:
            return True
        known = all(n in nest.groups for n in self.rooms if self.problem.groups[n].members)
        return known and (most.total is None or most.total >= self.least)


def _by_prices(problem: TargetProblem, prices: dict[int, Fraction], variables: list[_Variable]) -> list[Term] | None:
    """The proof that weights at these prices of groups are worth less than what must be invested; None where they are not."""
    cost = [sum((prices[n] for n in one.groups if n in prices), Fraction(0)) for one in variables]
    if problem.cap is None and not (dearer := min(cost)) >= 1:
        if not dearer:
            return None
        prices, cost = {n: price / dearer for n, price in prices.items()}, [value / dearer for value in cost]
    terms = [Term(CASH_MAX, Fraction(1), at_least=True, bound=Fraction(problem.least))]
    for n, price in sorted(prices.items()):
        terms.append(Term(f"group:{problem.groups[n].key}", price, at_least=False, bound=Fraction(problem.groups[n].room)))
    alike: dict[Fraction, list[int]] = {}
    for one, value in zip(variables, cost, strict=True):
        alike.setdefault(value, []).extend(one.members)
    for value, members in alike.items():
        if value < 1:
            terms.append(Term(POSITION_MAX, 1 - value, at_least=False, bound=Fraction(problem.cap or 0), members=tuple(members)))
        elif value > 1:
            terms.append(Term(LONG_ONLY, value - 1, at_least=True, bound=Fraction(0), members=tuple(members)))
    return terms if sum(term.gap for term in terms) > 0 else None


def _by_projection(
    problem: TargetProblem, names: Collection[str], slack: Mapping[str, Fraction], variables: list[_Variable], effort: Effort
) -> list[Term] | None:
    names, cap = frozenset(names), None
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
