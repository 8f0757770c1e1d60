"""From model weights to feasible targets: the heuristic or the certified solver (RFC-0005, RFC-0008, RFC-0012)."""

from engine.contracts import EngineOptions, TargetMethod
from engine.market import Shelf
from engine.notes import Notes
from engine.targets.heuristic import heuristic_targets
from engine.targets.plan import Targets
from engine.universe import Universe


def choose_targets(universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> Targets:
    """The targets by the method that the options name."""
    if options.target_method is TargetMethod.SOLVER or options.compare_target_methods:
        notes.warn("SOLVER_ERROR")
        return Targets(refusal="SOLVER_ERROR")
    return heuristic_targets(universe, shelf, options, notes)
