"""Group constraints of the heuristic: scale a group down to its cap, hand what is released to the others (RFC-0008)."""

from decimal import Decimal

from engine.contracts import EngineOptions
from engine.market import Shelf
from engine.notes import GroupEvent, Notes
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
    weights, locked_ids = targets.weights, universe.locked
    carriers = shelf.carriers(name, value)
    if not carriers:
        return
    members = [i for i in weights if i in carriers]
    before = total([weights[i] for i in members])
    locked = total([weights[i] for i in locked_ids if i in carriers]) if locked_ids else ZERO
    if locked > cap + TOLERANCE:
        targets.locked_above_cap(key, notes)
    if before <= cap + TOLERANCE:
        return
    unlocked = [i for i in members if i not in locked_ids]
    free = total([weights[i] for i in unlocked])
    if free == 0:
        return
    room = max(ZERO, cap - locked)
    released = free - room
    notes.warn(f"CAPPED_BY_GROUP_LIMIT_{key}")
    scale = room / free
    for i in unlocked:
        weights[i] *= scale
    outside = [i for i in universe.tradeable if i not in carriers]
    capacity = total([weights[i] for i in outside])
    shares = {i: released * (weights[i] / capacity) for i in outside} if capacity > 0 else {}
    for i, share in shares.items():
        weights[i] += share
    notes.group_events.append(GroupEvent(key, before, cap, released, shares))
    if not shares:
        notes.warn(NO_DESTINATION)
        targets.refusal = NO_DESTINATION
