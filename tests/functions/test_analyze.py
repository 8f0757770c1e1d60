"""What-if batches through gateway events: recorded scenario by scenario, answered together."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

import engine
from engine.ports.outside import StoreUnavailable
from engine.records.runs import KeyClaim, RunDocuments, RunFilter, RunHead
from engine.usecases.refusals import Code
from infra.adapters import Adapters
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.packs import EnvironmentPacks, PackSettings
from infra.system import new_id, utc_now
from tests.support.adapters import over
from tests.support.gateway import IDENTITY, Reply, event, load
from tests.support.portfolios import a_request, text
from tests.support.samples import DOCUMENTS, HEAD
from tests.support.service import PRODUCTION
from tests.support.stored import documents_of, head_of


def batch(**scenarios: Any) -> dict[str, Any]:
    shared = a_request()
    del shared["options"]
    return {**shared, "scenarios": {name.replace("_", "-"): {"options": options} for name, options in scenarios.items()}}


class Analyze:
    def __init__(self, adapters: Adapters, settings: Settings = PRODUCTION) -> None:
        self.handler = load("analyze").build(settings, adapters, logger("analyze"))

    def post(self, body: Any, headers: dict[str, Any] | None = None, authorizer: dict[str, Any] = IDENTITY) -> Reply:
        sent = {"Content-Type": "application/json", **(headers or {})}
        content = text(body) if isinstance(body, dict) else body
        return Reply.of(self.handler(event(content, sent, path="/rebalance/analyze", authorizer=authorizer), None))


@pytest.fixture
def adapters(memory: MemoryTables) -> Adapters:
    return over(MemoryRunStore(memory, clock=utc_now))


@pytest.fixture
def analyze(adapters: Adapters) -> Any:
    return Analyze(adapters)


@pytest.mark.parametrize(
    ("error", "status", "failed"), [(KeyError("secret"), 200, {"a": "SCENARIO_EXECUTION_ERROR: KeyError"}), (MemoryError(), 500, None)]
)
def test_a_defect_of_ours_fails_its_scenario_and_is_told_by_its_places(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, failed: Any
) -> None:
    """What has no memory left fails the whole batch: the next scenario would have none either."""

    def defect(*_: Any) -> Any:
        raise error

    log = StringIO()
    analyze = Analyze(adapters)
    analyze.handler = load("analyze").build(PRODUCTION, adapters, logger(f"analyze-{status}", log))
    monkeypatch.setattr("engine.scenarios.decide", defect)
    reply = analyze.post(batch(a={}))
    assert (reply.status, reply.json.get("failed_scenarios")) == (status, failed)
    [told] = [line for line in map(json.loads, log.getvalue().splitlines()) if line["message"] == "defect"]
    assert told["error_type"] == type(error).__name__
    assert told["places"][-1].endswith(" defect")
    assert "secret" not in log.getvalue()


def test_scenarios_are_decided_in_name_order_and_compared(analyze: Any) -> None:
    # 1,000 cash and one unit each of two instruments at 10: half of 1,020 each is 50 units more of each, 1,000 turnover.
    # Without turnover all the cash is off its target of none: 1,000 / 1,020 = 0.9804 (practice 9).
    reply = analyze.post(batch(b={"max_turnover_pct": "0"}, a={}))
    assert reply.status == 200
    assert list(reply.json["results"]) == ["a", "b"]
    metrics = reply.json["comparison_metrics"]
    assert metrics["a"]["security_intent_count"] == 2
    assert metrics["a"]["gross_turnover_notional_base"] == {"amount": "1000.0", "currency": "USD"}
    assert metrics["b"] == {
        "status": reply.json["results"]["b"]["status"],
        "security_intent_count": 0,
        "gross_turnover_notional_base": {"amount": "0", "currency": "USD"},
        "distance_after": "0.9804",
    }
    assert reply.json["failed_scenarios"] == {}
    assert reply.json["warnings"] == []


class DrawsTakenIdsFirst:
    def __init__(self, *taken: str) -> None:
        self.taken = list(taken)

    def __call__(self, prefix: str) -> str:
        return self.taken.pop(0) if prefix == "rr" and self.taken else new_id(prefix)


def test_a_run_id_that_is_taken_is_drawn_again_and_nothing_is_recorded_twice(adapters: Adapters) -> None:
    free, taken = "rr_" + "0" * 32, HEAD.run_id
    assert adapters.runs.record(HEAD, DOCUMENTS, None) is None
    reply = Analyze(replace(adapters, ids=DrawsTakenIdsFirst(free, taken, taken))).post(batch(a={}, b={}))
    assert reply.status == 200
    named = {name: result["rebalance_run_id"] for name, result in reply.json["results"].items()}
    assert named["a"] == free
    assert taken not in named.values()
    for name, run_id in named.items():
        recorded = adapters.runs.result("bank-a", run_id)
        assert recorded is not None
        assert json.loads(recorded) == reply.json["results"][name]
    assert adapters.runs.result("bank-a", taken) == DOCUMENTS.result
    assert len(adapters.lookup.page("bank-a", RunFilter(), limit=10).rows) == 3


def test_ids_that_are_always_taken_are_an_outage(adapters: Adapters) -> None:
    assert adapters.runs.record(HEAD, DOCUMENTS, None) is None
    reply = Analyze(replace(adapters, ids=DrawsTakenIdsFirst(*[HEAD.run_id] * 100))).post(batch(base={}))
    assert (reply.status, reply.json["code"]) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")


def test_every_decided_scenario_is_a_run_linked_to_its_batch(analyze: Any, adapters: Adapters) -> None:
    answer = analyze.post(batch(base={}), {"X-Correlation-Id": "corr-1"}).json
    result = answer["results"]["base"]
    head = head_of(adapters.runs, result["rebalance_run_id"])
    assert (head.correlation_id, head.request_hash) == ("corr-1:base", f"{answer['batch_run_id']}:base")
    assert head.batch is not None
    assert (head.batch.batch_run_id, head.batch.scenario, head.idempotency_key) == (answer["batch_run_id"], "base", None)
    documents = documents_of(adapters.runs, head.run_id)
    assert json.loads(documents.result) == result
    assert set(json.loads(documents.request)) == {
        "portfolio_snapshot",
        "market_data_snapshot",
        "model_portfolio",
        "shelf_entries",
        "options",
    }


def test_without_a_correlation_id_the_batch_lends_its_own(analyze: Any) -> None:
    answer = analyze.post(batch(base={})).json
    assert answer["results"]["base"]["correlation_id"] == f"{answer['batch_run_id']}:base"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"target_method": "MAGIC"}, "INVALID_OPTIONS: Input should be 'HEURISTIC' or 'SOLVER'"),
        ({"max_turnover_pctt": "0.1"}, "INVALID_OPTIONS: extra_forbidden max_turnover_pctt"),
        ({"group_constraints": {"a:b": {"max_weight": "0.1", "min": "0"}}}, "INVALID_OPTIONS: extra_forbidden group_constraints.a:b.min"),
        ({"group_constraints": {"a": {"max_weight": "0.1"}}}, "INVALID_OPTIONS: Value error, A group key has the form attribute:value"),
    ],
)
def test_a_scenario_with_bad_options_fails_alone(analyze: Any, options: dict[str, Any], reason: str) -> None:
    answer = analyze.post(batch(bad=options, good={})).json
    assert answer["failed_scenarios"] == {"bad": reason}
    assert list(answer["results"]) == ["good"]
    assert answer["warnings"] == ["PARTIAL_BATCH_FAILURE"]


@pytest.mark.parametrize(
    ("scenarios", "message"),
    [
        ({}, "at least one scenario is required"),
        ({f"s{n}": {} for n in range(21)}, "scenario count exceeds maximum of 20"),
        ({"Upper": {}}, r"scenario names must match regex [a-z0-9_\-]{1,64}"),
        ({"a\n": {}}, r"scenario names must match regex [a-z0-9_\-]{1,64}"),
    ],
)
def test_the_set_of_scenarios_is_bounded(analyze: Any, scenarios: dict[str, Any], message: str) -> None:
    reply = analyze.post({**batch(), "scenarios": scenarios})
    assert reply.status == 422
    assert reply.json["errors"] == [{"loc": ["body", "scenarios"], "type": "value_error", "msg": message}]


def test_scenarios_do_not_disturb_each_other(analyze: Any) -> None:
    together = analyze.post(batch(a={"valuation_mode": "TRUST_SNAPSHOT"}, b={}, c={"min_cash_buffer_pct": "0.5"})).json
    alone = analyze.post(batch(b={})).json
    for answer in (together, alone):
        for name in ("rebalance_run_id", "correlation_id", "lineage", "universe", "target"):
            answer["results"]["b"].pop(name)
    assert together["results"]["b"] == alone["results"]["b"]


def test_an_outage_of_the_store_is_the_calls_and_no_scenarios(memory: MemoryTables) -> None:
    class Down(MemoryRunStore):
        def record(self, head: RunHead, documents: RunDocuments, claim: KeyClaim | None) -> None:
            raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)

    reply = Analyze(over(Down(memory, clock=utc_now))).post(batch(base={}))
    assert (reply.status, reply.json["code"]) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")


def test_a_pack_shapes_every_scenario(memory: MemoryTables) -> None:
    catalog = json.dumps({"still": {"turnover_policy": {"max_turnover_pct": "0"}}})
    settings = replace(PRODUCTION, packs=PackSettings(enabled=True, default_pack_id="still"))
    adapters = over(MemoryRunStore(memory, clock=utc_now), packs=EnvironmentPacks(catalog))
    answer = Analyze(adapters, settings).post(batch(a={}, b={"max_turnover_pct": "1"})).json
    assert [metric["security_intent_count"] for metric in answer["comparison_metrics"].values()] == [0, 0]


def test_an_answer_that_cannot_travel_is_refused_before_anything_is_kept(memory: MemoryTables) -> None:
    shared = a_request(2_500)
    del shared["options"]
    scenarios: dict[str, Any] = {f"s{n:02d}": {} for n in range(20)}
    reply = Analyze(over(MemoryRunStore(memory, clock=utc_now))).post({**shared, "scenarios": scenarios})
    assert (reply.status, reply.json["code"]) == (413, "RESPONSE_TOO_LARGE")
    assert not memory.runs


def test_batches_name_their_time_to_the_microsecond() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    answer = engine.analyze_json(text(batch(base={})).encode(), batch_run_id="batch_1", finished_at=moment)
    assert json.loads(answer)["run_at_utc"] == "2026-01-01T00:00:00.000000+00:00"
