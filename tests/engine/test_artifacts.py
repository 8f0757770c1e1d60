"""The artifact of a run: its members, its hashes by the written recipe, and what does and does not change them."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.contracts import parse_request
from engine.contracts.batches import parse_batch
from engine.evidence.artifacts import ARTIFACT_VERSION, artifact_hash, artifact_of, outcome_hash
from engine.evidence.canonical import canonical, canonical_request, digest
from engine.rebalance import rebalance
from engine.records.runs import PackTrace, RunDocuments, RunHead
from engine.scenarios import ScenarioRun, decide_scenarios

RESULT: dict[str, Any] = {
    "rebalance_run_id": "rr_7",
    "correlation_id": "c_7",
    "status": "READY",
    "before": {"total_value": {"amount": "1000", "currency": "EUR"}},
    "universe": {"universe_id": "u_rr_7", "eligible": ["Ä"]},
    "target": {"target_id": "t_rr_7", "targets": []},
    "intents": [{"intent_id": "oi_1", "side": "BUY"}],
    "after_simulated": {"total_value": {"amount": "1000.00", "currency": "EUR"}},
    "reconciliation": None,
    "rule_results": [{"rule_id": "CASH_BAND", "status": "PASS"}],
    "diagnostics": {"warnings": []},
    "lineage": {"request_hash": "sha256:aa", "engine_version": "1.0.0"},
}
RESULT_BYTES = json.dumps(RESULT, ensure_ascii=False, indent=1).encode()  # blanks and all: the recorded bytes stay as they are
HEAD = RunHead(
    tenant="bank-a",
    run_id="rr_7",
    correlation_id="c_7",
    request_hash="sha256:aa",
    idempotency_key="key-1",
    portfolio_id="pf_é",
    status="READY",
    created_at=datetime(2026, 2, 20, 12, 0, 0, 123456, tzinfo=UTC),
    engine_version="1.0.0",
    actor="adviser-7",
)
DOCUMENTS = RunDocuments(RESULT_BYTES, b'{"options":{"b":1},"portfolio_snapshot":{}}', b'{"b":2}')

# RFC-0019, dpm-service S29: everything but the two hashes, keys sorted, no blanks, ASCII.
EXPECTED: dict[str, Any] = {
    "artifact_id": "dra_7",
    "artifact_version": "1.1",
    "rebalance_run_id": "rr_7",
    "correlation_id": "c_7",
    "idempotency_key": "key-1",
    "portfolio_id": "pf_é",
    "status": "READY",
    "request_snapshot": {"portfolio_id": "pf_é", "request_hash": "sha256:aa"},
    "before_summary": RESULT["before"],
    "after_summary": RESULT["after_simulated"],
    "order_intents": RESULT["intents"],
    "rule_outcomes": RESULT["rule_results"],
    "diagnostics": RESULT["diagnostics"],
    "result": RESULT,
    "recomputation": {
        "engine_version": "1.0.0",
        "policy_pack": None,
        "request": {"options": {"b": 1}, "portfolio_snapshot": {}},
        "options": {"b": 2},
    },
    "evidence": {
        "engine_version": "1.0.0",
        "run_created_at": "2026-02-20T12:00:00.123456+00:00",
        "hashes": {"request_hash": "sha256:aa"},
    },
}
OUTCOME: dict[str, Any] = {
    "status": "READY",
    "before": RESULT["before"],
    "universe": {"eligible": ["Ä"]},
    "target": {"targets": []},
    "intents": RESULT["intents"],
    "after_simulated": RESULT["after_simulated"],
    "reconciliation": None,
    "rule_results": RESULT["rule_results"],
    "diagnostics": RESULT["diagnostics"],
}


def hashed(document: Any) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def test_a_small_artifact_member_by_member_and_hash_by_hash() -> None:
    made = json.loads(artifact_of(HEAD, DOCUMENTS))
    hashes = made["evidence"]["hashes"]
    assert hashes.pop("artifact_hash") == hashed(EXPECTED)
    assert hashes.pop("outcome_hash") == hashed(OUTCOME)
    assert made == EXPECTED
    assert list(made) == list(EXPECTED)


def test_the_result_is_embedded_byte_for_byte() -> None:
    assert RESULT_BYTES in artifact_of(HEAD, DOCUMENTS)


def test_the_hash_leaves_out_its_own_name_at_any_depth_and_nothing_else() -> None:
    document = {"a": [{"artifact_hash": 1, "b": 2}], "artifact_hash": {"c": 3}, "outcome_hash": 4, "said": "artifact_hash"}
    assert artifact_hash(document) == hashed({"a": [{"b": 2}], "said": "artifact_hash"})


def test_a_policy_pack_is_named() -> None:
    pack = PackTrace("pack", "3", 2, "sha256:bb", "REQUEST")
    made = json.loads(artifact_of(replace(HEAD, pack=pack), DOCUMENTS))
    assert made["recomputation"]["policy_pack"] == {
        "policy_pack_id": "pack",
        "version": "3",
        "revision": 2,
        "digest": "sha256:bb",
        "source": "REQUEST",
    }


@pytest.mark.parametrize(("run_id", "artifact_id"), [("rr_rr_1", "dra_rr_1"), ("other", "other"), ("", "")])
def test_the_artifact_is_named_after_its_run(run_id: str, artifact_id: str) -> None:
    assert json.loads(artifact_of(replace(HEAD, run_id=run_id), DOCUMENTS))["artifact_id"] == artifact_id


def test_an_engine_that_did_not_tell_its_version_is_unknown_and_a_whole_second_has_no_fraction() -> None:
    old = json.dumps(RESULT | {"lineage": {"request_hash": "sha256:aa", "engine_version": None}}).encode()
    evidence = json.loads(artifact_of(replace(HEAD, created_at=datetime(2026, 2, 20, tzinfo=UTC)), replace(DOCUMENTS, result=old)))[
        "evidence"
    ]
    assert evidence["engine_version"] == "unknown"
    assert evidence["run_created_at"] == "2026-02-20T00:00:00+00:00"


BODY: dict[str, Any] = {
    "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "EUR", "cash_balances": [{"currency": "EUR", "amount": "1000"}]},
    "market_data_snapshot": {"prices": [{"instrument_id": "A", "price": "10", "currency": "EUR"}]},
    "model_portfolio": {"targets": [{"instrument_id": "A", "weight": "0.5"}]},
    "shelf_entries": [{"instrument_id": "A", "status": "APPROVED", "attributes": {"b": "1", "a": "2"}}],
    "options": {},
}


def run(body: Any, run_id: str = "rr_1", **changes: Any) -> dict[str, Any]:
    request = parse_request(json.dumps(body).encode())
    text = canonical_request(request)
    head = replace(HEAD, run_id=run_id, request_hash=digest(text), **changes)
    result = rebalance(request, run_id=run_id, correlation_id=head.correlation_id, request_hash=head.request_hash).to_json()
    artifact: dict[str, Any] = json.loads(artifact_of(head, RunDocuments(result, text, canonical({}))))
    return artifact


def test_equal_outcomes_hash_equal_whoever_asked_and_however_it_was_written() -> None:
    first = run(BODY)
    written = BODY | {"portfolio_snapshot": {**BODY["portfolio_snapshot"], "cash_balances": [{"currency": "EUR", "amount": 1000}]}}
    others = [run(BODY, "rr_2"), run(BODY, correlation_id="c_8"), run(written, "rr_3", created_at=datetime(2027, 1, 1, tzinfo=UTC))]
    hashes = [made["evidence"]["hashes"] for made in (first, *others)]
    assert len({row["outcome_hash"] for row in hashes}) == 1
    assert len({row["artifact_hash"] for row in hashes}) == 4
    assert run(BODY) == first


def test_another_outcome_hashes_otherwise() -> None:
    dearer = BODY | {"market_data_snapshot": {"prices": [{"instrument_id": "A", "price": "11", "currency": "EUR"}]}}
    assert outcome_hash(run(BODY)["result"]) != outcome_hash(run(dearer)["result"])


def test_the_version_of_the_shape_is_written_down() -> None:
    assert ARTIFACT_VERSION == "1.1"


def test_the_hash_of_an_artifact_is_that_of_its_own_text() -> None:
    """Rows are written as text at once, and scenarios share that of the portfolio as it is: whoever reads the artifact counts the same."""
    shared = {name: rows for name, rows in BODY.items() if name != "options"}
    batch = parse_batch(json.dumps(shared | {"scenarios": {"a": {}, "b": {"options": {"max_turnover_pct": "0.1"}}}}).encode())
    outcomes = list(decide_scenarios(batch, batch_run_id="batch_1", correlation_id="c", run_id_of=lambda name: f"rr_{name}"))
    for outcome in outcomes:
        assert isinstance(outcome, ScenarioRun)
        documents = RunDocuments(outcome.result, b"{}", b"{}")
        made = json.loads(artifact_of(HEAD, documents))
        assert artifact_hash(made) == made["evidence"]["hashes"]["artifact_hash"]
    assert len(outcomes) == 2
