"""What moves a proposal on, as it is asked and shown (advisory-lifecycle 7, 8)."""

from engine.usecases.proposals.transitions import ActCall, Acted
from engine.workflow.proposal_commands import Transition, Vote
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import path_parameter
from infra.wire.answers import answer
from infra.wire.lifecycle.documents import approval_document, event_document
from infra.wire.lifecycle.versions import caller_of
from infra.wire.rebalance import REPLAYED


def transition_asked(request: Request) -> ActCall:
    """Something that happens to the proposal that the path names, by the verified caller."""
    from engine.contracts.lifecycle.commands import parse_transition  # noqa: PLC0415  (reads start without models)

    asked = parse_transition(request.body())
    command = Transition(
        event=asked.event_type,
        expected_state=asked.expected_state,
        version_no=asked.related_version_no,
        artifact_hash=asked.artifact_hash,
        reason=asked.reason,
    )
    return _asked(request, asked.actor_id, command)


def approval_asked(request: Request) -> ActCall:
    """A decision on the proposal that the path names, by the verified caller."""
    from engine.contracts.lifecycle.commands import parse_approval  # noqa: PLC0415  (see above)

    asked = parse_approval(request.body())
    command = Vote(
        approval_type=asked.approval_type,
        approved=asked.approved,
        expected_state=asked.expected_state,
        version_no=asked.related_version_no,
        artifact_hash=asked.artifact_hash,
        reason=asked.details,
    )
    return _asked(request, asked.actor_id, command)


def _asked(request: Request, named: str | None, command: Transition | Vote) -> ActCall:
    proposal_id, key = path_parameter(request.event, "proposal_id"), request.optional_idempotency_key()
    return ActCall(proposal_id, caller_of(request, named), key, command, request.in_time)


def acted_answer(acted: Acted) -> Response:
    """Where the proposal stands by what happened."""
    document = {
        "proposal_id": acted.proposal.proposal_id,
        "current_state": acted.proposal.state,
        "latest_workflow_event": event_document(acted.event),
        "approval": None if acted.approval is None else approval_document(acted.approval),
    }
    event = acted.event
    facts: dict[str, str | int] = {
        "proposal_id": event.proposal_id,
        "version_no": event.version_no,
        "event_type": event.event_type.value,
        "from_state": event.from_state.value if event.from_state else "",
        "to_state": event.to_state.value,
        "replayed": int(acted.replayed),
    }
    shown = answer(document, **facts)
    return Response(shown.status, shown.body, REPLAYED, shown.facts) if acted.replayed else shown
