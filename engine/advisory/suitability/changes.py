"""What a proposal does to the issues: it makes new ones, resolves some, and makes some of those that stay worse (advisory-engine 13)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from engine.advisory.suitability.issues import CHANGES, GROWN, NEW, PERSISTENT, RAISED, RANK, RESOLVED, SLACK, Finding, Issue
from engine.advisory.suitability.limits import Entries, Limit, keys_of
from engine.advisory.values import AdvisedTrade
from engine.contracts.proposals import ProposalSimulateRequest


@dataclass(frozen=True, slots=True)
class Causes:
    """What may have made a concentration worse, by the keys of the issues.

    `bought` are those that an executed buy adds to, `traded` those that anything executed or under way is about; `withdrawn` says that
    money leaves.
    """

    bought: Collection[str]
    traded: Collection[str]
    withdrawn: bool

    @classmethod
    def of(
        cls,
        bought: Iterable[str],
        executed: Iterable[AdvisedTrade],
        request: ProposalSimulateRequest,
        entries: Entries,
        limits: Collection[Limit],
    ) -> Self:
        """Read them off what is executed and what is under way."""
        portfolio = request.portfolio_snapshot
        traded = [*(trade.instrument_id for trade in executed), *(order.instrument_id for order in portfolio.open_orders)]
        amounts = [*(flow.amount for flow in request.proposed_cash_flows), *(flow.amount for flow in portfolio.cash_flows)]
        withdrawn = any(amount < 0 for amount in amounts)
        return cls(keys_of(bought, entries, limits), keys_of(traded, entries, limits), withdrawn)


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
    key = finding.key
    if RANK[finding.severity] < RANK[earlier.severity]:
        return Issue(finding, PERSISTENT, RAISED, withdrawn=causes.withdrawn and key not in causes.traded)
    if earlier.measured is not None and finding.measured is not None and key in causes.bought:
        return Issue(finding, PERSISTENT, GROWN if finding.measured - earlier.measured > SLACK else None)
    return Issue(finding, PERSISTENT)


def _order(issue: Issue) -> tuple[int, int, str, str]:
    return CHANGES[issue.status_change], RANK[issue.severity], issue.finding.dimension, issue.key
