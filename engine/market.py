"""Market data and shelf, indexed once per request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Self

from engine.contracts.options import GroupConstraint
from engine.contracts.snapshots import MarketDataSnapshot, Price, ShelfEntry
from engine.numbers import UNIT_RATE, inverse, plain


@dataclass(slots=True)
class Market:
    """Prices by instrument (also as they are shown) and FX rates by pair. Zero prices and zero rates are missing.

    `base_rates` are units of base for one unit of a currency, for every currency that has a rate to base.
    """

    base: str
    prices: dict[str, Price]
    shown_prices: dict[str, dict[str, str]]
    base_rates: dict[str, Decimal]
    _quoted: dict[str, Decimal]

    @classmethod
    def of(cls, snapshot: MarketDataSnapshot, base: str) -> Self:
        """Index a snapshot for one base currency."""
        prices = {row.instrument_id: row for row in snapshot.prices if row.price}
        quoted = {row.pair: row.rate for row in snapshot.fx_rates if row.rate}
        return cls(
            base=base,
            prices=prices,
            shown_prices={name: {"amount": plain(row.price), "currency": row.currency} for name, row in prices.items()},
            base_rates=_base_rates(quoted, base),
            _quoted=quoted,
        )

    def in_base(self, base: str) -> Self:
        """The same market for another base currency; prices and pairs are shared with it."""
        return replace(self, base=base, base_rates=_base_rates(self._quoted, base))

    def rate(self, source: str, target: str) -> Decimal | None:
        """Units of target for one source: the quoted pair, else the inverse pair, else None; no triangulation."""
        if source == target:
            return UNIT_RATE
        if quoted := self._quoted.get(f"{source}/{target}"):
            return quoted
        if quoted := self._quoted.get(f"{target}/{source}"):
            return inverse(quoted)
        return None

    def base_pair(self, currency: str) -> str:
        """The pair that converts a currency to base, as diagnostics name it."""
        return f"{currency}/{self.base}"


def _base_rates(quoted: dict[str, Decimal], base: str) -> dict[str, Decimal]:
    """`Market.rate` to base for every currency at once: inverse pairs, over them quoted ones, over them base itself."""
    start, end = f"{base}/", f"/{base}"
    rates = {}
    for pair, rate in quoted.items():
        if pair.endswith(end):
            rates[pair.removesuffix(end)] = rate
        elif pair.startswith(start):
            rates.setdefault(pair.removeprefix(start), inverse(rate))
    rates[base] = UNIT_RATE
    return rates


@dataclass(slots=True)
class GroupLimit:
    """The largest weight of the instruments that carry an attribute's value; `known` if any entry has the attribute."""

    key: str
    name: str
    value: str
    cap: Decimal
    carriers: set[str]
    known: bool


@dataclass(slots=True)
class Shelf:
    """Shelf entries by instrument, with the attributes that group constraints name."""

    entries: dict[str, ShelfEntry]
    _groups: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _constraints: Mapping[str, GroupConstraint] | None = None
    _limits: list[GroupLimit] = field(default_factory=list)

    @classmethod
    def of(cls, entries: Iterable[ShelfEntry]) -> Self:
        """Index the shelf by instrument; groups are indexed when the first constraint asks for them."""
        return cls({entry.instrument_id: entry for entry in entries})

    def groups(self, name: str) -> dict[str, set[str]]:
        """Value of an attribute → the instruments that carry it; empty when no entry has the attribute. Indexed once per attribute."""
        groups = self._groups.get(name)
        if groups is None:
            groups = self._groups[name] = {}
            for key, entry in self.entries.items():
                value = entry.attributes.get(name)
                if value is not None:
                    members = groups.get(value)
                    if members is None:
                        members = groups[value] = set()
                    members.add(key)
        return groups

    def carriers(self, name: str, value: str) -> set[str]:
        """The instruments whose attribute has the value."""
        return self.groups(name).get(value, set())

    def knows(self, name: str) -> bool:
        """Whether any entry carries the attribute."""
        return bool(self.groups(name))

    def limits(self, constraints: Mapping[str, GroupConstraint]) -> list[GroupLimit]:
        """The limits of a run, keys ascending.

        Universe, caps and rules of a run ask with the mapping of its options, and so do all portfolios of a book: the limits of the last
        mapping are kept and known again by identity, since comparing mappings would cost as much as reading them.
        """
        if self._constraints is not constraints:
            self._constraints, self._limits = constraints, []
            for key in sorted(constraints):
                name, _, value = key.partition(":")
                carriers = self.groups(name)
                members = carriers.get(value, set())
                self._limits.append(GroupLimit(key, name, value, constraints[key].max_weight, members, known=bool(carriers)))
        return self._limits
