"""What is kept of a proposal's life: its head, and the versions, events, approvals and checks that are only ever appended (RFC-0014).

Ids are drawn by `engine.ports.outside.Ids` under the prefix that stands beside each kind. Times are aware, UTC; who acted is always the
verified caller, or `SYSTEM`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

SYSTEM: Final = "system"
"""Who acts where nobody does: the sweeper."""


class ProposalState(StrEnum):
    """Where a proposal stands (advisory-lifecycle 1); the last four are for ever."""

    DRAFT = "DRAFT"
    RISK_REVIEW = "RISK_REVIEW"
    COMPLIANCE_REVIEW = "COMPLIANCE_REVIEW"
    AWAITING_CLIENT_CONSENT = "AWAITING_CLIENT_CONSENT"
    EXECUTION_READY = "EXECUTION_READY"
    EXECUTED = "EXECUTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class EventType(StrEnum):
    """What happens to a proposal (advisory-lifecycle 1, L4, advisory-practice 10)."""

    CREATED = "CREATED"
    NEW_VERSION_CREATED = "NEW_VERSION_CREATED"
    SUBMITTED_FOR_RISK_REVIEW = "SUBMITTED_FOR_RISK_REVIEW"
    SUBMITTED_FOR_COMPLIANCE_REVIEW = "SUBMITTED_FOR_COMPLIANCE_REVIEW"
    SUBMITTED_FOR_CLIENT_CONSENT = "SUBMITTED_FOR_CLIENT_CONSENT"
    RISK_APPROVED = "RISK_APPROVED"
    COMPLIANCE_APPROVED = "COMPLIANCE_APPROVED"
    CLIENT_CONSENT_RECORDED = "CLIENT_CONSENT_RECORDED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    EXECUTION_REQUESTED = "EXECUTION_REQUESTED"
    EXECUTED = "EXECUTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class ApprovalType(StrEnum):
    """Whose decision an approval records (advisory-lifecycle 8)."""

    RISK = "RISK"
    COMPLIANCE = "COMPLIANCE"
    CLIENT_CONSENT = "CLIENT_CONSENT"


class Gate(StrEnum):
    """Who must look at a version, the strictest first (RFC-0015)."""

    BLOCKED = "BLOCKED"
    COMPLIANCE_REVIEW_REQUIRED = "COMPLIANCE_REVIEW_REQUIRED"
    RISK_REVIEW_REQUIRED = "RISK_REVIEW_REQUIRED"
    CLIENT_CONSENT_REQUIRED = "CLIENT_CONSENT_REQUIRED"
    EXECUTION_READY = "EXECUTION_READY"


class Verdict(StrEnum):
    """What a check before execution comes to (advisory-practice 10)."""

    CLEAR = "CLEAR"
    RENEW = "RENEW"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True, slots=True)
class CurrentVersion:
    """What a proposal's head repeats of its newest version, so that one read is enough to judge a command.

    `gate` is the gate that counts (`engine.workflow.proposal_gates.gate_that_counts`); `valid_until` None never ends. Versions with equal
    executed trades have equal `trades_digest`s, None where nobody measured.
    """

    version_no: int
    created_by: str
    artifact_hash: str
    gate: Gate
    valid_until: datetime | None = None
    trades_digest: str | None = None


@dataclass(frozen=True, slots=True)
class ProposalVersion:
    """One simulation with its artifact (`ppv`), never changed. Versions are numbered from 1 without gaps.

    `asked_until` is the end that its request asked for, as that entered the request hash; `valid_until` is the one that holds.
    """

    version_id: str
    proposal_id: str
    version_no: int
    created_at: datetime
    created_by: str
    request_hash: str
    simulation_hash: str
    artifact_hash: str
    status: str
    gate: Gate
    engine_version: str
    correlation_id: str
    valid_until: datetime | None = None
    trades_digest: str | None = None
    asked_until: str | None = None

    @property
    def current(self) -> CurrentVersion:
        """What the head repeats of it while it is the newest."""
        return CurrentVersion(self.version_no, self.created_by, self.artifact_hash, self.gate, self.valid_until, self.trades_digest)


@dataclass(frozen=True, slots=True)
class CountedApproval:
    """An approval that was given to the current version and not undone since."""

    approval_type: ApprovalType
    approval_id: str
    artifact_hash: str


@dataclass(frozen=True, slots=True)
class ClearCheck:
    """The newest check of the current version, where that found it CLEAR."""

    check_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """The head of a proposal (`pp`): what never changes of it, where it stands, and what the next command is judged by.

    `state` is where event number `event_seq`, the newest, led to. `rev` grows by one with every write; a write under an older one is
    judged again.
    """

    tenant: str
    proposal_id: str
    portfolio_id: str
    created_by: str
    created_at: datetime
    last_event_at: datetime
    state: ProposalState
    current: CurrentVersion
    event_seq: int = 1
    rev: int = 1
    counted: tuple[CountedApproval, ...] = ()
    execution_requested: bool = False
    clear_check: ClearCheck | None = None
    title: str | None = None
    advisor_notes: str | None = None
    jurisdiction: str | None = None
    mandate_id: str | None = None


@dataclass(frozen=True, slots=True)
class WorkflowEvent:
    """One entry of a proposal's history (`pwe`), number `seq` of it. It always says which version it was about, and that version's hash."""

    event_id: str
    proposal_id: str
    seq: int
    event_type: EventType
    from_state: ProposalState | None
    to_state: ProposalState
    actor_id: str
    occurred_at: datetime
    version_no: int
    artifact_hash: str
    reason: Mapping[str, object] = field(default_factory=dict)
    check_id: str | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """One decision of a reviewer or of the client (`pap`), yes or no, written with event number `seq`."""

    approval_id: str
    proposal_id: str
    seq: int
    approval_type: ApprovalType
    approved: bool
    actor_id: str
    occurred_at: datetime
    version_no: int
    artifact_hash: str
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What moved between a version and a later look at it. Measures are decimal texts; None where there is none to give."""

    code: str
    subject: str
    before: str | None
    after: str | None
    change: str | None


@dataclass(frozen=True, slots=True)
class ExecutionCheck:
    """A version decided again on later data (`pck`), stored for ever; it changes no state.

    `gate_decision` and `trades` are those of the new decision; `gate` is the one of it that counts.
    """

    check_id: str
    proposal_id: str
    version_no: int
    artifact_hash: str
    created_at: datetime
    actor_id: str
    verdict: Verdict
    status: str
    gate: Gate
    changes: tuple[Change, ...] = ()
    trades: tuple[Mapping[str, object], ...] = ()
    gate_decision: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """All that is written, in one transaction: `proposal` over the head of one `rev` less, the rest as new items."""

    proposal: Proposal
    event: WorkflowEvent
    approval: Approval | None = None
