"""Every run can be found by what points at it, exactly as it was answered; what is not the caller's is not there."""

from dataclasses import replace
from typing import Any

import pytest

from engine.records.runs import BatchLink, RunDocuments
from tests.support.gateway import IDENTITY, refused, segment, violations
from tests.support.samples import HEAD, run_id
from tests.support.service import FOREIGNER, READER, Service

RUN_WAYS = {
    "id": "/rebalance/runs/{run_id}",
    "correlation": "/rebalance/runs/by-correlation/{correlation_id}",
    "hash": "/rebalance/runs/by-request-hash/{request_hash}",
}
KEY_WAYS = {
    "mapping": "/rebalance/runs/idempotency/{idempotency_key}",
    "history": "/rebalance/idempotency/{idempotency_key}/history",
}
WAYS = RUN_WAYS | KEY_WAYS


def path_to(way: Any, run: Any) -> Any:
    names = ("run_id", "correlation_id", "request_hash", "idempotency_key")
    return WAYS[way].format(**{name: segment(getattr(run, name)) for name in names})


@pytest.mark.parametrize("way", RUN_WAYS)
def test_a_run_is_found_with_the_very_bytes_of_its_answer(reads: Service, way: Any) -> None:
    odd = RunDocuments(result=b'{ "status" :"READY", "amount":1.10, "unknown": "\\u00e9 \xc3\xa9" }', request=b"{}", options=b"{}")
    run = reads.record(odd)
    reply = reads.get(path_to(way, run))
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.headers["Cache-Control"] == ("private, max-age=86400, immutable" if way == "id" else "no-store")  # others find the newest
    assert reply.body.endswith(b'"result":' + odd.result + b"}")
    assert {name: value for name, value in reply.json.items() if name != "result"} == {
        "rebalance_run_id": run.run_id,
        "correlation_id": "corr-1",
        "request_hash": "sha256:" + "a" * 64,
        "idempotency_key": "key-1",
        "portfolio_id": "pf_1",
        "created_at": "2026-02-20T12:00:00.123456+00:00",
        "policy_pack": {
            "policy_pack_id": "pack",
            "version": "3",
            "revision": 2,
            "digest": "sha256:" + "b" * 64,
            "source": "REQUEST",
        },
        "batch_run_id": None,
        "scenario": None,
        "operation_id": None,
    }


def test_a_scenarios_run_names_its_batch_and_its_operation(reads: Service) -> None:
    link = BatchLink("batch_1", "worst", "dop_1")
    run = reads.record(batch=link, pack=None, idempotency_key=None)
    shown = reads.get(f"/rebalance/runs/{run.run_id}").json
    assert [shown[name] for name in ("batch_run_id", "scenario", "operation_id")] == ["batch_1", "worst", "dop_1"]
    assert shown["policy_pack"] is None
    assert shown["idempotency_key"] is None


def test_a_time_of_a_whole_second_has_no_fraction(reads: Service) -> None:
    reads.clock.now = reads.clock.now.replace(microsecond=0)
    assert reads.get(f"/rebalance/runs/{reads.record().run_id}").json["created_at"] == "2026-02-20T12:00:00+00:00"


@pytest.mark.parametrize("way", ["correlation", "hash"])
def test_of_several_runs_the_latest_is_found(reads: Service, way: str) -> None:
    reads.record()
    latest = reads.record()
    assert reads.get(path_to(way, latest)).json["rebalance_run_id"] == latest.run_id


def test_a_key_stands_for_its_newest_run_and_keeps_its_history(reads: Service) -> None:
    first = reads.record()
    second = reads.record(request_hash="sha256:" + "c" * 64, correlation_id="c_none")
    assert reads.get("/rebalance/runs/idempotency/key-1").json == {
        "idempotency_key": "key-1",
        "request_hash": second.request_hash,
        "rebalance_run_id": second.run_id,
        "created_at": "2026-02-20T12:00:01.123456+00:00",
    }
    assert reads.get("/rebalance/idempotency/key-1/history").json == {
        "idempotency_key": "key-1",
        "history": [
            {
                "rebalance_run_id": first.run_id,
                "correlation_id": "corr-1",
                "request_hash": first.request_hash,
                "created_at": "2026-02-20T12:00:00.123456+00:00",
            },
            {
                "rebalance_run_id": second.run_id,
                "correlation_id": "c_none",
                "request_hash": second.request_hash,
                "created_at": "2026-02-20T12:00:01.123456+00:00",
            },
        ],
    }


def not_found(way: Any) -> Any:
    return (404, "DPM_IDEMPOTENCY_KEY_NOT_FOUND" if way in KEY_WAYS else "DPM_RUN_NOT_FOUND")


@pytest.mark.parametrize("way", WAYS)
def test_unknown_foreign_and_expired_are_answered_alike(reads: Service, way: Any) -> None:
    run = reads.record()
    unknown = replace(HEAD, run_id=run_id(9), correlation_id="other", request_hash="sha256:0", idempotency_key="other")
    assert reads.get(path_to(way, run)).status == 200
    assert refused(reads.get(path_to(way, unknown))) == not_found(way)
    foreign = reads.get(path_to(way, run), FOREIGNER)
    assert refused(foreign) == not_found(way)
    reads.clock.forward(days=8)
    expired = reads.keeping(7).get(path_to(way, run))
    assert refused(expired) == not_found(way)
    assert expired.json == foreign.json


ODD_IDS = ["100%25", "a b", "q?x#y&z=1", '"\\', "{idempotency_key}", "by-correlation", "...", "+", "%2F"[:2]]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_ids_that_need_percent_encoding(reads: Service, odd: Any) -> None:
    run = reads.record(idempotency_key=odd, correlation_id=odd)
    assert reads.get(f"/rebalance/runs/by-correlation/{segment(odd)}").json["rebalance_run_id"] == run.run_id
    assert reads.get(f"/rebalance/runs/idempotency/{segment(odd)}").json["idempotency_key"] == odd


def test_the_colon_of_a_hash_may_be_literal(reads: Service) -> None:
    run = reads.record()
    assert reads.get(f"/rebalance/runs/by-request-hash/{run.request_hash}").json["rebalance_run_id"] == run.run_id


@pytest.mark.parametrize("way", WAYS)
def test_a_slash_in_an_id_leads_nowhere_even_encoded(memory_reads: Service, way: Any) -> None:
    odd = replace(HEAD, run_id="a/b", correlation_id="a/b", request_hash="a/b", idempotency_key="a/b")
    assert refused(memory_reads.get(path_to(way, odd))) == (404, "NOT_FOUND")


@pytest.mark.parametrize("dots", [".", "..", "%2e", "%2E%2e"])
@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/rebalance/runs/{}", "rebalance_run_id"),
        ("/rebalance/runs/idempotency/{}", "idempotency_key"),
        ("/rebalance/operations/{}", "operation_id"),
        ("/rebalance/lineage/{}", "entity_id"),
        ("/rebalance/runs/by-correlation/{}/workflow", "correlation_id"),
    ],
)
def test_no_id_is_dots_alone(memory_reads: Service, path: str, parameter: str, dots: str) -> None:
    assert violations(memory_reads.get(path.format(dots))) == [(["path", parameter], "string_pattern_mismatch")]


@pytest.mark.parametrize("reserved", ["by-correlation", "by-request-hash", "by-operation", "idempotency"])
def test_a_reserved_word_alone_is_a_runs_id(memory_reads: Service, reserved: str) -> None:
    assert refused(memory_reads.get(f"/rebalance/runs/{reserved}")) == (404, "DPM_RUN_NOT_FOUND")


EVERY_PATH = [
    "/rebalance/runs",
    "/rebalance/runs/rr_1",
    "/rebalance/runs/by-correlation/c",
    "/rebalance/runs/by-request-hash/h",
    "/rebalance/runs/idempotency/k",
    "/rebalance/idempotency/k/history",
    "/rebalance/lineage/e",
    "/rebalance/supportability/summary",
    "/rebalance/runs/rr_1/workflow",
    "/rebalance/runs/rr_1/workflow/history",
    "/rebalance/runs/by-correlation/c/workflow",
    "/rebalance/runs/by-correlation/c/workflow/history",
    "/rebalance/runs/idempotency/k/workflow",
    "/rebalance/runs/idempotency/k/workflow/history",
    "/rebalance/workflow/decisions",
    "/rebalance/workflow/decisions/by-correlation/c",
]


@pytest.mark.parametrize("path", EVERY_PATH)
def test_reads_ask_for_their_scope_and_the_own_tenant(memory_reads: Service, path: Any) -> None:
    assert refused(memory_reads.get(path, None)) == (401, "UNAUTHORIZED: identity required")
    assert refused(memory_reads.get(path, IDENTITY | {"scopes": "dpm.run dpm.review"})) == (403, "SCOPE_REQUIRED: dpm.read")
    assert refused(memory_reads.get(path, READER | {"expires_at": "1700000000"})) == (401, "UNAUTHORIZED: identity expired")
    assert refused(memory_reads.get(path, headers={"X-Tenant-Id": "bank-b"})) == (403, "TENANT_MISMATCH")


def test_the_log_tells_the_run_and_nothing_that_callers_choose(reads: Service) -> None:
    run = reads.record(idempotency_key="secret-key", correlation_id="secret-correlation", portfolio_id="secret-portfolio")
    for path in (f"/rebalance/runs/{run.run_id}", "/rebalance/runs/idempotency/secret-key", "/rebalance/lineage/secret-correlation"):
        assert reads.get(path).status == 200
    assert reads.get("/rebalance/runs", portfolio_id="secret-portfolio").json["items"]
    assert [line.get("run_id") for line in reads.lines] == [run.run_id, run.run_id, None, None]
    assert [line.get("rows") for line in reads.lines] == [None, None, 1, 1]
    assert "secret" not in reads.log.getvalue()
