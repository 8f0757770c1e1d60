"""The suitability scanner: both states held against the limits, and the difference that the proposal makes (advisory-engine 13)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self, cast

from engine.advisory.suitability.buys import attempts, unsuited
from engine.advisory.suitability.changes import Causes, compare
from engine.advisory.suitability.checks import CHECKS, Criteria, Scanned, unvalued
from engine.advisory.suitability.issues import HIGH, MEDIUM, NEW, PERSISTENT, RANK, RESOLVED, Finding, Issue
from engine.advisory.suitability.limits import Entries
from engine.advisory.values import AdvisedTrade
from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.proposals import ProposalSimulateRequest
from engine.market import Market, Shelf
from engine.numbers import ZERO
from engine.result.amounts import Json
from engine.result.gate import NewIssues
from engine.result.reasons import Reason
from engine.valuation import CASH, State

SUITABILITY: Final = "SUITABILITY"
REVIEWED: Final = (HIGH, MEDIUM)
UNNAMED_MARKET: Final = "md"


@dataclass(slots=True)
class Suitability:
    """The member `suitability` of the result, its issues in that order, and how many of them the gate counts as new."""

    document: Json
    issues: list[Issue]
    new_issues: NewIssues

    @classmethod
    def of(cls, issues: list[Issue], evidence: Json) -> Self:
        """Count and render; `evidence` says from which snapshots the issues follow."""
        new = [issue for issue in issues if issue.counts_as_new]
        severities = [issue.severity for issue in new]
        counts = NewIssues(
            high=severities.count(HIGH),
            medium=severities.count(MEDIUM),
            eased=sum(issue.severity == HIGH and issue.withdrawn for issue in new),
        )
        changes = [issue.status_change for issue in issues]
        document = {
            "summary": {
                "new_count": changes.count(NEW),
                "resolved_count": changes.count(RESOLVED),
                "persistent_count": changes.count(PERSISTENT),
                "highest_severity_new": min(severities, key=RANK.__getitem__, default=None),
            },
            "issues": [issue.render(evidence) for issue in issues],
            "recommended_gate": _recommended_gate(counts),
        }
        return cls(document, issues, counts)

    def reasons(self) -> Iterator[Reason]:
        """A reason of the gate for every issue that counts as new and is not LOW (advisory-engine 14, S13)."""
        for issue in self.issues:
            if issue.counts_as_new and issue.severity in REVIEWED:
                details = {"issue_id": issue.finding.issue_id, "issue_key": issue.key}
                if issue.severity_change:
                    details["severity_change"] = issue.severity_change
                if issue.withdrawn:
                    details["cause"] = "WITHDRAWAL"
                yield Reason(f"NEW_{issue.severity}_SUITABILITY_ISSUE", issue.severity, SUITABILITY, details)


def _recommended_gate(new: NewIssues) -> str:
    """What only a withdrawal raised needs no compliance review (rulings-2 proposal 6)."""
    if new.for_compliance:
        return "COMPLIANCE_REVIEW"
    return "RISK_REVIEW" if new.high or new.medium else "NONE"


def scan(
    before: State,
    after: State,
    executed: Sequence[AdvisedTrade],
    request: ProposalSimulateRequest,
    shelf: Shelf,
    market: Market,
    options: ProposalOptions,
) -> Suitability | None:
    """Hold both states and the buys against shelf, limits and client; None when the scanner is switched off. It changes no status.

    Weights are unrounded shares above zero: shorts are ignored. `executed` are the trades that the after state holds.
    """
    if not options.enable_suitability_scanner:
        return None
    entries = cast("Entries", shelf.entries)  # a proposal's shelf has no others
    will_be = _weights(after)  # of all instruments: no row ever disappears
    was = _weights(before)
    if len(was) < len(will_be):
        was = dict.fromkeys(will_be, ZERO) | was
    criteria = Criteria.of(after.positions, options, max([ZERO, *was.values(), *will_be.values()]))

    found = _by_key(_findings(Scanned(was, _cash(before), was), criteria))
    findings = _by_key(
        (
            *_findings(Scanned(will_be, _cash(after), was), criteria),
            *unvalued(after, market),
            *attempts(request.proposed_trades, entries, was, will_be, allow_restricted=options.allow_restricted),
            *unsuited(executed, entries, options.client_profile),
        )
    )
    return Suitability.of(compare(found, findings, Causes(executed, request)), _evidence(request))


def _weights(state: State) -> dict[str, Decimal]:
    """What is held long; zero of the rest."""
    weights = dict(zip(state.by_instrument, state.shares, strict=True))
    others = [name for name, weight in weights.items() if weight <= ZERO]
    return weights | dict.fromkeys(others, ZERO) if others else weights


def _cash(state: State) -> Decimal:
    return state.by_asset_class[CASH] / state.divisor


def _findings(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    for check in CHECKS:
        yield from check(scanned, criteria)


def _by_key(findings: Iterable[Finding]) -> Mapping[str, Finding]:
    """The findings by key; of two the later one holds."""
    return {finding.key: finding for finding in findings}


def _evidence(request: ProposalSimulateRequest) -> Json:
    """From which snapshots an issue follows, by the ids that the caller gave them."""
    portfolio, market = request.portfolio_snapshot, request.market_data_snapshot.snapshot_id or UNNAMED_MARKET
    snapshots = {"portfolio_snapshot_id": portfolio.snapshot_id or portfolio.portfolio_id, "market_data_snapshot_id": market}
    return {"as_of": market, "snapshot_ids": snapshots}
