"""GET …/verification: a recorded run is decided again, and whatever was tampered with is named."""

import gzip
import json
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import NOT_VERIFIED, Streams, main
from engine.records.runs import RunDocuments
from engine.usecases.artifacts import ArtifactMode
from engine.version import ENGINE_VERSION
from infra.aws import keys
from infra.aws.expressions import encoded, key
from infra.aws.runs.documents import Binder
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.packs import EnvironmentPacks, PackSettings
from infra.settings.stores import StoreSettings
from tests.support.adapters import on_aws, over
from tests.support.emulators import Aws
from tests.support.gateway import IDENTITY, refused
from tests.support.hostile_requests import hostile_request
from tests.support.portfolios import a_request
from tests.support.samples import HandClock
from tests.support.service import FOREIGNER, now_plus, proving
from tests.support.stored import documents_of

SEEDS = range(1_000, 1_200)


@pytest.fixture
def memory_desk(memory: MemoryTables, clock: HandClock) -> Any:
    return proving(over(MemoryRunStore(memory, clock=clock)))


@pytest.fixture
def desk(aws: Aws, clock: HandClock) -> Any:
    """By a clock that stands still: a decision that waits for a busy machine, or loads the solver, is not late."""
    return proving(on_aws(aws, clock))


def verdict(desk: Any, run_id: Any) -> Any:
    reply = desk.evidence(f"{run_id}/verification")
    assert reply.status == 200
    return reply.json


def test_a_recorded_run_is_verified(desk: Any) -> None:
    run_id = desk.run_id()
    assert verdict(desk, run_id) == {
        "rebalance_run_id": run_id,
        "verdict": "VERIFIED",
        "recorded_engine_version": ENGINE_VERSION,
        "engine_version": ENGINE_VERSION,
        "difference": None,
        "corrupt_document": None,
    }
    assert desk.lines[-1]["verdict"] == "VERIFIED"
    assert not [line for line in desk.lines if line["message"] == "evidence"]


def test_two_hundred_runs_of_all_kinds_are_verified(memory_desk: Any) -> None:
    statuses = {"solver": 0}
    for seed in SEEDS:
        body = hostile_request(seed)
        made = memory_desk.simulate(body).json
        assert verdict(memory_desk, made["rebalance_run_id"])["verdict"] == "VERIFIED", seed
        statuses[made["status"]] = statuses.get(made["status"], 0) + 1
        statuses["solver"] += "target_method" in body["options"] or "compare_target_methods" in body["options"]
    assert {"READY", "PENDING_REVIEW", "BLOCKED"} < set(statuses)
    assert all(count >= 5 for count in statuses.values()), statuses


def test_scenarios_are_verified(desk: Any) -> None:
    shared = {name: part for name, part in a_request().items() if name != "options"}
    scenarios = {"plain": {}, "solved": {"options": {"target_method": "SOLVER"}}, "small": {"options": {"max_turnover_pct": "0.01"}}}
    results = desk.analyze(shared | {"scenarios": scenarios}).json["results"]
    assert set(results) == set(scenarios)
    for result in results.values():
        assert verdict(desk, result["rebalance_run_id"])["verdict"] == "VERIFIED"


def test_what_a_partner_holds_is_verified_offline(memory_desk: Any, tmp_path: Path) -> None:
    run_id = memory_desk.run_id()
    for name in ("artifact", "support-bundle"):
        file = tmp_path / name
        file.write_bytes(memory_desk.evidence(f"{run_id}/{name}").body)
        with (tmp_path / "out").open("wb") as out:
            assert main(["verify", str(file)], Streams(out, out, out)) == 0
        assert (tmp_path / "out").read_text().startswith(f"VERIFIED  {run_id}")
        file.write_bytes(file.read_bytes().replace(b'"amount":"1000"', b'"amount":"1001"'))
        with (tmp_path / "out").open("wb") as out:
            assert main(["verify", str(file), "--json"], Streams(out, out, out)) == NOT_VERIFIED
        assert json.loads((tmp_path / "out").read_text())["verdict"] == "DIFFERS"


def stored(aws: Any) -> Any:
    return [row["Key"] for row in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]]


@pytest.mark.parametrize("at", [0, 12, -9, -1])
def test_one_flipped_byte_in_the_bucket_is_found_and_named(aws: Aws, desk: Any, at: int) -> None:
    run_id = desk.run_id()
    [name] = stored(aws)
    members = [int(length["N"]) for length in meta_of(aws, run_id)["documents"]["M"]["packed"]["L"]]
    assert len(members) == 3
    for start, end in pairwise(accumulate(members, initial=0)):
        packed = bytearray(aws.s3.get_object(Bucket=aws.bucket, Key=name)["Body"].read())
        flipped = start + at if at >= 0 else end + at
        packed[flipped] ^= 1
        aws.s3.put_object(Bucket=aws.bucket, Key=name, Body=bytes(packed))
        answer = verdict(desk, run_id)
        assert (answer["verdict"], answer["corrupt_document"]) == ("EVIDENCE_CORRUPT", name)
        broken = [line for line in desk.lines if line["message"] == "evidence"][-1]
        assert (broken["evidence_broken"], broken["code"], broken["payload"]) == (1, "EVIDENCE_CORRUPT", name)
        packed[flipped] ^= 1
        aws.s3.put_object(Bucket=aws.bucket, Key=name, Body=bytes(packed))
    assert verdict(desk, run_id)["verdict"] == "VERIFIED"


def test_a_lost_document_is_found_and_named(aws: Aws, desk: Any) -> None:
    run_id = desk.run_id()
    for name in stored(aws):
        body = aws.s3.get_object(Bucket=aws.bucket, Key=name)["Body"].read()
        aws.s3.delete_object(Bucket=aws.bucket, Key=name)
        assert verdict(desk, run_id)["corrupt_document"] == name
        aws.s3.put_object(Bucket=aws.bucket, Key=name, Body=body)


def meta_of(aws: Any, run_id: str) -> dict[str, Any]:
    item: dict[str, Any] = aws.dynamodb.get_item(TableName=aws.table, Key=key(keys.run("bank-a", run_id), "META"))["Item"]
    return item


def rebound(aws: Any, run_id: str, documents: RunDocuments) -> None:
    """META with other documents, bound as if they had been recorded."""
    binder = Binder.of(documents)
    tampered(aws, run_id, ("documents",), encoded({"told": binder.told | {"gz": binder.packed}})["told"])


def tampered(aws: Any, run_id: Any, path: Any, value: Any) -> None:
    """META with another value at a path of attributes."""
    names = {f"#n{n}": name for n, name in enumerate(path)}
    aws.dynamodb.update_item(
        TableName=aws.table,
        Key=key(keys.run("bank-a", run_id), "META"),
        UpdateExpression=f"SET {'.'.join(names)} = :value" if value else f"REMOVE {'.'.join(names)}",
        ExpressionAttributeNames=names,
        **({"ExpressionAttributeValues": {":value": value}} if value else {}),
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("documents", "sha256", "result"), {"B": bytes(32)}),
        (("documents", "sha256", "all"), {"B": bytes(32)}),
        (("documents", "sha256", "all"), {"S": "0" * 64}),
        (("documents", "sha256"), None),
        (("documents", "spans", "request"), {"L": [{"N": "0"}, {"N": "9"}]}),
        (("documents", "spans", "result"), {"L": [{"N": "0"}, {"N": "9"}]}),
        (("documents", "spans", "result"), {"S": "many"}),
        (("documents", "spans", "options"), None),
        (("documents", "spans"), None),
        (("documents", "packed"), {"L": [{"N": "9"}]}),
        (("documents", "packed"), None),
        (("documents", "gz"), {"B": gzip.compress(b"{}", mtime=0)}),
        (("documents", "gz"), {"S": "text"}),
        (("documents", "artifact"), {"M": {"sha256": {"S": "0" * 64}, "size": {"N": "1"}}}),
        (("documents",), None),
    ],
)
def test_a_tampered_pointer_is_corrupt_evidence(aws: Aws, desk: Any, path: tuple[Any, ...], value: dict[str, Any] | None) -> None:
    run_id = desk.run_id()
    tampered(aws, run_id, path, value)
    answer = verdict(desk, run_id)
    assert answer["verdict"] == "EVIDENCE_CORRUPT"
    assert answer["corrupt_document"]
    assert refused(desk.evidence(f"{run_id}/artifact")) == (500, "EVIDENCE_CORRUPT")


@pytest.mark.parametrize("document", ["result", "request", "options", "artifact"])
def test_another_runs_document_is_a_difference(aws: Aws, desk: Any, document: str) -> None:
    own, other = desk.run_id(), desk.run_id(a_request(3) | {"options": {"max_turnover_pct": "0.5"}})
    mine, others = (documents_of(desk.adapters.runs, run_id) for run_id in (own, other))
    rebound(aws, own, replace(mine, **{document: getattr(others, document)}))
    answer = verdict(desk, own)
    assert (answer["verdict"], answer["difference"]["document"]) == ("DIFFERS", document)
    assert [line["payload"] for line in desk.lines if line["message"] == "evidence"] == [document]


def test_a_forger_who_knows_the_digests_is_found_all_the_same(aws: Aws, desk: Any) -> None:
    run_id = desk.run_id()
    documents = documents_of(desk.adapters.runs, run_id)
    rebound(aws, run_id, replace(documents, result=documents.result.replace(b'"amount":"1000"', b'"amount":"9999"', 1)))
    assert verdict(desk, run_id)["difference"] == {
        "document": "result",
        "path": "/before/cash_balances/0/amount",
        "reason": "VALUE",
        "recorded": "9999",
        "expected": "1000",
    }


@pytest.mark.parametrize(
    ("path", "value", "document"),
    [
        (("status",), {"S": "BLOCKED"}, "result"),
        (("request_hash",), {"S": "sha256:aa"}, "request"),
        (("idempotency_key",), {"S": "other"}, "artifact"),
        (("created_at",), {"S": "2026-01-01T00:00:00.000000Z"}, "artifact"),
    ],
)
def test_a_tampered_record_is_a_difference(aws: Aws, desk: Any, path: tuple[str], value: dict[str, Any], document: str) -> None:
    run_id = desk.run_id()
    tampered(aws, run_id, path, value)
    assert verdict(desk, run_id)["difference"]["document"] == document


def test_a_run_of_an_older_engine_says_so(aws: Aws) -> None:
    desk = proving(on_aws(aws)).but(store=StoreSettings(artifacts=ArtifactMode.DERIVED))
    run_id = desk.run_id()
    documents = documents_of(desk.adapters.runs, run_id)
    rebound(aws, run_id, replace(documents, result=documents.result.replace(f'"{ENGINE_VERSION}"'.encode(), b'"0.9.0"')))
    tampered(aws, run_id, ("engine_version",), {"S": "0.9.0"})
    answer = verdict(desk, run_id)
    assert (answer["verdict"], answer["difference"]) == ("ENGINE_VERSION_CHANGED", None)
    assert (answer["recorded_engine_version"], answer["engine_version"]) == ("0.9.0", ENGINE_VERSION)


def test_unknown_foreign_and_expired_runs_are_not_found(memory_desk: Any) -> None:
    run_id = memory_desk.run_id()
    for reply in (
        memory_desk.evidence("rr_0/verification"),
        memory_desk.evidence(f"{run_id}/verification", FOREIGNER),
        memory_desk.keeping(7, now_plus(days=8)).evidence(f"{run_id}/verification"),
    ):
        assert refused(reply) == (404, "DPM_RUN_NOT_FOUND")


def test_the_gate_of_the_look_ups_and_the_scope_of_readers_hold_here_too(memory_desk: Any) -> None:
    closed = memory_desk.but(closed=frozenset({"DPM_SUPPORT_APIS"}))
    assert refused(closed.evidence("rr_0/verification")) == (404, "DPM_SUPPORT_APIS_DISABLED")
    reply = memory_desk.evidence("rr_0/verification", IDENTITY | {"scopes": "dpm.run"})
    assert refused(reply) == (403, "SCOPE_REQUIRED: dpm.read")


def test_an_outage_is_a_503(aws: Aws, desk: Any) -> None:
    run_id = desk.run_id()
    aws.dynamodb.delete_table(TableName=aws.table)
    assert refused(desk.evidence(f"{run_id}/verification")) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")


def test_a_run_that_a_policy_pack_shaped_is_verified(memory_desk: Any) -> None:
    catalog = '{"house": {"version": "7", "turnover_policy": {"max_turnover_pct": "0.01"}}}'
    stated = proving(replace(memory_desk.adapters, packs=EnvironmentPacks(catalog)), memory_desk.settings)
    packed = stated.but(packs=PackSettings(enabled=True, default_pack_id="house"))
    run_id = packed.run_id(a_request(3))
    recomputation = packed.evidence(f"{run_id}/artifact").json["recomputation"]
    assert (recomputation["policy_pack"]["policy_pack_id"], recomputation["policy_pack"]["version"]) == ("house", "7")
    assert (recomputation["request"]["options"]["max_turnover_pct"], recomputation["options"]["max_turnover_pct"]) == (None, "0.01")
    assert verdict(memory_desk, run_id)["verdict"] == "VERIFIED"
