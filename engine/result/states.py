"""A valued portfolio as JSON types: decimals as their canonical text, weights at 4 decimals (dpm-engine 1.3, 15)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from itertools import zip_longest

import orjson

from engine.numbers import FOUR_PLACES, ZERO, plain
from engine.result.amounts import Json, money, texts
from engine.valuation import UNKNOWN_CLASS, State, Valued

Rounding = Callable[[Decimal, Decimal], Decimal]


@dataclass(slots=True)
class ShownState:
    """A rendered state, and its text once a second result shows it; neither is changed by anybody."""

    document: Json
    text: orjson.Fragment | None = None

    def again(self) -> "ShownState":
        """The same for another result, which embeds the text instead of writing the state once more."""
        if self.text is None:
            self.text = orjson.Fragment(orjson.dumps(self.document))
        return self


def to_places_or_zero(value: Decimal, places: Decimal) -> Decimal:
    """The value half-even at these places; zero where 28 digits cannot hold it (the run is then BLOCKED by NUMERIC_RANGE)."""
    try:
        return value.quantize(places)
    except DecimalException:
        return ZERO.quantize(places)


def render_state(
    state: State, prices: Mapping[str, Json], earlier: tuple[State, Json] | None = None, to_places: Rounding = Decimal.quantize
) -> Json:
    """A valued portfolio with its allocations; `prices` are the shown prices by instrument.

    What an `earlier` state and its document already show of the same rows is shown again, not made again. The same row is the very same
    object: `value` takes it over where nothing moved, and equal figures could still be written differently.
    """
    base, divisor = state.base, state.divisor
    positions, allocation = [], []
    for row, shown in zip_longest(state.positions, _still_true(earlier, divisor)):
        if shown and shown[0] is row:
            positions.append(shown[1])
            allocation.append(shown[2])
            continue
        name, currency = row.instrument_id, row.currency
        share = str(to_places(row.base_value / divisor, FOUR_PLACES))
        quantity, amount, base_amount = texts(row.quantity, row.value, row.base_value)
        base_value = {"amount": base_amount, "currency": base}
        positions.append(
            {
                "instrument_id": name,
                "quantity": quantity,
                "instrument_currency": currency,
                "asset_class": row.entry.asset_class if row.entry else UNKNOWN_CLASS,
                "price": prices.get(name),
                "value_in_instrument_ccy": {"amount": amount, "currency": currency},
                "value_in_base_ccy": base_value,
                "weight": share,
            }
        )
        allocation.append({"key": name, "weight": share, "value": base_value})

    by_attribute = {name: _metrics(buckets, divisor, base, to_places) for name, buckets in state.by_attribute.items()}
    return {
        "total_value": money(state.total, base),
        "cash_balances": [
            {
                "currency": row.currency,
                "amount": plain(row.amount),
                "settled": None if row.settled is None else plain(row.settled),
                "pending": None if row.pending is None else plain(row.pending),
            }
            for row in state.cash
        ],
        "positions": positions,
        "allocation_by_asset_class": _metrics(state.by_asset_class, divisor, base, to_places),
        "allocation_by_instrument": allocation,
        "allocation": allocation,
        "allocation_by_attribute": by_attribute,
    }


def can_be_shown(state: State) -> bool:
    """Whether the state's values and their shares of the total stay in the range of decimals."""
    try:
        render_state(state, {}, to_places=to_places_or_zero)
    except DecimalException:
        return False
    return True


def _metrics(buckets: dict[str, Decimal], divisor: Decimal, base: str, to_places: Rounding) -> list[Json]:
    return [
        {
            "key": key,
            "weight": str(to_places(value / divisor, FOUR_PLACES)),
            "value": {"amount": amount if "E" not in (amount := str(value)) else plain(value), "currency": base},
        }
        for key, value in buckets.items()
    ]


def _still_true(earlier: tuple[State, Json] | None, divisor: Decimal) -> Iterable[tuple[Valued, Json, Json]]:
    """The rows of an earlier state with what it shows of them, unless its weights are shares of another total."""
    if earlier is None or earlier[0].divisor != divisor:
        return ()
    state, document = earlier
    return zip(state.positions, document["positions"], document["allocation"], strict=True)
