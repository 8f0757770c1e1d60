"""Why commands on a proposal are refused, each reason by hand, and which is told first (advisory-lifecycle 7, 8, 15)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.records.proposal_history import ApprovalType, ClearCheck, CountedApproval, Gate, ProposalState
from engine.usecases.refusals import Code, Refused
from engine.workflow import proposal_objections
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_commands import Question, Safeguards, Transition, Vote
from engine.workflow.proposal_effects import judge
from engine.workflow.proposal_objections import Objection
from tests.engine.workflow.proposals import (
    ADVISOR,
    ANYBODY,
    DESK,
    HASH,
    NOON,
    OTHER_HASH,
    REVIEWER,
    WITH_COMPLIANCE,
    answer,
    ask,
    current,
    move,
    proposal,
    vote,
)

REVIEWS = [("RISK", "RISK_REVIEW"), ("COMPLIANCE", "COMPLIANCE_REVIEW"), ("CLIENT_CONSENT", "AWAITING_CLIENT_CONSENT")]


def told(question: Question) -> str:
    return answer(judge(question, event_id="pwe_1", approval_id="pap_1"))


def test_every_objection_has_a_code_that_callers_are_told() -> None:
    objections = [value for value in vars(proposal_objections).values() if isinstance(value, Objection)]
    assert len(objections) == len(set(objections)) >= 29
    assert {objection.code for objection in objections} <= set(Code)


def test_a_use_case_refuses_by_an_objection_word_by_word() -> None:
    refused = Refused.by(proposal_objections.NAMED_VERSION_NOT_FOUND)
    assert (refused.code, refused.because, refused.of_body) == (Code.PROPOSAL_VERSION_NOT_FOUND, "", True)
    refused = Refused.by(proposal_objections.VERSION_MISMATCH)
    assert (refused.code, refused.because, refused.of_body) == (Code.STATE_CONFLICT, "version mismatch", False)


def test_a_vote_is_refused_in_the_order_that_is_written_down() -> None:
    ended = current(version_no=2, gate=Gate.BLOCKED, valid_until=NOON)
    asked = Question(
        proposal("DRAFT", version=ended),
        vote("RISK", expected_state=ProposalState.EXPIRED, version_no=3, artifact_hash=OTHER_HASH),
        Caller("ada", person=False, scopes=frozenset()),
        Safeguards(four_eyes=True),
        NOON,
    )
    assert told(asked) == "SCOPE_REQUIRED: advisory.approve.risk"
    asked = replace(asked, caller=replace(asked.caller, scopes=None))
    assert told(asked) == "USER_IDENTITY_REQUIRED"
    asked = replace(asked, caller=replace(asked.caller, person=True))
    assert told(asked) == "STATE_CONFLICT: expected_state mismatch"
    asked = replace(asked, command=replace(asked.command, expected_state=ProposalState.DRAFT))
    assert told(asked) == "PROPOSAL_VERSION_NOT_FOUND"
    asked = replace(asked, command=replace(asked.command, version_no=1))
    assert told(asked) == "STATE_CONFLICT: version mismatch"
    asked = replace(asked, command=replace(asked.command, version_no=2))
    assert told(asked) == "STATE_CONFLICT: content mismatch"
    asked = replace(asked, command=replace(asked.command, artifact_hash=HASH))
    assert told(asked) == "INVALID_APPROVAL_STATE"
    review = ProposalState.RISK_REVIEW
    asked = replace(asked, proposal=replace(asked.proposal, state=review), command=replace(asked.command, expected_state=review))
    assert told(asked) == "FOUR_EYES_REQUIRED"
    asked = replace(asked, caller=replace(asked.caller, actor="rita"))
    assert told(asked) == "GATE_BLOCKED"
    asked = replace(asked, proposal=replace(asked.proposal, current=replace(ended, gate=Gate.RISK_REVIEW_REQUIRED)))
    assert told(asked) == "PROPOSAL_EXPIRED"
    asked = replace(asked, at=NOON - timedelta(microseconds=1))
    assert told(asked) == "AWAITING_CLIENT_CONSENT"


def test_an_execution_is_refused_in_the_order_that_is_written_down() -> None:
    other = CountedApproval(ApprovalType.RISK, "pap_1", OTHER_HASH)
    held = current(gate=Gate.COMPLIANCE_REVIEW_REQUIRED, valid_until=NOON)
    asked = Question(
        proposal("DRAFT", version=held, counted=(other,), execution_requested=True),
        move("EXECUTION_REQUESTED", expected_state=ProposalState.DRAFT),
        DESK,
        Safeguards(execution_check_minutes=60),
        NOON,
    )
    assert told(asked) == "INVALID_TRANSITION"
    ready = ProposalState.EXECUTION_READY
    asked = replace(asked, proposal=replace(asked.proposal, state=ready), command=replace(asked.command, expected_state=ready))
    assert told(asked) == "STATE_CONFLICT: execution already requested"
    asked = replace(asked, proposal=replace(asked.proposal, execution_requested=False))
    assert told(asked) == "GATE_APPROVAL_MISSING"
    asked = replace(asked, proposal=replace(asked.proposal, counted=(other, *WITH_COMPLIANCE)))
    assert told(asked) == "EVIDENCE_CORRUPT"
    asked = replace(asked, proposal=replace(asked.proposal, counted=WITH_COMPLIANCE))
    assert told(asked) == "PROPOSAL_EXPIRED"
    asked = replace(asked, proposal=replace(asked.proposal, current=replace(held, valid_until=None)))
    assert told(asked) == "EXECUTION_CHECK_REQUIRED"
    asked = replace(asked, proposal=replace(asked.proposal, clear_check=ClearCheck("pck_1", NOON)))
    assert told(asked) == "EXECUTION_READY"


def test_a_plain_approval_lacks_its_record_before_it_is_illegal_and_after_it_is_stale() -> None:
    asked = move("RISK_APPROVED", version_no=7)
    assert answer(ask(proposal("DRAFT"), asked)) == "PROPOSAL_VERSION_NOT_FOUND"
    asked = replace(asked, version_no=1)
    assert answer(ask(proposal("DRAFT"), replace(asked, artifact_hash=OTHER_HASH))) == "STATE_CONFLICT: content mismatch"
    assert answer(ask(proposal("DRAFT"), asked)) == "APPROVAL_RECORD_REQUIRED"
    assert answer(ask(proposal("DRAFT"), asked, approvals_need_record=False)) == "INVALID_TRANSITION"
    assert answer(ask(proposal("RISK_REVIEW"), asked, approvals_need_record=False)) == "AWAITING_CLIENT_CONSENT"


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (None, "STATE_CONFLICT: expected_state is required"),
        ("DRAFT", "INVALID_TRANSITION"),
        ("EXECUTED", "STATE_CONFLICT: expected_state mismatch"),
    ],
)
def test_executing_a_draft(expected: str | None, said: str) -> None:  # vectors 6 to 8 of advisory-lifecycle 15
    named = None if expected is None else ProposalState(expected)
    question = Question(proposal("DRAFT"), move("EXECUTED", expected_state=named), ANYBODY, Safeguards(), NOON)
    assert told(question) == said


def test_where_the_state_need_not_be_named_it_still_may_not_be_wrong() -> None:
    asked = Question(proposal("DRAFT"), move("CANCELLED"), ANYBODY, Safeguards(require_expected_state=False), NOON)
    assert told(asked) == "CANCELLED"
    wrong = replace(asked, command=move("CANCELLED", expected_state=ProposalState.RISK_REVIEW))
    assert told(wrong) == "STATE_CONFLICT: expected_state mismatch"


def test_the_same_transition_sent_again_without_a_key_is_late() -> None:
    first = ask(proposal("DRAFT"), asked := move("SUBMITTED_FOR_RISK_REVIEW", expected_state=ProposalState.DRAFT))
    assert not isinstance(first, Objection)
    assert answer(ask(first.proposal, asked)) == "STATE_CONFLICT: expected_state mismatch"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (0, "PROPOSAL_VERSION_NOT_FOUND"),
        (-1, "PROPOSAL_VERSION_NOT_FOUND"),
        (1, "STATE_CONFLICT: version mismatch"),
        (2, "STATE_CONFLICT: version mismatch"),
        (3, None),
        (4, "PROPOSAL_VERSION_NOT_FOUND"),
    ],
)
@pytest.mark.parametrize("asked", [vote("RISK"), move("CANCELLED"), move("REJECTED")])
def test_a_version_that_is_named_is_the_third_of_three(asked: Vote | Transition, named: int, said: str | None) -> None:
    outcome = ask(proposal("RISK_REVIEW", version=current(version_no=3)), replace(asked, version_no=named))
    assert answer(outcome) == said if said else not isinstance(outcome, Objection)
    assert not isinstance(outcome, Objection) or outcome.of_body == (said == "PROPOSAL_VERSION_NOT_FOUND")


@pytest.mark.parametrize(("approval", "state"), REVIEWS)
@pytest.mark.parametrize("approved", [True, False])
def test_approvals_name_the_version_once_there_are_two(approval: str, state: str, approved: bool) -> None:
    two, one = (proposal(state, version=current(version_no=number)) for number in (2, 1))
    assert answer(ask(two, vote(approval, approved=approved))) == "STATE_CONFLICT: related_version_no is required"
    assert not isinstance(ask(one, vote(approval, approved=approved)), Objection)
    assert not isinstance(ask(two, vote(approval, approved=approved, version_no=2)), Objection)


def test_a_transition_need_not_name_the_version_and_its_event_does() -> None:
    outcome = ask(proposal("RISK_REVIEW", version=current(version_no=2)), move("CANCELLED"))
    assert not isinstance(outcome, Objection)
    assert (outcome.event.version_no, outcome.event.artifact_hash) == (2, HASH)


@pytest.mark.parametrize("asked", [move("CANCELLED"), vote("RISK"), vote("RISK", approved=False)])
def test_a_hash_that_is_named_is_the_current_version_s(asked: Vote | Transition) -> None:
    standing = proposal("RISK_REVIEW")
    assert answer(ask(standing, replace(asked, artifact_hash=OTHER_HASH))) == "STATE_CONFLICT: content mismatch"
    assert not isinstance(ask(standing, replace(asked, artifact_hash=HASH)), Objection)


@pytest.mark.parametrize(("approval", "state"), REVIEWS)
def test_where_the_deployment_wants_it_approvals_name_the_hash(approval: str, state: str) -> None:
    standing = proposal(state)
    assert answer(ask(standing, vote(approval), approvals_name_hash=True)) == "STATE_CONFLICT: artifact_hash is required"
    assert not isinstance(ask(standing, vote(approval, artifact_hash=HASH), approvals_name_hash=True), Objection)
    assert answer(ask(standing, vote(approval, approved=False), approvals_name_hash=True)) == "REJECTED"
    assert answer(ask(standing, move("CANCELLED"), approvals_name_hash=True)) == "CANCELLED"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ({"text": "Sell the bond first."}, "DRAFT"),
        ({"text": "x" * 1_000}, "DRAFT"),
        ({"text": "x" * 1_001}, "REASON_REQUIRED"),
        ({"text": " \t\n"}, "REASON_REQUIRED"),
        ({"text": ""}, "REASON_REQUIRED"),
        ({"text": 5}, "REASON_REQUIRED"),
        ({"comment": "no text"}, "REASON_REQUIRED"),
        ({}, "REASON_REQUIRED"),
    ],
)
@pytest.mark.parametrize("state", ["RISK_REVIEW", "COMPLIANCE_REVIEW", "AWAITING_CLIENT_CONSENT"])
def test_who_asks_for_changes_says_which(state: str, reason: dict[str, Any], said: str) -> None:
    assert answer(ask(proposal(state), move("CHANGES_REQUESTED", reason))) == said


def test_nothing_but_a_request_for_changes_needs_a_reason() -> None:
    assert answer(ask(proposal("RISK_REVIEW"), move("REJECTED", {}))) == "REJECTED"
    assert answer(ask(proposal("DRAFT"), move("CHANGES_REQUESTED", {}))) == "INVALID_TRANSITION"


MACHINE = replace(ANYBODY, person=False)


@pytest.mark.parametrize(("approval", "state"), REVIEWS)
def test_people_approve_and_ask_for_changes(approval: str, state: str) -> None:
    standing = proposal(state)
    assert answer(ask(standing, vote(approval), MACHINE)) == "USER_IDENTITY_REQUIRED"
    assert answer(ask(standing, vote(approval, approved=False), MACHINE)) == "USER_IDENTITY_REQUIRED"
    assert answer(ask(standing, move("CHANGES_REQUESTED"), MACHINE)) == "USER_IDENTITY_REQUIRED"
    assert answer(ask(standing, move("REJECTED"), MACHINE)) == "REJECTED"
    assert answer(ask(standing, move("CANCELLED"), MACHINE)) == "CANCELLED"


def test_a_plain_approval_is_no_way_around_person_version_hash_and_four_eyes() -> None:
    standing, asked = proposal("RISK_REVIEW", version=current(version_no=2)), move("RISK_APPROVED")
    named = replace(asked, version_no=2, artifact_hash=HASH)
    plain: dict[str, Any] = {"approvals_need_record": False, "approvals_name_hash": True, "four_eyes": True}
    assert answer(ask(standing, asked, MACHINE, **plain)) == "USER_IDENTITY_REQUIRED"
    assert answer(ask(standing, asked, **plain)) == "STATE_CONFLICT: related_version_no is required"
    assert answer(ask(standing, replace(asked, version_no=2), **plain)) == "STATE_CONFLICT: artifact_hash is required"
    assert answer(ask(standing, named, replace(ANYBODY, actor="ada"), **plain)) == "FOUR_EYES_REQUIRED"
    assert answer(ask(standing, named, **plain)) == "AWAITING_CLIENT_CONSENT"


@pytest.mark.parametrize(
    ("made_by", "version_by", "refused"), [("rita", "ada", True), ("ada", "rita", True), ("rita", "rita", True), ("ada", "bob", False)]
)
def test_four_eyes_are_other_than_the_maker_s_of_proposal_and_version(made_by: str, version_by: str, refused: bool) -> None:
    for approval, state, after in [("RISK", "RISK_REVIEW", "AWAITING_CLIENT_CONSENT"), ("COMPLIANCE", "COMPLIANCE_REVIEW", "")]:
        standing = proposal(state, version=current(created_by=version_by), created_by=made_by)
        said = answer(ask(standing, vote(approval), REVIEWER, four_eyes=True))
        assert said == ("FOUR_EYES_REQUIRED" if refused else after or "AWAITING_CLIENT_CONSENT")
        assert answer(ask(standing, vote(approval, approved=False), REVIEWER, four_eyes=True)) == "REJECTED"
        assert answer(ask(standing, vote(approval), REVIEWER)) == "AWAITING_CLIENT_CONSENT"
        assert answer(ask(standing, move("CHANGES_REQUESTED"), REVIEWER, four_eyes=True)) == "DRAFT"


def test_the_client_s_consent_may_be_recorded_by_the_maker() -> None:
    standing = proposal("AWAITING_CLIENT_CONSENT")
    assert answer(ask(standing, vote("CLIENT_CONSENT"), ADVISOR, four_eyes=True)) == "EXECUTION_READY"


def test_reading_is_no_scope_for_anything_and_running_none_for_approving() -> None:
    reader = replace(ANYBODY, scopes=frozenset({"advisory.read"}))
    assert answer(ask(proposal("DRAFT"), move("CANCELLED"), reader)) == "SCOPE_REQUIRED: advisory.run"
    assert answer(ask(proposal("RISK_REVIEW"), vote("RISK"), ADVISOR)) == "SCOPE_REQUIRED: advisory.approve.risk"
    assert answer(ask(proposal("COMPLIANCE_REVIEW"), move("REJECTED"), ADVISOR)) == "SCOPE_REQUIRED: advisory.approve.compliance"
    assert answer(ask(proposal("EXECUTION_READY"), move("EXECUTED"), ADVISOR)) == "SCOPE_REQUIRED: advisory.execute"
    risk_only = replace(ANYBODY, scopes=frozenset({"advisory.approve.risk"}))
    assert answer(ask(proposal("COMPLIANCE_REVIEW"), vote("COMPLIANCE"), risk_only)) == "SCOPE_REQUIRED: advisory.approve.compliance"
    assert answer(ask(proposal("RISK_REVIEW"), vote("RISK"), risk_only)) == "AWAITING_CLIENT_CONSENT"
