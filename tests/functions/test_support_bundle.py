"""Support bundles: everything around a run, by each of its names, with the parts that the caller wants."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from engine.records.operations import Failure, Operation, OperationStatus
from engine.records.reviews import Action, ReviewDecision, ReviewState
from engine.records.runs import BatchLink
from engine.usecases.artifacts import ArtifactMode
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.stores import StoreSettings
from infra.system import utc_now
from tests.functions.evidence_reader import FOREIGNER, Desk, now_plus
from tests.functions.gateway import IDENTITY
from tests.functions.partner import on_aws
from tests.functions.portfolios import a_request
from tests.functions.reader import refused, segment, violations
from tests.support.adapters import over

NUMBERS = count(1)
PARTS = ("include_artifact", "include_async_operation", "include_idempotency_history")
MEMBERS = ["run", "artifact", "async_operation", "workflow_history", "lineage", "idempotency_history", "recomputation"]


@pytest.fixture(params=["memory", "dynamodb"])
def desk(request: pytest.FixtureRequest, memory: MemoryTables) -> Any:
    if request.param == "memory":
        return Desk(over(MemoryRunStore(memory, clock=utc_now)))
    return Desk(on_aws(request.getfixturevalue("aws")))


@pytest.fixture
def memory_desk(memory: MemoryTables) -> Any:
    return Desk(over(MemoryRunStore(memory, clock=utc_now)))


def accepted(desk: Any, correlation_id: str = "corr-op", **changes: Any) -> Any:
    operation = Operation(
        "bank-a", f"dop_{next(NUMBERS):032x}", "ANALYZE_SCENARIOS", correlation_id, "adviser-7", datetime.now(UTC), **changes
    )
    assert desk.adapters.operations.accept(operation, b"{}") is None
    return operation.operation_id


def scenario_of(desk: Any, operation_id: Any, name: Any, correlation_id: str = "corr-op") -> Any:
    """A run that an operation recorded, copied from one that simulate made."""
    runs = desk.adapters.runs
    source = desk.run_id()
    head = runs.head("bank-a", source)
    made = {name: getattr(head, name) for name in head.__slots__} | {
        "run_id": f"rr_{next(NUMBERS):032x}",
        "correlation_id": f"{correlation_id}:{name}",
        "idempotency_key": None,
        "batch": BatchLink("batch_1", name, operation_id),
    }
    assert runs.record(type(head)(**made), runs.documents("bank-a", source), None) is None
    return made["run_id"]


def test_a_bundle_holds_everything_recorded_around_its_run(desk: Any) -> None:
    made = desk.simulate(**{"Idempotency-Key": "key-1", "X-Correlation-Id": "desk 7"})
    run_id = made.json["rebalance_run_id"]
    head = desk.adapters.runs.head("bank-a", run_id)
    decision = ReviewDecision("dwd_1", run_id, Action.APPROVE, "OK", None, "reviewer-1", utc_now(), "c_none")
    assert desk.adapters.reviews.append("bank-a", decision, ReviewState())

    reply = desk.get(f"{run_id}/support-bundle")
    bundle = reply.json
    assert (reply.status, list(bundle)) == (200, MEMBERS)
    assert made.body in reply.body
    assert bundle["run"]["result"] == made.json
    assert (bundle["run"]["rebalance_run_id"], bundle["run"]["created_at"]) == (run_id, head.created_at.isoformat())
    assert desk.get(f"{run_id}/artifact").body in reply.body
    assert bundle["async_operation"] is None
    assert bundle["workflow_history"]["run_id"] == run_id
    assert [row["decision_id"] for row in bundle["workflow_history"]["decisions"]] == ["dwd_1"]
    assert (bundle["lineage"]["entity_id"], bundle["lineage"]["next_cursor"]) == (run_id, None)
    assert sorted((edge["source_entity_id"], edge["target_entity_id"]) for edge in bundle["lineage"]["edges"]) == [
        ("desk 7", run_id),
        ("key-1", run_id),
    ]
    assert bundle["idempotency_history"]["idempotency_key"] == "key-1"
    assert [use["rebalance_run_id"] for use in bundle["idempotency_history"]["history"]] == [run_id]
    documents = desk.adapters.runs.documents("bank-a", run_id)
    assert documents.request in reply.body
    assert bundle["recomputation"]["options"] == a_request()["options"] | bundle["recomputation"]["options"]


def test_each_name_of_a_run_leads_to_the_same_bundle(desk: Any) -> None:
    run_id = desk.run_id(**{"Idempotency-Key": "a key:1", "X-Correlation-Id": "desk:7 b"})
    by_id = desk.get(f"{run_id}/support-bundle")
    assert desk.get(f"by-correlation/{segment('desk:7 b')}/support-bundle").body == by_id.body
    assert desk.get(f"idempotency/{segment('a key:1')}/support-bundle").body == by_id.body


def test_a_key_and_a_correlation_id_stand_for_their_newest_run(desk: Any) -> None:
    unreplayed = desk.but(replay_enabled=False)
    names = {"Idempotency-Key": "key-1", "X-Correlation-Id": "corr-1"}
    first, second = unreplayed.run_id(**names), unreplayed.run_id(**names)
    for path in ("idempotency/key-1", "by-correlation/corr-1"):
        bundle = desk.get(f"{path}/support-bundle").json
        assert bundle["run"]["rebalance_run_id"] == second
        assert [use["rebalance_run_id"] for use in bundle["idempotency_history"]["history"]] == [first, second]


@pytest.mark.parametrize("spelling", ["false", "0", "no", "off", "f", "n", "False", "NO", "OFF"])
def test_parts_are_left_out(memory_desk: Any, spelling: str) -> None:
    run_id = memory_desk.run_id(**{"X-Correlation-Id": "corr-op"})
    accepted(memory_desk)
    whole = memory_desk.get(f"{run_id}/support-bundle").json
    for part in PARTS:
        left_out = memory_desk.get(f"{run_id}/support-bundle", **{part: spelling}).json
        member = part.removeprefix("include_")
        assert whole[member] is not None
        assert left_out == whole | {member: None}
    assert memory_desk.get(f"{run_id}/support-bundle", include_artifact="YES", include_async_operation="t", other="x").json == whole


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("value", ["", "2", "maybe", "null"])
def test_any_other_spelling_is_refused(memory_desk: Any, part: Any, value: str) -> None:
    assert violations(memory_desk.get("rr_0/support-bundle", **{part: value})) == [(["query", part], "bool_parsing")]


def test_a_bundle_without_the_artifact_composes_and_keeps_none(memory_desk: Any) -> None:
    run_id = memory_desk.but(store=StoreSettings(artifacts=ArtifactMode.DERIVED)).run_id()
    assert memory_desk.get(f"{run_id}/support-bundle", include_artifact="false").json["artifact"] is None
    assert memory_desk.adapters.runs.documents("bank-a", run_id).artifact is None
    artifact = memory_desk.get(f"{run_id}/support-bundle").json["artifact"]
    assert artifact["rebalance_run_id"] == run_id
    assert memory_desk.adapters.runs.documents("bank-a", run_id).artifact is not None


def test_the_latest_operation_of_the_correlation_id_is_shown(desk: Any) -> None:
    run_id = desk.run_id(**{"X-Correlation-Id": "corr-op"})
    accepted(desk)
    latest = accepted(desk)
    shown = desk.get(f"{run_id}/support-bundle").json["async_operation"]
    operation = desk.adapters.operations.operation("bank-a", latest)
    assert shown == {
        "operation_id": latest,
        "operation_type": "ANALYZE_SCENARIOS",
        "status": "PENDING",
        "is_executable": True,
        "correlation_id": "corr-op",
        "created_at": operation.created_at.isoformat(),
        "started_at": None,
        "finished_at": None,
        "result": None,
        "result_url": None,
        "error": None,
    }


def test_an_operation_that_ended_is_shown_with_what_came_of_it(desk: Any) -> None:
    run_id = desk.run_id(**{"X-Correlation-Id": "corr-op"})
    operations, name = desk.adapters.operations, accepted(desk)
    operations.lease("bank-a", name, owner="me", seconds=60)
    assert operations.succeed("bank-a", name, owner="me", result=b'{"batch_run_id": "batch_1"}')
    reply = desk.get(f"{run_id}/support-bundle")
    shown = reply.json["async_operation"]
    assert (shown["status"], shown["is_executable"], shown["result"]) == ("SUCCEEDED", False, {"batch_run_id": "batch_1"})
    assert b'{"batch_run_id": "batch_1"}' in reply.body
    assert shown["started_at"] <= shown["finished_at"]

    failed = accepted(desk)
    assert operations.abandon("bank-a", failed, Failure("EXECUTION_RETRIES_EXHAUSTED", "gave up"))
    shown = desk.get(f"{run_id}/support-bundle").json["async_operation"]
    assert (shown["operation_id"], shown["status"]) == (failed, OperationStatus.FAILED)
    assert shown["error"] == {"code": "EXECUTION_RETRIES_EXHAUSTED", "message": "gave up"}


def test_a_bundle_by_operation_is_of_its_first_scenario_or_the_named_one(desk: Any) -> None:
    name = accepted(desk)
    second, first = scenario_of(desk, name, "b"), scenario_of(desk, name, "a")
    path = f"by-operation/{name}/support-bundle"
    bundle = desk.get(path).json
    assert bundle["run"]["rebalance_run_id"] == first
    assert (bundle["run"]["operation_id"], bundle["async_operation"]["operation_id"]) == (name, name)
    assert bundle["idempotency_history"] is None
    assert {edge["edge_type"] for edge in bundle["lineage"]["edges"]} == {"CORRELATION_TO_RUN", "OPERATION_TO_RUN"}
    assert desk.get(path, scenario="b").json["run"]["rebalance_run_id"] == second
    assert refused(desk.get(path, scenario="c")) == (404, "DPM_RUN_NOT_FOUND")
    assert refused(desk.get(path, FOREIGNER)) == (404, "DPM_ASYNC_OPERATION_NOT_FOUND")


def test_a_scenarios_bundle_shows_its_own_operation_not_the_latest_of_its_correlation_id(desk: Any) -> None:
    name = accepted(desk)
    run_id = scenario_of(desk, name, "a")
    accepted(desk, "corr-op:a")
    assert desk.get(f"{run_id}/support-bundle").json["async_operation"]["operation_id"] == name


def test_a_run_under_exactly_the_operations_correlation_id_comes_first(desk: Any) -> None:
    name = accepted(desk)
    scenario = scenario_of(desk, name, "a")
    run_id = desk.run_id(**{"X-Correlation-Id": "corr-op"})
    path = f"by-operation/{name}/support-bundle"
    assert desk.get(path).json["run"]["rebalance_run_id"] == run_id
    assert desk.get(path, scenario="a").json["run"]["rebalance_run_id"] == scenario


def test_an_operation_without_runs_and_one_past_its_time(desk: Any) -> None:
    name = accepted(desk)
    path = f"by-operation/{name}/support-bundle"
    assert refused(desk.get(path)) == (404, "DPM_RUN_NOT_FOUND")
    run_id = desk.run_id(**{"X-Correlation-Id": "corr-op"})
    later = desk.keeping(30, now_plus(days=2))
    assert refused(later.get(path)) == (404, "DPM_ASYNC_OPERATION_NOT_FOUND")
    assert later.get(f"{run_id}/support-bundle").json["async_operation"] is None


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("rr_0/support-bundle", "DPM_RUN_NOT_FOUND"),
        ("by-correlation/nobody/support-bundle", "DPM_RUN_NOT_FOUND"),
        ("idempotency/nobody/support-bundle", "DPM_IDEMPOTENCY_KEY_NOT_FOUND"),
        ("by-operation/dop_0/support-bundle", "DPM_ASYNC_OPERATION_NOT_FOUND"),
    ],
)
def test_what_is_unknown_is_not_found(desk: Any, path: str, code: str) -> None:
    assert refused(desk.get(path)) == (404, code)


@pytest.mark.parametrize("name", ["id", "correlation", "key"])
def test_foreign_and_expired_runs_are_not_found(desk: Any, name: str) -> None:
    run_id = desk.run_id(**{"Idempotency-Key": "key-1", "X-Correlation-Id": "corr-1"})
    path = {"id": run_id, "correlation": "by-correlation/corr-1", "key": "idempotency/key-1"}[name] + "/support-bundle"
    code = "DPM_IDEMPOTENCY_KEY_NOT_FOUND" if name == "key" else "DPM_RUN_NOT_FOUND"
    assert desk.get(path).status == 200
    assert refused(desk.get(path, FOREIGNER)) == (404, code)
    assert refused(desk.keeping(7, now_plus(days=8)).get(path)) == (404, code)


@pytest.mark.parametrize("switch", ["DPM_SUPPORT_APIS", "DPM_SUPPORT_BUNDLE_APIS"])
@pytest.mark.parametrize("path", ["rr_0", "by-correlation/x", "idempotency/x", "by-operation/x"])
def test_a_closed_switch_hides_bundles(memory_desk: Any, switch: str, path: str) -> None:
    assert refused(memory_desk.but(closed=frozenset({switch})).get(f"{path}/support-bundle")) == (404, f"{switch}_DISABLED")


def test_a_bundle_shows_what_other_closed_switches_hide(memory_desk: Any) -> None:
    run_id = memory_desk.run_id()
    others = frozenset({"DPM_ARTIFACTS", "DPM_LINEAGE_APIS", "DPM_WORKFLOW", "DPM_ASYNC_OPERATIONS", "DPM_IDEMPOTENCY_HISTORY_APIS"})
    assert memory_desk.but(closed=others).get(f"{run_id}/support-bundle").body == memory_desk.get(f"{run_id}/support-bundle").body


def test_reading_needs_its_scope(memory_desk: Any) -> None:
    reply = memory_desk.get("rr_0/support-bundle", IDENTITY | {"scopes": "dpm.run"})
    assert refused(reply) == (403, "SCOPE_REQUIRED: dpm.read")


def test_a_large_bundle_travels_compressed_or_not_at_all(memory_desk: Any) -> None:
    run_id = memory_desk.run_id(a_request(3_000))
    assert refused(memory_desk.get(f"{run_id}/support-bundle")) == (413, "RESPONSE_TOO_LARGE")
    assert memory_desk.get(f"{run_id}/support-bundle", headers={"Accept-Encoding": "gzip"}).json["run"]["rebalance_run_id"] == run_id
