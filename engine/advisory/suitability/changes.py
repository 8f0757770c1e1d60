"""What a proposal does to the issues: it makes new ones, resolves some, and makes some of those that stay worse (advisory-engine 13)."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Self

from engine.advisory.suitability.issues import CHANGES, GROWN, NEW, PERSISTENT, RAISED, RANK, RESOLVED, SLACK, Finding, Issue
from engine.advisory.values import AdvisedTrade
from engine.contracts.proposals import ProposalSimulateRequest
from engine.intents.orders import BUY


@dataclass(frozen=True, slots=True)
class Causes:
    """What may have made a concentration worse: instruments of executed buys, of anything executed or under way, and money that leaves."""

    bought: AbstractSet[str]
    traded: AbstractSet[str]
    withdrawn: bool

    @classmethod
    def of(cls, executed: Sequence[AdvisedTrade], request: ProposalSimulateRequest) -> Self:
        """Read them off what is executed, what is under way and what flows."""
        portfolio = request.portfolio_snapshot
        traded = {trade.instrument_id for trade in executed} | {order.instrument_id for order in portfolio.open_orders}
        amounts = [*(flow.amount for flow in request.proposed_cash_flows), *(flow.amount for flow in portfolio.cash_flows)]
        return cls({trade.instrument_id for trade in executed if trade.side == BUY}, traded, any(amount < 0 for amount in amounts))


def compare(before: Mapping[str, Finding], after: Mapping[str, Finding], causes: Causes) -> list[Issue]:
    """The issues of both states: NEW, PERSISTENT, RESOLVED; within them by severity, dimension and key."""
    return sorted(_issues(before, after, causes), key=_order)


def _issues(before: Mapping[str, Finding], after: Mapping[str, Finding], causes: Causes) -> Iterator[Issue]:
    for key, finding in after.items():
        earlier = before.get(key)
        yield Issue(finding, NEW) if earlier is None else _persistent(earlier, finding, causes)
    for key, finding in before.items():
        if key not in after:
            yield Issue(finding, RESOLVED)


def _persistent(earlier: Finding, finding: Finding, causes: Causes) -> Issue:
    """An issue that stays. RAISED wins over GROWN; the latter is a larger weight that an executed buy adds to (advisory-practice 7)."""
    if RANK[finding.severity] < RANK[earlier.severity]:
        return Issue(finding, PERSISTENT, RAISED, withdrawn=causes.withdrawn and causes.traded.isdisjoint(finding.members))
    if finding.measured - earlier.measured > SLACK and not causes.bought.isdisjoint(finding.members):
        return Issue(finding, PERSISTENT, GROWN)
    return Issue(finding, PERSISTENT)


def _order(issue: Issue) -> tuple[int, int, str, str]:
    return CHANGES[issue.status_change], RANK[issue.severity], issue.finding.dimension, issue.key
