"""Every event with every code that refuses it over HTTP, and nothing left of what was refused (advisory-lifecycle 3, 7, 8, L4, advisory-practice 10)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.gateway import IDENTITY, Reply, refused
from tests.support.lives import ADVISER, BOTH, EXECUTOR, MACHINE, RISK, Lives, for_compliance, for_risk, ok, oversold

# Event: a state in which it is legal (none for what only a new proposal or version writes), and the scopes of which one is needed there.
EVENTS: dict[str, tuple[str | None, list[str]]] = {
    "CREATED": (None, ["advisory.run"]),
    "NEW_VERSION_CREATED": (None, ["advisory.run"]),
    "SUBMITTED_FOR_RISK_REVIEW": ("DRAFT", ["advisory.run"]),
    "SUBMITTED_FOR_COMPLIANCE_REVIEW": ("DRAFT", ["advisory.run"]),
    "SUBMITTED_FOR_CLIENT_CONSENT": ("DRAFT", ["advisory.run"]),
    "RISK_APPROVED": ("RISK_REVIEW", ["advisory.approve.risk", "advisory.approve"]),
    "COMPLIANCE_APPROVED": ("COMPLIANCE_REVIEW", ["advisory.approve.compliance", "advisory.approve"]),
    "CLIENT_CONSENT_RECORDED": ("AWAITING_CLIENT_CONSENT", ["advisory.run"]),
    "CHANGES_REQUESTED": ("RISK_REVIEW", ["advisory.approve.risk", "advisory.approve"]),
    "EXECUTION_REQUESTED": ("EXECUTION_READY", ["advisory.execute"]),
    "EXECUTED": ("EXECUTION_READY", ["advisory.execute"]),
    "REJECTED": ("RISK_REVIEW", ["advisory.approve.risk", "advisory.approve"]),
    "CANCELLED": ("DRAFT", ["advisory.run"]),
    "EXPIRED": ("DRAFT", ["advisory.execute"]),
}
SCOPES = ["advisory.run", "advisory.approve.risk", "advisory.approve.compliance", "advisory.approve", "advisory.execute"]
APPROVALS = {"RISK_APPROVED": "RISK", "COMPLIANCE_APPROVED": "COMPLIANCE", "CLIENT_CONSENT_RECORDED": "CLIENT_CONSENT"}
WAYS_OUT = {"CANCELLED", "REJECTED", "EXPIRED"}
WAYS = {
    "DRAFT": [],
    "RISK_REVIEW": ["SUBMITTED_FOR_RISK_REVIEW"],
    "COMPLIANCE_REVIEW": ["SUBMITTED_FOR_COMPLIANCE_REVIEW"],
    "AWAITING_CLIENT_CONSENT": ["SUBMITTED_FOR_RISK_REVIEW", "RISK"],
    "EXECUTION_READY": ["SUBMITTED_FOR_RISK_REVIEW", "RISK", "CLIENT_CONSENT"],
}
EVERYTHING = IDENTITY | {"actor": "all-1", "scopes": " ".join(SCOPES)}
LEGAL = [(event, state) for event, (state, _) in EVENTS.items() if state]


def in_state(lives: Lives, state: str, request: Any = None, **members: Any) -> str:
    """A proposal that came to a state where no gate stood in its way."""
    free = lives.under(enforce_gates=False, approvals_name_hash=False, four_eyes=False)
    proposal_id = free.opened(request, **members)
    for step in WAYS[state]:
        ok(free.vote(proposal_id, step, EVERYTHING) if step in {"RISK", "CLIENT_CONSENT"} else free.move(proposal_id, step))
    assert free.state(proposal_id) == state
    return proposal_id


def happen(lives: Lives, proposal_id: str, event: str, caller: Any = EVERYTHING, **body: Any) -> Reply:
    """The event as it is meant to come about: approvals as such, everything else plainly."""
    if event in APPROVALS:
        return lives.vote(proposal_id, APPROVALS[event], caller, **body)
    return lives.move(proposal_id, event, caller=caller, **{"reason": {"text": "because"}} | body)


def leaves_nothing(lives: Lives, proposal_id: str, refuse: Callable[[], Reply], answer: tuple[int, str]) -> None:
    before = (lives.summary(proposal_id), lives.events(proposal_id), lives.approvals(proposal_id))
    assert refused(refuse()) == answer
    assert (lives.summary(proposal_id), lives.events(proposal_id), lives.approvals(proposal_id)) == before


@pytest.mark.parametrize(("event", "state"), LEGAL)
def test_the_event_is_legal_there(memory_lives: Lives, event: str, state: str) -> None:
    proposal_id = in_state(memory_lives, state)
    assert ok(happen(memory_lives, proposal_id, event)).json["latest_workflow_event"]["event_type"] == event


@pytest.mark.parametrize("event", EVENTS)
def test_of_an_unknown_proposal(memory_lives: Lives, event: str) -> None:
    body: dict[str, Any] = {"event_type": event, "expected_state": "DRAFT"}
    assert refused(memory_lives.post("/pp_unknown/transitions", body, EVERYTHING)) == (404, "PROPOSAL_NOT_FOUND")


def without_scopes() -> list[tuple[str, str, str]]:
    return [(event, state or "DRAFT", scope) for event, (state, needed) in EVENTS.items() for scope in SCOPES if scope not in needed]


@pytest.mark.parametrize(("event", "state", "scope"), without_scopes())
def test_without_the_scope_of_the_event(memory_lives: Lives, event: str, state: str, scope: str) -> None:
    proposal_id, caller = in_state(memory_lives, state), EVERYTHING | {"scopes": scope}
    answer = (403, f"SCOPE_REQUIRED: {EVENTS[event][1][0]}")
    leaves_nothing(memory_lives, proposal_id, lambda: memory_lives.move(proposal_id, event, caller=caller), answer)
    if event in APPROVALS and scope != "advisory.execute":
        leaves_nothing(memory_lives, proposal_id, lambda: memory_lives.vote(proposal_id, APPROVALS[event], caller), answer)


@pytest.mark.parametrize("path", ["transitions", "approvals"])
def test_without_any_scope_of_the_call(memory_lives: Lives, path: str) -> None:
    reader = IDENTITY | {"scopes": "advisory.read"}
    status, detail = refused(memory_lives.post(f"/pp_unknown/{path}", {}, reader))
    assert (status, detail.partition(":")[0]) == (403, "SCOPE_REQUIRED")


BELIEFS: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"expected_state": None}, (409, "STATE_CONFLICT: expected_state is required")),
    ({"expected_state": "EXECUTED"}, (409, "STATE_CONFLICT: expected_state mismatch")),
    ({"related_version_no": 0}, (422, "PROPOSAL_VERSION_NOT_FOUND")),
    ({"related_version_no": 3}, (422, "PROPOSAL_VERSION_NOT_FOUND")),
    ({"related_version_no": 1}, (409, "STATE_CONFLICT: version mismatch")),
    ({"artifact_hash": "sha256:" + "0" * 64}, (409, "STATE_CONFLICT: content mismatch")),
]


@pytest.mark.parametrize(("event", "state"), LEGAL)
def test_by_who_believes_something_else(memory_lives: Lives, event: str, state: str) -> None:
    proposal_id = in_state(memory_lives.under(reset_on_new_version=False), state)
    ok(memory_lives.under(reset_on_new_version=False).add_version(proposal_id))
    for belief, answer in BELIEFS:
        leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, event, **belief), answer)  # noqa: B023  (called at once)


@pytest.mark.parametrize("event", EVENTS)
def test_where_it_is_not_legal(memory_lives: Lives, event: str) -> None:
    free = memory_lives.under(approvals_need_record=False)
    proposal_id = in_state(memory_lives, "EXECUTION_READY")
    ok(memory_lives.move(proposal_id, "EXECUTED", caller=EXECUTOR))
    body: dict[str, Any] = {"reason": {"text": "because"}}
    leaves_nothing(free, proposal_id, lambda: free.move(proposal_id, event, caller=EVERYTHING, **body), (422, "INVALID_TRANSITION"))
    if event in APPROVALS:
        vote = (422, "INVALID_APPROVAL_STATE")
        leaves_nothing(free, proposal_id, lambda: free.vote(proposal_id, APPROVALS[event], EVERYTHING), vote)


@pytest.mark.parametrize("event", APPROVALS)
def test_an_approval_without_its_record(memory_lives: Lives, event: str) -> None:
    proposal_id = in_state(memory_lives, EVENTS[event][0] or "")
    answer = (422, "APPROVAL_RECORD_REQUIRED")
    leaves_nothing(memory_lives, proposal_id, lambda: memory_lives.move(proposal_id, event, caller=EVERYTHING), answer)


@pytest.mark.parametrize("approved", [True, False])
@pytest.mark.parametrize("event", APPROVALS)
def test_an_approval_by_a_machine(memory_lives: Lives, event: str, approved: bool) -> None:
    proposal_id = in_state(memory_lives, EVENTS[event][0] or "")
    answer = (403, "USER_IDENTITY_REQUIRED")
    leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, event, MACHINE, approved=approved), answer)


def test_changes_asked_for_by_a_machine_or_without_saying_which(memory_lives: Lives) -> None:
    proposal_id = in_state(memory_lives, "RISK_REVIEW")
    by_machine = (403, "USER_IDENTITY_REQUIRED")
    leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, "CHANGES_REQUESTED", MACHINE), by_machine)
    for reason in ({}, {"text": ""}, {"text": " \n"}, {"text": 7}, {"text": "x" * 1001}, {"words": "less"}):
        silent = (422, "REASON_REQUIRED")
        leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, "CHANGES_REQUESTED", reason=reason), silent)  # noqa: B023
    ok(happen(memory_lives, proposal_id, "CHANGES_REQUESTED", reason={"text": "x" * 1000}))


@pytest.mark.parametrize("kind", ["RISK", "COMPLIANCE"])
def test_four_eyes(memory_lives: Lives, kind: str) -> None:
    strict, proposal_id = memory_lives.under(four_eyes=True), in_state(memory_lives, f"{kind}_REVIEW")
    maker = ADVISER | {"scopes": "advisory.run advisory.approve"}
    answer = (403, "FOUR_EYES_REQUIRED")
    leaves_nothing(strict, proposal_id, lambda: strict.vote(proposal_id, kind, maker), answer)
    ok(strict.vote(proposal_id, kind, maker, approved=False))  # who made it may take it back
    proposal_id = in_state(memory_lives, f"{kind}_REVIEW")
    kept = strict.under(reset_on_new_version=False)
    ok(kept.add_version(proposal_id, caller=BOTH | {"scopes": "advisory.run"}))
    leaves_nothing(strict, proposal_id, lambda: strict.vote(proposal_id, kind, BOTH), answer)  # who made the current version
    leaves_nothing(strict, proposal_id, lambda: strict.vote(proposal_id, kind, maker), answer)  # who made the proposal
    ok(strict.vote(proposal_id, kind, RISK | {"scopes": "advisory.approve"}))
    ok(strict.vote(proposal_id, "CLIENT_CONSENT", ADVISER))  # the consent is the client's


@pytest.mark.parametrize("event", APPROVALS)
def test_an_approval_that_names_no_hash_where_one_is_wanted(memory_lives: Lives, event: str) -> None:
    strict, proposal_id = memory_lives.under(approvals_name_hash=True), in_state(memory_lives, EVENTS[event][0] or "")
    answer = (409, "STATE_CONFLICT: artifact_hash is required")
    leaves_nothing(strict, proposal_id, lambda: happen(strict, proposal_id, event), answer)
    ok(happen(strict, proposal_id, event, artifact_hash=strict.summary(proposal_id)["artifact_hash"]))
    other = in_state(memory_lives, EVENTS[event][0] or "")
    ok(happen(strict, other, event, approved=False))  # a no needs none


@pytest.mark.parametrize(("event", "state"), LEGAL)
def test_a_blocked_version(memory_lives: Lives, event: str, state: str) -> None:
    proposal_id = in_state(memory_lives, state, oversold())
    if event in WAYS_OUT:
        ok(happen(memory_lives, proposal_id, event))
    else:
        leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, event), (422, "GATE_BLOCKED"))


@pytest.mark.parametrize(
    ("request_of", "event", "code"),
    [
        (for_compliance, "SUBMITTED_FOR_RISK_REVIEW", "GATE_REQUIRES_COMPLIANCE_REVIEW"),
        (for_compliance, "SUBMITTED_FOR_CLIENT_CONSENT", "GATE_REVIEW_REQUIRED"),
        (for_risk, "SUBMITTED_FOR_CLIENT_CONSENT", "GATE_REVIEW_REQUIRED"),
        (for_compliance, "CLIENT_CONSENT_RECORDED", "GATE_APPROVAL_MISSING"),
        (for_compliance, "EXECUTION_REQUESTED", "GATE_APPROVAL_MISSING"),
        (for_compliance, "EXECUTED", "GATE_APPROVAL_MISSING"),
    ],
)
def test_a_gate_that_nobody_opened(memory_lives: Lives, request_of: Any, event: str, code: str) -> None:
    proposal_id = in_state(memory_lives, EVENTS[event][0] or "", request_of())  # reviewed by risk, which is not enough for compliance
    leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, event), (422, code))


@pytest.mark.parametrize("event", ["EXECUTION_REQUESTED", "EXECUTED"])
def test_the_consent_to_one_version_executes_no_other(memory_lives: Lives, event: str) -> None:
    kept = memory_lives.under(reset_on_new_version=False)
    proposal_id = in_state(kept, "EXECUTION_READY", for_risk())
    ok(kept.add_version(proposal_id, for_risk()))
    leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, event), (422, "GATE_APPROVAL_MISSING"))


def test_while_an_execution_is_under_way(memory_lives: Lives) -> None:
    proposal_id = in_state(memory_lives, "EXECUTION_READY")
    ok(memory_lives.move(proposal_id, "EXECUTION_REQUESTED", caller=EXECUTOR))
    twice = (409, "STATE_CONFLICT: execution already requested")
    leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, "EXECUTION_REQUESTED"), twice)
    leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, "EXPIRED"), (409, "EXECUTION_IN_PROGRESS"))
    leaves_nothing(memory_lives, proposal_id, lambda: memory_lives.add_version(proposal_id), (409, "EXECUTION_IN_PROGRESS"))
    ok(memory_lives.move(proposal_id, "EXECUTED", caller=EXECUTOR))
    again = (422, "INVALID_TRANSITION")
    leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, "EXECUTED"), again)


def test_an_execution_under_way_can_be_cancelled(memory_lives: Lives) -> None:
    proposal_id = in_state(memory_lives, "EXECUTION_READY")
    ok(memory_lives.move(proposal_id, "EXECUTION_REQUESTED", caller=EXECUTOR))
    ok(memory_lives.move(proposal_id, "CANCELLED"))


@pytest.mark.parametrize(("event", "state"), LEGAL)
def test_at_the_end_of_validity(memory_lives: Lives, event: str, state: str) -> None:
    proposal_id = in_state(memory_lives, state, valid_until="2026-02-21T12:00:00Z")
    memory_lives.clock.forward(days=1)  # to 123456 µs past it
    if event in WAYS_OUT:
        ok(happen(memory_lives, proposal_id, event))
    else:
        leaves_nothing(memory_lives, proposal_id, lambda: happen(memory_lives, proposal_id, event), (422, "PROPOSAL_EXPIRED"))


def test_what_ended_can_be_renewed(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened(valid_until="2026-02-21T12:00:00Z")
    memory_lives.clock.forward(days=1)
    ok(memory_lives.add_version(proposal_id))
    ok(memory_lives.move(proposal_id, "SUBMITTED_FOR_CLIENT_CONSENT"))


def test_an_open_execution_stops_the_clock(memory_lives: Lives) -> None:
    proposal_id = in_state(memory_lives, "EXECUTION_READY", valid_until="2026-02-21T12:00:00Z")
    ok(memory_lives.move(proposal_id, "EXECUTION_REQUESTED", caller=EXECUTOR))
    memory_lives.clock.forward(days=2)
    assert memory_lives.service.sweep()["proposals_expired"] == 0
    ok(memory_lives.move(proposal_id, "EXECUTED", caller=EXECUTOR))
