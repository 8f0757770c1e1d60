"""What the portfolio is worth: positions, cash and allocations in base currency (RFC-0001, RFC-0004)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Protocol

from engine.contracts import ValuationMode
from engine.contracts.snapshots import Money, ShelfEntry
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import ONE, ZERO

CASH: Final = "CASH"
UNKNOWN_CLASS: Final = "UNKNOWN"


class Holding(Protocol):
    """What valuation reads of a position."""

    instrument_id: str
    quantity: Decimal
    market_value: Money | None


class CashLine(Protocol):
    """What valuation reads of cash in one currency."""

    currency: str
    amount: Decimal
    settled: Decimal | None
    pending: Decimal | None


@dataclass(slots=True)
class Valued:
    """A position with its value in its own and in base currency; `weight` is unrounded."""

    instrument_id: str
    quantity: Decimal
    currency: str
    value: Decimal
    base_value: Decimal
    weight: Decimal
    entry: ShelfEntry | None


@dataclass(slots=True)
class State:
    """A valued portfolio. `divisor` is the total, or 1 when the total is zero; `cash_values` are in base."""

    base: str
    total: Decimal
    divisor: Decimal
    positions: list[Valued]
    by_instrument: dict[str, Valued]
    cash: Sequence[CashLine]
    cash_values: dict[str, Decimal]
    _by_asset_class: dict[str, Decimal] = field(default_factory=dict)
    _by_attribute: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    def by_asset_class(self) -> dict[str, Decimal]:
        """Base value per asset class in order of first appearance; CASH is always present."""
        if not self._by_asset_class:
            buckets: dict[str, Decimal] = {}
            for row in self.positions:
                name = row.entry.asset_class if row.entry else UNKNOWN_CLASS
                buckets[name] = buckets.get(name, ZERO) + row.base_value
            buckets[CASH] = buckets.get(CASH, ZERO) + sum(self.cash_values.values(), ZERO)
            self._by_asset_class.update(buckets)
        return self._by_asset_class

    def by_attribute(self) -> dict[str, dict[str, Decimal]]:
        """Base value per attribute and value in order of first appearance; cash has no attributes."""
        if not self._by_attribute:
            groups = self._by_attribute
            for row in self.positions:
                if row.entry:
                    for name, value in row.entry.attributes.items():
                        values = groups.get(name)
                        if values is None:
                            values = groups[name] = {}
                        values[value] = values.get(value, ZERO) + row.base_value
        return self._by_attribute


def value(
    positions: Iterable[Holding],
    cash: Sequence[CashLine],
    market: Market,
    shelf: Shelf,
    mode: ValuationMode,
    notes: Notes,
) -> State:
    """Value positions and cash in base currency. Missing prices and rates count zero and are noted."""
    trusted = mode is ValuationMode.TRUST_SNAPSHOT
    rows = [_valued(position, market, shelf, notes, trusted=trusted) for position in positions]
    cash_values = {row.currency: _cash_in_base(row, market, notes) for row in cash}
    worth = sum(cash_values.values(), sum((row.base_value for row in rows), ZERO))
    divisor = worth if worth != 0 else ONE
    for row in rows:
        row.weight = row.base_value / divisor
    return State(
        base=market.base,
        total=worth,
        divisor=divisor,
        positions=rows,
        by_instrument={row.instrument_id: row for row in rows},
        cash=cash,
        cash_values=cash_values,
    )


def unvalued(positions: Iterable[Holding], cash: Sequence[CashLine], market: Market, shelf: Shelf) -> State:
    """The portfolio with every value zero: what is shown when its values leave the range of decimals."""
    rows = [
        Valued(row.instrument_id, row.quantity, market.base, ZERO, ZERO, ZERO, shelf.entries.get(row.instrument_id)) for row in positions
    ]
    return State(market.base, ZERO, ONE, rows, {row.instrument_id: row for row in rows}, cash, {})


def _valued(position: Holding, market: Market, shelf: Shelf, notes: Notes, *, trusted: bool) -> Valued:
    instrument_id, quantity = position.instrument_id, position.quantity
    price = market.prices.get(instrument_id)
    if price is None and quantity != 0:
        notes.price_missing[instrument_id] = None
    if trusted and position.market_value is not None:
        currency, amount = position.market_value.currency, position.market_value.amount
    elif price is not None:
        currency, amount = price.currency, quantity * price.price
    else:
        currency, amount = market.base, ZERO
    rate = market.to_base(currency)
    if rate is None and quantity != 0:
        notes.fx_missing[market.base_pair(currency)] = None
    base_value = amount * rate if rate is not None else ZERO
    return Valued(instrument_id, quantity, currency, amount, base_value, ZERO, shelf.entries.get(instrument_id))


def _cash_in_base(row: CashLine, market: Market, notes: Notes) -> Decimal:
    if row.currency == market.base:
        return row.amount
    rate = market.to_base(row.currency)
    if rate is not None:
        return row.amount * rate
    if row.amount != 0:
        notes.fx_missing[market.base_pair(row.currency)] = None
    return ZERO
