"""Execution requests, the check before them, and the end of validity (advisory-lifecycle L4, advisory-practice 10)."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from engine.records.proposal_history import Change, ClearCheck, CountedApproval, Effect, ExecutionCheck, Gate, ProposalState, Verdict
from engine.workflow.proposal_commands import Safeguards, Transition, Vote
from engine.workflow.proposal_execution import checked, objection_to_check, verdict_of
from engine.workflow.proposal_states import TERMINAL
from engine.workflow.proposal_validity import end_of_validity, objection_to_end
from engine.workflow.proposal_versions import Wanted, expired, objection_to_version
from tests.engine.workflow.proposals import (
    ADVISOR,
    DESK,
    HASH,
    NOON,
    OTHER_HASH,
    REVIEWER,
    WITH_RISK,
    answer,
    ask,
    current,
    move,
    proposal,
    vote,
)

MICROSECOND = timedelta(microseconds=1)
READY = proposal("EXECUTION_READY")


def test_execution_is_requested_once_and_then_done_or_cancelled() -> None:
    requested = ask(READY, move("EXECUTION_REQUESTED"), DESK)
    assert isinstance(requested, Effect)
    assert (requested.event.from_state, requested.event.to_state) == ("EXECUTION_READY", "EXECUTION_READY")
    open_now = requested.proposal
    assert open_now.execution_requested
    assert answer(ask(open_now, move("EXECUTION_REQUESTED"), DESK)) == "STATE_CONFLICT: execution already requested"
    assert answer(ask(open_now, move("EXPIRED"), DESK)) == "EXECUTION_IN_PROGRESS"
    wanted = Wanted("pf_1", simulation_enabled=True, valid_until=None)
    objection = objection_to_version(open_now, wanted, ADVISOR, Safeguards(), NOON)
    assert objection is not None
    assert answer(objection) == "EXECUTION_IN_PROGRESS"
    for event, caller in [("EXECUTED", DESK), ("CANCELLED", ADVISOR)]:
        done = ask(open_now, move(event), caller)
        assert isinstance(done, Effect)
        assert (done.proposal.state, done.proposal.execution_requested) == (event, False)


def test_execution_needs_no_request() -> None:
    assert answer(ask(READY, move("EXECUTED"), DESK)) == "EXECUTED"


@pytest.mark.parametrize("event", ["EXECUTION_REQUESTED", "EXECUTED"])
def test_what_was_approved_under_another_hash_is_never_executed(event: str) -> None:
    approvals = (*WITH_RISK, CountedApproval(WITH_RISK[0].approval_type, "pap_9", OTHER_HASH))
    assert answer(ask(replace(READY, counted=approvals), move(event), DESK, enforce_gates=False)) == "EVIDENCE_CORRUPT"
    assert answer(ask(replace(READY, counted=WITH_RISK), move(event), DESK)) in {"EXECUTION_READY", "EXECUTED"}
    assert answer(ask(replace(READY, counted=approvals), move("CANCELLED"))) == "CANCELLED"


HOUR: dict[str, Any] = {"execution_check_minutes": 60}


@pytest.mark.parametrize("event", ["EXECUTION_REQUESTED", "EXECUTED"])
@pytest.mark.parametrize(
    ("age", "fresh"), [(timedelta(0), True), (timedelta(minutes=60), True), (timedelta(minutes=60) + MICROSECOND, False), (None, False)]
)
def test_execution_needs_a_clear_check_that_is_not_old(event: str, age: timedelta | None, fresh: bool) -> None:
    known = None if age is None else ClearCheck("pck_1", NOON - age)
    outcome = ask(replace(READY, clear_check=known), move(event), DESK, **HOUR)
    if fresh:
        assert isinstance(outcome, Effect)
        assert outcome.event.check_id == "pck_1"
    else:
        assert answer(outcome) == "EXECUTION_CHECK_REQUIRED"


def test_a_request_was_checked_and_its_execution_needs_no_second_look() -> None:
    outcome = ask(replace(READY, execution_requested=True), move("EXECUTED"), DESK, **HOUR)
    assert isinstance(outcome, Effect)
    assert outcome.event.check_id is None


def test_where_no_check_is_asked_for_none_is_named() -> None:
    outcome = ask(replace(READY, clear_check=ClearCheck("pck_1", NOON)), move("EXECUTED"), DESK)
    assert isinstance(outcome, Effect)
    assert outcome.event.check_id is None


def check(verdict: Verdict = Verdict.CLEAR, *, version_no: int = 1, at: datetime = NOON, name: str = "pck_1") -> ExecutionCheck:
    return ExecutionCheck(name, "pp_1", version_no, HASH, at, "ada", verdict, "READY", Gate.CLIENT_CONSENT_REQUIRED)


def test_the_newest_check_of_the_current_version_decides() -> None:
    kept = checked(READY, check())
    assert kept == replace(READY, clear_check=ClearCheck("pck_1", NOON), rev=READY.rev + 1)
    later = checked(kept, check(at=NOON + MICROSECOND, name="pck_2"))
    assert later == replace(READY, clear_check=ClearCheck("pck_2", NOON + MICROSECOND), rev=READY.rev + 2)
    for verdict in (Verdict.RENEW, Verdict.BLOCKED):
        assert checked(kept, check(verdict, name="pck_2")) == replace(READY, clear_check=None, rev=READY.rev + 2)
    for verdict in Verdict:
        assert checked(kept, check(verdict, version_no=2)) == replace(kept, rev=READY.rev + 2)


def test_what_a_check_comes_to() -> None:
    moved = [Change("PRICE_MOVED", "SPY", "500", "512", "0.024")]
    assert verdict_of("READY", []) == "CLEAR"
    assert verdict_of("PENDING_REVIEW", []) == "CLEAR"
    assert verdict_of("READY", moved) == "RENEW"
    assert verdict_of("BLOCKED", moved) == verdict_of("BLOCKED", []) == "BLOCKED"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (3, None),
        (2, "STATE_CONFLICT: version mismatch"),
        (1, "STATE_CONFLICT: version mismatch"),
        (4, "PROPOSAL_VERSION_NOT_FOUND"),
        (0, "PROPOSAL_VERSION_NOT_FOUND"),
    ],
)
def test_the_current_version_is_checked(named: int, said: str | None) -> None:
    standing = proposal(version=current(version_no=3))
    for caller in (ADVISOR, DESK):
        objection = objection_to_check(standing, named, caller)
        assert (None if objection is None else answer(objection)) == said
        assert objection is None or not objection.of_body


def test_who_checks_and_when() -> None:
    refused = objection_to_check(proposal("EXECUTED"), 2, REVIEWER)
    assert refused is not None
    assert answer(refused) == "SCOPE_REQUIRED: advisory.run"
    for state in ProposalState:
        objection = objection_to_check(proposal(state), 1, ADVISOR)
        assert (None if objection is None else answer(objection)) == (
            "PROPOSAL_TERMINAL_STATE: cannot check" if state in {"EXECUTED", "REJECTED", "CANCELLED", "EXPIRED"} else None
        )


@pytest.mark.parametrize(
    ("asked", "fine"),
    [
        (None, True),
        (NOON, False),
        (NOON + MICROSECOND, True),
        (NOON + timedelta(days=90), True),
        (NOON + timedelta(days=90) + MICROSECOND, False),
        ((NOON + timedelta(days=1)).replace(tzinfo=None), False),
        # 13:30 at +01:00 is half past noon in UTC, 12:30 at +01:00 half an hour before noon
        (datetime(2026, 3, 2, 13, 30, tzinfo=timezone(timedelta(hours=1))), True),
        (datetime(2026, 3, 2, 12, 30, tzinfo=timezone(timedelta(hours=1))), False),
    ],
)
def test_the_end_that_may_be_asked_for(asked: datetime | None, fine: bool) -> None:
    objection = objection_to_end(asked, NOON)
    assert (None if objection is None else answer(objection)) == (None if fine else "VALID_UNTIL_BOUNDS")


def test_a_version_ends_at_the_earlier_of_what_was_asked_and_what_the_deployment_allows() -> None:
    in_two_days = NOON + timedelta(hours=48)
    assert end_of_validity(NOON, None, 0) is None
    assert end_of_validity(NOON, in_two_days, 0) == in_two_days
    assert end_of_validity(NOON, None, 672) == NOON + timedelta(days=28)
    assert end_of_validity(NOON, in_two_days, 47) == NOON + timedelta(hours=47)
    assert end_of_validity(NOON, in_two_days, 49) == in_two_days


ENDED = current(valid_until=NOON)
PAST_THE_END = [
    ("DRAFT", move("SUBMITTED_FOR_RISK_REVIEW"), "PROPOSAL_EXPIRED"),
    ("DRAFT", move("SUBMITTED_FOR_COMPLIANCE_REVIEW"), "PROPOSAL_EXPIRED"),
    ("DRAFT", move("SUBMITTED_FOR_CLIENT_CONSENT"), "PROPOSAL_EXPIRED"),
    ("RISK_REVIEW", vote("RISK"), "PROPOSAL_EXPIRED"),
    ("COMPLIANCE_REVIEW", vote("COMPLIANCE"), "PROPOSAL_EXPIRED"),
    ("AWAITING_CLIENT_CONSENT", vote("CLIENT_CONSENT"), "PROPOSAL_EXPIRED"),
    ("AWAITING_CLIENT_CONSENT", move("CHANGES_REQUESTED"), "PROPOSAL_EXPIRED"),
    ("EXECUTION_READY", move("EXECUTION_REQUESTED"), "PROPOSAL_EXPIRED"),
    ("EXECUTION_READY", move("EXECUTED"), "PROPOSAL_EXPIRED"),
    ("RISK_REVIEW", vote("RISK", approved=False), "REJECTED"),
    ("RISK_REVIEW", move("REJECTED"), "REJECTED"),
    ("EXECUTION_READY", move("CANCELLED"), "CANCELLED"),
    ("EXECUTION_READY", move("EXPIRED"), "EXPIRED"),
]


@pytest.mark.parametrize(("state", "command", "said"), PAST_THE_END)
def test_past_the_end_a_version_can_only_be_ended(state: str, command: Transition | Vote, said: str) -> None:
    standing = proposal(state, version=ENDED)
    assert answer(ask(standing, command, at=NOON)) == said
    assert answer(ask(standing, command, at=NOON - MICROSECOND)) != "PROPOSAL_EXPIRED"


def test_past_the_end_a_version_can_be_renewed() -> None:
    wanted = Wanted("pf_1", simulation_enabled=True, valid_until=NOON + timedelta(days=2))
    assert objection_to_version(proposal(version=ENDED), wanted, ADVISOR, Safeguards(), NOON + timedelta(days=1)) is None


def test_an_execution_that_was_requested_in_time_stops_the_clock() -> None:
    under_way = proposal("EXECUTION_READY", version=ENDED, execution_requested=True)
    late = NOON + timedelta(days=9)
    assert answer(ask(under_way, move("EXECUTED"), DESK, late)) == "EXECUTED"
    assert expired(under_way, late, event_id="pwe_2") is None


def test_what_has_ended_the_sweeper_expires_as_the_system() -> None:
    for state in ProposalState:
        standing = proposal(state, version=ENDED)
        effect = expired(standing, NOON, event_id="pwe_2")
        if state in TERMINAL:
            assert effect is None
            continue
        assert effect is not None
        assert (effect.proposal.state, effect.event.event_type, effect.event.from_state) == ("EXPIRED", "EXPIRED", state)
        assert (effect.event.actor_id, effect.event.occurred_at, effect.event.seq, effect.proposal.rev) == ("system", NOON, 2, 2)
        assert answer(ask(effect.proposal, move("EXECUTED"), DESK)) == "INVALID_TRANSITION"
        assert expired(standing, NOON - MICROSECOND, event_id="pwe_2") is None
    assert expired(proposal(), NOON, event_id="pwe_2") is None
