"""How the wire shows what is kept of a proposal's life (advisory-lifecycle 10)."""

from dataclasses import asdict
from typing import Any, Final

import orjson

from engine.records.operations import Operation
from engine.records.proposal_history import Approval, ExecutionCheck, Gate, Proposal, ProposalVersion, WorkflowEvent
from engine.records.proposal_lists import ProposalRow, row_of
from engine.result.gate import NEXT_STEP
from engine.usecases.proposals.commands import Made
from engine.usecases.proposals.submissions import envelope_of
from infra.wire.answers import Document

EVIDENCE: Final = "evidence_bundle"
VERSION: Final = "version"


def summary_document(row: ProposalRow) -> Document:
    """A proposal as every answer shows it, with what of its current version a reviewer's desk needs."""
    return {
        "proposal_id": row.proposal_id,
        "portfolio_id": row.portfolio_id,
        "mandate_id": row.mandate_id,
        "jurisdiction": row.jurisdiction,
        "created_by": row.created_by,
        "created_at": row.created_at,
        "last_event_at": row.last_event_at,
        "current_state": row.state,
        "current_version_no": row.current.version_no,
        "title": row.title,
        "gate": row.current.gate,
        "artifact_hash": row.current.artifact_hash,
        "valid_until": row.current.valid_until,
    }


def proposal_document(proposal: Proposal) -> Document:
    """The same of a proposal that was read whole."""
    return summary_document(row_of(proposal))


def version_document(proposal: Proposal, version: ProposalVersion, artifact: Document) -> Document:
    """A version with its artifact. `submission` is what was sent around its request: with that anybody can compute the request hash again."""
    bundle = artifact[EVIDENCE]
    return {
        "proposal_version_id": version.version_id,
        "proposal_id": version.proposal_id,
        "version_no": version.version_no,
        "created_at": version.created_at,
        "valid_until": version.valid_until,
        "request_hash": version.request_hash,
        "artifact_hash": version.artifact_hash,
        "simulation_hash": version.simulation_hash,
        "status_at_creation": version.status,
        "submission": envelope_of(proposal, version),
        "proposal_result": bundle["engine_outputs"]["proposal_result"],
        "artifact": artifact,
        EVIDENCE: bundle,
        "gate_decision": gate_document(artifact["gate_decision"], version.gate),
    }


def without_evidence(version: Document) -> Document:
    """The version without its own bundle; the artifact holds it all the same (advisory-lifecycle L5)."""
    return version | {EVIDENCE: {}}


def gate_document(decided: Document, counts: Gate) -> Document:
    """The artifact's gate decision with the gate that counts, where the request had made it milder (advisory-lifecycle L1)."""
    return decided if decided["gate"] == counts else {**decided, "gate": counts, "recommended_next_step": NEXT_STEP[counts]}


def event_document(event: WorkflowEvent) -> Document:
    """One entry of a history."""
    return {
        "event_id": event.event_id,
        "proposal_id": event.proposal_id,
        "event_type": event.event_type,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "actor_id": event.actor_id,
        "occurred_at": event.occurred_at,
        "reason": dict(event.reason),
        "related_version_no": event.version_no,
        "version_no": event.version_no,
        "artifact_hash": event.artifact_hash,
        "check_id": event.check_id,
    }


def approval_document(approval: Approval) -> Document:
    """One decision of a reviewer or of the client."""
    return {
        "approval_id": approval.approval_id,
        "proposal_id": approval.proposal_id,
        "approval_type": approval.approval_type,
        "approved": approval.approved,
        "actor_id": approval.actor_id,
        "occurred_at": approval.occurred_at,
        "details": dict(approval.details),
        "related_version_no": approval.version_no,
        "version_no": approval.version_no,
        "artifact_hash": approval.artifact_hash,
    }


def check_document(check: ExecutionCheck) -> Document:
    """One check of a version before its execution."""
    return {
        "check_id": check.check_id,
        "proposal_id": check.proposal_id,
        "version_no": check.version_no,
        "artifact_hash": check.artifact_hash,
        "created_at": check.created_at,
        "actor_id": check.actor_id,
        "verdict": check.verdict,
        "status": check.status,
        "gate_decision": gate_document(dict(check.gate_decision), check.gate),
        "changes": [asdict(change) for change in check.changes],
        "trades": list(check.trades),
    }


def operation_document(operation: Operation, made: Made | None) -> Document:
    """Where an operation stands, without what it made."""
    failure = operation.failure
    return {
        "operation_id": operation.operation_id,
        "operation_type": operation.operation_type,
        "status": operation.status,
        "correlation_id": operation.correlation_id,
        "idempotency_key": operation.idempotency_key,
        "proposal_id": operation.subject_id if made is None else made.proposal.proposal_id,
        "created_by": operation.actor,
        "created_at": operation.created_at,
        "started_at": operation.started_at,
        "finished_at": operation.finished_at,
        "result": None,
        "error": None if failure is None else {"code": failure.code, "message": failure.message},
    }


def made_document(made: Made) -> Document:
    """What a creation or a new version answers."""
    artifact: dict[str, Any] = orjson.loads(made.artifact)
    return {
        "proposal": proposal_document(made.proposal),
        VERSION: version_document(made.proposal, made.version, artifact),
        "latest_workflow_event": event_document(made.event),
        **({} if made.similar is None else {"similar_open_proposals": list(made.similar)}),
    }
