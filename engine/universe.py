"""Which instruments may be bought, sold or must stay: model and holdings against the shelf (RFC-0002)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct, field

from engine.contracts import EngineOptions
from engine.contracts.conventions import UnavailableWeight
from engine.contracts.shelf import ShelfStatus
from engine.contracts.snapshots import ModelTarget
from engine.market import Shelf
from engine.notes import Notes
from engine.numbers import ONE, ZERO, ZERO_WEIGHT
from engine.valuation import State

APPROVED: Final = ShelfStatus.APPROVED
TRADEABLE_HOLDING: Final = (APPROVED, ShelfStatus.SELL_ONLY)


class Universe(Struct):
    """Candidates and their weights.

    `weights` holds every eligible instrument in order of appearance: model weight for tradeable ones, zero for those
    to be sold, the current weight for `locked` ones. `tradeable` may be bought; `sell_only` holds the model weight of
    instruments that may only be sold, `unavailable` that of instruments that may not be bought, where it goes to the others.
    """

    model: dict[str, Decimal]
    weights: dict[str, Decimal] = field(default_factory=dict)
    tradeable: dict[str, None] = field(default_factory=dict)
    sellable: dict[str, None] = field(default_factory=dict)
    locked: dict[str, None] = field(default_factory=dict)
    sell_only: dict[str, Decimal] = field(default_factory=dict)
    unavailable: dict[str, Decimal] = field(default_factory=dict)
    excluded: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sell_only_excess(self) -> Decimal:
        """Model weight that sell-only instruments cannot take."""
        return sum(self.sell_only.values(), ZERO_WEIGHT)

    def trace(self, weights: Iterable[str]) -> list[str]:
        """Model instruments as given, then those among the weighted ones that the model does not name."""
        model = self.model
        return [*model, *[name for name in weights if name not in model]]


def build_universe(targets: Sequence[ModelTarget], before: State, shelf: Shelf, options: EngineOptions, notes: Notes) -> Universe:
    """Sort model targets, then the remaining holdings, by what the shelf allows."""
    universe = Universe(model={row.instrument_id: row.weight for row in targets})
    _admit_targets(universe, shelf, options, notes)
    _admit_holdings(universe, before)
    return universe


def _admit_targets(universe: Universe, shelf: Shelf, options: EngineOptions, notes: Notes) -> None:
    model, entries = universe.model, shelf.entries
    if not [name for name in model if (entry := entries.get(name)) is None or entry.status is not APPROVED]:
        universe.weights, universe.tradeable, universe.sellable = dict(model), dict.fromkeys(model), dict.fromkeys(model)
        return
    weights, tradeable, sellable = universe.weights, universe.tradeable, universe.sellable
    for name, weight in model.items():
        entry = entries.get(name)
        if entry is None:
            notes.shelf_missing[name] = None
        elif entry.status is APPROVED or (entry.status is ShelfStatus.RESTRICTED and options.allow_restricted):
            weights[name] = weight
            tradeable[name] = None
            sellable[name] = None
        else:
            universe.excluded.append((name, f"SHELF_STATUS_{entry.status}"))
            if entry.status is ShelfStatus.SELL_ONLY:
                weights[name] = ZERO_WEIGHT
                sellable[name] = None
                universe.sell_only[name] = weight
            elif options.unavailable_weight is UnavailableWeight.REDISTRIBUTE:
                universe.unavailable[name] = weight


def _admit_holdings(universe: Universe, before: State) -> None:
    weights, rows = universe.weights, before.by_instrument
    for name in [name for name in rows if name not in weights]:
        row = rows[name]
        if not row.quantity:
            continue
        entry = row.entry
        if entry and entry.status in TRADEABLE_HOLDING:
            weights[name] = ZERO_WEIGHT
            universe.sellable[name] = None
        else:
            weights[name] = row.base_value / before.divisor
            universe.locked[name] = None
            universe.excluded.append((name, f"LOCKED_DUE_TO_{entry.status if entry else 'MISSING_SHELF'}"))


def worth_in_id_order(before: State) -> Decimal:
    """The total value with its sum taken in id order, then currency order."""
    rows = before.by_instrument
    cash = before.cash_values
    invested = sum([rows[name].base_value for name in sorted(rows)], ZERO)
    return sum([cash[currency] for currency in sorted(cash)], invested)


def in_id_order(universe: Universe, before: State, worth: Decimal) -> Universe:
    """The same universe with its instruments in id order and locked weights as shares of `worth`."""
    divisor = worth if worth != 0 else ONE
    held, locked = before.by_instrument, universe.locked
    names = sorted(universe.weights)
    return Universe(
        model=universe.model,
        weights={n: held[n].base_value / divisor if n in locked else universe.weights[n] for n in names},
        tradeable={n: None for n in names if n in universe.tradeable},
        sellable=universe.sellable,
        locked=dict.fromkeys(sorted(locked)),
        sell_only={n: universe.sell_only[n] for n in sorted(universe.sell_only)},
        unavailable={n: universe.unavailable[n] for n in sorted(universe.unavailable)},
        excluded=universe.excluded,
    )
