"""FX deals of a guarded run: exact rates, smallest deals, minor units, and sweeps only where they are needed (desk 7, practice 6.3)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol

from engine.contracts.conventions import Dependencies, FxPolicy, MoneyRounding
from engine.contracts.limits import OptionMoney
from engine.intents.orders import FUND, SWEEP, FxDeal, Rationale, Trade
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ZERO, rational, to_minor_down, to_minor_up
from engine.simulation.fx import numbered_deals

NOTHING: Final = Fraction(0)


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

    def deals(self, cash: Mapping[str, Decimal], trades: Sequence[Trade]) -> list[FxDeal]:
        """The deals in the order of the balances, numbered after the trades; with COMPLETE dependencies sweeps come first."""
        return numbered_deals(self.made(cash, trades), trades, self.options.dependencies)

    def made(self, cash: Mapping[str, Decimal], trades: Sequence[Trade]) -> list[FxDeal]:
        """At most one deal per foreign currency, so netted, in the order of the balances, not yet numbered."""
        balances, spare = balances_after(cash, trades), dict[str, Fraction]()
        base = self.market.base
        for currency, balance in balances.items():
            if currency == base or not balance:
                continue
            if self.market.exact_rate(currency) is None:
                self.notes.fx_missing[self.market.base_pair(currency)] = None
                continue
            free = Fraction(balance)
            if currency in self.kept:
                free -= Fraction(self.kept[currency])
            if free < 0 and (self.funded is None or currency in self.funded):
                self._fund(currency, -free)
            elif free > 0 and self.sweeps:
                spare[currency] = free
        self._sweep_by_policy(Fraction(balances.get(base, ZERO)), spare)
        return [self._deals[currency] for currency in balances if currency in self._deals]

    def _fund(self, currency: str, need: Fraction) -> None:
        """Buy what is missing with the buffer on top, or the smallest deal if that is more; the surplus stays."""
        wanted, smallest = need * (1 + Fraction(self.options.fx_buffer_pct)), self._smallest(currency)
        if wanted < smallest:
            self.notes.warn(f"FX_DEAL_LIFTED_{currency}")
        bought = self._up(max(wanted, smallest), currency)
        paid = Fraction(bought) * self._rate(currency) * (1 + self.spread(currency))
        self._add(FUND, currency, bought, self._up(paid, self.market.base))

    def _sweep_by_policy(self, base_balance: Fraction, spare: Mapping[str, Fraction]) -> None:
        if self.options.fx_policy is FxPolicy.NEED_ONLY:
            self._sweep_what_base_lacks(base_balance, spare)
            return
        for currency, free in spare.items():
            self._sweep(currency, free)

    def _sweep(self, currency: str, free: Fraction) -> Decimal:
        """Sell what is free, unless that is below the smallest deal; answers what base gets."""
        if free < self._smallest(currency):
            self.notes.warn_once(f"FX_SWEEP_LEFT_{currency}")
            return ZERO
        sold = self._down(free, currency)
        bought = self._down(Fraction(sold) * self._got(currency), self.market.base)
        return self._add(SWEEP, currency, sold, bought)

    def _sweep_what_base_lacks(self, base_balance: Fraction, spare: Mapping[str, Fraction]) -> None:
        """Sweep what is drawn on, then the most valuable balances first until base reaches its floor, the last one just enough."""
        spent = sum((Fraction(deal.sell_amount) for deal in self._deals.values()), NOTHING)
        brought = {name: self._bring(name, amount, spare[name]) for name, amount in sorted(self.drawn.items()) if name in spare}
        need = self.floor - base_balance + spent - sum(brought.values(), NOTHING)
        for currency in sorted(spare, key=lambda name: (-spare[name] * self._rate(name), name)):
            if need <= 0:
                return
            before = brought.get(currency, NOTHING)
            need += before - self._bring(currency, need + before, spare[currency])

    def _bring(self, currency: str, need: Fraction, free: Fraction) -> Fraction:
        """Sweep just enough for base to get what it needs, or all that is free; answers what it gets, not below an enough that lacks last digits."""
        rate = self._got(currency)
        wanted = max(Fraction(self._up(need, self.market.base)) / rate, self._smallest(currency))
        enough = Fraction(self._up(wanted, currency))
        if enough >= free:
            return Fraction(self._sweep(currency, free))
        bought = self._down(enough * rate, self.market.base)
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
        return self.market.exact_rate(currency) or NOTHING  # only asked for currencies that have one

    def _got(self, currency: str) -> Fraction:
        """What base gets for one unit that is swept."""
        return self._rate(currency) * (1 - self.spread(currency))

    @property
    def _in_minor_units(self) -> bool:
        return self.options.money_rounding is MoneyRounding.MINOR_UNITS

    def _up(self, value: Fraction, currency: str) -> Decimal:
        return to_minor_up(value, currency) if self._in_minor_units else rational(value)

    def _down(self, value: Fraction, currency: str) -> Decimal:
        return to_minor_down(value, currency) if self._in_minor_units else rational(value)


def balances_after(cash: Mapping[str, Decimal], trades: Iterable[Trade]) -> dict[str, Decimal]:
    """Cash once trades are paid, costs included."""
    balances = dict(cash)
    for trade in trades:
        for currency, amount in trade.cash_flows():
            balances[currency] = balances.get(currency, ZERO) + amount
    return balances
