"""Proposals that live, as they are answered (advisory-lifecycle 4, 5, 7, 8, 10)."""

from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.answers.evidence import Verified
from engine.contracts.answers.scalars import HASH, NOW, PROPOSAL, Digest, Time
from engine.contracts.results.advisory.artifact import EvidenceBundle, ProposalArtifact
from engine.contracts.results.advisory.document import ProposalResult
from engine.contracts.results.document import GateDecision, RunStatus
from engine.contracts.results.scalars import EXACT_MEMBERS, shown
from engine.records.proposal_history import ApprovalType, EventType, Gate, ProposalState

FreeAnswer = dict[str, Any]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalSummary:
    """A proposal with what of its current version a reviewer needs."""

    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    portfolio_id: Annotated[str, shown("The portfolio.", "pf_1001")]
    mandate_id: Annotated[str | None, shown("The mandate that the advice belongs to; null without one.", "mandate_1")]
    jurisdiction: Annotated[str | None, shown("Whose law the advice is under; null where not stated.", "CH")]
    created_by: Annotated[str, shown("The verified caller who opened it.", "adviser_7")]
    created_at: Annotated[Time, shown("When it was opened.", NOW)]
    last_event_at: Annotated[Time, shown("When something happened to it last.", NOW)]
    current_state: Annotated[ProposalState, shown("Where it stands; the last four are for ever.", "DRAFT")]
    current_version_no: Annotated[int, shown("Number of its newest version.", 1, ge=1)]
    title: Annotated[str | None, shown("For people; null without one.", "Autumn review")]
    gate: Annotated[Gate, shown("Who must look at the current version: the gate that counts.", "CLIENT_CONSENT_REQUIRED")]
    artifact_hash: Annotated[Digest, shown("Of the current version's artifact.", HASH)]
    valid_until: Annotated[Time | None, shown("End of the current version; null never ends.", None)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalWithNotes(ProposalSummary):
    """A proposal alone, with the adviser's own notes."""

    advisor_notes: Annotated[str | None, shown("The adviser's own; null without any.", "Call first")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalListResponse:
    """A page of the list of proposals."""

    items: Annotated[list[ProposalSummary], shown("The newest first.", [])]
    next_cursor: Annotated[str | None, shown("Where the list goes on, for `cursor`; null at its end. Opaque.", PROPOSAL)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SubmittedMetadata:
    """What people call a proposal by, as it was sent."""

    title: Annotated[str | None, shown("For people.", "Autumn review")]
    advisor_notes: Annotated[str | None, shown("The adviser's own.", "Call first")]
    jurisdiction: Annotated[str | None, shown("Whose law the advice is under.", "CH")]
    mandate_id: Annotated[str | None, shown("The mandate that the advice belongs to.", "mandate_1")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalSubmission:
    """What was sent around the request: with that anybody can compute the request hash again."""

    created_by: Annotated[str, shown("The verified caller.", "adviser_7")]
    metadata: Annotated[SubmittedMetadata | None, shown("Of a creation; absent for further versions.")] = None
    valid_until: Annotated[str | None, shown("The end that was asked for; absent where none was.", "2026-04-30T17:00:00+00:00")] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class NoEvidence:
    """The bundle is left out; the artifact holds it all the same. No members."""


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalVersionDetail:
    """One simulation of a proposal with its artifact, never changed."""

    proposal_version_id: Annotated[str, shown("The version.", "ppv_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    version_no: Annotated[int, shown("From 1 without gaps.", 1, ge=1)]
    created_at: Annotated[Time, shown("When it was made.", NOW)]
    valid_until: Annotated[Time | None, shown("When it ends; null never.", None)]
    request_hash: Annotated[Digest, shown("Digest of everything that was sent.", HASH)]
    artifact_hash: Annotated[Digest, shown("As its artifact says.", HASH)]
    simulation_hash: Annotated[Digest, shown("Digest of the result.", HASH)]
    status_at_creation: Annotated[RunStatus, shown("Of the result.", "READY")]
    submission: Annotated[ProposalSubmission, shown("What was sent around the request.")]
    proposal_result: Annotated[ProposalResult, shown("The result.")]
    artifact: Annotated[ProposalArtifact, shown("The artifact, with its own evidence.")]
    evidence_bundle: Annotated[
        EvidenceBundle | NoEvidence, shown("The artifact's evidence; empty where left out, or too large (X-Evidence-Omitted).")
    ]
    gate_decision: Annotated[GateDecision, shown("The artifact's, with the gate that counts.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalWorkflowEvent:
    """One entry of a proposal's history, never changed."""

    event_id: Annotated[str, shown("The event.", "pwe_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    event_type: Annotated[EventType, shown("What happened.", "CREATED")]
    from_state: Annotated[ProposalState | None, shown("Where it stood; null before its creation.", None)]
    to_state: Annotated[ProposalState, shown("Where that led to.", "DRAFT")]
    actor_id: Annotated[str, shown("The verified caller; `system` for an end that came by itself.", "adviser_7")]
    occurred_at: Annotated[Time, shown("When it happened.", NOW)]
    reason: Annotated[
        FreeAnswer, Field(description="As it was sent; `correlation_id` of a creation.", examples=[{"text": "Too much tech"}])
    ]
    related_version_no: Annotated[int, shown("The version that it was about.", 1, ge=1)]
    version_no: Annotated[int, shown("The version that it was about, as `related_version_no`.", 1, ge=1)]
    artifact_hash: Annotated[Digest, shown("Of that version's artifact.", HASH)]
    check_id: Annotated[str | None, shown("The check that let it be executed; null otherwise.", None)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalApprovalRecord:
    """One decision of a reviewer or of the client, never changed."""

    approval_id: Annotated[str, shown("The approval.", "pap_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    approval_type: Annotated[ApprovalType, shown("Whose decision this is: of risk, of compliance or the client's consent.", "COMPLIANCE")]
    approved: Annotated[bool, shown("Whether it was a yes; a no rejected the proposal.", *[True])]
    actor_id: Annotated[str, shown("The verified caller.", "compliance_1")]
    occurred_at: Annotated[Time, shown("When it happened.", NOW)]
    details: Annotated[FreeAnswer, Field(description="As they were sent.", examples=[{"ticket": "C-17"}])]
    related_version_no: Annotated[int, shown("The version that it was about.", 1, ge=1)]
    version_no: Annotated[int, shown("The version that it was about, as `related_version_no`.", 1, ge=1)]
    artifact_hash: Annotated[Digest, shown("Of that version's artifact.", HASH)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalCreateResponse:
    """A proposal with the version that was made."""

    proposal: Annotated[ProposalSummary, shown("The proposal, as it is now.")]
    version: Annotated[ProposalVersionDetail, shown("The version.")]
    latest_workflow_event: Annotated[ProposalWorkflowEvent, shown("What happened last.")]
    similar_open_proposals: Annotated[
        list[str] | None,
        shown("Open proposals of the portfolio with the same trades, at most a few; absent for further versions.", [PROPOSAL]),
    ] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalDetailResponse:
    """A proposal with its current version."""

    proposal: Annotated[ProposalWithNotes, shown("The proposal.")]
    current_version: Annotated[ProposalVersionDetail, shown("Its newest version.")]
    last_gate_decision: Annotated[GateDecision, shown("Of that version.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalStateTransitionResponse:
    """Where a proposal stands by what happened."""

    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    current_state: Annotated[ProposalState, shown("Where it stands.", "COMPLIANCE_REVIEW")]
    latest_workflow_event: Annotated[ProposalWorkflowEvent, shown("What happened.")]
    approval: Annotated[ProposalApprovalRecord | None, shown("The approval that was recorded; null for a transition.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalWorkflowTimelineResponse:
    """All that happened to a proposal."""

    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    current_state: Annotated[ProposalState, shown("Where it stands.", "DRAFT")]
    events: Annotated[list[ProposalWorkflowEvent], shown("Oldest first.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalApprovalsResponse:
    """All approvals of a proposal, given and refused."""

    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    approvals: Annotated[list[ProposalApprovalRecord], shown("Oldest first.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalLineageItem:
    """A version by its hashes."""

    proposal_version_id: Annotated[str, shown("The version.", "ppv_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    version_no: Annotated[int, shown("Its number.", 1, ge=1)]
    created_at: Annotated[Time, shown("When it was made.", NOW)]
    status_at_creation: Annotated[RunStatus, shown("Of its result.", "READY")]
    request_hash: Annotated[Digest, shown("Digest of everything that was sent.", HASH)]
    simulation_hash: Annotated[Digest, shown("Digest of its result.", HASH)]
    artifact_hash: Annotated[Digest, shown("Of its artifact.", HASH)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalLineageResponse:
    """All versions of a proposal by their hashes."""

    proposal: Annotated[ProposalSummary, shown("The proposal.")]
    versions: Annotated[list[ProposalLineageItem], shown("Numbers ascending.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalIdempotencyLookupResponse:
    """What the key of a creation stands for."""

    idempotency_key: Annotated[str, shown("The key.", "key-1")]
    request_hash: Annotated[Digest, shown("Digest of everything that was sent.", HASH)]
    proposal_id: Annotated[str, shown("The proposal that it opened.", PROPOSAL)]
    proposal_version_no: Annotated[int, shown("Its first version.", 1, ge=1)]
    created_at: Annotated[Time, shown("When the key was first used.", NOW)]


@dataclass(slots=True, kw_only=True, config=EXACT_MEMBERS)
class ProposalVerificationResponse(Verified):
    """A version, decided again and compared byte by byte."""

    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    version_no: Annotated[int, shown("The version.", 1, ge=1)]
    proposal_run_id: Annotated[str, shown("The run of its result.", "pr_1a2b3c4d")]
