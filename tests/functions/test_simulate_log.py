"""The log holds ids, codes, counts and durations: one line per call, and nothing that a client could have written into it."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum, auto
from typing import Any

import pytest

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.usecases.refusals import Code
from infra.observability import log_broken_evidence, logger
from tests.support.gateway import IDENTITY, event
from tests.support.portfolios import a_request
from tests.support.service import Service, deciding

SECRET = "Secret-7391"
MARKED = {"Idempotency-Key": f"key {SECRET}", "User-Agent": SECRET, "X-Other": SECRET}


def marked() -> dict[str, Any]:
    """A portfolio whose every text says who it is; half of it is not on the shelf, so that diagnostics name it too."""
    request = a_request(4)
    request["portfolio_snapshot"]["portfolio_id"] = SECRET
    for rows in (request["portfolio_snapshot"]["positions"], request["market_data_snapshot"]["prices"], request["shelf_entries"]):
        for row in rows:
            row["instrument_id"] = SECRET + row["instrument_id"]
    del request["shelf_entries"][2:]
    return request


def test_one_line_per_call(api: Service) -> None:
    made = api.post(headers={"X-Correlation-Id": "desk 7"})
    api.post()
    api.post(a_request(3))
    first, replay, conflict = api.lines
    assert (first["status"], first["replayed"], first["refused"], first["failed"]) == (200, 0, 0, 0)
    assert first["run_id"] == made.json["rebalance_run_id"]
    assert first["response_bytes"] == len(made.body)
    assert (first["route"], first["correlation_id"]) == ("POST /rebalance/simulate", "desk 7")
    assert 0 < first["duration_ms"] < 10_000
    assert (replay["status"], replay["replayed"], replay["run_id"]) == (200, 1, first["run_id"])
    assert (conflict["status"], conflict["refused"], conflict["code"]) == (409, 1, "IDEMPOTENCY_KEY_CONFLICT")
    for metrics in first["_aws"]["CloudWatchMetrics"]:
        assert {metric["Name"] for metric in metrics["Metrics"]} <= set(first)
        assert set(metrics["Dimensions"][0]) <= set(first)


def test_failures_are_counted_by_stage_alone_and_the_rest_by_route(api: Service) -> None:
    api.post()
    (line,) = api.lines
    counted = {tuple(metrics["Dimensions"][0]): [m["Name"] for m in metrics["Metrics"]] for metrics in line["_aws"]["CloudWatchMetrics"]}
    assert counted == {
        ("stage",): ["failed", "replayed", "engine_ms", "intents", "runs_ready", "run_gate_execution_ready"],
        ("stage", "service"): ["engine_ms"],
        ("stage", "service", "route"): ["duration_ms", "failed", "refused", "replayed"],
    }
    assert line["stage"] == "local"


def test_every_line_names_the_stage() -> None:
    written = io.StringIO()
    log_broken_evidence(logger("stage-test", written, {"APP_STAGE": "uat"}), code="EVIDENCE_CORRUPT", payload="bank-a/runs/rr_1/a.json.gz")
    line = json.loads(written.getvalue())
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert (line["stage"], metrics["Dimensions"], metrics["Metrics"]) == (
        "uat",
        [["stage"]],
        [{"Name": "evidence_broken", "Unit": "Count"}],
    )


def test_the_line_tells_who_called_once_that_is_verified(api: Service) -> None:
    api.post()
    api.post(authorizer={**IDENTITY, "scopes": "none"})
    api.post(authorizer=None)
    made, without_scope, stranger = api.lines
    who = {"tenant": IDENTITY["tenant"], "actor": IDENTITY["actor"]}
    assert [made | who, without_scope | who] == [made, without_scope]
    assert (without_scope["status"], stranger["status"]) == (403, 401)
    assert not {"tenant", "actor"} & set(stranger)


@pytest.mark.parametrize(
    ("method", "resource"), [("DELETE", "/rebalance/simulate"), ("POST", "/{proxy+}"), ("POST", "/rebalance/nowhere"), ("POST", None)]
)
def test_a_route_that_the_table_lacks_makes_no_metric_of_its_own(api: Service, method: str, resource: str | None) -> None:
    api.send({**event(None, {}, authorizer=IDENTITY), "httpMethod": method, "resource": resource})
    assert [line["route"] for line in api.lines] == ["unknown"]


@pytest.mark.parametrize("body", [marked(), marked() | {"options": {SECRET: SECRET}}, f'{{"{SECRET}": ', {SECRET: SECRET}])
def test_nothing_of_a_call_is_logged(api: Service, body: Any) -> None:
    api.post(body, MARKED)
    api.post(body, MARKED)
    assert len(api.lines) == 2
    assert SECRET not in api.log.getvalue()


class Broken:
    """A store that fails in a way that the test decides."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def claimed(self, _tenant: str, _key: str) -> None:
        raise self.error


def broken(error: Exception, api: Service) -> Service:
    runs: Any = Broken(error)
    return deciding(replace(api.adapters, runs=runs))


def test_a_defect_is_told_to_nobody_but_placed_in_the_log(api: Service) -> None:
    failing = broken(KeyError(SECRET), api)
    reply = failing.post()
    assert reply.status == 500
    assert reply.json == {
        "type": "about:blank",
        "title": "Internal server error",
        "status": 500,
        "detail": "INTERNAL_SERVER_ERROR: An unexpected error occurred.",
        "code": "INTERNAL_SERVER_ERROR",
        "instance": "/rebalance/simulate",
        "correlation_id": "c_none",
    }
    defect, call = failing.lines
    assert (defect["level"], defect["error_type"]) == ("ERROR", "KeyError")
    assert (defect["request_id"], defect["correlation_id"]) == (call["request_id"], "c_none")
    assert any("test_simulate_log.py" in place and place.endswith(" claimed") for place in defect["places"])
    assert (call["status"], call["failed"], call["code"]) == (500, 1, "INTERNAL_SERVER_ERROR")
    assert SECRET not in failing.log.getvalue()


def test_corrupt_evidence_is_named_in_the_log_only(api: Service) -> None:
    failing = broken(EvidenceCorrupt("bank-a/runs/rr_1/abc.json.gz"), api)
    reply = failing.post()
    assert (reply.status, reply.json["detail"]) == (500, "EVIDENCE_CORRUPT")
    assert "rr_1" not in reply.body.decode()
    assert failing.lines[0]["payload"] == "bank-a/runs/rr_1/abc.json.gz"


def test_an_outage_is_answered_with_its_code(api: Service) -> None:
    reply = broken(StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE), api).post()
    assert (reply.status, reply.json["detail"]) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")


class Elsewhere(StrEnum):
    NOBODY_LISTED_ME = auto()


def test_a_code_that_the_table_lacks_is_a_defect_of_ours(api: Service) -> None:
    failing = broken(StoreUnavailable(Elsewhere.NOBODY_LISTED_ME), api)
    reply = failing.post()
    assert (reply.status, reply.json["code"]) == (500, "INTERNAL_SERVER_ERROR")
    assert failing.lines[0]["error_type"] == "StoreUnavailable"


def test_expiry_is_judged_by_the_clock_of_the_adapters(api: Service) -> None:
    later = deciding(replace(api.adapters, clock=lambda: datetime(2101, 1, 1, tzinfo=UTC)))
    assert later.post().json["detail"] == "UNAUTHORIZED: identity expired"
