"""FX deals of a guarded run: exact rates, smallest deals, minor units, and sweeps only where they are needed (desk 7, practice 6.3)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from fractions import Fraction
from functools import reduce
from typing import Final, Protocol

from engine.contracts.conventions import Dependencies, FxPolicy, MoneyRounding
from engine.contracts.limits import OptionMoney
from engine.intents.orders import FUND, SWEEP, FxDeal, Rationale, Trade
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ONE, ZERO, minor_down, minor_up, rational
from engine.simulation.fx import balances_after, numbered_deals

NOTHING: Final = Fraction(0)
_EXACTLY: Final = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)


class DealTerms(Protocol):
    """What a run asks of its deals."""

    @property
    def fx_buffer_pct(self) -> Decimal:
        """Share that a funding buys on top."""

    @property
    def fx_min_deal(self) -> OptionMoney | None:
        """The smallest deal."""

    @property
    def fx_policy(self) -> FxPolicy:
        """Whether all that is left over is swept, or what base lacks."""

    @property
    def money_rounding(self) -> MoneyRounding:
        """Whether both legs are in minor units."""

    @property
    def dependencies(self) -> Dependencies:
        """In which order deals are numbered."""


def no_spread(_: str) -> Fraction:
    """Deals at the mid rate."""
    return NOTHING


@dataclass(slots=True)
class Dealing:
    """The deals of one run. `kept` must stay of each foreign currency, `floor` of base, exact.

    `spread` is what a deal in a currency costs of what it moves. Only `funded` currencies are bought where they are short, None for
    all; without `sweeps` nothing left over is sold. `drawn` is what a currency brings base before other money is asked, where sweeps
    go by need.
    """

    market: Market
    options: DealTerms
    kept: Mapping[str, Decimal]
    floor: Fraction
    notes: Notes
    spread: Callable[[str], Fraction] = no_spread
    funded: Collection[str] | None = None
    sweeps: bool = True
    drawn: Mapping[str, Fraction] = field(default_factory=dict)
    _deals: dict[str, FxDeal] = field(default_factory=dict)
    _in_minor_units: bool = field(init=False)
    _reserve: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what every deal asks."""
        self._in_minor_units = self.options.money_rounding is MoneyRounding.MINOR_UNITS
        self._reserve = _EXACTLY.add(ONE, self.options.fx_buffer_pct).as_integer_ratio()

    def deals(self, cash: Mapping[str, Decimal], trades: Sequence[Trade]) -> list[FxDeal]:
        """The deals in the order of the balances, numbered after the trades; with COMPLETE dependencies sweeps come first."""
        return numbered_deals(self.made(cash, trades), trades, self.options.dependencies)

    def made(self, cash: Mapping[str, Decimal], trades: Sequence[Trade]) -> list[FxDeal]:
        """At most one deal per foreign currency, so netted, in the order of the balances, not yet numbered."""
        balances, spare = balances_after(cash, trades), dict[str, Decimal]()
        base = self.market.base
        for currency, balance in balances.items():
            if currency == base or not balance:
                continue
            if self.market.exact_rate(currency) is None:
                self.notes.fx_missing[self.market.base_pair(currency)] = None
                continue
            free = _EXACTLY.subtract(balance, self.kept[currency]) if currency in self.kept else balance
            if free < ZERO and (self.funded is None or currency in self.funded):
                self._fund(currency, free.copy_negate())
            elif free > ZERO and self.sweeps:
                spare[currency] = free
        if spare:
            self._sweep_by_policy(balances.get(base, ZERO), spare)
        return [self._deals[currency] for currency in balances if currency in self._deals]

    def _fund(self, currency: str, need: Decimal) -> None:
        """Buy what is missing with the buffer on top, or the smallest deal if that is more; the surplus stays."""
        (missing, of), (reserve, each), smallest = need.as_integer_ratio(), self._reserve, self._smallest(currency)
        wanted = missing * reserve, of * each
        if smallest is not NOTHING and Fraction(*wanted) < smallest:
            self.notes.warn(f"FX_DEAL_LIFTED_{currency}")
            wanted = smallest.as_integer_ratio()
        bought = self._up(*wanted, currency)
        amount, of = bought.as_integer_ratio()
        price, each = self._paid(currency).as_integer_ratio()
        self._add(FUND, currency, bought, self._up(amount * price, of * each, self.market.base))

    def _sweep_by_policy(self, base_balance: Decimal, spare: Mapping[str, Decimal]) -> None:
        if self.options.fx_policy is FxPolicy.NEED_ONLY:
            self._sweep_what_base_lacks(base_balance, spare)
            return
        for currency, free in spare.items():
            self._sweep(currency, free)

    def _sweep(self, currency: str, free: Decimal) -> Decimal:
        """Sell what is free, unless that is below the smallest deal; answers what base gets."""
        smallest = self._smallest(currency)
        if smallest is not NOTHING and Fraction(free) < smallest:
            self.notes.warn_once(f"FX_SWEEP_LEFT_{currency}")
            return ZERO
        sold = self._down(*free.as_integer_ratio(), currency)
        amount, of = sold.as_integer_ratio()
        price, each = self._got(currency).as_integer_ratio()
        return self._add(SWEEP, currency, sold, self._down(amount * price, of * each, self.market.base))

    def _sweep_what_base_lacks(self, base_balance: Decimal, spare: Mapping[str, Decimal]) -> None:
        """Sweep what is drawn on, then the most valuable balances first until base reaches its floor, the last one just enough."""
        left = reduce(_EXACTLY.subtract, [deal.sell_amount for deal in self._deals.values()], base_balance)
        amount, of = left.as_integer_ratio()
        if amount * self.floor.denominator >= self.floor.numerator * of and not self.drawn:
            return
        brought = {name: self._bring(name, amount, spare[name]) for name, amount in sorted(self.drawn.items()) if name in spare}
        need = self.floor - Fraction(left) - sum(brought.values())
        for currency in sorted(spare, key=lambda name: (-Fraction(spare[name]) * self._rate(name), name)):
            if need <= 0:
                return
            before = brought.get(currency, NOTHING)
            need += before - self._bring(currency, need + before, spare[currency])

    def _bring(self, currency: str, need: Fraction, free: Decimal) -> Fraction:
        """Sell just enough for base to get what it needs, or all that is free; answers what it gets, not below an enough that lacks last digits."""
        rate = self._got(currency)
        wanted = max(Fraction(self._up(*need.as_integer_ratio(), self.market.base)) / rate, self._smallest(currency))
        enough = Fraction(self._up(*wanted.as_integer_ratio(), currency))
        if enough >= Fraction(free):
            return Fraction(self._sweep(currency, free))
        bought = self._down(*(enough * rate).as_integer_ratio(), self.market.base)
        if not self._in_minor_units and wanted * rate == need:
            bought = rational(need)  # the sold amount is rounded, what base lacks is not
        return max(need, Fraction(self._add(SWEEP, currency, rational(enough), bought)))

    def _add(self, rationale: Rationale, currency: str, amount: Decimal, base_amount: Decimal) -> Decimal:
        """Make the deal, unless one leg is nothing; answers what moved in base."""
        if not amount or not base_amount:
            return ZERO
        pair, base = self.market.base_pair(currency), self.market.base
        if rationale == FUND:
            self._deals[currency] = FxDeal("", pair, currency, amount, base, base_amount, FUND)
        else:
            self._deals[currency] = FxDeal("", pair, base, base_amount, currency, amount, SWEEP)
        return base_amount

    def _smallest(self, currency: str) -> Fraction:
        """The smallest deal in the currency; nothing where none is asked for, or where no rate converts it."""
        smallest = self.options.fx_min_deal
        if smallest is None:
            return NOTHING
        rate = self.market.exact_between(smallest.currency, currency)
        if rate is None:
            self.notes.warn_once(f"FX_MIN_DEAL_UNCONVERTIBLE_{currency}")
            return NOTHING
        return Fraction(smallest.amount) * rate

    def _rate(self, currency: str) -> Fraction:
        rate = self.market.exact_rate(currency)
        return NOTHING if rate is None else rate  # only asked for currencies that have one

    def _paid(self, currency: str) -> Fraction:
        """What base pays for one unit that is bought."""
        spread = self.spread(currency)
        return self._rate(currency) * (1 + spread) if spread is not NOTHING else self._rate(currency)

    def _got(self, currency: str) -> Fraction:
        """What base gets for one unit that is swept."""
        spread = self.spread(currency)
        return self._rate(currency) * (1 - spread) if spread is not NOTHING else self._rate(currency)

    def _up(self, numerator: int, denominator: int, currency: str) -> Decimal:
        if self._in_minor_units:
            return minor_up(numerator, denominator, currency)
        return rational(Fraction(numerator, denominator))

    def _down(self, numerator: int, denominator: int, currency: str) -> Decimal:
        if self._in_minor_units:
            return minor_down(numerator, denominator, currency)
        return rational(Fraction(numerator, denominator))
