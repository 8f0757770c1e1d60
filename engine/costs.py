"""What trading costs, before the fact: commissions, transaction taxes and the spread of FX deals (desk 8.1, 8.2).

A guard reckons with the exact cost of an amount; an order is charged its commission and its tax each rounded up to minor units.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, Context, Decimal
from fractions import Fraction
from typing import Final, NamedTuple, Self

from engine.contracts.limits import OptionMoney
from engine.contracts.options.costs import CommissionRow, CostSchedule
from engine.intents.orders import Trade
from engine.market import Market, Shelf
from engine.numbers import ZERO, minor_unit, to_minor_up

BASIS_POINTS: Final = 10_000
PROHIBITIVE: Final = Decimal(5_000)
"""Basis points of tax from which nothing is traded on a side."""

NOTHING: Final = Fraction(0)
_UP: Final = Context(prec=200, rounding=ROUND_CEILING, Emin=MIN_EMIN, Emax=MAX_EMAX)
"""Products of two amounts are exact in it."""


class OrderCost(NamedTuple):
    """What an order is charged, in its own currency and in minor units."""

    commission: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        """Commission and tax together."""
        return self.commission + self.tax


NO_COST: Final = OrderCost(ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Terms:
    """What orders of one instrument and side cost: shares of the notional, and bounds of the commission in the order's currency.

    `unbounded` tells of a bound that no rate converts, and which is absent for that.
    """

    rate: Fraction = NOTHING
    minimum: Fraction = NOTHING
    maximum: Fraction | None = None
    tax: Fraction = NOTHING
    unbounded: bool = False

    @property
    def free(self) -> bool:
        """Whether no order costs anything."""
        return not (self.rate or self.minimum or self.tax)

    def commission(self, notional: Fraction) -> Fraction:
        """The commission of a notional above zero, not rounded."""
        asked = max(notional * self.rate, self.minimum)
        return asked if self.maximum is None else min(asked, self.maximum)

    def cost(self, notional: Fraction) -> Fraction:
        """All that a notional costs, not rounded; nothing where nothing is traded."""
        return self.commission(notional) + notional * self.tax if notional > 0 else NOTHING


FREE: Final = Terms()


@dataclass(frozen=True, slots=True)
class _Charge:
    """Terms in decimals: the bounds are rounded up already, which is the same as rounding up what they bound."""

    rate: Decimal
    minimum: Decimal
    maximum: Decimal | None
    tax: Decimal
    minor_unit: Decimal

    @classmethod
    def of(cls, terms: Terms, currency: str) -> Self:
        maximum = None if terms.maximum is None else to_minor_up(terms.maximum, currency)
        shares = (_UP.divide(share.numerator, share.denominator) for share in (terms.rate, terms.tax))  # of decimals: they end
        rate, tax = shares
        return cls(rate, to_minor_up(terms.minimum, currency), maximum, tax, minor_unit(currency))

    def cost(self, notional: Decimal) -> OrderCost:
        commission = max(self._up(notional, self.rate), self.minimum)
        return OrderCost(commission if self.maximum is None else min(commission, self.maximum), self._up(notional, self.tax))

    def _up(self, notional: Decimal, share: Decimal) -> Decimal:
        """A share of an amount, rounded up to minor units, in the digits of the engine."""
        return +_UP.quantize(_UP.multiply(notional, share), self.minor_unit)


@dataclass(slots=True)
class Charges:
    """A schedule of costs over a market and a shelf; without a schedule nothing costs anything."""

    schedule: CostSchedule | None
    market: Market
    shelf: Shelf
    _terms: dict[tuple[str, str, str], Terms] = field(default_factory=dict)
    _charges: dict[tuple[str, str, str], _Charge] = field(default_factory=dict)

    @classmethod
    def of(cls, schedule: CostSchedule | None, market: Market, shelf: Shelf) -> Self:
        """The charges of a schedule whose amounts and currencies are in major currencies."""
        return cls(schedule, market, shelf)

    def terms(self, instrument_id: str, side: str, currency: str) -> Terms:
        """What orders of an instrument cost on a side, in a currency: one commission row, and every tax row that matches."""
        if self.schedule is None:
            return FREE
        key = instrument_id, side, currency
        found = self._terms.get(key)
        if found is None:
            found = self._terms[key] = self._of_rows(self.schedule, instrument_id, side, currency)
        return found

    def cost(self, instrument_id: str, side: str, notional: Decimal, currency: str) -> OrderCost:
        """What an order is charged: commission and tax of the exact notional, each rounded up to minor units; nothing without a notional."""
        if self.schedule is None or notional <= 0:
            return NO_COST
        key = instrument_id, side, currency
        charge = self._charges.get(key)
        if charge is None:
            charge = self._charges[key] = _Charge.of(self.terms(*key), currency)
        return charge.cost(notional)

    def spread(self, currency: str) -> Fraction:
        """What an FX deal between base and a currency costs, as a share of what it moves."""
        if self.schedule is None:
            return NOTHING
        return Fraction(self.schedule.fx_spread_bps_by_currency.get(currency, self.schedule.fx_spread_bps)) / BASIS_POINTS

    def prohibitive(self, instrument_id: str, side: str) -> bool:
        """Whether tax takes so much of what is traded that an instrument is not traded on a side."""
        return self.schedule is not None and self._tax_bps(self.schedule, instrument_id, side) >= PROHIBITIVE

    def unbounded(self, trades: Iterable[Trade]) -> Iterator[str]:
        """Warnings of bounds of the commission that no rate converts to an order's currency, each instrument once, in the order of the trades."""
        if self.schedule is None:
            return iter(())
        names = (row.instrument_id for row in trades if self.terms(row.instrument_id, row.side, row.price.currency).unbounded)
        return (f"COST_BOUND_UNCONVERTIBLE_{name}" for name in dict.fromkeys(names))

    def _of_rows(self, schedule: CostSchedule, instrument_id: str, side: str, currency: str) -> Terms:
        tax = Fraction(self._tax_bps(schedule, instrument_id, side)) / BASIS_POINTS
        rows = [
            row
            for row in schedule.commission
            if row.side in {None, side} and row.currency in {None, currency} and self._matches(row.match, instrument_id)
        ]
        if not rows:
            return Terms(tax=tax)
        row = min(rows, key=_most_specific)
        minimum, maximum = self._bound(row.minimum, currency), self._bound(row.maximum, currency)
        unbounded = any(stated is not None and found is None for stated, found in ((row.minimum, minimum), (row.maximum, maximum)))
        return Terms(Fraction(row.rate_bps) / BASIS_POINTS, minimum or NOTHING, maximum, tax, unbounded)

    def _tax_bps(self, schedule: CostSchedule, instrument_id: str, side: str) -> Decimal:
        rows = schedule.transaction_tax
        return sum((row.rate_bps for row in rows if row.side in {None, side} and self._matches(row.match, instrument_id)), ZERO)

    def _matches(self, match: str | None, instrument_id: str) -> bool:
        if match is None:
            return True
        name, _, value = match.partition(":")
        entry = self.shelf.entries.get(instrument_id)
        return entry is not None and entry.attributes.get(name) == value

    def _bound(self, bound: OptionMoney | None, currency: str) -> Fraction | None:
        if bound is None:
            return None
        rate = self.market.exact_between(bound.currency, currency)
        return None if rate is None else Fraction(bound.amount) * rate


def _most_specific(row: CommissionRow) -> tuple[bool, bool, bool, str]:
    """A match before none, then a currency, then a side; then the lesser text of the match."""
    return row.match is None, row.currency is None, row.side is None, row.match or ""
