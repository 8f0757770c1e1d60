"""What a command on a proposal is held against, in the order in which it is refused (advisory-lifecycle 7, 8, advisory-practice 10)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from engine.records.proposal_history import EventType
from engine.workflow.proposal_callers import APPROVERS, AdvisoryScope, scopes_of_event
from engine.workflow.proposal_commands import Question, Vote
from engine.workflow.proposal_gates import gate_objection
from engine.workflow.proposal_objections import (
    APPROVAL_RECORD_REQUIRED,
    APPROVED_CONTENT_DIFFERS,
    CONTENT_MISMATCH,
    EXECUTION_ALREADY_REQUESTED,
    EXECUTION_CHECK_REQUIRED,
    EXECUTION_IN_PROGRESS,
    EXPECTED_STATE_MISMATCH,
    EXPECTED_STATE_REQUIRED,
    FOUR_EYES_REQUIRED,
    HASH_REQUIRED,
    INVALID_APPROVAL_STATE,
    INVALID_TRANSITION,
    NAMED_VERSION_NOT_FOUND,
    PERSON_REQUIRED,
    PROPOSAL_EXPIRED,
    REASON_REQUIRED,
    VERSION_MISMATCH,
    VERSION_REQUIRED,
    Objection,
    scope_required,
)
from engine.workflow.proposal_states import ALWAYS_OPEN, APPROVALS, EXECUTION, REVIEWED_IN, TRANSITIONS
from engine.workflow.proposal_validity import ended

MAX_REASON: Final = 1_000
FOUR_EYED: Final = frozenset({EventType.RISK_APPROVED, EventType.COMPLIANCE_APPROVED})
"""What nobody does to a proposal of their own. The client's consent is the client's."""

Check = Callable[[Question], Objection | None]


def scope(question: Question) -> Objection | None:
    """The caller has the scope of the event; of a vote, that of its approval, whatever the state."""
    wanted = _wanted(question)
    return None if any(map(question.caller.may, wanted)) else scope_required(wanted[0])


def _wanted(question: Question) -> tuple[AdvisoryScope, ...]:
    command = question.command
    if isinstance(command, Vote):
        return (APPROVERS[command.approval_type],)
    return scopes_of_event(command.event, question.proposal.state)


def person(question: Question) -> Objection | None:
    """People approve, refuse an approval and ask for changes; machines do not."""
    needed = question.decides or question.event is EventType.CHANGES_REQUESTED
    return PERSON_REQUIRED if needed and not question.caller.person else None


def expected_state(question: Question) -> Objection | None:
    """The caller knows where the proposal stands: who is late learns that before anything else of it."""
    expected = question.command.expected_state
    if expected is None:
        return EXPECTED_STATE_REQUIRED if question.safeguards.require_expected_state else None
    return None if expected is question.proposal.state else EXPECTED_STATE_MISMATCH


def version(question: Question) -> Objection | None:
    """A version that is named is the current one; where there are several, an approval names it."""
    named, current = question.command.version_no, question.proposal.current.version_no
    if named is None:
        return VERSION_REQUIRED if question.decides and current > 1 else None
    if not 1 <= named <= current:
        return NAMED_VERSION_NOT_FOUND
    return None if named == current else VERSION_MISMATCH


def content(question: Question) -> Objection | None:
    """A hash that is named is the current version's; where the deployment wants it, who approves names it."""
    named = question.command.artifact_hash
    if named is None:
        return HASH_REQUIRED if question.approves and question.safeguards.approvals_name_hash else None
    return None if named == question.proposal.current.artifact_hash else CONTENT_MISMATCH


def approval_record(question: Question) -> Objection | None:
    """An approval leaves a record."""
    plain = question.event in APPROVALS and not isinstance(question.command, Vote)
    return APPROVAL_RECORD_REQUIRED if plain and question.safeguards.approvals_need_record else None


def legality(question: Question) -> Objection | None:
    """The table has a row for it."""
    command, state = question.command, question.proposal.state
    if isinstance(command, Vote):
        return None if state is REVIEWED_IN[command.approval_type] else INVALID_APPROVAL_STATE
    return None if (state, command.event) in TRANSITIONS else INVALID_TRANSITION


def reason(question: Question) -> Objection | None:
    """Who asks for changes says which, in `reason.text`."""
    if question.event is not EventType.CHANGES_REQUESTED:
        return None
    text = question.command.reason.get("text")
    return None if isinstance(text, str) and text.strip() and len(text) <= MAX_REASON else REASON_REQUIRED


def open_execution(question: Question) -> Objection | None:
    """A version's execution is requested once, and while it is under way the proposal does not expire."""
    if not question.proposal.execution_requested:
        return None
    if question.event is EventType.EXECUTION_REQUESTED:
        return EXECUTION_ALREADY_REQUESTED
    return EXECUTION_IN_PROGRESS if question.event is EventType.EXPIRED else None


def four_eyes(question: Question) -> Objection | None:
    """Nobody approves for risk or compliance what they made: neither the proposal nor its current version."""
    if not (question.safeguards.four_eyes and question.approves and question.event in FOUR_EYED):
        return None
    makers = {question.proposal.created_by, question.proposal.current.created_by}
    return FOUR_EYES_REQUIRED if question.caller.actor in makers else None


def approved_content(question: Question) -> Objection | None:
    """What is executed is what was approved."""
    if question.event not in EXECUTION:
        return None
    current = question.proposal.current.artifact_hash
    return APPROVED_CONTENT_DIFFERS if any(given.artifact_hash != current for given in question.proposal.counted) else None


def validity(question: Question) -> Objection | None:
    """The version has not ended; an execution that was requested in time stops the clock."""
    return PROPOSAL_EXPIRED if question.event not in ALWAYS_OPEN and ended(question.proposal, question.at) else None


def execution_check(question: Question) -> Objection | None:
    """Somebody looked at the market not long ago and found nothing against the current version."""
    if not question.needs_check:
        return None
    found, minutes = question.proposal.clear_check, question.safeguards.execution_check_minutes
    fresh = found is not None and question.at - found.created_at <= timedelta(minutes=minutes)
    return None if fresh else EXECUTION_CHECK_REQUIRED


CHECKS: Final[tuple[Check, ...]] = (
    scope,             # 403
    person,            # 403
    expected_state,    # 409
    version,           # 422, 409
    content,           # 409
    approval_record,   # 422
    legality,          # 422
    reason,            # 422
    open_execution,    # 409
    four_eyes,         # 403
    gate_objection,    # 422
    approved_content,  # 500
    validity,          # 422
    execution_check,   # 409
)  # fmt: skip
"""The first that objects refuses the command. A proposal that is not there was not found before."""


def objection_to(question: Question) -> Objection | None:
    """What stands against the command; None where nothing does."""
    return next((found for check in CHECKS if (found := check(question)) is not None), None)
