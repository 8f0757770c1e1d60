"""What the portfolio is worth: positions, cash and allocations in base currency (RFC-0001, RFC-0004)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Protocol, Self

from msgspec import Struct, field

from engine.contracts.shelf import ShelfEntry
from engine.contracts.snapshots import Money
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import ONE, ZERO

CASH: Final = "CASH"
UNKNOWN_CLASS: Final = "UNKNOWN"
NOTHING_STATED: Final[Mapping[str, Money]] = MappingProxyType({})


class CashLine(Protocol):
    """What valuation reads of cash in one currency."""

    currency: str
    amount: Decimal
    settled: Decimal | None
    pending: Decimal | None


class Valued(Struct, gc=False):
    """A position with its value in its own and in base currency. The collector need not look at it: nothing that it holds leads back to it."""

    instrument_id: str
    quantity: Decimal
    currency: str
    value: Decimal
    base_value: Decimal
    entry: ShelfEntry | None


class Buckets(Struct):
    """The places of rows that share an asset class or an attribute's value, in order of first appearance."""

    classes: dict[str, list[int]] = field(default_factory=dict)
    groups: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def with_more(self, rows: Iterable[Valued], first: int = 0) -> "Buckets":
        """These buckets and those of more rows, which stand from the `first` place on: by what the shelf says of them.

        Attributes come by name, since JSON members have no order.
        """
        classes = {asset_class: places[:] for asset_class, places in self.classes.items()}
        groups = {name: {held: places[:] for held, places in values.items()} for name, values in self.groups.items()}
        for place, row in enumerate(rows, first):
            entry = row.entry
            asset_class = entry.asset_class if entry else UNKNOWN_CLASS
            if asset_class in classes:
                classes[asset_class].append(place)
            else:
                classes[asset_class] = [place]
            if entry:
                for name, held in entry.attributes.items():
                    if name in groups:
                        values = groups[name]
                    else:
                        values = groups[name] = {}
                    if held in values:
                        values[held].append(place)
                    else:
                        values[held] = [place]
        return Buckets(classes, dict(sorted(groups.items())))


class State(Struct):
    """A valued portfolio, all values in base. `divisor` is the total, or 1 when the total is zero.

    `by_asset_class` and `by_attribute` hold their buckets in order of first appearance; CASH is always an asset class
    and has no attributes.
    """

    base: str
    total: Decimal
    divisor: Decimal
    positions: list[Valued]
    by_instrument: dict[str, Valued]
    cash: Sequence[CashLine]
    cash_values: dict[str, Decimal]
    by_asset_class: dict[str, Decimal]
    by_attribute: dict[str, dict[str, Decimal]]
    buckets: Buckets
    _shares: list[Decimal] | None = None

    @property
    def shares(self) -> list[Decimal]:
        """The weight of each position, unrounded: worked out once, when it is first asked for."""
        if self._shares is None:
            divisor = self.divisor
            self._shares = [row.base_value / divisor for row in self.positions]
        return self._shares

    @classmethod
    def of(
        cls, rows: dict[str, Valued], cash: Sequence[CashLine], cash_values: dict[str, Decimal], base: str, earlier: Self | None = None
    ) -> Self:
        """Sum up valued rows; weights are shares of the divisor. The instruments of an `earlier` state come first and are sorted already."""
        positions = list(rows.values())
        buckets, known = (earlier.buckets, len(earlier.positions)) if earlier else (Buckets(), 0)
        if known < len(positions):
            buckets = buckets.with_more(positions[known:], known)
        amounts = [row.base_value for row in positions]
        at = amounts.__getitem__
        by_asset_class = {name: sum(map(at, places), ZERO) for name, places in buckets.classes.items()}
        by_attribute: dict[str, dict[str, Decimal]] = {}
        for name, values in buckets.groups.items():
            sums = by_attribute[name] = {}
            for held, places in values.items():  # of small portfolios most have one row
                sums[held] = sum(map(at, places), ZERO) if len(places) > 1 else ZERO + amounts[places[0]]
        liquid = cash_values.values()
        worth = sum(liquid, sum(amounts, ZERO))
        by_asset_class[CASH] = by_asset_class.get(CASH, ZERO) + sum(liquid, ZERO)
        return cls(base, worth, worth or ONE, positions, rows, cash, cash_values, by_asset_class, by_attribute, buckets)


def value(
    quantities: Mapping[str, Decimal],
    cash: Sequence[CashLine],
    market: Market,
    shelf: Shelf,
    notes: Notes,
    stated: Mapping[str, Money] = NOTHING_STATED,
    earlier: State | None = None,
) -> State:
    """Value positions and cash in base currency. Missing prices and rates count zero and are noted.

    A `stated` value wins over quantity × unit value. Rows of an `earlier` state, valued in the same way, are taken over where the quantity is
    still the very same object: orders make new ones, and equal quantities (10 and 10.0) would show in other digits.
    """
    prices, units, rates, entries = market.prices, market.units, market.base_rates, shelf.entries
    known = earlier.by_instrument if earlier else {}
    rows: dict[str, Valued] = {}
    for instrument_id, quantity in quantities.items():
        row = known.get(instrument_id)
        if row is None or row.quantity is not quantity:
            price = prices.get(instrument_id)
            if price is None and quantity:
                notes.price_missing[instrument_id] = None
            if stated and (money := stated.get(instrument_id)):
                currency, amount = money.currency, money.amount
            elif price is not None:
                currency, amount = price.currency, quantity * units[instrument_id]
            else:
                currency, amount = market.base, ZERO
            rate = rates.get(currency)
            if rate is None and quantity:
                notes.fx_missing[market.base_pair(currency)] = None
            base_value = amount * rate if rate is not None else ZERO
            row = Valued(instrument_id, quantity, currency, amount, base_value, entries.get(instrument_id))
        rows[instrument_id] = row
    return State.of(rows, cash, _cash_in_base(cash, market, notes), market.base, earlier)


def unvalued(quantities: Mapping[str, Decimal], cash: Sequence[CashLine], market: Market, shelf: Shelf) -> State:
    """The portfolio with every value zero: what is shown when its values leave the range of decimals."""
    rows = {name: Valued(name, quantity, market.base, ZERO, ZERO, shelf.entries.get(name)) for name, quantity in quantities.items()}
    return State.of(rows, cash, {}, market.base)


def _cash_in_base(cash: Sequence[CashLine], market: Market, notes: Notes) -> dict[str, Decimal]:
    values = {}
    for row in cash:
        currency, amount = row.currency, row.amount
        if currency == market.base:
            values[currency] = amount
            continue
        rate = market.base_rates.get(currency)
        if rate is None and amount:
            notes.fx_missing[market.base_pair(currency)] = None
        values[currency] = amount * rate if rate is not None else ZERO
    return values
