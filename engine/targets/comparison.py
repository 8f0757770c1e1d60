"""The other target method beside the chosen one: where they differ, changing nothing (RFC-0012)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.contracts import EngineOptions, TargetMethod
from engine.market import Shelf
from engine.notes import Notes
from engine.numbers import ZERO, plain
from engine.targets import targets_by
from engine.targets.plan import Targets
from engine.universe import Universe


def compare_methods(chosen: Targets, universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> dict[str, Any]:
    """Run the method that was not chosen, with diagnostics of its own, and report both; warn where they diverge."""
    primary = options.target_method
    alternate = TargetMethod.HEURISTIC if primary is TargetMethod.SOLVER else TargetMethod.SOLVER
    aside = Notes()
    other = targets_by(alternate, universe, shelf, options, aside)
    tolerance = options.compare_target_methods_tolerance
    differing = _differing(_final(chosen), _final(other), tolerance)
    if chosen.status != other.status:
        notes.warn("TARGET_METHOD_STATUS_DIVERGENCE")
    if differing:
        notes.warn("TARGET_METHOD_WEIGHT_DIVERGENCE")
    return {
        "primary_method": primary.value,
        "primary_status": chosen.status,
        "alternate_method": alternate.value,
        "alternate_status": other.status,
        "tolerance": plain(tolerance),
        "differing_instruments": differing,
        "alternate_warnings": sorted(set(aside.warnings)),
    }


def _final(targets: Targets) -> Mapping[str, Decimal]:
    """The final weights; none where the method refused."""
    return {} if targets.refusal else targets.weights


def _differing(one: Mapping[str, Decimal], other: Mapping[str, Decimal], tolerance: Decimal) -> list[str]:
    """Instruments, ascending, whose weights differ by more than the tolerance; absent is zero."""
    return sorted(i for i in one.keys() | other.keys() if abs(one.get(i, ZERO) - other.get(i, ZERO)) > tolerance)
