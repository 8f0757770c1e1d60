"""Auto-funding as proposals have always had it: each currency from one source, or not at all (RFC-0014, advisory-engine 8)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Final

from engine.advisory.values import AdvisedTrade, Funding, FundingRow
from engine.contracts.choices import FundingSource
from engine.contracts.options.proposals import ProposalOptions
from engine.intents.orders import FUND, FxDeal, Rationale
from engine.market import Market
from engine.numbers import ZERO, minor_unit

MISSING_FX: Final = "PROPOSAL_MISSING_FX_FOR_FUNDING"
MISSING_FX_TOLERATED: Final = "PROPOSAL_MISSING_FX_NON_BLOCKING"
INSUFFICIENT: Final = "PROPOSAL_INSUFFICIENT_FUNDING_CASH"
BUY_SKIPPED: Final = "PROPOSAL_BUY_SKIPPED_UNFUNDED"


def in_minor_units(amount: Decimal, currency: str) -> Decimal:
    """An amount to the currency's digits, half-even as all arithmetic of the engine."""
    return amount.quantize(minor_unit(currency))


class _Ledger:
    """Cash while currencies are funded one after the other, and what their own buys hold of it."""

    def __init__(self, cash: Mapping[str, Decimal], groups: Mapping[str, Sequence[AdvisedTrade]]) -> None:
        self.cash = dict(cash)
        self.held = {currency: sum([buy.notional + buy.cost for buy in group], ZERO) for currency, group in groups.items()}

    def free(self, currency: str) -> Decimal:
        """What other currencies may be bought with."""
        return max(ZERO, self.cash.get(currency, ZERO) - self.held.get(currency, ZERO))

    def sources(self, target: str, base: str, options: ProposalOptions) -> Iterator[str]:
        """Which cash may pay for a currency: base, then what else there is, looked for where base does not suffice."""
        if target != base:
            yield base
        if options.fx_funding_source_currency is FundingSource.ANY_CASH:
            yield from sorted(name for name in self.cash if name not in {base, target} and self.free(name))

    def settle(self, deal: FxDeal) -> None:
        """Let a deal happen."""
        for currency, amount in deal.cash_flows():
            self.cash[currency] = self.cash.get(currency, ZERO) + amount


def fund_each_currency(cash: Mapping[str, Decimal], buys: Sequence[AdvisedTrade], market: Market, options: ProposalOptions) -> Funding:
    """Pay the buys, given in instrument order, from cash after flows and sells; a currency is funded entirely or its buys are skipped.

    Currencies come in ascending order. What a currency's own buys need of it never pays for another (advisory-engine S4).
    """
    funding = Funding(list(buys))
    if not options.auto_funding:
        return funding
    groups: dict[str, list[AdvisedTrade]] = {}
    for buy in buys:
        groups.setdefault(buy.price.currency, []).append(buy)
    ledger = _Ledger(cash, groups)
    for currency in sorted(groups):
        row = FundingRow(currency, ledger.held[currency], ledger.cash.get(currency, ZERO))
        funding.rows.append(row)
        if row.needed and (refusal := _fund(row, ledger, market, options, funding)):
            del ledger.held[currency]
            funding.skipped += [(buy, refusal) for buy in groups[currency]]
    if funding.skipped:
        funding.warnings.append(BUY_SKIPPED)
        unfunded = {buy.number for buy, _ in funding.skipped}
        funding.bought = [buy for buy in buys if buy.number not in unfunded]
    return funding


def _fund(row: FundingRow, ledger: _Ledger, market: Market, options: ProposalOptions, funding: Funding) -> str | None:
    """Buy what is needed from the first source that can pay it whole; answers why there is none."""
    target, missing = row.currency, list[str]()
    # rounded up: half-even could leave the buys short (advisory-engine S3)
    bought = row.needed.quantize(minor_unit(target), rounding=ROUND_CEILING)
    deficits = []
    for source in ledger.sources(target, market.base, options):
        rate = market.rate(target, source)
        if rate is None:
            missing.append(f"{target}/{source}")
            continue
        sold = in_minor_units(bought * rate, source)
        if sold <= ledger.free(source):
            row.pair, row.source = f"{target}/{source}", source
            deal = FxDeal(
                f"oi_fx_{len(funding.deals) + 1}", row.pair, target, bought, source, sold, Rationale(FUND.code, f"Fund {target} buys")
            )
            funding.deals.append(deal)
            ledger.settle(deal)
            return None
        deficits.append((source, sold - ledger.free(source)))
    if missing:
        return _refuse_for_rates(missing, options, funding)
    if deficits:
        funding.insufficient.append(min(deficits, key=lambda deficit: deficit[1]))
    funding.failures.append(INSUFFICIENT)
    return INSUFFICIENT


def _refuse_for_rates(missing: Iterable[str], options: ProposalOptions, funding: Funding) -> str:
    funding.missing_pairs += [pair for pair in missing if pair not in funding.missing_pairs]
    if options.block_on_missing_fx:
        funding.failures.append(MISSING_FX)
        return MISSING_FX
    funding.force_review = True
    if MISSING_FX_TOLERATED not in funding.warnings:
        funding.warnings.append(MISSING_FX_TOLERATED)
    return MISSING_FX_TOLERATED
