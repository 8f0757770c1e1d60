"""What a proposal does to the issues: it makes new ones, resolves some, and makes some of those that stay worse (advisory-engine 13)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.advisory.suitability.issues import CHANGES, GROWN, NEW, PERSISTENT, RAISED, RANK, RESOLVED, SLACK, Finding, Issue
from engine.advisory.values import AdvisedTrade
from engine.contracts.proposals import ProposalSimulateRequest
from engine.intents.orders import BUY


@dataclass(slots=True)
class Causes:
    """What may have made a concentration worse: executed trades, what is under way, and money that flows. Few concentrations become worse."""

    executed: Sequence[AdvisedTrade]
    request: ProposalSimulateRequest

    def bought(self, members: Collection[str]) -> bool:
        """Whether an executed buy adds to one of these instruments."""
        return any(trade.side == BUY and trade.instrument_id in members for trade in self.executed)

    def withdrawn_alone(self, members: Collection[str]) -> bool:
        """Whether money leaves, and none of these instruments is traded or under way."""
        portfolio = self.request.portfolio_snapshot
        flows = [flow.amount for flow in self.request.proposed_cash_flows] + [flow.amount for flow in portfolio.cash_flows]
        moved = {trade.instrument_id for trade in self.executed} | {order.instrument_id for order in portfolio.open_orders}
        return any(amount < 0 for amount in flows) and moved.isdisjoint(members)


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
        return Issue(finding, PERSISTENT, RAISED, withdrawn=causes.withdrawn_alone(finding.members))
    if finding.measured - earlier.measured > SLACK and causes.bought(finding.members):
        return Issue(finding, PERSISTENT, GROWN)
    return Issue(finding, PERSISTENT)


def _order(issue: Issue) -> tuple[int, int, str, str]:
    return CHANGES[issue.status_change], RANK[issue.severity], issue.finding.dimension, issue.key
