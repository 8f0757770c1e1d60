"""How a proposal changes the portfolio: allocations before and after, and what moved most (advisory-engine 16)."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest
from operator import itemgetter

from engine.advisory.artifact.material import Json, Material
from engine.advisory.artifact.rows import Rows
from engine.advisory.artifact.texts import weight
from engine.numbers import ZERO
from engine.result.amounts import array, money
from engine.result.states import ShownState
from engine.valuation import State


def portfolio_impact(material: Material, rows_before: Rows, rows_after: Rows) -> tuple[Json, Json]:
    """Both states, the difference of their totals, the largest changes of weight, and the reconciliation: as shown, and with rows in canonical text."""
    before, after, result = material.before, material.after, material.result
    then = _side(before, result["before"], material.decision.shown[0], rows_before)
    now = _side(after, result["after_simulated"], material.decision.shown[1], rows_after)
    rest = {
        "delta": {
            "total_value_delta": money(after.total - before.total, before.base),
            "largest_weight_changes": _largest_changes(before, after, material.rows),
        },
        "reconciliation": result["reconciliation"],
    }
    return {"before": then[0], "after": now[0], **rest}, {"before": then[1], "after": now[1], **rest}


def _side(state: State, read: Json, shown: ShownState, rows: Rows) -> tuple[Json, Json]:
    """The rows as the result shows them, and in canonical text, in another order."""
    by_class, classes = read["allocation_by_asset_class"], list(state.by_asset_class.values())
    ranked = _ranked([row["key"] for row in by_class], [value / state.divisor for value in classes])
    side = {"total_value": read["total_value"], "allocation_by_asset_class": [by_class[place] for place in ranked]}
    places = _ranked(list(state.by_instrument), state.shares)
    as_shown = array([shown.allocation[place] for place in places])
    return side | {"allocation_by_instrument": as_shown}, side | {"allocation_by_instrument": rows.ranked(places)}


def _ranked(keys: Sequence[str], weights: Sequence[Decimal]) -> list[int]:
    """Places by unrounded weight, largest first; equal ones by key."""
    ranked = sorted(range(len(keys)), key=keys.__getitem__)
    ranked.sort(key=weights.__getitem__, reverse=True)  # what weighs the same keeps its order
    return ranked


def _largest_changes(before: State, after: State, limit: int) -> list[Json]:
    """The instruments whose unrounded weights differ most, equal ones by name. Each figure is rounded by itself."""
    shares = zip_longest(
        after.by_instrument, after.shares, before.shares, fillvalue=ZERO
    )  # new rows are the last, and none ever disappears
    changes = [(abs(delta), name, then, now, delta) for name, now, then in shares if (delta := now - then)]
    changes.sort(key=itemgetter(1))
    changes.sort(key=itemgetter(0), reverse=True)  # what changes as much keeps its order
    return [
        {
            "bucket_type": "INSTRUMENT",
            "bucket_id": name,
            "weight_before": weight(then),
            "weight_after": weight(now),
            "delta": weight(delta),
        }
        for _, name, then, now, delta in changes[:limit]
    ]
