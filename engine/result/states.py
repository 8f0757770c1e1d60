"""A valued portfolio as JSON: decimals as their canonical text, weights at 4 decimals (dpm-engine 1.3, 15)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from itertools import zip_longest

import orjson

from engine.contracts.market_data import Price, PriceBasis
from engine.market import Market
from engine.numbers import FOUR_PLACES, ONE, ZERO, plain
from engine.result.amounts import Json, Quoted, array, money, quoted
from engine.valuation import UNKNOWN_CLASS, CashLine, State, Valued

Rounding = Callable[[Decimal, Decimal], Decimal]


@dataclass(slots=True)
class ShownState:
    """A rendered state for any number of results, changed by none of them, and the texts of each row for a later state.

    A row's `fixed` texts are its id and what stands between its quantity and its value; `quotes` are the texts of many rows.
    """

    document: Json
    quotes: Quoted
    weights: Sequence[str]
    positions: Sequence[str]
    allocation: Sequence[str]
    fixed: Sequence[tuple[str, str]]


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
    over where nothing moved, and equal figures could still be written differently. Its weight moves with the total.
    """
    base, divisor = state.base, state.divisor
    quotes = earlier[1].quotes if earlier else Quoted()
    base_text, same_total = quotes[base], earlier is not None and earlier[0].divisor == divisor
    weights: list[str] = []
    positions: list[str] = []
    allocation: list[str] = []
    fixed: list[tuple[str, str]] = []
    for row, share, shown in zip_longest(state.positions, state.shares, _rows_of(earlier)):
        known = shown[1] if shown and shown[0] is row else None
        weight = known if known and same_total else str(to_places(share, FOUR_PLACES))
        weights.append(weight)
        if shown and weight == known:
            positions.append(shown[2])
            allocation.append(shown[3])
            fixed.append(shown[4])
            continue
        currency = quotes[row.currency]
        texts = shown[4] if shown and shown[0].currency is row.currency else _fixed(row, currency, market, quotes)
        name, between = texts
        quantity, amount, base_amount = str(row.quantity), str(row.value), str(row.base_value)
        if "E" in quantity or "E" in amount or "E" in base_amount:  # asked here, since a call per figure would cost more than the figure
            quantity, amount, base_amount = plain(row.quantity), plain(row.value), plain(row.base_value)
        worth = f'{{"amount":"{base_amount}","currency":{base_text}}}'
        positions.append(
            f'{{"instrument_id":{name},"quantity":"{quantity}",{between}{amount}","currency":{currency}}},'
            f'"value_in_base_ccy":{worth},"weight":"{weight}"}}'
        )
        allocation.append(f'{{"key":{name},"weight":"{weight}","value":{worth}}}')
        fixed.append(texts)

    by_instrument = array(allocation)
    document = {
        "total_value": money(state.total, base),
        "cash_balances": [_balance(row) for row in state.cash],
        "positions": array(positions),
        "allocation_by_asset_class": _metrics(state.by_asset_class, divisor, quotes, base_text, to_places),
        "allocation_by_instrument": by_instrument,
        "allocation": by_instrument,
        "allocation_by_attribute": {
            name: _metrics(buckets, divisor, quotes, base_text, to_places) for name, buckets in state.by_attribute.items()
        },
    }
    return ShownState(document, quotes, weights, positions, allocation, fixed)


def _fixed(row: Valued, currency: str, market: Market, quotes: Quoted) -> tuple[str, str]:
    """What no order changes of a position's row: its name, and all between quantity and value."""
    remembered, asset_class = market.shown, row.entry.asset_class if row.entry else UNKNOWN_CLASS
    known = None if remembered is None else remembered.get((row.instrument_id, row.currency, asset_class))
    if known is not None:
        return known
    price = market.given.get(row.instrument_id)
    stated = "null" if price is None else _price(price, quotes, unusual=row.instrument_id in market.unusual)
    between = (
        f'"instrument_currency":{currency},"asset_class":{quotes[asset_class]},"price":{stated},"value_in_instrument_ccy":{{"amount":"'
    )
    made = quoted(row.instrument_id), between
    if remembered is not None and price is not None and market.prices[row.instrument_id].currency == row.currency:  # else without end
        remembered[row.instrument_id, row.currency, asset_class] = made
    return made


def _balance(row: CashLine) -> Json:
    return {
        "currency": row.currency,
        "amount": plain(row.amount),
        "settled": None if row.settled is None else plain(row.settled),
        "pending": None if row.pending is None else plain(row.pending),
    }


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


def _metrics(buckets: dict[str, Decimal], divisor: Decimal, quotes: Quoted, base: str, to_places: Rounding) -> orjson.Fragment:
    rows = []
    for key, value in buckets.items():
        amount = str(value)
        if "E" in amount:
            amount = plain(value)
        weight = to_places(value / divisor, FOUR_PLACES)
        rows.append(f'{{"key":{quotes[key]},"weight":"{weight!s}","value":{{"amount":"{amount}","currency":{base}}}}}')
    return array(rows)


def _rows_of(earlier: tuple[State, ShownState] | None) -> Iterable[tuple[Valued, str, str, str, tuple[str, str]]]:
    """The rows of an earlier state with what it shows of them."""
    if earlier is None:
        return ()
    state, shown = earlier
    return zip(state.positions, shown.weights, shown.positions, shown.allocation, shown.fixed, strict=True)
