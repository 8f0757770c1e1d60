"""The solver that proves its answer: the exact optimum and its certificate, or the exact reason why there is none (RFC-0012)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from engine.contracts import EngineOptions
from engine.market import Shelf
from engine.notes import Notes
from engine.numbers import plain
from engine.targets.binding import binding_limits
from engine.targets.conflict import explain
from engine.targets.exact import project
from engine.targets.feasibility import Feasibility
from engine.targets.heuristic import distribute_excess
from engine.targets.plan import Targets
from engine.targets.polytope import ActiveSet, Contradiction, Projection, Row
from engine.targets.problem import PLACES, UNITS, TargetProblem, state_problem, weight_of
from engine.targets.rounding import rounded
from engine.targets.solver import Guess, SolverMissing, clarabel_guess
from engine.universe import Universe

SOLVER_ERROR: Final = "SOLVER_ERROR"
INFEASIBLE: Final = "INFEASIBLE_INFEASIBLE"
HINT: Final = "INFEASIBILITY_HINT"


@dataclass(frozen=True, slots=True)
class Certified:
    """The unique optimum. `exact` and prices are rationals, `weights` the exact ones rounded to 12 decimals within all limits."""

    exact: dict[str, Fraction]
    weights: dict[str, Decimal]
    shortfall: Decimal
    objective: Fraction
    binding: list[tuple[str, Fraction]]

    def strategy(self) -> dict[str, Any]:
        """The wire form: what was optimised and which limits shaped it, prices to 12 decimals, half-even."""
        found: dict[str, Any] = {
            "method": "SOLVER",
            "certificate": "KKT_EXACT",
            "objective": _twelve_places(self.objective),
            "binding": [{"constraint": name, "shadow_price": _twelve_places(price)} for name, price in self.binding],
        }
        if self.shortfall:
            found["rounding_shortfall"] = plain(self.shortfall)
        return found


def solver_targets(universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes, guess: Guess = clarabel_guess) -> Targets:
    """The nearest weights to the model within all limits; locked weights stay. Refuses when no weights satisfy them.

    Without anything to trade there is nothing to optimise and nothing is checked. The guess never changes the answer.
    """
    targets = Targets(weights=dict(universe.weights))
    distribute_excess(targets, universe, universe.sell_only_excess)
    if not universe.tradeable:
        return targets
    problem = state_problem(universe, shelf, options, notes)
    try:
        start = guess(problem)
    except SolverMissing:
        notes.warn(SOLVER_ERROR)
        targets.refusal = SOLVER_ERROR
        return targets
    asked = Feasibility(problem)
    certified = certify(problem, start, asked)
    if certified is None:
        _warn_infeasible(problem, notes)
        targets.refusal = INFEASIBLE
        targets.infeasibility = explain(problem, asked)
        return targets
    targets.weights.update(certified.weights)
    targets.strategy = certified.strategy()
    return targets


def certify(problem: TargetProblem, start: ActiveSet | None = None, asked: Feasibility | None = None) -> Certified | None:
    """The exact optimum, or None when no weights satisfy every limit. The start never changes the answer."""
    if start is None and (asked or Feasibility(problem)).refuted():
        return None
    extra = max(0, *(-_exponent(weight) - PLACES for weight in problem.model))
    point = project(_polytope(problem, extra), start)
    if isinstance(point, Contradiction):
        return None
    scale = point.scale * 10**extra
    units, short = rounded(problem, point.weights, scale)
    return Certified(
        exact={i: Fraction(weight, scale * UNITS) for i, weight in zip(problem.ids, point.weights, strict=True)},
        weights={i: weight_of(count) for i, count in zip(problem.ids, units, strict=True)},
        shortfall=weight_of(short + problem.crossed),
        objective=point.objective() / (UNITS * 10**extra) ** 2,
        binding=[(name, price / (UNITS * 10**extra)) for name, price in binding_limits(problem, point)],
    )


def _polytope(problem: TargetProblem, extra: int) -> Projection:
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
