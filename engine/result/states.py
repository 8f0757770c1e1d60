"""A valued portfolio as JSON: decimals as their canonical text, weights at 4 decimals (dpm-engine 1.3, 15)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from itertools import zip_longest

import orjson

from engine.contracts.snapshots import Price, PriceBasis
from engine.market import Market
from engine.numbers import FOUR_PLACES, ONE, ZERO, plain
from engine.result.amounts import Json, Quoted, array, money, quoted, texts
from engine.valuation import UNKNOWN_CLASS, State, Valued

Rounding = Callable[[Decimal, Decimal], Decimal]


@dataclass(frozen=True, slots=True)
class ShownState:
    """A rendered state: its text, for any number of results, and that of each row, for a later state with the same row."""

    text: orjson.Fragment
    positions: Sequence[str]
    allocation: Sequence[str]


def to_places_or_zero(value: Decimal, places: Decimal) -> Decimal:
    """The value half-even at these places; zero where 28 digits cannot hold it (the run is then BLOCKED by NUMERIC_RANGE)."""
    try:
        return value.quantize(places)
    except DecimalException:
        return ZERO.quantize(places)


def render_state(
    state: State, market: Market, earlier: tuple[State, ShownState] | None = None, to_places: Rounding = Decimal.quantize
) -> ShownState:
    """A valued portfolio with its allocations, its rows as text.

    What an `earlier` state shows of the same rows is shown again, not made again. The same row is the very same object: `value` takes it
    over where nothing moved, and equal figures could still be written differently.
    """
    base, divisor = state.base, state.divisor
    quotes = Quoted()
    base_text = quotes[base]
    positions, allocation = [], []
    for row, shown in zip_longest(state.positions, _still_true(earlier, divisor)):
        if shown and shown[0] is row:
            positions.append(shown[1])
            allocation.append(shown[2])
            continue
        name, currency = quoted(row.instrument_id), quotes[row.currency]
        share = str(to_places(row.base_value / divisor, FOUR_PLACES))
        quantity, amount, base_amount = texts(row.quantity, row.value, row.base_value)
        positions.append(
            f'{{"instrument_id":{name},"quantity":"{quantity}","instrument_currency":{currency},'
            f'"asset_class":{quotes[row.entry.asset_class if row.entry else UNKNOWN_CLASS]},"price":{_price(row.instrument_id, market, quotes)},'
            f'"value_in_instrument_ccy":{{"amount":"{amount}","currency":{currency}}},'
            f'"value_in_base_ccy":{{"amount":"{base_amount}","currency":{base_text}}},"weight":"{share}"}}'
        )
        allocation.append(f'{{"key":{name},"weight":"{share}","value":{{"amount":"{base_amount}","currency":{base_text}}}}}')

    by_instrument = array(allocation)
    document = {
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
        "positions": array(positions),
        "allocation_by_asset_class": _metrics(state.by_asset_class, divisor, base, to_places),
        "allocation_by_instrument": by_instrument,
        "allocation": by_instrument,
        "allocation_by_attribute": {name: _metrics(buckets, divisor, base, to_places) for name, buckets in state.by_attribute.items()},
    }
    return ShownState(orjson.Fragment(orjson.dumps(document)), positions, allocation)


def can_be_shown(state: State, market: Market) -> bool:
    """Whether the state's values and their shares of the total stay in the range of decimals."""
    try:
        render_state(state, market, to_places=to_places_or_zero)
    except DecimalException:
        return False
    return True


def _price(name: str, market: Market, quotes: Quoted) -> str:
    """The price of an instrument as it was given: what it states beside its amount, as far as it is not as usual."""
    price = market.given.get(name)
    if price is None:
        return "null"
    more = _particulars(price) if name in market.unusual else ""
    return f'{{"amount":"{plain(price.price)}","currency":{quotes[price.currency]}{more}}}'


def _particulars(price: Price) -> str:
    stated = ""
    if price.basis is not PriceBasis.UNIT:
        stated += f',"basis":"{price.basis.value}"'
    if price.accrued:
        stated += f',"accrued":"{plain(price.accrued)}"'
    if price.multiplier != ONE:
        stated += f',"multiplier":"{plain(price.multiplier)}"'
    return stated


def _metrics(buckets: dict[str, Decimal], divisor: Decimal, base: str, to_places: Rounding) -> list[Json]:
    return [
        {
            "key": key,
            "weight": str(to_places(value / divisor, FOUR_PLACES)),
            "value": {"amount": amount if "E" not in (amount := str(value)) else plain(value), "currency": base},
        }
        for key, value in buckets.items()
    ]


def _still_true(earlier: tuple[State, ShownState] | None, divisor: Decimal) -> Iterable[tuple[Valued, str, str]]:
    """The rows of an earlier state with what it shows of them, unless its weights are shares of another total."""
    if earlier is None or earlier[0].divisor != divisor:
        return ()
    state, shown = earlier
    return zip(state.positions, shown.positions, shown.allocation, strict=True)
