"""FX deals of a guarded run: exact rates, smallest deals, minor units, and sweeps only where they are needed (desk 7, practice 6.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.contracts.conventions import FxPolicy, MoneyRounding
from engine.contracts.options.rebalance import EngineOptions
from engine.intents.orders import FUND, SWEEP, FxDeal, Rationale, Trade
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ZERO, rational, to_minor_down, to_minor_up
from engine.simulation.fx import numbered_deals

NOTHING: Final = Fraction(0)


@dataclass(slots=True)
class Dealing:
    """The deals of one run. `kept` must stay of each foreign currency, `floor` of base, exact."""

    market: Market
    options: EngineOptions
    kept: Mapping[str, Decimal]
    floor: Fraction
    notes: Notes
    _deals: dict[str, FxDeal] = field(default_factory=dict)

    def deals(self, cash: Mapping[str, Decimal], trades: Sequence[Trade]) -> list[FxDeal]:
        """At most one deal per foreign currency, so netted, in the order of the balances; with COMPLETE dependencies sweeps come first."""
        balances, spare = _balances(cash, trades), dict[str, Fraction]()
        base = self.market.base
        for currency, balance in balances.items():
            if currency == base or not balance:
                continue
            if self.market.exact_rate(currency) is None:
                self.notes.fx_missing[self.market.base_pair(currency)] = None
                continue
            free = Fraction(balance) - Fraction(self.kept.get(currency, ZERO))
            if free < 0:
                self._fund(currency, -free)
            elif free > 0:
                spare[currency] = free
        self._sweep_by_policy(Fraction(balances.get(base, ZERO)), spare)
        made = [self._deals[currency] for currency in balances if currency in self._deals]
        return numbered_deals(made, trades, self.options.dependencies)

    def _fund(self, currency: str, need: Fraction) -> None:
        """Buy what is missing with the buffer on top, or the smallest deal if that is more; the surplus stays."""
        wanted, smallest = need * (1 + Fraction(self.options.fx_buffer_pct)), self._smallest(currency)
        if wanted < smallest:
            self.notes.warn(f"FX_DEAL_LIFTED_{currency}")
        bought = self._up(max(wanted, smallest), currency)
        self._add(FUND, currency, bought, self._up(Fraction(bought) * self._rate(currency), self.market.base))

    def _sweep_by_policy(self, base_balance: Fraction, spare: Mapping[str, Fraction]) -> None:
        if self.options.fx_policy is FxPolicy.NEED_ONLY:
            self._sweep_what_base_lacks(base_balance, spare)
            return
        for currency, free in spare.items():
            self._sweep(currency, free)

    def _sweep(self, currency: str, free: Fraction) -> Decimal:
        """Sell what is free, unless that is below the smallest deal; answers what base gets."""
        if free < self._smallest(currency):
            self.notes.warn(f"FX_SWEEP_LEFT_{currency}")
            return ZERO
        sold = self._down(free, currency)
        bought = self._down(Fraction(sold) * self._rate(currency), self.market.base)
        return self._add(SWEEP, currency, sold, bought)

    def _sweep_what_base_lacks(self, base_balance: Fraction, spare: Mapping[str, Fraction]) -> None:
        """Sweep the most valuable balances first until base reaches its floor, the last one just enough."""
        spent = sum((Fraction(deal.sell_amount) for deal in self._deals.values()), NOTHING)
        need = self.floor - base_balance + spent
        for currency in sorted(spare, key=lambda name: (-spare[name] * self._rate(name), name)):
            if need <= 0:
                return
            free, rate = spare[currency], self._rate(currency)
            wanted = max(Fraction(self._up(need, self.market.base)) / rate, self._smallest(currency))
            enough = Fraction(self._up(wanted, currency))
            if enough >= free:
                need -= Fraction(self._sweep(currency, free))
                continue
            bought = self._down(enough * rate, self.market.base)
            if not self._in_minor_units and wanted * rate == need:
                bought = rational(need)  # the sold amount is rounded, what base lacks is not
            self._add(SWEEP, currency, rational(enough), bought)
            return

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

    @property
    def _in_minor_units(self) -> bool:
        return self.options.money_rounding is MoneyRounding.MINOR_UNITS

    def _up(self, value: Fraction, currency: str) -> Decimal:
        return to_minor_up(value, currency) if self._in_minor_units else rational(value)

    def _down(self, value: Fraction, currency: str) -> Decimal:
        return to_minor_down(value, currency) if self._in_minor_units else rational(value)


def _balances(cash: Mapping[str, Decimal], trades: Sequence[Trade]) -> dict[str, Decimal]:
    balances = dict(cash)
    for trade in trades:
        for currency, amount in trade.cash_flows():
            balances[currency] = balances.get(currency, ZERO) + amount
    return balances
