"""The question put to the solver: the nearest weights to the model that respect every limit (RFC-0012).

Weights inside are whole numbers of 1e-12. Bounds are rounded towards the safe side before anything is solved: the least
invested weight up; the greatest invested weight, position cap and group rooms down.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from math import ceil, floor
from typing import Final, Self

from engine.contracts import EngineOptions
from engine.market import Shelf
from engine.notes import Notes
from engine.numbers import ONE, TOO_SMALL, total
from engine.universe import Universe

PLACES: Final = 12
UNITS: Final = 10**PLACES
NOISE: Final = Decimal("1E-24")
_WIDE: Final = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Group:
    """One group limit: `room` is what `members` (positions in ids) may weigh beside the `locked` instruments, in units."""

    key: str
    maximum: Decimal
    members: tuple[int, ...]
    locked: frozenset[str]
    locked_weight: Decimal
    room: int


@dataclass(frozen=True, slots=True)
class TargetProblem:
    """Minimise Σ(w - m)² over w ≥ 0 with least ≤ Σw ≤ most, w ≤ cap and each group within its room.

    `ids` and `model` go together; `least`, `most`, `cap` and rooms are units; the given limits are kept for the reasons.
    `crossed` says by how many units the digits of locked weights alone put the least sum above the greatest: a cash band of
    one point lies between two units then, the greatest sum is solved for and the difference is reported, not refused.
    """

    ids: tuple[str, ...]
    model: tuple[Decimal, ...]
    least: int
    most: int
    crossed: int
    cap: int | None
    groups: tuple[Group, ...]
    cash_min: Decimal
    cash_max: Decimal
    position_max: Decimal | None
    locked: Mapping[str, Decimal]

    @classmethod
    def of(
        cls,
        model: Mapping[str, Decimal],
        locked: Mapping[str, Decimal],
        cash_band: tuple[Decimal, Decimal],
        position_max: Decimal | None,
        groups: Mapping[str, tuple[Decimal, Iterable[str]]],
    ) -> Self:
        """State the problem: model weights of what may be traded, weights of what may not, limits as configured.

        A group without tradeable members and without locked weight says nothing and is left out.
        """
        cash_min, cash_max = cash_band
        held = _weight(locked.values())
        index_of = {instrument_id: i for i, instrument_id in enumerate(model)}
        stated = (_group(key, *groups[key], index_of, locked) for key in sorted(groups))
        least, most = units_up(ONE - cash_max - held), units_down(ONE - cash_min - held)
        # Locked weights carry more digits than a unit: taken off a band of one point, or of less than a unit, they round the least sum above
        # the greatest, though the bounds themselves do not cross. Bounds that would cross without them are a conflict.
        crossed = least - most if least > most and units_up(ONE - cash_max) <= units_down(ONE - cash_min) else 0
        return cls(
            ids=tuple(model),
            model=tuple(model.values()),
            least=least - crossed,
            most=most,
            crossed=crossed,
            cap=None if position_max is None else units_down(position_max),
            groups=tuple(group for group in stated if group.members or group.locked_weight),
            cash_min=cash_min,
            cash_max=cash_max,
            position_max=position_max,
            locked=locked,
        )


def _group(key: str, maximum: Decimal, members: Iterable[str], index_of: Mapping[str, int], locked: Mapping[str, Decimal]) -> Group:
    names = frozenset(members)
    held = names & locked.keys()
    locked_weight = _weight(locked[i] for i in held)
    return Group(
        key=key,
        maximum=maximum,
        members=tuple(sorted(index_of[i] for i in names if i in index_of)),
        locked=held,
        locked_weight=locked_weight,
        room=units_down(maximum - locked_weight),
    )


def _weight(weights: Iterable[Decimal]) -> Decimal:
    """The sum of current weights without the noise of their 28-digit quotients, lest it decide on which side of a unit they fall."""
    return total(weights).quantize(NOISE, context=_WIDE).normalize()


def state_problem(universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> TargetProblem:
    """The problem of a run. Group keys whose attribute the whole shelf lacks are warned and skipped.

    Raises when a model weight has more decimals than any sane figure: in rationals each of them costs time.
    """
    if any(universe.model[i].adjusted() < TOO_SMALL for i in universe.tradeable if universe.model[i]):
        raise InvalidOperation
    groups: dict[str, tuple[Decimal, set[str]]] = {}
    for key in sorted(options.group_constraints):
        name, _, value = key.partition(":")
        if not shelf.knows(name):
            notes.warn(f"UNKNOWN_CONSTRAINT_ATTRIBUTE_{name}")
            continue
        groups[key] = (options.group_constraints[key].max_weight, shelf.carriers(name, value))
    return TargetProblem.of(
        model={i: universe.model[i] for i in universe.tradeable},
        locked={i: universe.weights[i] for i in universe.weights if i not in universe.tradeable},
        cash_band=(options.cash_band_min_weight, options.cash_band_max_weight),
        position_max=options.single_position_max_weight,
        groups=groups,
    )


def units_up(weight: Decimal) -> int:
    """The weight in units of 1e-12, rounded up."""
    return ceil(weight.scaleb(PLACES))


def units_down(weight: Decimal) -> int:
    """The weight in units of 1e-12, rounded down."""
    return floor(weight.scaleb(PLACES))


def weight_of(units: int) -> Decimal:
    """A number of units as a weight with 12 decimals."""
    return Decimal(units).scaleb(-PLACES)
