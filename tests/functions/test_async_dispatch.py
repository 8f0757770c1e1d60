"""Accepting what-if batches: recorded, told by id, answered 202; once per key; every refusal by its code."""

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.contracts.packs import parse_pack
from engine.policy_packs import PolicyPack
from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.records.operations import Family, Job, OperationStatus
from engine.usecases.refusals import Code
from infra.http.switches import Switch
from infra.memory.runs import MemoryTables
from infra.settings.operations import ExecutionMode, OperationSettings
from infra.settings.packs import PackSettings
from infra.system import new_id
from tests.functions.office import FOREIGNER, PARTNER, Office, batch, in_memory
from tests.functions.partner import on_aws
from tests.functions.portfolios import a_request
from tests.functions.reader import refused, violations
from tests.support.emulators import Aws
from tests.support.packs import MemoryPacks
from tests.support.queues import MemoryQueue
from tests.support.samples import START, HandClock


@pytest.fixture(params=["memory", "dynamodb"])
def office(request: pytest.FixtureRequest, clock: HandClock) -> Office:
    """The functions over either store."""
    if request.param == "memory":
        return in_memory(MemoryTables(), clock)
    return Office(replace(on_aws(request.getfixturevalue("aws"), clock), queue=MemoryQueue()), clock)


@pytest.fixture
def desk(clock: HandClock) -> Office:
    return in_memory(MemoryTables(), clock)


def test_an_acceptance_is_answered_with_where_to_look(office: Office) -> None:
    reply = office.submit(X_Correlation_Id="corr-1")
    name = reply.json["operation_id"]
    assert reply.status == 202
    assert reply.json == {
        "operation_id": name,
        "operation_type": "ANALYZE_SCENARIOS",
        "status": "PENDING",
        "correlation_id": "corr-1",
        "created_at": START.isoformat(),
        "status_url": f"/rebalance/operations/{name}",
        "execute_url": f"/rebalance/operations/{name}/execute",
    }
    assert reply.headers["X-Correlation-Id"] == "corr-1"
    assert "Idempotent-Replayed" not in reply.headers
    assert [(job.tenant, job.family, job.operation_id) for job in office.jobs()] == [("bank-a", Family.DPM, name)]
    assert office.status(name)["status"] == "PENDING"


@pytest.mark.parametrize("nobody", [{}, {"X_Correlation_Id": " "}, {"X_Correlation_Id": "c_none"}])
def test_without_a_correlation_id_one_is_drawn(office: Office, nobody: dict[str, Any]) -> None:
    reply = office.submit(**nobody)
    assert reply.headers["X-Correlation-Id"] == reply.json["correlation_id"]
    assert reply.json["correlation_id"].startswith("corr_")


def test_a_message_holds_nothing_but_the_name(clock: HandClock) -> None:
    sent = []

    class Listening(MemoryQueue):
        def send(self, job: Job) -> None:
            sent.append(job)

    office = in_memory(MemoryTables(), clock).with_adapters(queue=Listening())
    name = office.accepted()
    assert [(job.tenant, job.family, job.operation_id) for job in sent] == [("bank-a", "DPM", name)]


def test_the_same_key_and_batch_are_the_same_operation_byte_for_byte(office: Office) -> None:
    first = office.submit(Idempotency_Key="k", X_Correlation_Id="corr-1")
    office.clock.forward(seconds=7)
    office.work(*office.jobs())
    again = office.submit(Idempotency_Key="k", X_Correlation_Id="corr-2")
    assert (again.status, again.body) == (202, first.body)
    assert (again.headers["Idempotent-Replayed"], again.headers["X-Correlation-Id"]) == ("true", "corr-1")
    assert list(office.jobs()) == []


def test_the_same_key_for_another_batch_is_a_conflict(office: Office) -> None:
    office.accepted(Idempotency_Key="k")
    assert refused(office.submit(batch(other={}), Idempotency_Key="k")) == (409, "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch")
    assert office.submit(batch(other={}), authorizer=FOREIGNER, Idempotency_Key="k").status == 202


def test_without_a_key_every_call_is_an_operation(office: Office) -> None:
    assert office.accepted() != office.accepted()


@pytest.mark.parametrize(("key", "kind"), [("", "string_too_short"), ("a/b", "string_pattern_mismatch"), ("x" * 256, "string_too_long")])
def test_a_key_that_is_none(desk: Office, key: str, kind: str) -> None:
    assert violations(desk.submit(Idempotency_Key=key)) == [(["header", "Idempotency-Key"], kind)]


def test_a_closed_switch_answers_before_a_batch_is_read(desk: Office) -> None:
    closed, invalid = desk.but(closed=frozenset(Switch)), {**batch(), "scenarios": {}}
    assert violations(desk.submit(invalid)) == [(["body", "scenarios"], "value_error")]
    assert refused(closed.submit(invalid)) == refused(closed.submit()) == (404, "DPM_ASYNC_OPERATIONS_DISABLED")
    assert desk.but(closed=frozenset({Switch.SUPPORT_APIS})).submit().status == 202


def test_bad_options_are_the_scenarios_own(office: Office) -> None:
    name = office.accepted(batch(bad={"nonsense": 1}, good={}))
    office.work(*office.jobs())
    result = office.status(name)["result"]
    assert result["failed_scenarios"] == {"bad": "INVALID_OPTIONS: extra_forbidden nonsense"}
    assert list(result["results"]) == ["good"]


def test_a_queue_that_does_not_answer_is_the_sweepers_to_mend(office: Office) -> None:
    class Down(MemoryQueue):
        def send(self, job: Job) -> None:
            raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)

    name = office.with_adapters(queue=Down()).accepted()
    office.clock.forward(seconds=119)
    assert office.sweep()["operations_sent"] == 0
    office.clock.forward(seconds=2)
    assert office.sweep()["operations_sent"] == 1
    assert office.sweep()["operations_sent"] == 0
    assert [job.operation_id for job in office.jobs()] == [name]


def test_an_outage_of_the_store_accepts_nothing(aws: Aws, clock: HandClock) -> None:
    office = Office(replace(on_aws(aws, clock), queue=MemoryQueue()), clock)
    aws.dynamodb.delete_table(TableName=aws.table)
    assert refused(office.submit()) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")
    assert list(office.jobs()) == []


STILL = {"version": "1", "turnover_policy": {"max_turnover_pct": "0"}}


def packed(clock: HandClock) -> tuple[MemoryPacks, Office]:
    packs = MemoryPacks()
    packs.put("bank-a", PolicyPack("still", parse_pack(json.dumps(STILL).encode()), 0), expected=None, actor="ann")
    office = in_memory(MemoryTables(), clock).with_adapters(packs=packs)
    return packs, office.but(packs=PackSettings(enabled=True, strict=True))


def test_the_pack_that_counts_is_the_one_of_the_acceptance(clock: HandClock) -> None:
    packs, office = packed(clock)
    name = office.accepted(X_Policy_Pack_Id="still")
    packs.put("bank-a", PolicyPack("still", parse_pack(b'{"version":"2"}'), 0), expected=None, actor="ann")
    office.work(*office.jobs())
    result = office.status(name)["result"]
    assert result["comparison_metrics"]["base"]["security_intent_count"] == 0
    run = office.get(f"/rebalance/runs/{result['results']['base']['rebalance_run_id']}").json
    assert {key: run["policy_pack"][key] for key in ("policy_pack_id", "version", "revision", "source")} == {
        "policy_pack_id": "still",
        "version": "1",
        "revision": 1,
        "source": "REQUEST",
    }


class Torn(MemoryPacks):
    def pack(self, tenant: str, policy_pack_id: str) -> PolicyPack | None:
        raise EvidenceCorrupt(f"{tenant} {policy_pack_id}")


def test_a_pack_that_cannot_be_read_is_told_and_nothing_is_accepted(clock: HandClock) -> None:
    _, office = packed(clock)
    reply = office.with_adapters(packs=Torn()).but(packs=PackSettings(enabled=True)).submit(X_Policy_Pack_Id="still")
    assert refused(reply) == (500, "EVIDENCE_CORRUPT")
    assert list(office.jobs()) == []
    assert office.get("/rebalance/operations").json["items"] == []


def test_a_key_stands_for_the_pack_too(clock: HandClock) -> None:
    packs, office = packed(clock)
    office.accepted(X_Policy_Pack_Id="still", Idempotency_Key="k")
    assert office.submit(X_Policy_Pack_Id="still", Idempotency_Key="k").headers["Idempotent-Replayed"] == "true"
    assert refused(office.submit(Idempotency_Key="k"))[0] == 409
    packs.put("bank-a", PolicyPack("still", parse_pack(b'{"version":"2"}'), 0), expected=None, actor="ann")
    assert refused(office.submit(X_Policy_Pack_Id="still", Idempotency_Key="k"))[0] == 409


def test_a_strict_deployment_accepts_no_unknown_pack(clock: HandClock) -> None:
    _, office = packed(clock)
    assert violations(office.submit(X_Policy_Pack_Id="none")) == [(["header", "X-Policy-Pack-Id"], "DPM_POLICY_PACK_NOT_FOUND")]


# ---------------------------------------------------------------- inline


def test_inline_the_batch_has_ended_before_the_answer_that_still_says_pending(office: Office) -> None:
    inline = office.but(operations=OperationSettings(execution_mode=ExecutionMode.INLINE))
    reply = inline.submit()
    assert (reply.status, reply.json["status"]) == (202, "PENDING")
    assert inline.status(reply.json["operation_id"])["status"] == "SUCCEEDED"
    assert list(office.jobs()) == []


def test_what_is_too_large_for_inline_goes_to_the_queue(desk: Office) -> None:
    inline = desk.but(operations=OperationSettings(execution_mode=ExecutionMode.INLINE))
    name = inline.accepted(large())
    assert inline.status(name)["status"] == "PENDING"
    assert [job.operation_id for job in desk.jobs()] == [name]


def large() -> dict[str, Any]:
    """20 scenarios of 2,501 positions and as many targets: 100,040 rows."""
    shared = a_request(2_501)
    del shared["options"]
    return {**shared, "scenarios": {f"s{n:02d}": {} for n in range(20)}}


# ---------------------------------------------------------------- execute


def test_a_waiting_operation_is_executed_on_demand_and_its_message_finds_nothing_to_do(office: Office) -> None:
    name = office.accepted(X_Correlation_Id="corr-1")
    office.clock.forward(seconds=3)
    reply = office.execute(name)
    assert (reply.status, reply.json["status"], reply.json["is_executable"]) == (200, "SUCCEEDED", False)
    assert reply.json["result"]["results"]["base"]["correlation_id"] == "corr-1:base"
    assert reply.json == office.status(name)
    assert office.work(*office.jobs()) == [True]
    assert office.status(name) == reply.json


def test_only_a_pending_operation_is_executable(office: Office) -> None:
    name = office.accepted()
    assert office.operations.lease("bank-a", name, owner="somebody", seconds=60) is not None
    assert refused(office.execute(name)) == (409, "DPM_ASYNC_OPERATION_NOT_EXECUTABLE")
    office.clock.forward(seconds=61)
    assert refused(office.execute(name)) == (409, "DPM_ASYNC_OPERATION_NOT_EXECUTABLE")  # only a worker takes over
    office.work(*office.jobs())
    assert refused(office.execute(name)) == (409, "DPM_ASYNC_OPERATION_NOT_EXECUTABLE")


def test_whoever_claims_it_between_our_look_and_our_claim_wins(desk: Office) -> None:
    name = desk.accepted()
    operations = desk.adapters.operations

    def racing(prefix: str) -> str:
        if prefix == "lse":
            operations.lease("bank-a", name, owner="other", seconds=60)
        return new_id(prefix)

    assert refused(desk.with_adapters(ids=racing).execute(name)) == (409, "DPM_ASYNC_OPERATION_NOT_EXECUTABLE")


def test_what_takes_longer_than_the_api_waits_is_refused_up_front(desk: Office) -> None:
    name = desk.accepted(large())
    assert refused(desk.execute(name)) == (409, "DPM_ASYNC_OPERATION_TOO_LARGE_FOR_INLINE")
    assert desk.status(name)["is_executable"] is True


@pytest.mark.parametrize("switch", [Switch.ASYNC_OPERATIONS, Switch.MANUAL_EXECUTION])
def test_execution_has_two_switches(desk: Office, switch: Switch) -> None:
    name = desk.accepted()
    assert refused(desk.but(closed=frozenset({switch})).execute(name)) == (404, switch.disabled)
    assert desk.but(closed=frozenset(Switch) - {Switch.ASYNC_OPERATIONS, Switch.MANUAL_EXECUTION}).execute(name).status == 200


def test_execution_has_a_scope_of_its_own(desk: Office) -> None:
    name = desk.accepted()
    assert refused(desk.execute(name, authorizer=PARTNER | {"scopes": "dpm.run dpm.read"})) == (403, "SCOPE_REQUIRED: dpm.execute")


@pytest.mark.parametrize("whose", ["unknown", "foreign", "expired", "the other family's"])
def test_operations_that_are_not_the_callers_to_see_are_alike(office: Office, whose: str) -> None:
    name = office.accepted()
    authorizer = FOREIGNER if whose == "foreign" else PARTNER
    if whose == "unknown":
        name = "dop_" + "0" * 32
    elif whose == "expired":
        office.clock.forward(days=1, seconds=1)
    elif whose == "the other family's":
        name = proposal_operation(office)
    for reply in (office.execute(name, authorizer), office.get(f"/rebalance/operations/{name}", authorizer)):
        assert refused(reply) == (404, "DPM_ASYNC_OPERATION_NOT_FOUND")


def proposal_operation(office: Any) -> Any:
    """An operation that the advisory family accepted."""
    others = type(office.operations)
    first = office.operations
    if hasattr(first, "tables"):
        store = others(first.tables, clock=office.clock, family=Family.PROPOSAL, ttl_seconds=None)
    else:
        store = others(first.table, first.payloads, clock=office.clock, family=Family.PROPOSAL, ttl_seconds=None)
    known = office.operations.operation("bank-a", office.accepted())
    operation = replace(known, operation_id="pop_1", sent_at=None)
    store.accept(operation, b"{}")
    assert store.operation("bank-a", "pop_1").status is OperationStatus.PENDING
    return "pop_1"
