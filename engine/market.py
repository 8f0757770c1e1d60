"""Market data and shelf, indexed once per request."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self

from msgspec import Struct, field
from msgspec.structs import replace

from engine.contracts.limits import GroupConstraint
from engine.contracts.market_data import NO_MULTIPLIER, NOTHING_ACCRUED, MarketDataSnapshot, Price, PriceBasis
from engine.contracts.shelf import ShelfEntry
from engine.conventions import in_lots
from engine.numbers import UNIT_RATE, ZERO, chained, inverse

MAX_GROUPED: Final = 1_000
"""Attributes whose groups are remembered; options may name others without end."""
ONE_PERCENT: Final = Decimal("0.01")
Fixed = tuple[str, str, str, str]
"""What no order changes of how a holding is shown: id, currency, asset class and price, as JSON text."""


class Market(Struct):
    """Prices by instrument, what one unit is worth at them, and FX rates by pair. Zero prices and zero rates are missing.

    `units` are in the currency of the price. `given` are the prices as they were given, `unusual` those of them that state more than an amount, or zero. `base_rates` are units of base
    for one unit of a currency, for every currency that has a rate to base; `quoted` are the rates as they were given. `hub` derives the pairs that are not given (practice 6.2).
    `shown` remembers how holdings are shown where many portfolios hold the same: by instrument, currency and asset class.
    """

    base: str
    prices: dict[str, Price]
    units: dict[str, Decimal]
    given: dict[str, Price]
    unusual: Collection[str]
    base_rates: dict[str, Decimal]
    hub: str | None
    quoted: dict[str, Decimal]
    shown: dict[tuple[str, str, str], Fixed] | None = None
    _exact_rates: dict[str, Fraction | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        snapshot: MarketDataSnapshot,
        base: str,
        *,
        hub: str | None = None,
        given: MarketDataSnapshot | None = None,
    ) -> Self:
        """Index a snapshot for one base currency; `given` is the snapshot as it is shown."""
        prices: dict[str, Price] = {}
        units: dict[str, Decimal] = {}
        unusual = []
        one, nothing, unit = NO_MULTIPLIER, NOTHING_ACCRUED, PriceBasis.UNIT  # to look up a member of an enumeration takes a while
        for row in snapshot.prices:
            amount = row.price
            if amount:
                name = row.instrument_id
                prices[name], units[name] = row, amount
                if row.multiplier is not one or row.accrued is not nothing or row.basis is not unit:
                    unusual.append(name)
        for name in unusual:
            units[name] = unit_value(prices[name])
        quoted = {row.pair: row.rate for row in snapshot.fx_rates if row.rate}
        as_given = prices
        if given is not None and given is not snapshot:
            as_given = {row.instrument_id: row for row in given.prices if row.instrument_id in prices}
        return cls(base, prices, units, as_given, frozenset(unusual), _base_rates(quoted, base, hub), hub, quoted)

    def in_base(self, base: str) -> Self:
        """The same market for another base currency; prices and pairs are shared with it."""
        return replace(self, base=base, base_rates=_base_rates(self.quoted, base, self.hub), _exact_rates={})

    def through(self, hub: str) -> Self:
        """The same market with the pairs that its hub derives; prices and pairs are shared with it."""
        return replace(self, hub=hub, base_rates=_base_rates(self.quoted, self.base, hub), _exact_rates={})

    def with_worthless(self, rows: Mapping[str, tuple[Price, Price]]) -> Self:
        """The market where these prices of zero count too, each as it is taken and as it was given."""
        stated, given = {name: row for name, (row, _) in rows.items()}, {name: row for name, (_, row) in rows.items()}
        units = self.units | dict.fromkeys(rows, ZERO)
        return replace(
            self, prices=self.prices | stated, units=units, given=self.given | given, unusual=frozenset({*self.unusual, *rows}), shown=None
        )

    def rate(self, source: str, target: str) -> Decimal | None:
        """Units of target for one source: the quoted pair, else the inverse pair, else through the hub, else None."""
        if source == target:
            return UNIT_RATE
        found = _given_rate(self.quoted, source, target)
        if found is None and self.hub is not None:
            return _through(self.quoted, source, target, self.hub)
        return found

    def rate_through_base(self, source: str, target: str) -> Decimal | None:
        """As `rate`, and where that finds none through base: thresholds are compared in whatever currency trades (dpm-engine S26)."""
        found = self.rate(source, target)
        if found is None and (first := self.rate(source, self.base)) and (second := self.rate(self.base, target)):
            return first * second
        return found

    def exact_between(self, source: str, target: str) -> Fraction | None:
        """As `exact_rate`, between any two currencies, at last through base."""
        if source == target:
            return Fraction(1)
        found = self._exact_or_through_hub(source, target)
        if found is None and (first := self.exact_rate(source)) and (second := self.exact_rate(target)):
            return first / second
        return found

    def derives(self, source: str, target: str) -> bool:
        """Whether the hub gives a rate that no pair does."""
        return source != target and _given_rate(self.quoted, source, target) is None and self.rate(source, target) is not None

    def exact_rate(self, currency: str) -> Fraction | None:
        """Units of base for one unit of a currency, without any rounding: 1 ÷ rate of an inverse pair, leg by leg through the hub."""
        if currency not in self._exact_rates:
            self._exact_rates[currency] = self._exact_to_base(currency)
        return self._exact_rates[currency]

    def _exact_to_base(self, currency: str) -> Fraction | None:
        return Fraction(1) if currency == self.base else self._exact_or_through_hub(currency, self.base)

    def _exact_or_through_hub(self, source: str, target: str) -> Fraction | None:
        found = self._exact(source, target)
        if found is None and self.hub is not None:
            first, second = self._exact(source, self.hub), self._exact(self.hub, target)
            return None if first is None or second is None else first * second
        return found

    def _exact(self, source: str, target: str) -> Fraction | None:
        if quoted := self.quoted.get(f"{source}/{target}"):
            return Fraction(*quoted.as_integer_ratio())
        if quoted := self.quoted.get(f"{target}/{source}"):
            whole, of = quoted.as_integer_ratio()
            return Fraction(of, whole)
        return None

    def base_pair(self, currency: str) -> str:
        """The pair that converts a currency to base, as diagnostics name it."""
        return f"{currency}/{self.base}"


def unit_value(price: Price) -> Decimal:
    """What one unit is worth, in the currency of its price (practice 5.1); zero where the price is."""
    if not price.price:
        return ZERO
    return (price.price + price.accrued) * clean_factor(price)


def clean_factor(price: Price) -> Decimal:
    """What one unit is worth for each point of its clean price: the multiplier, one hundredth of it for a price in percent."""
    return price.multiplier * ONE_PERCENT if price.basis is PriceBasis.PERCENT else price.multiplier


def _given_rate(quoted: Mapping[str, Decimal], source: str, target: str) -> Decimal | None:
    if rate := quoted.get(f"{source}/{target}"):
        return rate
    if rate := quoted.get(f"{target}/{source}"):
        return inverse(rate)
    return None


def _through(quoted: Mapping[str, Decimal], source: str, target: str, hub: str) -> Decimal | None:
    first, second = _given_rate(quoted, source, hub), _given_rate(quoted, hub, target)
    return None if first is None or second is None else chained(first, second)


def _base_rates(quoted: dict[str, Decimal], base: str, hub: str | None) -> dict[str, Decimal]:
    """`Market.rate` to base for every currency at once: inverse pairs, over them quoted ones, over them base itself; then the hub."""
    start, end = f"{base}/", f"/{base}"
    rates = {}
    for pair, rate in quoted.items():
        if pair.endswith(end):
            rates[pair.removesuffix(end)] = rate
        elif pair.startswith(start):
            rates.setdefault(pair.removeprefix(start), inverse(rate))
    rates[base] = UNIT_RATE
    if hub is not None and hub != base:
        for currency in sorted({code for pair in quoted for code in pair.split("/")} - rates.keys()):
            derived = _through(quoted, currency, base, hub)
            if derived is not None:
                rates[currency] = derived
    return rates


class GroupLimit(Struct):
    """The largest weight of the instruments that carry an attribute's value; `known` if any entry has the attribute."""

    key: str
    name: str
    value: str
    cap: Decimal
    carriers: set[str]
    known: bool


class Shelf(Struct):
    """Shelf entries by instrument, with the attributes that group constraints name."""

    entries: dict[str, ShelfEntry]
    _groups: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _limited: tuple[Mapping[str, GroupConstraint], list[GroupLimit]] | None = None
    _in_lots: bool | None = None
    _has_minimum: bool | None = None

    @classmethod
    def of(cls, entries: Iterable[ShelfEntry]) -> Self:
        """Index the shelf by instrument; groups are indexed when the first constraint asks for them."""
        return cls({entry.instrument_id: entry for entry in entries})

    @property
    def in_lots(self) -> bool:
        """Whether anything is dealt in lots; looked up once for all portfolios."""
        if self._in_lots is None:
            self._in_lots = in_lots(self.entries.values())
        return self._in_lots

    @property
    def has_minimum(self) -> bool:
        """Whether any entry states a smallest notional; looked up once for all portfolios."""
        if self._has_minimum is None:
            self._has_minimum = bool([True for entry in self.entries.values() if entry.min_notional])
        return self._has_minimum

    def groups(self, name: str) -> dict[str, set[str]]:
        """Value of an attribute → the instruments that carry it; empty when no entry has the attribute. Indexed once per attribute."""
        groups = self._groups.get(name)
        if groups is None:
            if len(self._groups) >= MAX_GROUPED:
                self._groups.clear()
            groups = {}
            for key, entry in self.entries.items():
                value = entry.attributes.get(name)
                if value is not None:
                    if value in groups:
                        groups[value].add(key)
                    else:
                        groups[value] = {key}
            self._groups[name] = groups
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
        known = self._limited
        if known is None or known[0] is not constraints:
            limits = []
            for key in sorted(constraints):
                name, _, value = key.partition(":")
                carriers = self.groups(name)
                members = carriers.get(value, set())
                limits.append(GroupLimit(key, name, value, constraints[key].max_weight, members, known=bool(carriers)))
            known = self._limited = constraints, limits  # together, and whole, for who decides beside us
        return known[1]
