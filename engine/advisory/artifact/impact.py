"""How a proposal changes the portfolio: allocations before and after, and what moved most (advisory-engine 16)."""

from collections.abc import Sequence
from decimal import Decimal
from operator import itemgetter

from engine.advisory.artifact.material import Json, Material
from engine.advisory.artifact.texts import weight
from engine.numbers import ZERO
from engine.result.amounts import money
from engine.valuation import State


def portfolio_impact(material: Material) -> Json:
    """Both states, the difference of their totals, the largest changes of weight, and the reconciliation."""
    before, after = material.before, material.after
    return {
        "before": _side(before, material.result["before"]),
        "after": _side(after, material.result["after_simulated"]),
        "delta": {
            "total_value_delta": money(after.total - before.total, before.base),
            "largest_weight_changes": _largest_changes(before, after, material.rows),
        },
        "reconciliation": material.result["reconciliation"],
    }


def _side(state: State, shown: Json) -> Json:
    """The rows as the result shows them, in another order."""
    classes = [value / state.divisor for value in state.by_asset_class.values()]
    return {
        "total_value": shown["total_value"],
        "allocation_by_asset_class": _ranked(shown["allocation_by_asset_class"], classes),
        "allocation_by_instrument": _ranked(shown["allocation_by_instrument"], state.shares),
    }


def _ranked(rows: Sequence[Json], weights: Sequence[Decimal]) -> list[Json]:
    """Rows by unrounded weight, largest first; equal ones by key."""
    ranked = sorted(range(len(rows)), key=[row["key"] for row in rows].__getitem__)
    ranked.sort(key=weights.__getitem__, reverse=True)  # what weighs the same keeps its order
    return [rows[place] for place in ranked]


def _largest_changes(before: State, after: State, limit: int) -> list[Json]:
    """The instruments whose unrounded weights differ most, equal ones by name. Each figure is rounded by itself."""
    then, now = _weights(before), _weights(after)  # no row ever disappears
    changes = [(abs(delta), name, delta) for name, share in now.items() if (delta := share - then.get(name, ZERO))]
    changes.sort(key=itemgetter(1))
    changes.sort(key=itemgetter(0), reverse=True)  # what changes as much keeps its order
    return [
        {
            "bucket_type": "INSTRUMENT",
            "bucket_id": name,
            "weight_before": weight(then.get(name, ZERO)),
            "weight_after": weight(now[name]),
            "delta": weight(delta),
        }
        for _, name, delta in changes[:limit]
    ]


def _weights(state: State) -> dict[str, Decimal]:
    return dict(zip(state.by_instrument, state.shares, strict=True))
