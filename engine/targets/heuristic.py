"""The heuristic: proportional steps from model weights to feasible weights (RFC-0005, RFC-0008)."""

from decimal import Decimal
from typing import Final

from engine.contracts import EngineOptions
from engine.market import Shelf
from engine.notes import Notes
from engine.numbers import ONE, ZERO, total
from engine.targets.group_caps import apply_group_caps
from engine.targets.plan import (
    CASH_BUFFER_SCALED,
    LOCKED_OVER_100,
    OVERWEIGHT_SCALED,
    ROOM_TOLERANCE,
    SELL_ONLY_EXCESS_UNPLACED,
    SINGLE_POSITION_EXCESS_UNPLACED,
    TOLERANCE,
    Targets,
)
from engine.universe import Universe

AT_MOST: Final = ONE + TOLERANCE
"""What weights may sum up to."""


def heuristic_targets(universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> Targets:
    """Distribute sell-only excess, cap groups, normalise, cap positions, keep the cash buffer: in this order, once each."""
    targets = Targets(weights=dict(universe.weights))
    if universe.sell_only or universe.unavailable:
        lacking = (max(ZERO, weight - targets.weights.get(name, ZERO)) for name, weight in universe.unavailable.items())
        distribute_excess(targets, universe, sum(lacking, universe.sell_only_excess))
    apply_group_caps(targets, universe, shelf, options, notes)
    if targets.refusal:
        return targets
    _normalise(targets, universe)
    if options.single_position_max_weight is not None:
        _cap_positions(targets, universe, options.single_position_max_weight, notes)
    if options.min_cash_buffer_pct > 0:
        _keep_cash_buffer(targets, universe, options.min_cash_buffer_pct)
    return targets


def distribute_excess(targets: Targets, universe: Universe, excess: Decimal) -> None:
    """Share model weight that its instruments cannot take among tradeable ones in proportion to their weights."""
    if excess <= 0:
        return
    weights = targets.weights
    capacity = total(weights[i] for i in universe.tradeable)
    if capacity <= 0:
        targets.needs_review(SELL_ONLY_EXCESS_UNPLACED)
        return
    for i in universe.tradeable:
        weights[i] += excess * (weights[i] / capacity)


def _normalise(targets: Targets, universe: Universe) -> None:
    weights = targets.weights
    if total(weights.values()) <= AT_MOST:
        return
    fixed = total(weight for i, weight in weights.items() if i not in universe.tradeable)
    if fixed > ONE:
        targets.needs_review(LOCKED_OVER_100)
    if _scale_tradeable(targets, universe, max(ZERO, ONE - fixed)):
        targets.needs_review(OVERWEIGHT_SCALED)


def _keep_cash_buffer(targets: Targets, universe: Universe, buffer: Decimal) -> None:
    fixed = total(weight for i, weight in targets.weights.items() if i not in universe.tradeable)
    if _scale_tradeable(targets, universe, max(ZERO, ONE - buffer - fixed)):
        targets.needs_review(CASH_BUFFER_SCALED)


def _scale_tradeable(targets: Targets, universe: Universe, space: Decimal) -> bool:
    """Scale the tradeable weights down into the space; False when they fit already."""
    weights = targets.weights
    wanted = total(weights[i] for i in universe.tradeable)
    if wanted <= space:
        return False
    scale = space / wanted
    for i in universe.tradeable:
        weights[i] *= scale
    return True


def _cap_positions(targets: Targets, universe: Universe, cap: Decimal, notes: Notes) -> None:
    """Cut unlocked weights to the cap and distribute the excess completely where room exists."""
    weights = targets.weights
    excesses = []
    for i, weight in weights.items():
        if weight <= cap:
            continue
        if i in universe.locked:
            targets.locked_above_cap(i, notes)
        else:
            excesses.append(weight - cap)
            weights[i] = cap
    excess = total(excesses)
    if excess <= 0:
        return
    candidates = [i for i in universe.tradeable if ZERO < weights[i] < cap]
    if not candidates or _distribute(weights, candidates, cap, excess) > ROOM_TOLERANCE:
        targets.needs_review(SINGLE_POSITION_EXCESS_UNPLACED)


def _distribute(weights: dict[str, Decimal], open_: list[str], cap: Decimal, excess: Decimal) -> Decimal:
    """Share the excess in proportion to the weights below the cap, again and again; returns what found no room."""
    while excess > 0 and open_:
        capacity = total(weights[i] for i in open_)
        shares = {i: excess * (weights[i] / capacity) for i in open_}
        full = [i for i in open_ if weights[i] + shares[i] >= cap]
        if not full:
            for i, share in shares.items():
                weights[i] += share
            return ZERO
        excess -= total(cap - weights[i] for i in full)
        for i in full:
            weights[i] = cap
        open_ = [i for i in open_ if weights[i] < cap]
    return excess
