"""The review of runs: actions in their order, by the verified caller, each judged on what it follows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from infra.settings.guardrails import Profile
from infra.settings.reviews import ReviewSettings
from tests.functions.gateway import IDENTITY, Reply
from tests.functions.reader import FOREIGNER, READER, REVIEWER, Reads, refused, violations
from tests.support.samples import run_id

INVALID = (409, "DPM_WORKFLOW_INVALID_TRANSITION")
WAYS = {
    "id": "/rebalance/runs/" + run_id(1),
    "correlation": "/rebalance/runs/by-correlation/corr-1",
    "key": "/rebalance/runs/idempotency/key-1",
}


def action(name: str = "APPROVE", **more: Any) -> dict[str, Any]:
    return {"action": name, "reason_code": "REVIEWED"} | more


def act(reads: Reads, name: str = "APPROVE", way: str = WAYS["id"], authorizer: dict[str, Any] | None = REVIEWER, **more: Any) -> Reply:
    return reads.act(f"{way}/workflow/actions", action(name, **more), authorizer)


@pytest.fixture
def pending(reads: Reads) -> Reads:
    """One run that asks for a review."""
    reads.record(status="PENDING_REVIEW")
    return reads


@pytest.mark.parametrize("way", WAYS.values())
def test_a_review_from_its_start_to_its_approval(pending: Reads, way: Any) -> None:
    before = {
        "run_id": run_id(1),
        "run_status": "PENDING_REVIEW",
        "workflow_status": "PENDING_REVIEW",
        "requires_review": True,
        "latest_decision": None,
    }
    assert pending.get(f"{way}/workflow").json == before
    assert pending.get(f"{way}/workflow/history").json == {"run_id": run_id(1), "decisions": []}
    reply = pending.act(f"{way}/workflow/actions", action(comment="Ü."), **{"X-Correlation-Id": "desk 7"})
    decision = reply.json["latest_decision"]
    assert reply.json == before | {"workflow_status": "APPROVED", "latest_decision": decision}
    assert decision.pop("decision_id").startswith("dwd_")
    assert decision == {
        "run_id": run_id(1),
        "action": "APPROVE",
        "reason_code": "REVIEWED",
        "comment": "Ü.",
        "actor_id": "reviewer-1",
        "decided_at": "2026-02-20T12:00:01.123456+00:00",
        "correlation_id": "desk 7",
    }
    assert pending.get(f"{way}/workflow").json == reply.json
    assert pending.get(f"{way}/workflow/history").json["decisions"] == [reply.json["latest_decision"]]
    assert pending.get("/rebalance/workflow/decisions").json == {"items": [reply.json["latest_decision"]], "next_cursor": None}
    same = pending.get("/rebalance/workflow/decisions/by-correlation/corr-1")
    assert same.json == pending.get(f"{way}/workflow/history").json


@pytest.mark.parametrize(
    ("actions", "last", "after"),
    [
        (["REJECT"], 200, "REJECTED"),
        (["REQUEST_CHANGES"], 200, "PENDING_REVIEW"),
        (["REQUEST_CHANGES", "REQUEST_CHANGES", "APPROVE"], 200, "APPROVED"),
        (["APPROVE", "REJECT"], 200, "REJECTED"),
        (["APPROVE", "REQUEST_CHANGES"], 200, "PENDING_REVIEW"),
        (["REJECT", "REQUEST_CHANGES", "APPROVE"], 200, "APPROVED"),
        (["APPROVE", "APPROVE"], 409, "APPROVED"),
        (["REJECT", "APPROVE"], 409, "REJECTED"),
        (["REJECT", "REJECT"], 409, "REJECTED"),
    ],
)
def test_actions_follow_each_other(pending: Reads, actions: list[str], last: int, after: str) -> None:
    replies = [act(pending, name) for name in actions]
    assert [reply.status for reply in replies] == [200] * (len(actions) - 1) + [last]
    if last != 200:
        assert refused(replies[-1]) == INVALID
    else:
        assert replies[-1].json["workflow_status"] == after
    state = pending.get(WAYS["id"] + "/workflow").json
    history = pending.get(WAYS["id"] + "/workflow/history").json["decisions"]
    assert state["workflow_status"] == after
    assert [decision["action"] for decision in history] == actions[: len(actions) - (last != 200)]
    assert state["latest_decision"] == history[-1]
    times = [decision["decided_at"] for decision in history]  # the clock stood still
    assert times == [f"2026-02-20T12:00:01.{123456 + n}+00:00" for n in range(len(times))]


def test_only_runs_of_certain_statuses_are_reviewed(reads: Reads) -> None:
    ready, blocked = reads.record(), reads.record(status="BLOCKED", correlation_id="corr-2")
    shown = reads.get(f"/rebalance/runs/{ready.run_id}/workflow").json
    assert [shown[name] for name in ("workflow_status", "requires_review", "latest_decision")] == ["NOT_REQUIRED", False, None]
    refusal = (409, "DPM_WORKFLOW_NOT_REQUIRED_FOR_RUN_STATUS")
    for name in ("APPROVE", "REJECT", "REQUEST_CHANGES"):
        assert refused(reads.act(f"/rebalance/runs/{ready.run_id}/workflow/actions", action(name))) == refusal
    reviewing = reads.but(reviews=ReviewSettings(statuses=frozenset({"BLOCKED"})))
    assert reviewing.act(f"/rebalance/runs/{blocked.run_id}/workflow/actions", action()).json["workflow_status"] == "APPROVED"
    shown = reads.get(f"/rebalance/runs/{blocked.run_id}/workflow").json  # by settings that do not review it any more
    assert (shown["workflow_status"], shown["latest_decision"]["action"]) == ("NOT_REQUIRED", "APPROVE")
    assert len(reads.get(f"/rebalance/runs/{blocked.run_id}/workflow/history").json["decisions"]) == 1


@pytest.mark.parametrize("authorizer", [FOREIGNER, REVIEWER], ids=["foreign", "unknown"])
@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("/rebalance/runs/{}", "DPM_RUN_NOT_FOUND"),
        ("/rebalance/runs/by-correlation/{}", "DPM_RUN_NOT_FOUND"),
        ("/rebalance/runs/idempotency/{}", "DPM_IDEMPOTENCY_KEY_NOT_FOUND"),
    ],
)
def test_unknown_and_foreign_runs_cannot_be_told_apart(pending: Reads, way: str, code: str, authorizer: Any) -> None:
    named = {"/rebalance/runs/{}": run_id(1), "/rebalance/runs/by-correlation/{}": "corr-1"}.get(way, "key-1")
    path = way.format(named if authorizer is FOREIGNER else "nobody")
    assert refused(pending.get(f"{path}/workflow", authorizer)) == (404, code)
    assert refused(pending.get(f"{path}/workflow/history", authorizer)) == (404, code)
    assert refused(pending.act(f"{path}/workflow/actions", action(), authorizer)) == (404, code)
    assert pending.get(WAYS["id"] + "/workflow/history").json["decisions"] == []


def test_the_history_by_correlation_needs_a_run(pending: Reads) -> None:
    path = "/rebalance/workflow/decisions/by-correlation/"
    assert refused(pending.get(path + "nobody")) == (404, "DPM_RUN_NOT_FOUND")
    assert refused(pending.get(path + "corr-1", FOREIGNER)) == (404, "DPM_RUN_NOT_FOUND")


@pytest.mark.parametrize("correlation_id", ["corr-1", "c_none"])
def test_a_correlation_id_of_several_runs_is_read_but_never_acted_on(reads: Reads, correlation_id: str) -> None:
    way = f"/rebalance/runs/by-correlation/{correlation_id}"
    for _ in range(2):
        latest = reads.record(status="PENDING_REVIEW", correlation_id=correlation_id)
    assert refused(act(reads, way=way)) == (409, "DPM_WORKFLOW_AMBIGUOUS_RUN")
    assert reads.get(f"{way}/workflow").json["run_id"] == latest.run_id
    assert reads.get(f"{way}/workflow/history").json == {"run_id": latest.run_id, "decisions": []}
    assert reads.get("/rebalance/workflow/decisions").json["items"] == []


def test_a_key_stands_for_its_newest_run(reads: Reads) -> None:
    reads.record(status="PENDING_REVIEW")
    newest = reads.record(status="PENDING_REVIEW")
    assert act(reads, way=WAYS["key"]).json["run_id"] == newest.run_id
    assert reads.get(WAYS["id"] + "/workflow/history").json["decisions"] == []


@pytest.mark.parametrize("named", [{}, {"actor_id": None}, {"actor_id": "reviewer-1"}])
def test_the_reviewer_is_the_caller(pending: Reads, named: dict[str, Any]) -> None:
    assert act(pending, **named).json["latest_decision"]["actor_id"] == "reviewer-1"


@pytest.mark.parametrize("named", ["reviewer-2", "Reviewer-1", " reviewer-1"])
def test_nobody_reviews_in_anothers_name(pending: Reads, named: str) -> None:
    assert refused(act(pending, actor_id=named)) == (403, "ACTOR_MISMATCH")
    assert pending.get(WAYS["id"] + "/workflow/history").json["decisions"] == []


def test_an_action_needs_the_reviewers_scope(pending: Reads) -> None:
    assert refused(act(pending, authorizer=READER)) == (403, "SCOPE_REQUIRED: dpm.review")
    assert refused(act(pending, authorizer=None)) == (401, "UNAUTHORIZED: identity required")


def test_without_an_authorizer_the_local_stack_believes_the_body(reads: Reads) -> None:
    local = reads.but(profile=Profile.LOCAL)
    for _ in range(2):
        local.record(status="PENDING_REVIEW", tenant="local", correlation_id="c_none")
    told, untold = (f"/rebalance/runs/{run_id(number)}" for number in (1, 2))
    assert act(local, way=told, authorizer=None, actor_id="anybody").json["latest_decision"]["actor_id"] == "anybody"
    assert act(local, way=untold, authorizer=None).json["latest_decision"]["actor_id"] == "local-user"
    assert refused(act(local, actor_id="anybody")) == (403, "ACTOR_MISMATCH")  # an authorizer in front counts


def test_four_eyes_keep_the_maker_from_approving(pending: Reads) -> None:
    maker = IDENTITY | {"scopes": "dpm.read dpm.review"}  # `adviser-7`, who made the run
    careful = pending.but(reviews=ReviewSettings(four_eyes=True))
    assert refused(act(careful, authorizer=maker)) == (403, "FOUR_EYES_REQUIRED")
    assert act(careful, "REQUEST_CHANGES", authorizer=maker).status == 200
    assert act(careful, "REJECT", authorizer=maker).status == 200
    assert refused(act(careful, authorizer=maker)) == INVALID
    assert act(careful, "REQUEST_CHANGES").status == 200
    assert act(careful, authorizer=REVIEWER).json["workflow_status"] == "APPROVED"
    assert act(pending, "REQUEST_CHANGES", authorizer=maker).status == 200
    assert act(pending, authorizer=maker).json["workflow_status"] == "APPROVED"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ("{}", [(["body", "action"], "missing"), (["body", "reason_code"], "missing")]),
        ("", [(["body"], "missing")]),
        ("[]", [(["body"], "model_attributes_type")]),
        ("{", [(["body"], "json_invalid")]),
        ('{"action": "APPROVE", "reason_code": "A", "x": NaN}', [(["body"], "json_invalid")]),
        ('{"action": "approve", "reason_code": "A"}', [(["body", "action"], "literal_error")]),
        ('{"action": "APPROVE", "reason_code": ""}', [(["body", "reason_code"], "string_pattern_mismatch")]),
        ('{"action": "APPROVE", "reason_code": "reviewed"}', [(["body", "reason_code"], "string_pattern_mismatch")]),
        ('{"action": "APPROVE", "reason_code": "_A"}', [(["body", "reason_code"], "string_pattern_mismatch")]),
        ('{"action": "APPROVE", "reason_code": "A\\n"}', [(["body", "reason_code"], "string_pattern_mismatch")]),
        ('{"action": "APPROVE", "reason_code": 1}', [(["body", "reason_code"], "string_type")]),
        ('{"action": "APPROVE", "reason_code": "%s"}' % ("A" * 129), [(["body", "reason_code"], "string_too_long")]),
        ('{"action": "APPROVE", "reason_code": "A", "actor_id": ""}', [(["body", "actor_id"], "string_too_short")]),
        ('{"action": "APPROVE", "reason_code": "A", "comment": "%s"}' % ("x" * 1001), [(["body", "comment"], "string_too_long")]),
    ],
)
def test_a_wrong_action_is_named(memory_reads: Reads, body: str, errors: list[tuple[list[Any], str]]) -> None:
    memory_reads.record(status="PENDING_REVIEW")
    assert violations(memory_reads.act(WAYS["id"] + "/workflow/actions", body)) == errors
    assert memory_reads.get(WAYS["id"] + "/workflow/history").json["decisions"] == []


def test_unknown_members_of_an_action_are_ignored(memory_reads: Reads) -> None:
    memory_reads.record(status="PENDING_REVIEW")
    assert act(memory_reads, decided_at="1999-01-01T00:00:00Z", run_id="other").status == 200


def at_once(calls: list[Callable[[], Reply]]) -> list[Reply]:
    together = Barrier(len(calls))

    def made(call: Callable[[], Reply]) -> Reply:
        together.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(made, calls))


def test_of_many_approvals_at_once_one_counts(pending: Reads) -> None:
    replies = at_once([lambda: act(pending)] * 8)
    assert sorted(reply.status for reply in replies) == [200] + [409] * 7
    assert {refused(reply) for reply in replies if reply.status == 409} == {INVALID}
    [decision] = pending.get(WAYS["id"] + "/workflow/history").json["decisions"]
    assert [decision] == [reply.json["latest_decision"] for reply in replies if reply.status == 200]


def test_an_approval_and_a_rejection_at_once_end_in_an_order_that_is_legal(pending: Reads) -> None:
    for _ in range(5):
        approved, rejected = at_once([lambda: act(pending, "APPROVE"), lambda: act(pending, "REJECT")])
        assert rejected.status == 200  # legal before and after the approval
        history = [decision["action"] for decision in pending.get(WAYS["id"] + "/workflow/history").json["decisions"]]
        assert history[-1] == "REJECT"
        if approved.status == 200:
            assert history[-2:] == ["APPROVE", "REJECT"]
        else:
            assert refused(approved) == INVALID
        assert act(pending, "REQUEST_CHANGES").status == 200


def test_no_decision_of_many_at_once_is_lost(pending: Reads) -> None:
    replies = at_once([lambda: act(pending, "REQUEST_CHANGES")] * 6)
    assert {reply.status for reply in replies} == {200}
    history = pending.get(WAYS["id"] + "/workflow/history").json["decisions"]
    assert {decision["decision_id"] for decision in history} == {reply.json["latest_decision"]["decision_id"] for reply in replies}
    assert len({decision["decided_at"] for decision in history}) == 6


def test_the_log_of_an_action_names_the_run_and_no_words(pending: Reads) -> None:
    assert act(pending, comment="secret words", reason_code="SECRET_REASON").status == 200
    assert [line["run_id"] for line in pending.lines] == [run_id(1)]
    assert "secret" not in pending.log.getvalue().lower()
