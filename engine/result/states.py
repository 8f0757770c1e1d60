"""A valued portfolio as JSON: decimals as their canonical text, weights at 4 decimals (dpm-engine 1.3, 15)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException
from itertools import compress, count
from operator import is_not, ne

import orjson
from msgspec import Struct

from engine.contracts.market_data import Price, PriceBasis
from engine.market import Fixed, Market
from engine.numbers import FOUR_PLACES, ONE, ZERO, plain
from engine.result.amounts import Json, array, money, quoted
from engine.valuation import UNKNOWN_CLASS, CashLine, State, Valued

Rounding = Callable[[Decimal, Decimal], Decimal]


class ShownState(Struct):
    """A rendered state for any number of results, changed by none of them, and the texts of each row for a later state.

    A row's `fixed` texts are what no order changes of it: id, currency, asset class and price.
    """

    document: Json
    weights: list[str]
    fixed: list[Fixed]
    positions: list[str]
    allocation: list[str]


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
    base, divisor, rows = quoted(state.base), state.divisor, state.positions
    places: Sequence[int] = range(len(rows))
    if earlier is None:
        weights, nothing = [str(to_places(share, FOUR_PLACES)) for share in state.shares], [""] * len(rows)
        shown = ShownState({}, weights, _fixed(rows, market), nothing, nothing[:])
    else:
        shown, places = _again(state, market, to_places, *earlier)
    _write(places, rows, shown, base)
    by_instrument = array(shown.allocation)
    by_class, *by_attribute = _metrics([state.by_asset_class, *state.by_attribute.values()], divisor, base, to_places)
    shown.document = {
        "total_value": money(state.total, state.base),
        "cash_balances": _balances(state.cash),
        "positions": array(shown.positions),
        "allocation_by_asset_class": by_class,
        "allocation_by_instrument": by_instrument,
        "allocation": by_instrument,
        "allocation_by_attribute": dict(zip(state.by_attribute, by_attribute, strict=True)),
    }
    return shown


def _again(state: State, market: Market, to_places: Rounding, before: State, shown: ShownState) -> tuple[ShownState, Sequence[int]]:
    """What an earlier state shows, to be shown again, and the places of rows that moved, weigh something else now or were added."""
    rows, known, shares = state.positions, before.positions, state.shares
    weights, fixed, positions, allocation = shown.weights[:], shown.fixed[:], shown.positions[:], shown.allocation[:]
    places = list(compress(count(), map(is_not, rows, known)))
    for place in places:
        if rows[place].currency is not known[place].currency:
            fixed[place] = _fixed([rows[place]], market)[0]
    if added := rows[len(known) :]:
        fixed += _fixed(added, market)
        places += range(len(known), len(rows))
        for texts in (weights, positions, allocation):
            texts.extend([""] * len(added))
    if before.divisor == state.divisor:
        for place in places:
            weights[place] = str(to_places(shares[place], FOUR_PLACES))
    else:
        weights = [str(to_places(share, FOUR_PLACES)) for share in shares]
        places = sorted({*places, *compress(count(), map(ne, weights, shown.weights))})
    return ShownState({}, weights, fixed, positions, allocation), places


def _write(places: Iterable[int], rows: Sequence[Valued], shown: ShownState, base: str) -> None:
    """Write rows, each as a position and as a bucket of the allocation."""
    fixed, weights, positions, allocation = shown.fixed, shown.weights, shown.positions, shown.allocation
    for place in places:
        row, weight = rows[place], weights[place]
        name, currency, asset_class, price = fixed[place]
        quantity, amount, worth = str(row.quantity), str(row.value), str(row.base_value)
        if "E" in quantity or "E" in amount or "E" in worth:  # asked here, since a call per figure would cost more than the figure
            quantity, amount, worth = plain(row.quantity), plain(row.value), plain(row.base_value)
        positions[place] = (
            f'{{"instrument_id":{name},"quantity":"{quantity}","instrument_currency":{currency},"asset_class":{asset_class},'
            f'"price":{price},"value_in_instrument_ccy":{{"amount":"{amount}","currency":{currency}}},'
            f'"value_in_base_ccy":{{"amount":"{worth}","currency":{base}}},"weight":"{weight}"}}'
        )
        allocation[place] = f'{{"key":{name},"weight":"{weight}","value":{{"amount":"{worth}","currency":{base}}}}}'


def _fixed(rows: Sequence[Valued], market: Market) -> list[Fixed]:
    """What no order changes of each row; where many portfolios hold the same it is made once."""
    given, unusual, remembered = market.given, market.unusual, market.shown
    same: dict[str, str] = {}
    fixed = []
    for row in rows:
        name, code, entry = row.instrument_id, row.currency, row.entry
        asset_class = entry.asset_class if entry else UNKNOWN_CLASS
        made = remembered.get((name, code, asset_class)) if remembered else None
        if made is None:
            price, currency = given.get(name), quoted(code)
            if price is None:
                stated = "null"
            elif name in unusual or price.currency is not code or "E" in (amount := str(price.price)):
                stated = _price(price)
            else:
                stated = f'{{"amount":"{amount}","currency":{currency}}}'
            made = quoted(name), currency, quoted(asset_class), stated
            if remembered is not None and price is not None and market.prices[name].currency == code:  # else without end
                currency, asset_text = same.setdefault(currency, currency), same.setdefault(made[2], made[2])
                made = remembered[name, code, asset_class] = made[0], currency, asset_text, stated
        fixed.append(made)
    return fixed


def _balances(cash: Iterable[CashLine]) -> orjson.Fragment:
    rows = []
    for row in cash:
        amount = str(row.amount)
        if "E" in amount:
            amount = plain(row.amount)
        settled = "null" if row.settled is None else f'"{plain(row.settled)}"'
        pending = "null" if row.pending is None else f'"{plain(row.pending)}"'
        rows.append(f'{{"currency":{quoted(row.currency)},"amount":"{amount}","settled":{settled},"pending":{pending}}}')
    return array(rows)


def can_be_shown(state: State, market: Market) -> bool:
    """Whether the state's values and their shares of the total stay in the range of decimals."""
    try:
        render_state(state, market, to_places=to_places_or_zero)
    except DecimalException:
        return False
    return True


def _price(price: Price) -> str:
    """A price as it was given, with what it states beside its amount as far as that is not as usual."""
    return f'{{"amount":"{plain(price.price)}","currency":{quoted(price.currency)}{_particulars(price)}}}'


def _particulars(price: Price) -> str:
    stated = ""
    if price.basis is not PriceBasis.UNIT:
        stated += f',"basis":"{price.basis.value}"'
    if price.accrued:
        stated += f',"accrued":"{plain(price.accrued)}"'
    if price.multiplier != ONE:
        stated += f',"multiplier":"{plain(price.multiplier)}"'
    return stated


def _metrics(allocations: Iterable[Mapping[str, Decimal]], divisor: Decimal, base: str, to_places: Rounding) -> Iterator[orjson.Fragment]:
    """The buckets of each allocation."""
    for buckets in allocations:
        rows = []
        for key, value in buckets.items():
            weight, amount = to_places(value / divisor, FOUR_PLACES), str(value)
            if "E" in amount:
                amount = plain(value)
            rows.append(f'{{"key":{quoted(key)},"weight":"{weight!s}","value":{{"amount":"{amount}","currency":{base}}}}}')
        yield array(rows)
