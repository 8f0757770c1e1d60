"""Who may do what to a proposal: scopes by event, and who has to be a person (advisory-lifecycle L20, advisory-practice 10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.records.proposal_history import ApprovalType, EventType, ProposalState


class AdvisoryScope(StrEnum):
    """What a caller may do to proposals. APPROVE is both of the approvals."""

    RUN = "advisory.run"
    READ = "advisory.read"
    APPROVE_RISK = "advisory.approve.risk"
    APPROVE_COMPLIANCE = "advisory.approve.compliance"
    APPROVE = "advisory.approve"
    EXECUTE = "advisory.execute"


RUN, READ, APPROVE_RISK, APPROVE_COMPLIANCE, APPROVE, EXECUTE = AdvisoryScope

SCOPES: Final[Mapping[EventType, AdvisoryScope]] = {
    EventType.CREATED:                         RUN,
    EventType.NEW_VERSION_CREATED:             RUN,
    EventType.SUBMITTED_FOR_RISK_REVIEW:       RUN,
    EventType.SUBMITTED_FOR_COMPLIANCE_REVIEW: RUN,
    EventType.SUBMITTED_FOR_CLIENT_CONSENT:    RUN,
    EventType.RISK_APPROVED:                   APPROVE_RISK,
    EventType.COMPLIANCE_APPROVED:             APPROVE_COMPLIANCE,
    EventType.CLIENT_CONSENT_RECORDED:         RUN,
    EventType.EXECUTION_REQUESTED:             EXECUTE,
    EventType.EXECUTED:                        EXECUTE,
    EventType.CANCELLED:                       RUN,
    EventType.EXPIRED:                         EXECUTE,
}  # fmt: skip
"""The scope of an event. REJECTED and CHANGES_REQUESTED are a reviewer's words: theirs follows from the review that is open."""

REVIEWERS: Final[Mapping[ProposalState, AdvisoryScope]] = {
    ProposalState.RISK_REVIEW:             APPROVE_RISK,
    ProposalState.COMPLIANCE_REVIEW:       APPROVE_COMPLIANCE,
    ProposalState.AWAITING_CLIENT_CONSENT: RUN,
}  # fmt: skip
"""The scope of whoever reviews in a state."""

APPROVERS: Final[Mapping[ApprovalType, AdvisoryScope]] = {
    ApprovalType.RISK:           APPROVE_RISK,
    ApprovalType.COMPLIANCE:     APPROVE_COMPLIANCE,
    ApprovalType.CLIENT_CONSENT: RUN,
}  # fmt: skip
"""The scope of an approval, given or refused."""

CHECKERS: Final = (RUN, EXECUTE)
"""Either of these checks a version before its execution."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as the authorizer verified it. `scopes` None means all of them; `person` is False for a machine."""

    actor: str
    person: bool
    scopes: frozenset[str] | None

    def may(self, scope: AdvisoryScope) -> bool:
        """Whether the caller has the scope, by itself or within APPROVE."""
        if self.scopes is None or scope in self.scopes:
            return True
        return scope in {APPROVE_RISK, APPROVE_COMPLIANCE} and APPROVE in self.scopes


def scopes_of_event(event: EventType, state: ProposalState) -> tuple[AdvisoryScope, ...]:
    """The scopes of which an event needs one. Where no review is open its words are nobody's yet: any reviewer learns that they are illegal."""
    if event in SCOPES:
        return (SCOPES[event],)
    return (REVIEWERS[state],) if state in REVIEWERS else (RUN, APPROVE_RISK, APPROVE_COMPLIANCE)
