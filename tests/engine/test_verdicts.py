"""A recorded run is decided again: whatever was changed in its evidence is found and named."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest
from msgspec import structs

from engine.contracts import InvalidRequest, parse_options, parse_request
from engine.evidence.artifacts import artifact_of
from engine.evidence.canonical import canonical, canonical_request, digest, options_document
from engine.evidence.differences import Difference, Mismatch, differences
from engine.evidence.files import document_in, run_in
from engine.evidence.verification import Verdict, Verification, verify, verify_file
from engine.rebalance import rebalance
from engine.records.runs import BatchLink, PackTrace, RunDocuments, RunHead
from engine.report.verdict import render_verdict
from engine.version import ENGINE_VERSION
from tests.support.hostile_requests import hostile_request

SEEDS = 120
PACK = PackTrace("pack", "3", 2, "sha256:bb", "REQUEST")
BODY: dict[str, Any] = {
    "portfolio_snapshot": {
        "portfolio_id": "pf",
        "base_currency": "EUR",
        "positions": [{"instrument_id": "A", "quantity": "10"}],
        "cash_balances": [{"currency": "EUR", "amount": "1000"}],
    },
    "market_data_snapshot": {
        "prices": [{"instrument_id": "A", "price": "10", "currency": "EUR"}, {"instrument_id": "B", "price": "3", "currency": "EUR"}]
    },
    "model_portfolio": {"targets": [{"instrument_id": "A", "weight": "0.0000004"}, {"instrument_id": "B", "weight": "0.5"}]},
    "shelf_entries": [
        {"instrument_id": "A", "status": "APPROVED", "attributes": {"sector": "T", "region": "U"}},
        {"instrument_id": "B", "status": "APPROVED", "attributes": {"region": "U"}},
    ],
    "options": {"max_turnover_pct": "0.9"},
}

Run = tuple[RunHead, RunDocuments]


def recorded(body: Any, effective: Any = None, **changes: Any) -> Run:
    """A run as simulate records it; with `effective` a policy pack made those options of the request's."""
    asked = parse_request(json.dumps(body).encode())
    text = canonical_request(asked)
    request = asked if effective is None else structs.replace(asked, options=parse_options(effective))
    head = RunHead(
        tenant="bank-a",
        run_id="rr_7",
        correlation_id="c_7",
        request_hash=digest(text),
        idempotency_key="key-1",
        portfolio_id=body["portfolio_snapshot"]["portfolio_id"],
        status="",
        created_at=datetime(2026, 2, 20, 12, tzinfo=UTC),
        engine_version=ENGINE_VERSION,
        actor="adviser-7",
        pack=None if effective is None else PACK,
    )
    head = replace(head, **changes)
    decision = rebalance(request, run_id=head.run_id, correlation_id=head.correlation_id, request_hash=head.request_hash)
    documents = RunDocuments(decision.to_json(), text, canonical(options_document(request.options)))
    head = replace(head, status=decision.status)
    return head, replace(documents, artifact=artifact_of(head, documents))


def shuffled(value: Any, rng: Random) -> Any:
    """The same JSON with the members of every object in another order."""
    if isinstance(value, dict):
        members = list(value.items())
        rng.shuffle(members)
        return {name: shuffled(member, rng) for name, member in members}
    return [shuffled(member, rng) for member in value] if isinstance(value, list) else value


def bundle(head: RunHead, documents: RunDocuments, **changes: Any) -> bytes:
    """As the API shows it."""
    artifact = orjson.loads(artifact_of(head, documents))
    run = {name: artifact[name] for name in ("rebalance_run_id", "correlation_id", "portfolio_id", "idempotency_key", "result")}
    run |= {"request_hash": head.request_hash, "created_at": artifact["evidence"]["run_created_at"]}
    return orjson.dumps({"run": run, "artifact": artifact, "recomputation": artifact["recomputation"]} | changes)


def artifact_in(documents: RunDocuments) -> bytes:
    assert documents.artifact is not None
    return documents.artifact


def difference_in(verification: Verification) -> Difference:
    assert verification.difference is not None
    return verification.difference


def documents_file(documents: RunDocuments, **changes: Any) -> bytes:
    named = {"result": documents.result, "request": documents.request, "options": documents.options}
    return orjson.dumps({name: orjson.loads(text) for name, text in named.items()} | changes)


@pytest.fixture(scope="module")
def run() -> Run:
    return recorded(BODY)


def found(run: Run) -> Difference:
    verification = verify(*run)
    assert verification.verdict is Verdict.DIFFERS
    return difference_in(verification)


def changed(run: Run, **texts: bytes) -> Run:
    return run[0], replace(run[1], **texts)


def test_a_run_is_verified(run: Run) -> None:
    assert verify(*run).as_json() == {
        "rebalance_run_id": "rr_7",
        "verdict": "VERIFIED",
        "recorded_engine_version": ENGINE_VERSION,
        "engine_version": ENGINE_VERSION,
        "difference": None,
        "corrupt_document": None,
    }
    assert b'"4E-7"' in run[1].request  # a canonical text that the contract would refuse in a caller's


def test_hostile_runs_are_verified_from_store_and_from_files() -> None:
    statuses = set()
    for seed in range(SEEDS):
        body = shuffled(hostile_request(seed), Random(seed))  # noqa: S311  (test data, repeatable)
        head, documents = recorded(body)
        for verification in (verify(head, documents), verify_file(artifact_in(documents)), verify_file(bundle(head, documents))):
            assert verification.verdict is Verdict.VERIFIED, (seed, verification)
        assert verify_file(documents_file(documents)).verdict is Verdict.VERIFIED, seed
        statuses.add(head.status)
    assert statuses == {"READY", "PENDING_REVIEW", "BLOCKED"}


@pytest.mark.parametrize("method", [{"target_method": "SOLVER"}, {"compare_target_methods": True}])
def test_a_run_of_the_solver_is_verified(method: dict[str, Any]) -> None:
    head, documents = recorded(BODY | {"options": method | {"group_constraints": {"region:U": {"max_weight": "0.3"}}}})
    assert b"SOLVER" in documents.options or b'"compare_target_methods":true' in documents.options
    assert verify(head, documents).verdict is Verdict.VERIFIED


def test_a_run_that_a_pack_shaped_is_verified_and_its_options_are_its_own(run: Run) -> None:
    shaped = recorded(BODY, effective={"max_turnover_pct": "0.1"})
    assert shaped[1].result != run[1].result
    assert verify(*shaped).verdict is Verdict.VERIFIED
    assert verify_file(artifact_in(shaped[1])).verdict is Verdict.VERIFIED
    without_pack = found((replace(shaped[0], pack=None), replace(shaped[1], artifact=None)))
    assert without_pack == Difference("options", "/max_turnover_pct", Mismatch.VALUE, "0.1", "0.9")


def test_a_scenario_is_verified(run: Run) -> None:
    scenario = recorded(BODY, request_hash="batch_1:base", idempotency_key=None, batch=BatchLink("batch_1", "base"))
    assert verify(*scenario).verdict is Verdict.VERIFIED
    assert verify_file(artifact_in(scenario[1])).verdict is Verdict.VERIFIED
    assert verify_file(documents_file(scenario[1])).verdict is Verdict.VERIFIED


def test_one_changed_digit_of_a_quantity_is_named(run: Run) -> None:
    forged = run[1].result.replace(b'"quantity":"10"', b'"quantity":"11"', 1)
    assert found(changed(run, result=forged)) == Difference("result", "/before/positions/0/quantity", Mismatch.VALUE, "11", "10")


def test_every_byte_of_a_result_counts(run: Run) -> None:
    head, documents = run
    for at in range(len(documents.result)):
        forged = bytearray(documents.result)
        forged[at] ^= 1
        verification = verify(head, replace(documents, result=bytes(forged)))
        assert verification.verdict is Verdict.DIFFERS, at
        assert difference_in(verification).document == "result"


@pytest.mark.parametrize("document", ["request", "options", "artifact"])
def test_bytes_of_the_other_documents_count_too(run: Run, document: str) -> None:
    head, documents = run
    text = getattr(documents, document)
    for at in range(0, len(text), 1 + len(text) // 300):
        forged = bytearray(text)
        forged[at] ^= 1
        verification = verify(head, replace(documents, **{document: bytes(forged)}))
        assert (verification.verdict, difference_in(verification).document) == (Verdict.DIFFERS, document), at


def test_another_spelling_of_the_same_values_is_a_difference_of_bytes(run: Run) -> None:
    spaced = json.dumps(json.loads(run[1].result)).encode()
    difference = found(changed(run, result=spaced))
    assert (difference.document, difference.path, difference.reason) == ("result", "", Mismatch.SPELLING)
    assert difference.recorded.startswith('{"rebalance_run_id": "rr_7"')
    assert difference.expected.startswith('{"rebalance_run_id":"rr_7"')


@pytest.mark.parametrize(
    ("change", "document", "path"),
    [
        ({"run_id": "rr_8"}, "result", "/rebalance_run_id"),
        ({"correlation_id": "c_8"}, "result", "/correlation_id"),
        ({"status": "BLOCKED"}, "result", "/status"),
        ({"request_hash": "sha256:aa"}, "request", ""),
        ({"portfolio_id": "other"}, "request", "/portfolio_snapshot/portfolio_id"),
        ({"idempotency_key": "other"}, "artifact", "/idempotency_key"),
        ({"created_at": datetime(2026, 2, 21, 12, tzinfo=UTC)}, "artifact", "/evidence/run_created_at"),
        ({"pack": PACK}, "artifact", "/recomputation/policy_pack"),
    ],
)
def test_a_head_that_says_otherwise_is_found(run: Run, change: dict[str, Any], document: str, path: str) -> None:
    difference = found((replace(run[0], **change), run[1]))
    assert (difference.document, difference.path) == (document, path)


def test_documents_of_another_run_are_found(run: Run) -> None:
    other = recorded(BODY | {"options": {}}, run_id="rr_8")[1]
    assert found(changed(run, result=other.result)).path == "/rebalance_run_id"
    assert found(changed(run, request=other.request)).document == "request"
    assert found(changed(run, options=other.options)).document == "options"
    assert found(changed(run, artifact=artifact_in(other))).document == "artifact"


def test_a_request_that_no_run_can_have_is_named(run: Run) -> None:
    head, documents = run
    broken = json.loads(documents.request)
    broken["market_data_snapshot"]["prices"][1]["price"] = "cheap"
    text = canonical(broken)
    difference = found((replace(head, request_hash=digest(text)), replace(documents, request=text, artifact=None)))
    assert (difference.document, difference.path) == ("result", "/lineage/request_hash")
    result = documents.result.replace(head.request_hash.encode(), digest(text).encode())
    difference = found((replace(head, request_hash=digest(text)), replace(documents, request=text, result=result, artifact=None)))
    assert difference == Difference("request", "/market_data_snapshot/prices/1/price", Mismatch.INVALID)


@pytest.mark.parametrize("document", ["result", "request", "options", "artifact"])
@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'"text"', b'{"a":' * 400 + b"1" + b"}" * 400])
def test_what_is_no_document_is_invalid(run: Run, document: str, text: bytes) -> None:
    assert found(changed(run, **{document: text})) == Difference(document, "", Mismatch.INVALID)


def test_a_run_of_another_engine_is_not_decided_again_but_checked(run: Run) -> None:
    head, documents = run
    old = replace(documents, result=documents.result.replace(f'"{ENGINE_VERSION}"'.encode(), b'"0.9.0"'), artifact=None)
    verification = verify(replace(head, engine_version="0.9.0"), old)
    assert (verification.verdict, verification.recorded_engine_version) == (Verdict.ENGINE_VERSION_CHANGED, "0.9.0")
    assert verification.as_json()["engine_version"] == ENGINE_VERSION
    forged = replace(old, request=old.request.replace(b"1000", b"9000"))
    assert verify(replace(head, engine_version="0.9.0"), forged).verdict is Verdict.DIFFERS
    assert found((replace(head, engine_version="0.9.0"), documents)).path == "/lineage/engine_version"


def test_an_artifact_of_another_shape_is_left_alone(run: Run) -> None:
    assert verify(*changed(run, artifact=b'{"artifact_version":"1.0"}')).verdict is Verdict.VERIFIED


def test_differences_are_told_in_the_order_of_the_recorded_document() -> None:
    recorded_text, expected = b'{"b":[1,true],"a/b":{"~":null},"x":1}', b'{"a/b":{"~":0,"n":1},"b":[1,1,2]}'
    told = [(row.path, row.reason, row.recorded, row.expected) for row in differences("result", recorded_text, expected)]
    assert told == [
        ("/b/1", Mismatch.VALUE, True, 1),
        ("/b/2", Mismatch.MISSING, None, 2),
        ("/a~1b/~0", Mismatch.VALUE, None, 0),
        ("/a~1b/n", Mismatch.MISSING, None, 1),
        ("/x", Mismatch.UNEXPECTED, 1, None),
    ]


def test_a_forged_artifact_and_a_forged_bundle_are_found_without_us(run: Run) -> None:
    head, documents = run
    artifact = json.loads(artifact_in(documents))
    artifact["before_summary"]["positions"][0]["quantity"] = "11"
    assert difference_in(verify_file(json.dumps(artifact).encode())).path == "/before_summary/positions/0/quantity"
    artifact["result"]["before"]["positions"][0]["quantity"] = "11"
    assert difference_in(verify_file(json.dumps(artifact).encode())).document == "result"

    forged = json.loads(artifact_in(documents))
    forged["evidence"]["hashes"]["artifact_hash"] = "sha256:00"
    for file in (json.dumps(forged).encode(), bundle(head, documents, artifact=forged)):
        difference = difference_in(verify_file(file))
        assert (difference.document, difference.path) == ("artifact", "/evidence/hashes/artifact_hash")
        assert difference.expected == json.loads(artifact_in(documents))["evidence"]["hashes"]["artifact_hash"]


def test_a_bundle_without_its_artifact_and_a_pretty_file_are_verified(run: Run) -> None:
    head, documents = run
    assert verify_file(bundle(head, documents, artifact=None)).verdict is Verdict.VERIFIED
    assert verify_file(json.dumps(json.loads(artifact_in(documents)), indent=2, ensure_ascii=False).encode()).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("file", "place", "kind"),
    [
        (b"", ("body",), "json_invalid"),
        (b"NaN", ("body",), "json_invalid"),
        (b"[]", ("body",), "dict_type"),
        (b'{"a":' * 400 + b"1" + b"}" * 400, ("body",), "json_invalid"),
        (b"{}", ("body", "rebalance_run_id"), "missing"),
        (b'{"artifact_version":"1.0"}', ("body", "rebalance_run_id"), "missing"),
        (b'{"run":3}', ("body", "rebalance_run_id"), "missing"),
    ],
)
def test_what_is_no_evidence_is_refused(file: bytes, place: tuple[Any, ...], kind: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        run_in(document_in(file))
    assert (refused.value.violations[0].loc, refused.value.violations[0].type) == (place, kind)


def test_an_artifact_from_before_recomputation_says_what_it_lacks(run: Run) -> None:
    old = json.loads(artifact_in(run[1]))
    del old["recomputation"]
    with pytest.raises(InvalidRequest) as refused:
        verify_file(json.dumps(old).encode())
    assert [violation.loc[1] for violation in refused.value.violations] == ["engine_version", "request", "options"]


def test_people_read_a_verdict(run: Run) -> None:
    forged = run[1].result.replace(b'"quantity":"10"', b'"quantity":"11"', 1)
    assert render_verdict(verify(*run)) == f"VERIFIED  rr_7  recorded by engine {ENGINE_VERSION}, checked by {ENGINE_VERSION}"
    assert render_verdict(verify(*changed(run, result=forged))).splitlines()[1:] == [
        "result /before/positions/0/quantity  VALUE",
        'recorded  "11"',
        'expected  "10"',
    ]
