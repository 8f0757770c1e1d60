"""Group constraints of the heuristic: scale a group down to its cap, hand what is released to the others (RFC-0008)."""

from decimal import Decimal

from engine.contracts import EngineOptions
from engine.market import Shelf
from engine.notes import Notes
from engine.numbers import ZERO, total
from engine.targets.plan import NO_DESTINATION, TOLERANCE, Targets
from engine.universe import Universe


def known_groups(options: EngineOptions, shelf: Shelf) -> dict[str, tuple[str, str, Decimal]]:
    """Constraint key → (attribute, value, cap), keys ascending, for attributes that the shelf has."""
    known = {}
    for key in sorted(options.group_constraints):
        name, _, value = key.partition(":")
        if shelf.knows(name):
            known[key] = (name, value, options.group_constraints[key].max_weight)
    return known


def apply_group_caps(targets: Targets, universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> None:
    """Bring each group to its cap, keys ascending, each visited once. Locked members keep their weight.

    Refuses when something is released and nobody outside the group can take it.
    """
    known = known_groups(options, shelf)
    for key in sorted(options.group_constraints):
        if key not in known:
            notes.warn(f"UNKNOWN_CONSTRAINT_ATTRIBUTE_{key.partition(':')[0]}")
            continue
        _cap_group(key, known[key], targets, universe, shelf, notes)
        if targets.refusal:
            return


def _cap_group(key: str, group: tuple[str, str, Decimal], targets: Targets, universe: Universe, shelf: Shelf, notes: Notes) -> None:
    name, value, cap = group
    weights = targets.weights
    carriers = shelf.carriers(name, value)
    members = [i for i in weights if i in carriers]
    locked = total(weights[i] for i in members if i in universe.locked)
    free = total(weights[i] for i in members if i not in universe.locked)
    before = total(weights[i] for i in members)
    if locked > cap + TOLERANCE:
        targets.locked_above_cap(key, notes)
    room = max(ZERO, cap - locked)
    if before <= cap + TOLERANCE or free == 0:
        return
    released = free - room
    notes.warn(f"CAPPED_BY_GROUP_LIMIT_{key}")
    for i in members:
        if i not in universe.locked:
            weights[i] *= room / free
    outside = {i: weights[i] for i in universe.tradeable if i not in carriers}
    capacity = total(outside.values())
    shares = {i: released * (weight / capacity) for i, weight in outside.items()} if capacity > 0 else {}
    for i, share in shares.items():
        weights[i] += share
    notes.group_events.append(
        {
            "constraint_key": key,
            "group_weight_before": str(before),
            "max_weight": str(cap),
            "released_weight": str(released),
            "recipients": {i: str(share) for i, share in shares.items()},
            "status": "CAPPED" if shares else "BLOCKED",
        }
    )
    if not shares:
        notes.warn(NO_DESTINATION)
        targets.refusal = NO_DESTINATION
