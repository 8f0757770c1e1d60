"""An artifact is decided and composed again by whoever holds it: whatever was changed in it is found and named."""

import json
from typing import Any

import orjson
import pytest

from engine.advisory.artifact.hashes import artifact_hash, content_hash
from engine.contracts import InvalidRequest
from engine.evidence.differences import Difference, Mismatch
from engine.evidence.verification import Verdict, verify_file
from engine.version import ENGINE_VERSION
from tests.engine.advisory.artifacts import RUN, V1, Json, artifact, body, buy, composed, prices, shelf
from tests.engine.test_verdicts import recorded

ARTIFACT = composed(V1)
TINY = body(
    cash={"EUR": "1000"},
    priced=prices(A="0.0000004", Ü="2"),
    offered=shelf("A", "Ü"),
    trades=[buy("Ü", "3"), buy("A", "1")],
    conventions="DESK",
)


RUN_BODY: Json = {
    "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "EUR"},
    "market_data_snapshot": {},
    "model_portfolio": {"targets": []},
    "shelf_entries": [],
    "options": {},
}


def found(file: bytes) -> Difference:
    verification = verify_file(file)
    assert verification.verdict is Verdict.DIFFERS
    assert verification.difference is not None
    return verification.difference


def changed(path: str, value: Any, made: Json | None = None) -> Json:
    """The artifact of the vector with another value at a JSON pointer."""
    document = made or json.loads(ARTIFACT)
    *above, last = path.strip("/").split("/")
    place: Any = document
    for name in above:
        place = place[int(name) if isinstance(place, list) else name]
    place[int(last) if isinstance(place, list) else last] = value
    return document


def told(document: Json) -> bytes:
    return orjson.dumps(document)


def rehashed(document: Json) -> Json:
    """With hashes that are right for what it says, as a careful forger would leave them."""
    hashes = document["evidence_bundle"]["hashes"]
    hashes |= {"artifact_hash": artifact_hash(document), "content_hash": content_hash(document)}
    return document


@pytest.mark.parametrize("file", [ARTIFACT, composed(TINY), composed(body()), composed(V1, idempotency_key=None)])
def test_an_artifact_is_verified(file: bytes) -> None:
    assert verify_file(file).as_json() == {
        "proposal_run_id": RUN,
        "verdict": "VERIFIED",
        "recorded_engine_version": ENGINE_VERSION,
        "engine_version": ENGINE_VERSION,
        "difference": None,
        "corrupt_document": None,
    }


def test_canonical_inputs_hold_what_a_caller_may_not_write() -> None:
    assert b'"4E-7"' in composed(TINY)  # decimals with an exponent, which the contract refuses in a caller's text


def test_a_pretty_file_is_verified_and_the_order_of_the_request_does_not_count() -> None:
    document = artifact(V1)
    inputs = document["evidence_bundle"]["inputs"]
    document["evidence_bundle"]["inputs"] = dict(reversed(inputs.items()))
    assert verify_file(json.dumps(document, indent=2).encode()).verdict is Verdict.VERIFIED


def test_every_flipped_byte_is_found() -> None:
    for at in range(0, len(ARTIFACT), 97):
        forged = bytearray(ARTIFACT)
        forged[at] ^= 1
        try:
            verification = verify_file(bytes(forged))
        except InvalidRequest:
            continue
        assert verification.verdict is not Verdict.VERIFIED, (at, bytes(forged[max(0, at - 20) : at + 20]))


@pytest.mark.parametrize(
    ("path", "value", "difference"),
    [
        ("/status", "BLOCKED", Difference("artifact", "/status", Mismatch.VALUE, "BLOCKED", "READY")),
        ("/summary/client_lines/3/values/amount", "1.00", Difference("artifact", "/summary/client_lines/3/values/amount", Mismatch.VALUE, "1.00", "4000.00")),
        ("/portfolio_impact/before/total_value/amount", "1", Difference("artifact", "/portfolio_impact/before/total_value/amount", Mismatch.VALUE, "1", "45548.3000")),
        ("/artifact_id", "pa_0", Difference("artifact", "/artifact_id", Mismatch.VALUE, "pa_0", RUN.replace("pr_", "pa_"))),
        ("/created_at", "2026-03-31T12:00:00Z", Difference("artifact", "/created_at", Mismatch.VALUE, "2026-03-31T12:00:00Z", "2026-03-31T12:00:00+00:00")),
        ("/proposal_run_id", "pr_0", Difference("result", "/proposal_run_id", Mismatch.VALUE, RUN, "pr_0")),
        ("/correlation_id", "c_0", Difference("result", "/correlation_id", Mismatch.VALUE, "c_1", "c_0")),
        (
            "/evidence_bundle/engine_outputs/proposal_result/intents/1/quantity",
            "21",
            Difference("result", "/intents/1/quantity", Mismatch.VALUE, "21", "20"),
        ),
        (
            "/evidence_bundle/engine_outputs/proposal_result/lineage/request_hash",
            "sha256:0",
            None,
        ),
    ],
)  # fmt: skip
def test_what_was_forged_is_named(path: str, value: Any, difference: Difference | None) -> None:
    for document in (changed(path, value), rehashed(changed(path, value))):
        seen = found(told(document))
        assert difference is None or seen == difference
        assert difference is not None or (seen.document, seen.path) == ("result", "/lineage/request_hash")


def test_another_request_is_told_by_its_hash_or_by_what_it_comes_to() -> None:
    path = "/evidence_bundle/inputs/proposed_trades/1/quantity"
    seen = found(told(changed(path, "21")))
    assert (seen.document, seen.path) == ("inputs", "")
    forged = changed(path, "21")
    forged["evidence_bundle"]["hashes"]["request_hash"] = seen.recorded  # the hash of what the inputs say now
    forged["evidence_bundle"]["engine_outputs"]["proposal_result"]["lineage"]["request_hash"] = seen.recorded
    # 7 more members would have to be forged: the first is what the sale of one unit more leaves, 279 units
    assert found(told(rehashed(forged))).path == "/after_simulated/cash_balances/2/amount"


def test_inputs_that_no_proposal_can_have_are_named() -> None:
    forged = changed("/evidence_bundle/inputs/market_data_snapshot/prices/1/price", "cheap")
    computed = found(told(forged)).recorded
    forged["evidence_bundle"]["hashes"]["request_hash"] = computed
    forged["evidence_bundle"]["engine_outputs"]["proposal_result"]["lineage"]["request_hash"] = computed
    assert found(told(forged)) == Difference("inputs", "/market_data_snapshot/prices/1/price", Mismatch.INVALID)
    forged["evidence_bundle"]["inputs"] = {"portfolio_snapshot": {}}
    assert found(told(forged)).document == "inputs"


def test_a_key_that_was_not_the_callers_is_found() -> None:
    forged = changed("/evidence_bundle/engine_outputs/proposal_result/lineage/idempotency_key", "key-9")
    seen = found(told(forged))  # the result is decided for the key that it tells; the artifact's hash is not right for it
    assert (seen.document, seen.path) == ("artifact", "/evidence_bundle/hashes/artifact_hash")


def of_another_engine(**changes: Any) -> Json:
    document = changed("/evidence_bundle/engine_version", "0.9.0")
    document["evidence_bundle"]["engine_outputs"]["proposal_result"]["lineage"]["engine_version"] = "0.9.0"
    return rehashed(document | changes)


def test_an_artifact_of_another_engine_is_checked_and_not_decided_again() -> None:
    verification = verify_file(told(of_another_engine()))
    assert (verification.verdict, verification.recorded_engine_version) == (Verdict.ENGINE_VERSION_CHANGED, "0.9.0")
    assert verify_file(told(of_another_engine(status="BLOCKED"))).verdict is Verdict.ENGINE_VERSION_CHANGED  # right by its own hashes
    forged = of_another_engine()
    forged["summary"]["title"] = "Another"
    assert found(told(forged)).path == "/evidence_bundle/hashes/artifact_hash"
    forged["evidence_bundle"]["hashes"]["artifact_hash"] = artifact_hash(forged)
    assert found(told(forged)).path == "/evidence_bundle/hashes/content_hash"
    forged = of_another_engine()
    forged["evidence_bundle"]["engine_outputs"]["proposal_result"]["lineage"] = {
        "request_hash": forged["evidence_bundle"]["hashes"]["request_hash"],
        "engine_version": "0.9.0",
    }
    assert verify_file(told(rehashed(forged))).verdict is Verdict.ENGINE_VERSION_CHANGED


@pytest.mark.parametrize(
    ("file", "missing"),
    [
        (
            b'{"evidence_bundle":{}}',
            ["proposal_run_id", "correlation_id", "created_at", "request_hash", "engine_version", "inputs", "result"],
        ),
        (
            b'{"evidence_bundle":3}',
            ["proposal_run_id", "correlation_id", "created_at", "request_hash", "engine_version", "inputs", "result"],
        ),
        (told(changed("/created_at", "yesterday")), ["created_at"]),
        (told(changed("/created_at", "0001-01-01T00:00:00+14:00")), ["created_at"]),
        (told(changed("/created_at", "2026-03-31T12:00:00")), ["created_at"]),
        (told(changed("/evidence_bundle/inputs", [])), ["inputs"]),
        (told(changed("/evidence_bundle/engine_outputs/proposal_result", None)), ["result"]),
    ],
)
def test_what_is_no_evidence_is_refused(file: bytes, missing: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        verify_file(file)
    assert [violation.loc for violation in refused.value.violations] == [("body", name) for name in missing]


@pytest.mark.parametrize("lineage", [None, [], {}, {"request_hash": 1}])
def test_a_result_that_no_engine_wrote_is_no_exception(lineage: Any) -> None:
    path = "/evidence_bundle/engine_outputs/proposal_result/lineage"
    for document in (changed(path, lineage), changed(path, lineage, of_another_engine())):
        assert found(told(document)).document == "result"


def test_a_result_with_other_members_is_no_exception_either() -> None:
    for made in (json.loads(ARTIFACT), of_another_engine()):
        told_apart = changed(
            "/evidence_bundle/engine_outputs", {"proposal_result": made["evidence_bundle"]["engine_outputs"]["proposal_result"]}, made
        )
        told_apart["evidence_bundle"]["hashes"] = {"request_hash": told_apart["evidence_bundle"]["hashes"]["request_hash"]}
        assert found(told(told_apart)).path.startswith("/evidence_bundle/hashes/")


def test_a_run_is_still_told_from_a_proposal() -> None:
    _, documents = recorded(RUN_BODY)
    assert documents.artifact is not None
    verification = verify_file(documents.artifact)
    assert (verification.verdict, verification.as_json()["rebalance_run_id"]) == (Verdict.VERIFIED, "rr_7")
