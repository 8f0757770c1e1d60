"""What the conventions of a run come to: which options are stated, what a policy pack leaves of them, which runs are guarded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from engine.contracts.conventions import DEFAULTS, Funding

if TYPE_CHECKING:  # who looks up a pack builds no options
    from engine.contracts import EngineOptions
    from engine.contracts.shelf import ShelfEntry
    from engine.market import Shelf

UNGUARDED: Final[Mapping[str, Any]] = {
    "mode": "FULL",
    "directives": [],
    "cash_reserve": {},
    "available_cash": "BOOKED",
    "quantity_rounding": "FLOOR",
    "odd_lot_exit": True,
    "money_rounding": "UNROUNDED",
    "fx_min_deal": None,
    "costs": None,
    "turnover_policy": "GREEDY",
    "conventions": "CLASSIC",
    "fx_policy": "SWEEP_ALL",
}
"""The options that guard a run wherever they are something else (desk 1.3)."""

_SAID: Final[Callable[["EngineOptions"], tuple[Any, ...]]] = attrgetter(*UNGUARDED)
_SAID_BY_NO_GUARD: Final = tuple(UNGUARDED.values())


def stated(options: "EngineOptions") -> frozenset[str]:
    """The options of the conventions' table that are away from the default of the conventions beside them."""
    own = options.conventions
    return frozenset([name for name, default in DEFAULTS.items() if getattr(options, name) != default.under(own)])


def with_changes(options: "EngineOptions", changes: Mapping[str, Any]) -> "EngineOptions":
    """The options with a policy pack's values: the pack wins, then a stated option, then the conventions that hold in the end."""
    conventions = changes.get("conventions", options.conventions)
    if conventions != options.conventions:
        kept = stated(options)
        changes = {name: default.under(conventions) for name, default in DEFAULTS.items() if name not in kept} | dict(changes)
    return replace(options, **changes)


def guarded(options: "EngineOptions", shelf: "Shelf") -> bool:
    """Whether buys must never exceed the money there is, under effective options (desk 1.3)."""
    if options.funding is None:
        return _options_guard(options) or shelf.in_lots
    return options.funding is Funding.REDUCE_BUYS


def would_guard(options: "EngineOptions", shelf_in_lots: Callable[[], bool]) -> bool:
    """Whether the run would be guarded if its funding were not stated."""
    return _options_guard(options) or shelf_in_lots()


def in_lots(entries: Iterable["ShelfEntry"]) -> bool:
    """Whether an entry states a lot or a smallest quantity."""
    return bool([True for entry in entries if entry.lot_size is not None or entry.min_quantity is not None])


def _options_guard(options: "EngineOptions") -> bool:
    return _SAID(options) != _SAID_BY_NO_GUARD
