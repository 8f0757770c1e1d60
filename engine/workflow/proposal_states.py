"""The life of a proposal as tables: what may happen in each state and where it leads (RFC-0014, advisory-lifecycle 7, 8, L4)."""

from collections.abc import Mapping
from typing import Final

from engine.records.proposal_history import ApprovalType, EventType, ProposalState

State = ProposalState
Event = EventType

TRANSITIONS: Final[Mapping[tuple[ProposalState, EventType], ProposalState]] = {
    (State.DRAFT, Event.SUBMITTED_FOR_RISK_REVIEW):                      State.RISK_REVIEW,
    (State.DRAFT, Event.SUBMITTED_FOR_COMPLIANCE_REVIEW):                State.COMPLIANCE_REVIEW,
    (State.DRAFT, Event.SUBMITTED_FOR_CLIENT_CONSENT):                   State.AWAITING_CLIENT_CONSENT,
    (State.DRAFT, Event.CANCELLED):                                      State.CANCELLED,
    (State.DRAFT, Event.EXPIRED):                                        State.EXPIRED,

    (State.RISK_REVIEW, Event.RISK_APPROVED):                            State.AWAITING_CLIENT_CONSENT,
    (State.RISK_REVIEW, Event.CHANGES_REQUESTED):                        State.DRAFT,
    (State.RISK_REVIEW, Event.REJECTED):                                 State.REJECTED,
    (State.RISK_REVIEW, Event.CANCELLED):                                State.CANCELLED,
    (State.RISK_REVIEW, Event.EXPIRED):                                  State.EXPIRED,

    (State.COMPLIANCE_REVIEW, Event.COMPLIANCE_APPROVED):                State.AWAITING_CLIENT_CONSENT,
    (State.COMPLIANCE_REVIEW, Event.CHANGES_REQUESTED):                  State.DRAFT,
    (State.COMPLIANCE_REVIEW, Event.REJECTED):                           State.REJECTED,
    (State.COMPLIANCE_REVIEW, Event.CANCELLED):                          State.CANCELLED,
    (State.COMPLIANCE_REVIEW, Event.EXPIRED):                            State.EXPIRED,

    (State.AWAITING_CLIENT_CONSENT, Event.CLIENT_CONSENT_RECORDED):      State.EXECUTION_READY,
    (State.AWAITING_CLIENT_CONSENT, Event.CHANGES_REQUESTED):            State.DRAFT,
    (State.AWAITING_CLIENT_CONSENT, Event.REJECTED):                     State.REJECTED,
    (State.AWAITING_CLIENT_CONSENT, Event.CANCELLED):                    State.CANCELLED,
    (State.AWAITING_CLIENT_CONSENT, Event.EXPIRED):                      State.EXPIRED,

    (State.EXECUTION_READY, Event.EXECUTION_REQUESTED):                  State.EXECUTION_READY,
    (State.EXECUTION_READY, Event.EXECUTED):                             State.EXECUTED,
    (State.EXECUTION_READY, Event.CANCELLED):                            State.CANCELLED,
    (State.EXECUTION_READY, Event.EXPIRED):                              State.EXPIRED,
}  # fmt: skip
"""Every other pair is refused. CREATED and NEW_VERSION_CREATED are in none: only making a proposal or a version writes them."""

TERMINAL: Final = frozenset({State.EXECUTED, State.REJECTED, State.CANCELLED, State.EXPIRED})
"""Nothing happens in these any more."""

REVIEWED_IN: Final[Mapping[ApprovalType, ProposalState]] = {
    ApprovalType.RISK:           State.RISK_REVIEW,
    ApprovalType.COMPLIANCE:     State.COMPLIANCE_REVIEW,
    ApprovalType.CLIENT_CONSENT: State.AWAITING_CLIENT_CONSENT,
}  # fmt: skip
"""The one state in which an approval of this type is given or refused."""

APPROVED_BY: Final[Mapping[ApprovalType, EventType]] = {
    ApprovalType.RISK:           Event.RISK_APPROVED,
    ApprovalType.COMPLIANCE:     Event.COMPLIANCE_APPROVED,
    ApprovalType.CLIENT_CONSENT: Event.CLIENT_CONSENT_RECORDED,
}  # fmt: skip
"""What happens when it is given; refused, whichever it is, the proposal is REJECTED."""

APPROVALS: Final = frozenset(APPROVED_BY.values())
"""Events that stand for an approval."""

EXECUTION: Final = frozenset({Event.EXECUTION_REQUESTED, Event.EXECUTED})
"""Events that lead to orders."""

ALWAYS_OPEN: Final = frozenset({Event.REJECTED, Event.CANCELLED, Event.EXPIRED})
"""Ways out that neither a blocked gate nor the end of validity closes."""


def after_new_version(state: ProposalState, *, reset: bool) -> ProposalState:
    """Where a new version leaves a proposal that is not at its end: in DRAFT, or where it was (advisory-lifecycle L2)."""
    return State.DRAFT if reset else state
