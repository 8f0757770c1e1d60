"""What callers ask about proposals, and how the wire shows what was found (advisory-lifecycle 4)."""

from typing import Final

from pydantic_core import core_schema

from engine.contracts.violations import InvalidRequest, Violation
from engine.records.pages import ListCall, Period
from engine.records.proposal_history import Approval, Proposal, ProposalVersion, WorkflowEvent
from engine.records.proposal_lists import ProposalFilter
from engine.records.proposals import ProposalKeyClaim
from engine.usecases.proposals.reading import VersionCall
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import INSTANT, TEXT, Parameters, Query, flag, path_parameter
from infra.wire.answers import answer
from infra.wire.lifecycle.documents import approval_document, event_document, proposal_document

LIMIT: Final = 20
MAX_LIMIT: Final = 100
MAX_NUMBER: Final = 9
"""Digits of a version's number; there are 500 at most."""

_PAGE: Final[Parameters] = {
    "limit": core_schema.with_default_schema(core_schema.int_schema(ge=1, le=MAX_LIMIT), default=LIMIT),
    "cursor": TEXT,
}
LIST: Final = Query({"portfolio_id": TEXT, "state": TEXT, "created_by": TEXT, "created_from": INSTANT, "created_to": INSTANT, **_PAGE})
EVIDENCE: Final = Query({"include_evidence": flag(default=True)})


def list_asked(request: Request) -> ListCall[ProposalFilter]:
    """The list of proposals, narrowed."""
    given = LIST(request.event)
    narrowed = ProposalFilter(
        period=Period(given.get("created_from"), given.get("created_to")),
        portfolio_id=given.get("portfolio_id"),
        state=given.get("state"),
        created_by=given.get("created_by"),
    )
    return ListCall(narrowed, given["limit"], given.get("cursor"))


def proposal_asked(request: Request) -> VersionCall:
    """A proposal, with its current version."""
    return VersionCall(path_parameter(request.event, "proposal_id"), None, EVIDENCE(request.event)["include_evidence"])


def version_asked(request: Request) -> VersionCall:
    """A version by its number; on a page with all that happened."""
    proposal_id, version_no = path_parameter(request.event, "proposal_id"), version_number(request)
    return VersionCall(proposal_id, version_no, EVIDENCE(request.event)["include_evidence"], history=request.prefers_page())


def version_number(request: Request) -> int:
    """The number in the path: a whole one from 1 up."""
    text = path_parameter(request.event, "version_no")
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER):
        raise InvalidRequest([Violation(("path", "version_no"), "int_parsing", "The number of a version is a whole number")])
    if not int(text):
        raise InvalidRequest([Violation(("path", "version_no"), "greater_than_equal", "Versions are numbered from 1")])
    return int(text)


def events_answer(found: tuple[Proposal, tuple[WorkflowEvent, ...]]) -> Response:
    """All that happened, oldest first. Where the proposal stands is where the last of it led."""
    proposal, events = found
    state = events[-1].to_state if events else proposal.state
    document = {"proposal_id": proposal.proposal_id, "current_state": state, "events": list(map(event_document, events))}
    return answer(document, proposal_id=proposal.proposal_id, rows=len(events))


def approvals_answer(found: tuple[Proposal, tuple[Approval, ...]]) -> Response:
    """All approvals, given and refused, oldest first."""
    proposal, approvals = found
    document = {"proposal_id": proposal.proposal_id, "approvals": list(map(approval_document, approvals))}
    return answer(document, proposal_id=proposal.proposal_id, rows=len(approvals))


def lineage_answer(found: tuple[Proposal, tuple[ProposalVersion, ...]]) -> Response:
    """All versions by their hashes, ascending."""
    proposal, versions = found
    rows = [
        {
            "proposal_version_id": version.version_id,
            "version_no": version.version_no,
            "created_at": version.created_at,
            "status_at_creation": version.status,
            "request_hash": version.request_hash,
            "simulation_hash": version.simulation_hash,
            "artifact_hash": version.artifact_hash,
        }
        for version in versions
    ]
    return answer({"proposal": proposal_document(proposal), "versions": rows}, proposal_id=proposal.proposal_id, rows=len(rows))


def key_answer(claim: ProposalKeyClaim) -> Response:
    """What the key of a creation stands for."""
    document = {
        "idempotency_key": claim.key.text,
        "request_hash": claim.request_hash,
        "proposal_id": claim.proposal_id,
        "proposal_version_no": claim.version_no,
        "created_at": claim.created_at,
    }
    return answer(document, proposal_id=claim.proposal_id)
