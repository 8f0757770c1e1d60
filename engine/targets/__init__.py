"""From model weights to feasible targets: the heuristic or the certified solver (RFC-0005, RFC-0008, RFC-0012)."""

from decimal import Decimal, Inexact, getcontext

from msgspec.structs import replace

from engine.contracts import EngineOptions, TargetMethod
from engine.market import Shelf
from engine.notes import Notes
from engine.standing import Standing
from engine.targets.heuristic import heuristic_targets
from engine.targets.plan import Targets
from engine.universe import Universe, in_id_order, worth_in_id_order


def targets_by(method: TargetMethod, universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> Targets:
    """The targets by one method."""
    if method is TargetMethod.SOLVER:
        from engine.targets.certified import solver_targets  # noqa: PLC0415  (few requests solve; every cold start would pay)

        return solver_targets(universe, shelf, options, notes)
    return heuristic_targets(universe, shelf, options, notes)


def choose_targets(
    universe: Universe, standing: Standing, shelf: Shelf, options: EngineOptions, notes: Notes
) -> tuple[Targets, dict[str, Decimal], Decimal]:
    """The targets by the method that the options name, and the weights and total value that orders are sized from.

    Sums round at 28 digits, so their last digit follows the order of their terms. The trace shows sums in the order of
    the request. Orders, and whether there are any, follow sums in id order, so that permuting a request never changes
    its trades. No order matters to the exact weights of the solver, nor where nothing had to be rounded.
    """
    before, worth = standing.state, standing.worth(worth_in_id_order(standing.state))
    if options.target_method is TargetMethod.SOLVER:
        targets = targets_by(TargetMethod.SOLVER, universe, shelf, options, notes)
        return targets, targets.weights, worth
    context = getcontext()
    context.clear_flags()
    targets = heuristic_targets(universe, shelf, options, notes)
    if worth == before.total and (not context.flags[Inexact] or list(universe.weights) == sorted(universe.weights)):
        return targets, targets.weights, worth
    # The second pass over the same instruments in id order decides; the first one's weights stay what the trace shows, unless the two passes
    # disagree on whether there are targets at all.
    noticed = Notes()
    ordered = heuristic_targets(in_id_order(universe, before, worth), shelf, options, noticed)
    decisive = ordered.weights
    if ordered.refusal != targets.refusal:
        notes.warnings, notes.group_events = noticed.warnings, noticed.group_events
        targets = replace(ordered, weights={name: decisive[name] for name in universe.weights})
    return targets, decisive, worth
