"""The deals that pay for a proposal: netted, against base, in minor units, sweeps only for what base lacks (advisory-practice 4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.advisory.values import AdvisedTrade, FundingRow
from engine.contracts.choices import FundingSource
from engine.contracts.conventions import Conventions, Dependencies, FxPolicy, MoneyRounding
from engine.contracts.limits import OptionMoney
from engine.contracts.options.proposals import ProposalOptions
from engine.costs import Charges
from engine.intents.orders import FUND, FxDeal
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ZERO
from engine.simulation.fx import balances_after
from engine.simulation.guarded_fx import Dealing

NOTHING: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class ProposalDeals:
    """What a proposal asks of its deals."""

    fx_min_deal: OptionMoney | None
    fx_buffer_pct: Decimal = ZERO
    fx_policy: FxPolicy = FxPolicy.NEED_ONLY
    money_rounding: MoneyRounding = MoneyRounding.MINOR_UNITS
    dependencies: Dependencies = Dependencies.COMPLETE


@dataclass(slots=True)
class Means:
    """What a plan pays from: the cash before its trades and its sells; what must stay, of foreign cash and of base.

    `targets` are the currencies that buys or withdrawals need, `leaving` those of withdrawals: they alone are bought. `overdrafts` came with
    the portfolio. Amounts in each currency; `there` is what the sells leave to pay with.
    """

    start: Mapping[str, Decimal]
    sells: Sequence[AdvisedTrade]
    targets: Collection[str]
    leaving: Collection[str]
    kept: Mapping[str, Decimal]
    floor: Fraction
    market: Market
    options: ProposalOptions
    charges: Charges
    overdrafts: Mapping[str, Decimal] = field(default_factory=dict)
    there: Mapping[str, Decimal] = field(init=False)

    def __post_init__(self) -> None:
        """Let the sells happen."""
        self.there = balances_after(self.start, self.sells)

    @property
    def sweeps(self) -> bool:
        """Whether foreign cash may be sold for what base lacks."""
        return self.options.fx_funding_source_currency is FundingSource.ANY_CASH

    def held(self, currency: str) -> bool:
        """Whether a currency is below zero as it came, and no lower: nobody pays that off but who buys in it, or takes money out."""
        below = self.overdrafts.get(currency, ZERO)
        return below <= self.there.get(currency, ZERO) < ZERO and currency not in self.leaving and currency != self.market.base

    def needed(self, bought: Iterable[AdvisedTrade]) -> Collection[str]:
        """The targets, but for old overdrafts where all buys of their currency are left out."""
        if not self.overdrafts:
            return self.targets
        paid = {trade.price.currency for trade in bought}
        return {currency for currency in self.targets if currency in paid or not self.held(currency)}

    def deals(self, bought: Sequence[AdvisedTrade], notes: Notes) -> list[FxDeal]:
        """The deals that pay what is bought and what leaves, numbered, sweeps first, then fundings, currencies ascending; none for nothing."""
        if not (self.options.auto_funding and (bought or self.leaving)):
            return []
        dealing = Dealing(
            self.market,
            ProposalDeals(self.options.fx_min_deal),
            self.kept,
            self.floor,
            notes,
            self.charges.spread,
            self.needed(bought),
            self.sweeps,
            self._drawn(bought),
        )
        currencies = sorted({*self.there, *self.targets})  # their order is that of the warnings
        made = dealing.made({name: self.start.get(name, ZERO) for name in currencies}, [*self.sells, *bought])
        made.sort(key=lambda deal: (deal.rationale == FUND, self._foreign(deal)))
        for number, deal in enumerate(made, start=1):
            deal.intent_id, deal.pair = f"oi_fx_{number}", f"{deal.buy_currency}/{deal.sell_currency}"
        return made

    def left(self, currency: str, deals: Iterable[FxDeal], bought: Iterable[AdvisedTrade]) -> Decimal:
        """What is left of a currency in the end, summed as the cash of the result is."""
        left = self.there.get(currency, ZERO)
        for deal in deals:
            for name, amount in deal.cash_flows():
                if name == currency:
                    left += amount
        for trade in bought:
            if trade.price.currency == currency:
                left += trade.proceeds()
        return left

    def rows(self, deals: Iterable[FxDeal], bought: Sequence[AdvisedTrade]) -> list[FundingRow]:
        """What each target needs for what is bought, and the deal that brings it; none where nothing is funded."""
        if not self.options.auto_funding:
            return []
        funded = {deal.buy_currency: deal for deal in deals if deal.rationale == FUND}
        required = balances_after({}, bought)
        rows = []
        for currency in sorted(self.needed(bought)):
            asked, available, deal = abs(required.get(currency, ZERO)), self.there.get(currency, ZERO), funded.get(currency)
            row = FundingRow(currency, asked, available)
            if deal is not None:
                row.pair, row.source = deal.pair, deal.sell_currency
            rows.append(row)
        return rows

    def _foreign(self, deal: FxDeal) -> str:
        return deal.sell_currency if deal.buy_currency == self.market.base else deal.buy_currency

    def _drawn(self, bought: Iterable[AdvisedTrade]) -> Mapping[str, Fraction]:
        """What switches draw from the currencies of their sells before base pays, as a desk does it (rulings-2 proposal 5)."""
        if self.options.conventions is not Conventions.DESK:
            return {}
        switches = [trade for trade in bought if trade.sources]
        if not switches:
            return {}
        free = {name: amount - self.kept.get(name, ZERO) for name, amount in balances_after(self.there, bought).items()}
        return draws(switches, self.sells, free, self.market, self.charges)


def draws(
    switches: Iterable[AdvisedTrade],
    sells: Iterable[AdvisedTrade],
    free: Mapping[str, Decimal],
    market: Market,
    charges: Charges,
) -> dict[str, Fraction]:
    """What the currencies of sells bring base for the switches that they pay: no more than they got, nor than has to be paid in base.

    `free` are the balances without deals, above what must stay: a purchase is paid by its own currency at par first, then by the proceeds, then by base.
    """
    base = market.base
    got: dict[str, list[tuple[str, Fraction]]] = {}
    for sell in sells:
        currency = sell.price.currency
        rate = (market.exact_rate(currency) or NOTHING) * (1 - charges.spread(currency) if currency != base else 1)
        got.setdefault(sell.instrument_id, []).append((currency, Fraction(sell.notional - sell.cost) * rate))
    short = {name: max(-Fraction(amount), NOTHING) * (market.exact_rate(name) or NOTHING) for name, amount in free.items()}
    drawn: dict[str, Fraction] = {}
    for trade in switches:
        currency = trade.price.currency
        to_pay = Fraction(trade.notional + trade.cost) * (market.exact_rate(currency) or NOTHING)
        brought: dict[str, Fraction] = {}
        for name, amount in (row for source in trade.sources for row in got.get(source, ())):
            brought[name] = brought.get(name, NOTHING) + amount
        to_pay -= brought.pop(base, NOTHING) + brought.pop(currency, NOTHING)
        if currency != base:
            to_pay = min(to_pay, short.get(currency, NOTHING))
            short[currency] = short.get(currency, NOTHING) - max(to_pay, NOTHING)
            to_pay *= 1 + charges.spread(currency)
        for name, amount in sorted(brought.items(), key=lambda row: (-row[1], row[0])):
            if to_pay > 0 and amount > 0:
                drawn[name] = drawn.get(name, NOTHING) + min(amount, to_pay)
                to_pay -= min(amount, to_pay)
    return drawn
