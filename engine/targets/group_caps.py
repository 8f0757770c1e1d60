"""Group constraints of the heuristic: scale a group down to its cap, hand what is released to the others (RFC-0008)."""

from engine.contracts import EngineOptions
from engine.market import GroupLimit, Shelf
from engine.notes import GroupEvent, Notes
from engine.numbers import ZERO, total
from engine.targets.plan import NO_DESTINATION, TOLERANCE, Targets
from engine.universe import Universe


def apply_group_caps(targets: Targets, universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> None:
    """Bring each group to its cap, keys ascending, each visited once. Locked members keep their weight.

    Refuses when something is released and nobody outside the group can take it.
    """
    for limit in shelf.limits(options.group_constraints):
        if not limit.known:
            notes.warn(f"UNKNOWN_CONSTRAINT_ATTRIBUTE_{limit.name}")
        elif limit.carriers:
            _cap_group(limit, targets, universe, notes)
            if targets.refusal:
                return


def _cap_group(limit: GroupLimit, targets: Targets, universe: Universe, notes: Notes) -> None:
    key, cap, carriers = limit.key, limit.cap, limit.carriers
    weights, locked_ids = targets.weights, universe.locked
    before = total([weight for i, weight in weights.items() if i in carriers])
    locked = total([weights[i] for i in locked_ids if i in carriers]) if locked_ids else ZERO
    if locked > cap + TOLERANCE:
        targets.locked_above_cap(key, notes)
    if before <= cap + TOLERANCE:
        return
    unlocked = [i for i in weights if i in carriers and i not in locked_ids]
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
