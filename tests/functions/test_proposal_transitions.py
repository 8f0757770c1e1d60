"""Proposals move on: every way through a life, what it leaves, and who comes too late (advisory-lifecycle 7, 8, 15, advisory-practice 10)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.records.proposal_history import CountedApproval
from tests.support.gateway import Reply, refused, violations
from tests.support.lives import (
    ADVISER,
    BOTH,
    COMPLIANCE,
    EXECUTOR,
    MACHINE,
    RISK,
    STRANGER,
    Lives,
    at_once,
    for_compliance,
    for_risk,
    ok,
    oversold,
)

MISMATCH = (409, "STATE_CONFLICT: expected_state mismatch")
CONFLICT = (409, "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch")


def test_a_whole_life(lives: Lives) -> None:
    proposal_id = lives.opened(for_compliance())
    artifact_hash = lives.summary(proposal_id)["artifact_hash"]
    steps: list[tuple[Callable[[], Reply], str]] = [
        (lambda: lives.move(proposal_id, "SUBMITTED_FOR_COMPLIANCE_REVIEW", reason={"text": "please"}), "COMPLIANCE_REVIEW"),
        (lambda: lives.vote(proposal_id, "COMPLIANCE", COMPLIANCE, details={"ticket": "C-1"}), "AWAITING_CLIENT_CONSENT"),
        (lambda: lives.vote(proposal_id, "CLIENT_CONSENT", ADVISER), "EXECUTION_READY"),
        (lambda: lives.move(proposal_id, "EXECUTION_REQUESTED", caller=EXECUTOR), "EXECUTION_READY"),
        (lambda: lives.move(proposal_id, "EXECUTED", caller=EXECUTOR), "EXECUTED"),
    ]
    for step, state in steps:
        lives.clock.forward(minutes=1)
        reply = ok(step())
        event = reply.json["latest_workflow_event"]
        assert (reply.json["proposal_id"], reply.json["current_state"], event["to_state"]) == (proposal_id, state, state)
        assert (event["version_no"], event["artifact_hash"]) == (1, artifact_hash)
        assert lives.state(proposal_id) == state
    events = lives.events(proposal_id)
    assert [(event["event_type"], event["actor_id"]) for event in events] == [
        ("CREATED", "adviser-7"),
        ("SUBMITTED_FOR_COMPLIANCE_REVIEW", "adviser-7"),
        ("COMPLIANCE_APPROVED", "compliance-1"),
        ("CLIENT_CONSENT_RECORDED", "adviser-7"),
        ("EXECUTION_REQUESTED", "desk-1"),
        ("EXECUTED", "desk-1"),
    ]
    assert [event["from_state"] for event in events[1:]] == [event["to_state"] for event in events[:-1]]
    assert (events[1]["reason"], events[2]["reason"]) == ({"text": "please"}, {"ticket": "C-1"})
    first, second = lives.approvals(proposal_id)
    assert (first["approval_type"], first["approved"], first["details"], first["version_no"]) == ("COMPLIANCE", True, {"ticket": "C-1"}, 1)
    assert (first["artifact_hash"], first["occurred_at"], first["actor_id"]) == (artifact_hash, events[2]["occurred_at"], "compliance-1")
    assert second["approval_type"] == "CLIENT_CONSENT"


def test_without_a_review_where_none_is_needed(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened()
    assert ok(memory_lives.move(proposal_id, "SUBMITTED_FOR_CLIENT_CONSENT")).json["current_state"] == "AWAITING_CLIENT_CONSENT"
    ok(memory_lives.vote(proposal_id, "CLIENT_CONSENT", ADVISER))
    ok(memory_lives.move(proposal_id, "EXECUTED", caller=EXECUTOR))  # it needs no request before it


@pytest.mark.parametrize(("kind", "caller"), [("RISK", RISK), ("RISK", BOTH), ("COMPLIANCE", COMPLIANCE), ("CLIENT_CONSENT", ADVISER)])
def test_a_no_rejects_for_ever_and_is_recorded(lives: Lives, kind: str, caller: Any) -> None:
    proposal_id = lives.opened()
    ok(lives.move(proposal_id, {"CLIENT_CONSENT": "SUBMITTED_FOR_CLIENT_CONSENT"}.get(kind, f"SUBMITTED_FOR_{kind}_REVIEW")))
    reply = ok(lives.vote(proposal_id, kind, caller, approved=False)).json
    assert (reply["current_state"], reply["latest_workflow_event"]["event_type"]) == ("REJECTED", "REJECTED")
    assert (reply["approval"]["approved"], reply["approval"]["approval_type"]) == (False, kind)
    assert lives.approvals(proposal_id) == [reply["approval"]]
    assert refused(lives.add_version(proposal_id)) == (422, "PROPOSAL_TERMINAL_STATE: cannot create version")


def test_who_asks_for_changes_gets_a_draft_and_approvals_count_no_more(lives: Lives) -> None:
    proposal_id = lives.opened(for_risk())
    ok(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW"))
    ok(lives.vote(proposal_id, "RISK", RISK))
    reply = ok(lives.move(proposal_id, "CHANGES_REQUESTED", reason={"text": "less tech"}))
    assert reply.json["current_state"] == "DRAFT"
    assert len(lives.approvals(proposal_id)) == 1  # it stays listed
    assert refused(lives.move(proposal_id, "SUBMITTED_FOR_CLIENT_CONSENT")) == (422, "GATE_REVIEW_REQUIRED")


@pytest.mark.parametrize(
    ("submitted", "caller"),
    [("SUBMITTED_FOR_RISK_REVIEW", RISK), ("SUBMITTED_FOR_COMPLIANCE_REVIEW", COMPLIANCE), ("SUBMITTED_FOR_CLIENT_CONSENT", ADVISER)],
)
def test_a_reviewer_may_reject_plainly_or_send_back(memory_lives: Lives, submitted: str, caller: Any) -> None:
    for event, state in (("REJECTED", "REJECTED"), ("CHANGES_REQUESTED", "DRAFT")):
        proposal_id = memory_lives.opened()
        ok(memory_lives.move(proposal_id, submitted))
        assert ok(memory_lives.move(proposal_id, event, caller=caller, reason={"text": "no"})).json["current_state"] == state


def test_what_is_open_can_be_cancelled_or_expire_and_nothing_else_happens_then(memory_lives: Lives) -> None:
    ways: tuple[list[str], ...] = ([], ["SUBMITTED_FOR_RISK_REVIEW"], ["SUBMITTED_FOR_COMPLIANCE_REVIEW"], ["SUBMITTED_FOR_CLIENT_CONSENT"])
    for event, caller in (("CANCELLED", ADVISER), ("EXPIRED", EXECUTOR)):
        for way in ways:
            proposal_id = memory_lives.opened()
            for step in way:
                ok(memory_lives.move(proposal_id, step))
            assert ok(memory_lives.move(proposal_id, event, caller=caller)).json["current_state"] == event
            assert refused(memory_lives.move(proposal_id, event, caller=caller)) == (422, "INVALID_TRANSITION")
        ready = memory_lives.ready()
        ok(memory_lives.move(ready, event, caller=caller))


def test_a_new_version_takes_everything_back(lives: Lives) -> None:
    proposal_id = lives.ready(lives.opened(for_compliance()))
    made = ok(lives.add_version(proposal_id, for_compliance())).json
    event = made["latest_workflow_event"]
    assert (event["from_state"], event["to_state"], made["proposal"]["current_state"]) == ("EXECUTION_READY", "DRAFT", "DRAFT")
    assert len(lives.approvals(proposal_id)) == 2
    assert refused(lives.move(proposal_id, "EXECUTED", caller=EXECUTOR)) == (422, "INVALID_TRANSITION")


def test_a_deployment_may_keep_the_state_but_no_approval_of_another_version(memory_lives: Lives) -> None:
    kept = memory_lives.under(reset_on_new_version=False)
    proposal_id = kept.ready(kept.opened(for_compliance()))
    ok(kept.add_version(proposal_id, for_compliance()))
    assert kept.state(proposal_id) == "EXECUTION_READY"
    assert refused(kept.move(proposal_id, "EXECUTED", caller=EXECUTOR)) == (422, "GATE_APPROVAL_MISSING")


def test_of_equal_transitions_at_once_one_is_made(lives: Lives) -> None:
    proposal_id = lives.opened()
    replies = at_once(20, lambda _: lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW", "DRAFT"))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 19
    assert {refused(reply) for reply in replies if reply.status == 409} == {MISMATCH}
    assert len(lives.events(proposal_id)) == 2


def test_of_a_yes_and_a_no_at_once_one_counts(lives: Lives) -> None:
    proposal_id = lives.opened()
    ok(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW"))
    replies = at_once(8, lambda number: lives.vote(proposal_id, "RISK", RISK, "RISK_REVIEW", approved=bool(number % 2)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 7
    assert len(lives.approvals(proposal_id)) == 1


def test_a_transition_under_a_key_happens_once(lives: Lives) -> None:
    proposal_id = lives.opened()
    first = ok(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW", "DRAFT", headers={"Idempotency_Key": "k"}))
    again = ok(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW", "DRAFT", headers={"Idempotency_Key": "k"}))
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert refused(lives.move(proposal_id, "CANCELLED", "DRAFT", headers={"Idempotency_Key": "k"})) == CONFLICT
    somebody = ADVISER | {"actor": "adviser-8"}
    assert refused(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW", "DRAFT", somebody, {"Idempotency_Key": "k"})) == CONFLICT
    assert lives.events(proposal_id)[-1]["actor_id"] == "adviser-7"
    assert len(lives.events(proposal_id)) == 2
    other = lives.opened()
    ok(lives.move(other, "CANCELLED", "DRAFT", headers={"Idempotency_Key": "k"}))  # of another proposal it is another key


def test_an_approval_under_a_key_is_given_once_and_told_again(lives: Lives) -> None:
    proposal_id = lives.opened()
    ok(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW"))
    first = ok(lives.vote(proposal_id, "RISK", RISK, "RISK_REVIEW", {"Idempotency_Key": "k"}))
    ok(lives.vote(proposal_id, "CLIENT_CONSENT", ADVISER))
    again = ok(lives.vote(proposal_id, "RISK", RISK, "RISK_REVIEW", {"Idempotency_Key": "k"})).json
    assert again["approval"] == first.json["approval"]
    assert (again["current_state"], again["latest_workflow_event"]["event_type"]) == ("EXECUTION_READY", "CLIENT_CONSENT_RECORDED")
    assert len(lives.approvals(proposal_id)) == 2
    ok(lives.move(proposal_id, "EXECUTED", caller=EXECUTOR, headers={"Idempotency_Key": "k"}))  # a key of transitions is another one


def test_a_deployment_may_do_without_the_expected_state_but_compares_it_when_sent(memory_lives: Lives) -> None:
    free, proposal_id = memory_lives.under(require_expected_state=False), memory_lives.opened()
    assert refused(free.move(proposal_id, "CANCELLED", "EXECUTED")) == MISMATCH
    ok(free.post(f"/{proposal_id}/transitions", {"event_type": "CANCELLED"}))


def test_a_deployment_may_take_a_plain_event_for_an_approval(memory_lives: Lives) -> None:
    plain = memory_lives.under(approvals_need_record=False)
    proposal_id = plain.opened()
    ok(plain.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW"))
    assert refused(plain.move(proposal_id, "RISK_APPROVED", caller=MACHINE)) == (403, "USER_IDENTITY_REQUIRED")
    assert ok(plain.move(proposal_id, "RISK_APPROVED", caller=RISK)).json["approval"] is None
    assert plain.approvals(proposal_id) == []


@pytest.mark.parametrize("gate", [for_risk, for_compliance, oversold])
def test_a_deployment_may_let_gates_pass_but_never_asks_a_client_unreviewed(memory_lives: Lives, gate: Any) -> None:
    free = memory_lives.under(enforce_gates=False)
    proposal_id = free.opened(gate())
    assert refused(free.move(proposal_id, "SUBMITTED_FOR_CLIENT_CONSENT")) == (422, "GATE_REVIEW_REQUIRED")
    ok(free.move(free.ready(proposal_id, "RISK"), "EXECUTED", caller=EXECUTOR))


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"event_type": "APPROVED"}, ["body", "event_type"]),
        ({"event_type": "CANCELLED", "expected_state": "OPEN"}, ["body", "expected_state"]),
        ({"event_type": "CANCELLED", "related_version_no": "1"}, ["body", "related_version_no"]),
        ({"event_type": "CANCELLED", "actor_id": "x" * 129}, ["body", "actor_id"]),
        ({"event_type": "CANCELLED", "reason": []}, ["body", "reason"]),
        ({"event_type": "CANCELLED", "reason": {"n": 10**19}}, ["body", "reason"]),
        ({"event_type": "CANCELLED", "reason": {"n": 1e400}}, ["body"]),
        ({}, ["body", "event_type"]),
    ],
)
def test_a_transition_that_breaks_the_contract_says_where(memory_lives: Lives, body: Any, loc: Any) -> None:
    assert [place for place, _ in violations(memory_lives.post("/pp_unknown/transitions", body))] == [loc]


def test_a_free_object_has_its_depth_and_its_size(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened()
    deep: Any = "text"
    for _ in range(19):
        deep = {"in": deep}
    ok(memory_lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW", reason=deep))  # 19 objects and a text are 20 levels
    assert memory_lives.events(proposal_id)[-1]["reason"] == deep
    assert [kind for _, kind in violations(memory_lives.move(proposal_id, "CANCELLED", reason={"in": deep}))] == ["too_deep"]
    fits = {"text": "x" * (65_536 - len('{"text":""}'))}
    assert refused(memory_lives.move(proposal_id, "CANCELLED", reason={"text": fits["text"] + "x"})) == (422, "PROPOSAL_REASON_TOO_LARGE")
    ok(memory_lives.move(proposal_id, "CANCELLED", reason=fits))


def test_nobody_acts_for_somebody_else_or_in_another_bank(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened()
    assert refused(memory_lives.move(proposal_id, "CANCELLED", actor_id="somebody")) == (403, "ACTOR_MISMATCH")
    assert refused(memory_lives.move(proposal_id, "CANCELLED", headers={"X_Tenant_Id": "bank-b"})) == (403, "TENANT_MISMATCH")
    assert refused(memory_lives.vote(proposal_id, "RISK", RISK, actor_id="adviser-7")) == (403, "ACTOR_MISMATCH")
    assert refused(memory_lives.move(proposal_id, "CANCELLED", "DRAFT", STRANGER)) == (404, "PROPOSAL_NOT_FOUND")
    assert len(memory_lives.events(proposal_id)) == 1
    ok(memory_lives.move(proposal_id, "CANCELLED", actor_id="adviser-7"))


def test_execution_of_what_was_not_approved_is_a_defect_that_rings(memory_lives: Lives) -> None:
    proposal_id = memory_lives.ready(memory_lives.opened(for_compliance()))
    proposals: Any = memory_lives.service.adapters.proposals
    life = proposals.tables.lives["bank-a", proposal_id]
    [given, *others] = life.head.counted
    forged = CountedApproval(given.approval_type, given.approval_id, "sha256:" + "0" * 64)
    object.__setattr__(life.head, "counted", (forged, *others))
    assert refused(memory_lives.move(proposal_id, "EXECUTED", caller=EXECUTOR)) == (500, "EVIDENCE_CORRUPT")
    assert any(line.get("evidence_broken") == 1 for line in memory_lives.service.lines)
    assert memory_lives.state(proposal_id) == "EXECUTION_READY"


def test_the_log_tells_a_command_by_its_names_and_nothing_that_was_said(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened(metadata={"title": "Secret title"})
    ok(memory_lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW", reason={"text": "secret reason"}))
    line = next(line for line in memory_lives.service.lines if line.get("event_type") == "SUBMITTED_FOR_RISK_REVIEW")
    told = (line["proposal_id"], line["version_no"], line["from_state"], line["to_state"])
    assert told == (proposal_id, 1, "DRAFT", "RISK_REVIEW")
    assert "ecret" not in memory_lives.service.log.getvalue()


def test_a_version_slipped_in_under_the_same_state_is_not_approved(lives: Lives) -> None:
    proposal_id = lives.opened(for_risk())
    ok(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW"))
    seen = lives.summary(proposal_id)
    ok(lives.add_version(proposal_id, for_risk()))
    ok(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW"))
    by_number = lives.vote(proposal_id, "RISK", RISK, related_version_no=seen["current_version_no"])
    assert refused(by_number) == (409, "STATE_CONFLICT: version mismatch")
    unnamed = lives.vote(proposal_id, "RISK", RISK, related_version_no=None)
    assert refused(unnamed) == (409, "STATE_CONFLICT: related_version_no is required")
    by_hash = lives.vote(proposal_id, "RISK", RISK, artifact_hash=seen["artifact_hash"])
    assert refused(by_hash) == (409, "STATE_CONFLICT: content mismatch")
    assert lives.approvals(proposal_id) == []


def test_who_is_always_second_is_told_so_in_time_and_nothing_is_written(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened()

    class Crowded:
        def __getattr__(self, name: str) -> Any:
            return getattr(memory_lives.service.adapters.proposals, name)

        def write(self, *_: Any) -> bool:
            memory_lives.clock.forward(seconds=13)  # two rounds are more than the 25 seconds that a command has
            return False

        add_version = add_check = write

    crowded = replace(memory_lives, service=memory_lives.service.with_adapters(proposals=Crowded()))
    answer = (503, "PROPOSAL_STORE_CONTENTION")
    assert refused(crowded.move(proposal_id, "CANCELLED", "DRAFT")) == answer
    assert refused(crowded.check(proposal_id)) == answer
    assert memory_lives.state(proposal_id) == "DRAFT"


def test_a_late_caller_learns_that_before_anything_else(memory_lives: Lives) -> None:
    """Scenarios 6, 7, 8 and 11 of advisory-lifecycle 15."""
    proposal_id = memory_lives.opened()
    unstated = memory_lives.move(proposal_id, "EXECUTED", caller=EXECUTOR, expected_state=None)
    assert refused(unstated) == (409, "STATE_CONFLICT: expected_state is required")
    assert refused(memory_lives.move(proposal_id, "EXECUTED", "DRAFT", EXECUTOR)) == (422, "INVALID_TRANSITION")
    assert refused(memory_lives.move(proposal_id, "EXECUTED", "EXECUTED", EXECUTOR)) == MISMATCH
    assert refused(memory_lives.vote(proposal_id, "COMPLIANCE", COMPLIANCE)) == (422, "INVALID_APPROVAL_STATE")
    assert (len(memory_lives.events(proposal_id)), memory_lives.approvals(proposal_id)) == (1, [])
