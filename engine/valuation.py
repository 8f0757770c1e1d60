"""What the portfolio is worth: positions, cash and allocations in base currency (RFC-0001, RFC-0004)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from engine.contracts import ValuationMode
from engine.contracts.snapshots import Money, Price, ShelfEntry
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import ONE, ZERO, total

CASH: Final = "CASH"


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
    price: Price | None
    currency: str
    value: Decimal
    base_value: Decimal
    weight: Decimal
    entry: ShelfEntry | None

    @property
    def asset_class(self) -> str:
        """The shelf's asset class, else UNKNOWN."""
        return self.entry.asset_class if self.entry else "UNKNOWN"


@dataclass(slots=True)
class State:
    """A valued portfolio. `divisor` is the total, or 1 when the total is zero; `cash_value` is all cash in base."""

    base: str
    total: Decimal
    divisor: Decimal
    positions: list[Valued]
    by_instrument: dict[str, Valued]
    cash: Sequence[CashLine]
    cash_value: Decimal

    def by_asset_class(self) -> dict[str, Decimal]:
        """Base value per asset class in order of first appearance; CASH is always present."""
        buckets: dict[str, list[Decimal]] = {}
        for row in self.positions:
            buckets.setdefault(row.asset_class, []).append(row.base_value)
        buckets.setdefault(CASH, []).append(self.cash_value)
        return {name: total(values) for name, values in buckets.items()}

    def by_attribute(self) -> dict[str, dict[str, Decimal]]:
        """Base value per attribute and value in order of first appearance; cash has no attributes."""
        groups: dict[str, dict[str, list[Decimal]]] = {}
        for row in self.positions:
            if row.entry:
                for name, value in row.entry.attributes.items():
                    groups.setdefault(name, {}).setdefault(value, []).append(row.base_value)
        return {name: {value: total(rows) for value, rows in inner.items()} for name, inner in groups.items()}

    def group_value(self, name: str, value: str) -> Decimal:
        """Base value of the positions that carry the attribute value."""
        return total(row.base_value for row in self.positions if row.entry and row.entry.attributes.get(name) == value)


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
    cash_values = [_cash_in_base(row, market, notes) for row in cash]
    worth = sum(cash_values, sum((row.base_value for row in rows), ZERO))
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
        cash_value=sum(cash_values, ZERO),
    )


def unvalued(positions: Iterable[Holding], cash: Sequence[CashLine], market: Market, shelf: Shelf) -> State:
    """The portfolio with every value zero: what is shown when its values leave the range of decimals."""
    rows = [
        Valued(row.instrument_id, row.quantity, None, market.base, ZERO, ZERO, ZERO, shelf.entries.get(row.instrument_id))
        for row in positions
    ]
    return State(market.base, ZERO, ONE, rows, {row.instrument_id: row for row in rows}, cash, ZERO)


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
    return Valued(instrument_id, quantity, price, currency, amount, base_value, ZERO, shelf.entries.get(instrument_id))


def _cash_in_base(row: CashLine, market: Market, notes: Notes) -> Decimal:
    if row.currency == market.base:
        return row.amount
    rate = market.to_base(row.currency)
    if rate is not None:
        return row.amount * rate
    if row.amount != 0:
        notes.fx_missing[market.base_pair(row.currency)] = None
    return ZERO
