"""The solver that proves its answer: the exact optimum and its certificate, or the exact reason why there is none (RFC-0012)."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from engine.contracts import EngineOptions
from engine.market import Shelf
from engine.notes import Notes
from engine.numbers import plain
from engine.targets.algebra.effort import Effort, EffortSpent
from engine.targets.binding import binding_limits
from engine.targets.conflict import explain
from engine.targets.exact import project
from engine.targets.feasibility import Feasibility
from engine.targets.heuristic import distribute_excess
from engine.targets.plan import Targets
from engine.targets.polytope import ActiveSet, Contradiction, Projection, Row
from engine.targets.problem import PLACES, UNITS, TargetProblem, state_problem, weight_of
from engine.targets.rounding import rounded
from engine.targets.solver import Guess, SolverMissing, clarabel_greatest, clarabel_guess
from engine.universe import Universe

SOLVER_ERROR: Final = "SOLVER_ERROR"
INFEASIBLE: Final = "INFEASIBLE_INFEASIBLE"
HINT: Final = "INFEASIBILITY_HINT"
LEAST_IN_ORDER: Final = "LEAST_IN_ORDER"
MANY_GROUPS: Final = 150
"""With more groups that cross, whether they admit what must be invested is guessed and proved; no projection finds it in seconds."""
TRIAL: Final = 40_000_000
EFFORT: Final = 80_000_000
"""What the proof of an answer may cost from a first guess, and at last, in numbers that pivots rewrite: some four seconds, and eight."""
BLUR: Final = 1_000_000
"""By so many units less must be invested where the solver's tolerance blurs what binds: limits that leave hardly any room bind alike there."""


@dataclass(frozen=True, slots=True)
class Certified:
    """The unique optimum. `exact` and prices are rationals, `weights` the exact ones rounded to 12 decimals within all limits.

    `prices` is LEAST_IN_ORDER where Bland's rule would have taken too long to choose among several sets of prices.
    """

    exact: dict[str, Fraction]
    weights: dict[str, Decimal]
    shortfall: Decimal
    objective: Fraction
    binding: list[tuple[str, Fraction]]
    prices: str | None = None

    def strategy(self) -> dict[str, Any]:
        """The wire form: what was optimised and which limits shaped it, prices to 12 decimals, half-even."""
        found: dict[str, Any] = {
            "method": "SOLVER",
            "certificate": "KKT_EXACT",
            "objective": _twelve_places(self.objective),
            "binding": [{"constraint": name, "shadow_price": _twelve_places(price)} for name, price in self.binding],
        }
        if self.prices:
            found["prices"] = self.prices
        if self.shortfall:
            found["rounding_shortfall"] = plain(self.shortfall)
        return found


def solver_targets(
    universe: Universe,
    shelf: Shelf,
    options: EngineOptions,
    notes: Notes,
    guess: Guess = clarabel_guess,
    greatest: Guess = clarabel_greatest,
) -> Targets:
    """The nearest weights to the model within all limits; locked weights stay. Refuses when no weights satisfy them.

    Without anything to trade there is nothing to optimise and nothing is checked. The guesses never change the answer: where they are of
    no use and the counted effort ends before an answer is proved, there is none, as where the solver cannot run.
    """
    targets = Targets(weights=dict(universe.weights))
    distribute_excess(targets, universe, universe.sell_only_excess)
    if not universe.tradeable:
        return targets
    problem = state_problem(universe, shelf, options, notes)
    asked = Feasibility(problem)
    try:
        certified = _proved(problem, asked, guess, greatest)
        targets.infeasibility = explain(problem, asked) if certified is None else None
    except (SolverMissing, EffortSpent):
        notes.warn(SOLVER_ERROR)
        targets.refusal = SOLVER_ERROR
        return targets
    if certified is None:
        _warn_infeasible(problem, notes)
        targets.refusal = INFEASIBLE
        return targets
    targets.weights.update(certified.weights)
    targets.strategy = certified.strategy()
    return targets


def _proved(problem: TargetProblem, asked: Feasibility, guess: Guess, greatest: Guess) -> Certified | None:
    """As `certify`, from a guess; from others where that leads nowhere. Raises EffortSpent where none does."""
    many = len(problem.groups) > MANY_GROUPS
    start, asked.effort = guess(problem), Effort(TRIAL)
    try:
        if (start or not many) and ((found := certify(problem, start, asked)) or not many):
            return found
    except EffortSpent:
        pass
    asked.effort = Effort(EFFORT)
    if asked.refuted_at(greatest):
        return None
    return certify(problem, guess(replace(problem, least=problem.least - BLUR)), asked)


def certify(problem: TargetProblem, start: ActiveSet | None = None, asked: Feasibility | None = None) -> Certified | None:
    """The exact optimum, or None when no weights satisfy every limit. The start never changes the answer.

    Raises EffortSpent where the effort of what is asked ends first.
    """
    asked = asked or Feasibility(problem)
    if start is None and asked.refuted():
        return None
    extra = max(0, *(-_exponent(weight) - PLACES for weight in problem.model))
    point = project(_polytope(problem, extra, asked.effort), start)
    if isinstance(point, Contradiction):
        return None
    scale = point.scale * 10**extra
    units, short = rounded(problem, point.weights, scale)
    binding = binding_limits(problem, point)
    return Certified(
        exact={i: Fraction(weight, scale * UNITS) for i, weight in zip(problem.ids, point.weights, strict=True)},
        weights={i: weight_of(count) for i, count in zip(problem.ids, units, strict=True)},
        shortfall=weight_of(short + problem.crossed),
        objective=point.objective() / (UNITS * 10**extra) ** 2,
        binding=[(name, price / (UNITS * 10**extra)) for name, price in binding.limits],
        prices=None if binding.by_rule else LEAST_IN_ORDER,
    )


def _polytope(problem: TargetProblem, extra: int, effort: Effort) -> Projection:
    """The problem on one scale: units of 1e-12, divided further by 10**extra where model weights have more decimals."""
    finer = 10**extra
    everything = tuple(range(len(problem.ids)))
    return Projection(
        model=[int(weight.scaleb(PLACES + extra)) for weight in problem.model],
        upper=[None if problem.cap is None else problem.cap * finer] * len(everything),
        floored=[True] * len(everything),
        rows=[
            Row(-1, everything, -problem.least * finer),
            Row(1, everything, problem.most * finer),
            *(Row(1, group.members, group.room * finer) for group in problem.groups),
        ],
        effort=effort,
    )


def _warn_infeasible(problem: TargetProblem, notes: Notes) -> None:
    """The code of the verdict and the hints that apply, in the order of the contract."""
    notes.warn(INFEASIBLE)
    if problem.least > problem.most:
        notes.warn(f"{HINT}_CASH_BAND_CONTRADICTION")
    if problem.cap is not None and problem.cap * len(problem.ids) < problem.least:
        notes.warn(f"{HINT}_SINGLE_POSITION_CAPACITY")
    for group in problem.groups:
        if group.locked_weight > group.maximum:
            notes.warn(f"{HINT}_LOCKED_GROUP_WEIGHT_{group.key}")


def _exponent(weight: Decimal) -> int:
    exponent = weight.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _twelve_places(value: Fraction) -> str:
    return plain(weight_of(round(value * UNITS)))
