"""Why no weights exist: limits that contradict each other, how far each would have to give way, and the proof (RFC-0012)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, Final

from engine.numbers import ONE, ZERO, plain
from engine.targets.algebra.effort import Effort, EffortSpent
from engine.targets.feasibility import (
    CASH_MAX,
    CASH_MIN,
    LOCKED_WEIGHT,
    LONG_ONLY,
    POSITION_MAX,
    Feasibility,
    Term,
    limits,
)
from engine.targets.problem import UNITS, TargetProblem, weight_of

EFFORT: Final = 18_000_000
"""What the search for a minimal conflict may cost, and what all relaxations may cost, in numbers that pivots rewrite: a few seconds."""

CERTIFICATE_ORDER: Final = (CASH_MAX, CASH_MIN, LONG_ONLY, POSITION_MAX)


@dataclass(slots=True)
class Conflict:
    """Limits that cannot hold together, and a proof of it. `minimal` where they can without any one of them."""

    names: list[str]
    proof: list[Term]
    minimal: bool = True


def smallest_conflict(asked: Feasibility, proof: list[Term]) -> Conflict:
    """A minimal conflict from a proof that all limits cannot hold; where the effort ends first, what was not examined stays in it.

    The deletion filter: each limit in turn is left out for good if the others still contradict each other. That needs no
    test for a limit that the latest proof does not use, except for locked weights, which are in the bounds of every proof.
    """
    every = limits(asked.problem)
    conflict = Conflict(every, proof)
    for name in every:
        rest = [other for other in conflict.names if other != name]
        if name == LOCKED_WEIGHT or any(term.limit == name for term in conflict.proof):
            try:
                found = asked.contradiction(rest)
            except EffortSpent:
                conflict.minimal = False
                continue
            if found is None:
                continue
            conflict.proof = found
        conflict.names = rest
    return conflict


def smallest_relaxation(asked: Feasibility, name: str, proof: list[Term]) -> Decimal | None:
    """By how much this limit alone must give way for the whole problem to be feasible, rounded up to 12 decimals.

    None where no such bound lies within 0..1, where the limit has no bound, and where the effort ends first. Each proof of
    infeasibility tells how far the bound must move to escape it; moving exactly that far, again and again, ends at the smallest
    sufficient distance.
    """
    problem = asked.problem
    if name in (LOCKED_WEIGHT, LONG_ONLY):
        return None
    distance = Fraction(0)
    refuted: list[Term] | None = proof
    while refuted is not None:
        leverage = sum(term.multiplier * term.times for term in refuted if term.limit == name)
        if not leverage:
            return None
        distance += _gap(refuted) / leverage
        if not ZERO <= _moved_bound(problem, name, weight_of(ceil(distance))) <= ONE:
            return None
        try:
            refuted = asked.contradiction(limits(problem), {name: distance})
        except EffortSpent:
            return None
    return weight_of(ceil(distance))


def explain(problem: TargetProblem, asked: Feasibility | None = None) -> dict[str, Any]:
    """The wire form: the conflict with its relaxations, and the certificate. The problem must be infeasible.

    Each row of the certificate is an inequality on tradeable weights, locked weights already taken off its bound. Add the
    `>=` rows times their multipliers, subtract the `<=` rows times theirs: every weight cancels, and 0 >= gap remains,
    which is false because the gap is positive. Whether weights exist is decided whatever it costs; what is said about it beyond that
    is bounded, and counted in pivots, so that the same problem is explained alike everywhere.
    """
    asked = asked or Feasibility(problem)
    proof = asked.refuted() or []
    asked.effort = Effort(EFFORT)
    conflict = smallest_conflict(asked, proof)
    certificate = _certificate(asked, conflict)
    asked.effort = Effort(EFFORT)
    relaxations = {name: smallest_relaxation(asked, name, proof) for name in conflict.names}
    return {
        "minimal": conflict.minimal,
        "conflict": [{"constraint": name, "relaxation": by and plain(by)} for name, by in relaxations.items()],
        "certificate": {"gap": str(_gap(certificate) / UNITS), "rows": _certificate_rows(problem, certificate)},
    }


def _certificate(asked: Feasibility, conflict: Conflict) -> list[Term]:
    """The proof that is shown: of the conflict alone where the effort lasts, else the one that was found last."""
    try:
        return (conflict.minimal and asked.nearest_contradiction([*conflict.names, LOCKED_WEIGHT])) or conflict.proof
    except EffortSpent:
        return conflict.proof


def _certificate_rows(problem: TargetProblem, proof: list[Term]) -> list[dict[str, str]]:
    rows = []
    for term in proof:
        rank = CERTIFICATE_ORDER.index(term.limit) if term.limit in CERTIFICATE_ORDER else len(CERTIFICATE_ORDER)
        shown = {
            "sense": ">=" if term.at_least else "<=",
            "bound": plain(weight_of(int(term.bound))),
            "multiplier": str(term.multiplier),
        }
        names = [f"{term.limit}:{problem.ids[i]}" for i in term.members] or [term.limit]
        rows += [((rank, name), {"constraint": name} | shown) for name in names]
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def _gap(proof: list[Term]) -> Fraction:
    """How much the limits of a proof ask for beyond what they allow, in units."""
    return sum((term.gap for term in proof), Fraction(0))


def _moved_bound(problem: TargetProblem, name: str, by: Decimal) -> Decimal:
    if name == CASH_MIN:
        return problem.cash_min - by
    if name == CASH_MAX:
        return problem.cash_max + by
    if name == POSITION_MAX:
        return (problem.position_max or ZERO) + by
    return next(group.maximum for group in problem.groups if f"group:{group.key}" == name) + by
