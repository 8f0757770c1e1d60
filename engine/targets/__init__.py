"""From model weights to feasible targets: the heuristic or the certified solver (RFC-0005, RFC-0008, RFC-0012)."""

from decimal import Decimal
from typing import Final

from engine.contracts import EngineOptions, TargetMethod
from engine.market import Shelf
from engine.notes import Notes
from engine.targets.certified import solver_targets
from engine.targets.heuristic import heuristic_targets
from engine.targets.plan import Targets
from engine.universe import Universe, in_id_order, worth_in_id_order
from engine.valuation import State

METHODS: Final = {TargetMethod.HEURISTIC: heuristic_targets, TargetMethod.SOLVER: solver_targets}


def choose_targets(universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> Targets:
    """The targets by the method that the options name."""
    return METHODS[options.target_method](universe, shelf, options, notes)


def decisive_weights(
    targets: Targets, universe: Universe, before: State, shelf: Shelf, options: EngineOptions
) -> tuple[dict[str, Decimal], Decimal]:
    """Weights and total value that orders are sized from: what the trace shows, up to the last of 28 digits.

    Sums round at 28 digits, so their last digit follows the order of their terms. The trace shows sums in the order of
    the request; these are taken in id order, so that permuting a request never changes its trades. Exact weights of the
    solver, and weights that no step of the heuristic touched, do not depend on any order.
    """
    worth = worth_in_id_order(before)
    if options.target_method is TargetMethod.SOLVER or targets.weights == universe.weights:
        return targets.weights, worth
    if worth == before.total and list(universe.weights) == sorted(universe.weights):
        return targets.weights, worth
    ordered = in_id_order(universe, before, worth)
    return heuristic_targets(ordered, shelf, options, Notes()).weights, worth
