"""Money that a proposal brings in or takes out: before its trades (advisory-engine 6, advisory-practice 5)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.proposals import ProposedCashFlow
from engine.market import Market
from engine.minor_currencies import HUNDREDTH
from engine.notes import Notes
from engine.numbers import ZERO

OVERDRAWN: Final = "PROPOSAL_WITHDRAWAL_NEGATIVE_CASH"


def in_major(flows: Sequence[ProposedCashFlow], minors: Mapping[str, str]) -> list[ProposedCashFlow]:
    """The flows with every amount in a major currency."""
    return [
        replace(flow, amount=flow.amount.scaleb(HUNDREDTH), currency=minors[flow.currency]) if flow.currency in minors else flow
        for flow in flows
    ]


def apply_flows(flows: Sequence[ProposedCashFlow], cash: dict[str, Decimal], options: ProposalOptions, notes: Notes) -> list[str]:
    """Let the flows happen in their order; answers what blocks, once for each withdrawal that the cash at hand does not cover.

    Where withdrawals may wait for the sells, the end of the proposal judges them.
    """
    failures = []
    guarded = options.proposal_block_negative_cash and not options.withdrawals_wait
    for flow in flows:
        balance = cash[flow.currency] = cash.get(flow.currency, ZERO) + flow.amount
        if guarded and flow.amount < 0 and balance < 0:
            notes.warn(OVERDRAWN)
            failures.append(OVERDRAWN)
    return failures


def worth_of(flows: Sequence[ProposedCashFlow], market: Market, notes: Notes | None = None) -> Decimal:
    """What the flows add to the portfolio, in base; one without a rate adds nothing, and is noted where notes are given."""
    added = ZERO
    for flow in flows:
        rate = market.base_rates.get(flow.currency)
        if rate is not None:
            added += flow.amount * rate
        elif notes is not None:
            notes.fx_missing[market.base_pair(flow.currency)] = None
    return added
