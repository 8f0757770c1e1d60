"""Market data and shelf, indexed once per request."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Self

from engine.contracts.snapshots import MarketDataSnapshot, Price, ShelfEntry

IDENTITY: Final = Decimal("1.0")


@dataclass(slots=True)
class Market:
    """Prices by instrument (also as they are shown) and FX rates by pair. Zero prices and zero rates are missing."""

    base: str
    prices: dict[str, Price]
    shown_prices: dict[str, dict[str, str]]
    _quoted: dict[str, Decimal]
    _to_base: dict[str, Decimal | None]

    @classmethod
    def of(cls, snapshot: MarketDataSnapshot, base: str) -> Self:
        """Index a snapshot for one base currency."""
        prices = {row.instrument_id: row for row in snapshot.prices if row.price > 0}
        return cls(
            base=base,
            prices=prices,
            shown_prices={name: {"amount": str(row.price), "currency": row.currency} for name, row in prices.items()},
            _quoted={row.pair: row.rate for row in snapshot.fx_rates if row.rate > 0},
            _to_base={base: IDENTITY},
        )

    def rate(self, source: str, target: str) -> Decimal | None:
        """Units of target for one source: the quoted pair, else the inverse pair, else None; no triangulation."""
        if source == target:
            return IDENTITY
        if quoted := self._quoted.get(f"{source}/{target}"):
            return quoted
        if inverse := self._quoted.get(f"{target}/{source}"):
            return IDENTITY / inverse
        return None

    def to_base(self, currency: str) -> Decimal | None:
        """Units of base for one unit of the currency, or None when there is no rate."""
        if currency not in self._to_base:
            self._to_base[currency] = self.rate(currency, self.base)
        return self._to_base[currency]

    def base_pair(self, currency: str) -> str:
        """The pair that converts a currency to base, as diagnostics name it."""
        return f"{currency}/{self.base}"


@dataclass(slots=True)
class Shelf:
    """Shelf entries by instrument, with the attributes that group constraints name."""

    entries: dict[str, ShelfEntry]
    _carriers: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[ShelfEntry]) -> Self:
        """Index the shelf."""
        return cls({entry.instrument_id: entry for entry in entries})

    def carriers(self, name: str, value: str) -> set[str]:
        """The instruments whose attribute has the value."""
        found = self._carriers.get((name, value))
        if found is None:
            found = {key for key, entry in self.entries.items() if entry.attributes.get(name) == value}
            self._carriers[name, value] = found
        return found

    def knows(self, name: str) -> bool:
        """Whether any entry carries the attribute."""
        for entry in self.entries.values():  # noqa: SIM110  (a generator costs more than it finds)
            if name in entry.attributes:
                return True
        return False

    def ineffective(self, keys: Iterable[str]) -> Iterator[str]:
        """The group keys, ascending, whose value no entry has: such a constraint binds nothing."""
        for key in sorted(keys):
            name, _, value = key.partition(":")
            if not self.carriers(name, value):
                yield key
