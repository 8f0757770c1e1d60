"""What a command does to a proposal: the event, perhaps an approval, and the head after them (advisory-lifecycle 7, 8)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.records.proposal_history import (
    Approval,
    ClearCheck,
    CountedApproval,
    Effect,
    EventType,
    Proposal,
    ProposalState,
    WorkflowEvent,
)
from engine.workflow.proposal_checks import objection_to
from engine.workflow.proposal_commands import Question, Vote
from engine.workflow.proposal_objections import Objection
from engine.workflow.proposal_states import TERMINAL, TRANSITIONS


def judge(question: Question, *, event_id: str, approval_id: str) -> Effect | Objection:
    """What a transition or a vote does, or why it does nothing. The ids are taken where something is written under them."""
    if (objection := objection_to(question)) is not None:
        return objection
    proposal, command, event = question.proposal, question.command, question.event
    effect = happened(
        proposal,
        event,
        TRANSITIONS[proposal.state, event],
        event_id=event_id,
        actor=question.caller.actor,
        at=question.at,
        reason=command.reason,
        check=proposal.clear_check if question.needs_check else None,
    )
    if isinstance(command, Vote):
        return _recorded(effect, command, approval_id)
    if event is EventType.CHANGES_REQUESTED:
        return replace(effect, proposal=replace(effect.proposal, counted=()))
    return effect


def happened(
    proposal: Proposal,
    event: EventType,
    to: ProposalState,
    *,
    event_id: str,
    actor: str,
    at: datetime,
    reason: Mapping[str, object],
    check: ClearCheck | None = None,
) -> Effect:
    """The next event of a proposal, about its current version, and the head that it leaves."""
    written = WorkflowEvent(
        event_id=event_id,
        proposal_id=proposal.proposal_id,
        seq=proposal.event_seq + 1,
        event_type=event,
        from_state=proposal.state,
        to_state=to,
        actor_id=actor,
        occurred_at=at,
        version_no=proposal.current.version_no,
        artifact_hash=proposal.current.artifact_hash,
        reason=reason,
        check_id=check.check_id if check else None,
    )
    requested = event is EventType.EXECUTION_REQUESTED or proposal.execution_requested
    after: dict[str, Any] = {
        "state": to,
        "last_event_at": at,
        "event_seq": written.seq,
        "rev": proposal.rev + 1,
        "execution_requested": requested and to not in TERMINAL,
    }
    return Effect(replace(proposal, **after), written)


def _recorded(effect: Effect, vote: Vote, approval_id: str) -> Effect:
    """The effect with the record of its vote; one that approves counts until a new version or a request for changes."""
    event, proposal = effect.event, effect.proposal
    approval = Approval(
        approval_id=approval_id,
        proposal_id=proposal.proposal_id,
        seq=event.seq,
        approval_type=vote.approval_type,
        approved=vote.approved,
        actor_id=event.actor_id,
        occurred_at=event.occurred_at,
        version_no=event.version_no,
        artifact_hash=event.artifact_hash,
        details=vote.reason,
    )
    if vote.approved:
        counted = CountedApproval(vote.approval_type, approval_id, event.artifact_hash)
        proposal = replace(proposal, counted=(*proposal.counted, counted))
    return Effect(proposal, event, approval)
