"""A valued portfolio as JSON: decimals as their canonical text, weights at 4 decimals (dpm-engine 1.3, 15)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from itertools import zip_longest

from engine.contracts.market_data import Price, PriceBasis
from engine.market import Market
from engine.numbers import FOUR_PLACES, ONE, ZERO, plain
from engine.result.amounts import Json, Quoted, array, money, quoted
from engine.valuation import UNKNOWN_CLASS, State, Valued

Rounding = Callable[[Decimal, Decimal], Decimal]


@dataclass(frozen=True, slots=True)
class ShownState:
    """A rendered state for any number of results, changed by none of them, and the text of each row for a later state with the same row."""

    document: Json
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
    quotes, given, unusual = Quoted(), market.given, market.unusual
    base_text = quotes[base]
    positions, allocation = [], []
    for row, share, shown in zip_longest(state.positions, state.shares, _still_true(earlier, divisor)):
        if shown and shown[0] is row:
            positions.append(shown[1])
            allocation.append(shown[2])
            continue
        name, currency, price = quoted(row.instrument_id), quotes[row.currency], given.get(row.instrument_id)
        stated = "null" if price is None else _price(price, quotes, unusual=row.instrument_id in unusual)
        weight = str(to_places(share, FOUR_PLACES))
        quantity, amount, base_amount = str(row.quantity), str(row.value), str(row.base_value)
        if "E" in quantity or "E" in amount or "E" in base_amount:  # asked here, since a call per figure would cost more than the figure
            quantity, amount, base_amount = plain(row.quantity), plain(row.value), plain(row.base_value)
        positions.append(
            f'{{"instrument_id":{name},"quantity":"{quantity}","instrument_currency":{currency},'
            f'"asset_class":{quotes[row.entry.asset_class if row.entry else UNKNOWN_CLASS]},"price":{stated},'
            f'"value_in_instrument_ccy":{{"amount":"{amount}","currency":{currency}}},'
            f'"value_in_base_ccy":{{"amount":"{base_amount}","currency":{base_text}}},"weight":"{weight}"}}'
        )
        allocation.append(f'{{"key":{name},"weight":"{weight}","value":{{"amount":"{base_amount}","currency":{base_text}}}}}')

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
    return ShownState(document, positions, allocation)


def can_be_shown(state: State, market: Market) -> bool:
    """Whether the state's values and their shares of the total stay in the range of decimals."""
    try:
        render_state(state, market, to_places=to_places_or_zero)
    except DecimalException:
        return False
    return True


def _price(price: Price, quotes: Quoted, *, unusual: bool) -> str:
    """A price as it was given, with what it states beside its amount as far as that is not as usual."""
    amount = str(price.price)
    if "E" in amount:
        amount = plain(price.price)
    more = _particulars(price) if unusual else ""
    return f'{{"amount":"{amount}","currency":{quotes[price.currency]}{more}}}'


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
