"""The artifact of a run, derived or kept: the same bytes for ever, to nobody but its tenant."""

import gzip
import json
from dataclasses import replace

import pytest

from engine.evidence.canonical import canonical, digest, without
from engine.usecases.artifacts import ArtifactMode
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.stores import StoreSettings
from infra.system import utc_now
from tests.support.adapters import on_aws, over
from tests.support.emulators import Aws, everything
from tests.support.gateway import IDENTITY, refused
from tests.support.portfolios import a_request
from tests.support.service import FOREIGNER, Service, now_plus, proving
from tests.support.stored import documents_of, head_of

DERIVED = ArtifactMode.DERIVED
BATCH = {**{name: part for name, part in a_request().items() if name != "options"}, "scenarios": {"a": {}, "b": {}}}


@pytest.fixture(params=["memory", "dynamodb"])
def desk(request: pytest.FixtureRequest, memory: MemoryTables) -> Service:
    if request.param == "memory":
        return proving(over(MemoryRunStore(memory, clock=utc_now)))
    return proving(on_aws(request.getfixturevalue("aws")))


@pytest.fixture
def memory_desk(memory: MemoryTables) -> Service:
    return proving(over(MemoryRunStore(memory, clock=utc_now)))


def kept(desk: Service, run_id: str) -> bytes | None:
    return documents_of(desk.adapters.runs, run_id).artifact


def test_a_simulated_run_has_its_artifact_from_the_start(desk: Service) -> None:
    made = desk.simulate(**{"X-Correlation-Id": "desk 7", "Idempotency-Key": "key-1"})
    run_id = made.json["rebalance_run_id"]
    reply = desk.evidence(f"{run_id}/artifact")
    assert reply.status == 200
    assert reply.body == kept(desk, run_id)
    assert made.body in reply.body
    artifact, head = reply.json, head_of(desk.adapters.runs, run_id)
    assert (artifact["artifact_id"], artifact["artifact_version"]) == (run_id.replace("rr_", "dra_"), "1.1")
    assert (artifact["correlation_id"], artifact["idempotency_key"], artifact["portfolio_id"]) == ("desk 7", "key-1", "pf_1")
    assert artifact["request_snapshot"] == {"portfolio_id": "pf_1", "request_hash": made.json["lineage"]["request_hash"]}
    assert digest(canonical(artifact["recomputation"]["request"])) == head.request_hash
    hashes = artifact["evidence"]["hashes"]
    assert hashes["artifact_hash"] == digest(canonical(without(artifact, "artifact_hash", "outcome_hash")))
    assert artifact["evidence"]["run_created_at"] == head.created_at.isoformat()


def test_every_scenario_of_a_batch_has_its_artifact(desk: Service) -> None:
    results = desk.analyze(BATCH).json["results"]
    for name, result in results.items():
        artifact = desk.evidence(f"{result['rebalance_run_id']}/artifact")
        assert artifact.body == kept(desk, result["rebalance_run_id"])
        assert artifact.json["request_snapshot"]["request_hash"].endswith(f":{name}")
        assert artifact.json["idempotency_key"] is None


def test_derived_artifacts_are_the_same_bytes_and_are_not_kept(desk: Service) -> None:
    derived = desk.but(store=StoreSettings(artifacts=DERIVED))
    run_id = derived.run_id()
    first = derived.evidence(f"{run_id}/artifact")
    assert (first.status, kept(desk, run_id)) == (200, None)
    assert derived.evidence(f"{run_id}/artifact").body == first.body
    assert desk.evidence(f"{run_id}/artifact").body == first.body  # the other mode keeps it for good
    assert kept(desk, run_id) == first.body
    assert derived.evidence(f"{run_id}/artifact").body == first.body


def test_a_kept_artifact_stays_though_a_release_would_compose_another(memory_desk: Service) -> None:
    run_id = memory_desk.but(store=StoreSettings(artifacts=DERIVED)).run_id()
    memory_desk.adapters.runs.keep_artifact("bank-a", run_id, b'{"artifact_version":"1.0"}')
    for desk in (memory_desk, memory_desk.but(store=StoreSettings(artifacts=DERIVED))):
        assert desk.evidence(f"{run_id}/artifact").body == b'{"artifact_version":"1.0"}'


def test_recording_with_an_artifact_takes_five_items_and_one_object_which_is_the_artifact(aws: Aws) -> None:
    desk = proving(on_aws(aws))
    run_id = desk.run_id()
    assert len(everything(aws)) == 5
    [stored] = aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]
    assert stored["Key"].startswith(f"bank-a/runs/{run_id}/")
    body = aws.s3.get_object(Bucket=aws.bucket, Key=stored["Key"])["Body"].read()
    assert gzip.decompress(body) == desk.evidence(f"{run_id}/artifact").body


def test_equal_outcomes_are_seen_across_runs(memory_desk: Service) -> None:
    hashes = [memory_desk.evidence(f"{memory_desk.run_id()}/artifact").json["evidence"]["hashes"] for _ in range(2)]
    assert hashes[0]["outcome_hash"] == hashes[1]["outcome_hash"]
    assert hashes[0]["artifact_hash"] != hashes[1]["artifact_hash"]


def test_unknown_foreign_and_expired_runs_are_not_found(desk: Service) -> None:
    run_id = desk.run_id()
    assert refused(desk.evidence("rr_0/artifact")) == (404, "DPM_RUN_NOT_FOUND")
    assert refused(desk.evidence(f"{run_id}/artifact", FOREIGNER)) == (404, "DPM_RUN_NOT_FOUND")
    later = desk.keeping(7, now_plus(days=8))
    assert refused(later.evidence(f"{run_id}/artifact")) == (404, "DPM_RUN_NOT_FOUND")
    assert desk.evidence(f"{run_id}/artifact").status == 200


@pytest.mark.parametrize("switch", ["DPM_SUPPORT_APIS", "DPM_ARTIFACTS"])
def test_a_closed_switch_hides_artifacts_and_recording_goes_on(memory_desk: Service, switch: str) -> None:
    closed = memory_desk.but(closed=frozenset({switch}))
    run_id = closed.run_id()
    assert refused(closed.evidence(f"{run_id}/artifact")) == (404, f"{switch}_DISABLED")
    assert memory_desk.evidence(f"{run_id}/artifact").status == 200


def test_reading_needs_its_scope(memory_desk: Service) -> None:
    run_id = memory_desk.run_id()
    assert refused(memory_desk.evidence(f"{run_id}/artifact", IDENTITY | {"scopes": "dpm.run"})) == (403, "SCOPE_REQUIRED: dpm.read")


def test_a_forged_document_is_refused_and_tells_the_alarm(aws: Aws) -> None:
    desk = proving(on_aws(aws))
    run_id = desk.run_id()
    for stored in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]:
        aws.s3.put_object(Bucket=aws.bucket, Key=stored["Key"], Body=b"forged")
    reply = desk.evidence(f"{run_id}/artifact")
    assert refused(reply) == (500, "EVIDENCE_CORRUPT")
    broken = next(line for line in desk.lines if line["message"] == "evidence")
    assert (broken["evidence_broken"], broken["payload"].split("/")[2]) == (1, run_id)


def test_an_outage_is_a_503(aws: Aws) -> None:
    desk = proving(on_aws(aws))
    aws.dynamodb.delete_table(TableName=aws.table)
    assert refused(desk.evidence("rr_0/artifact")) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")


def test_a_large_artifact_travels_compressed_or_not_at_all(memory_desk: Service) -> None:
    run_id = memory_desk.simulate(a_request(4_000)).json["rebalance_run_id"]
    assert refused(memory_desk.evidence(f"{run_id}/artifact")) == (413, "RESPONSE_TOO_LARGE")
    carried = memory_desk.evidence(f"{run_id}/artifact", headers={"Accept-Encoding": "gzip"})
    assert carried.status == 200
    assert carried.body == kept(memory_desk, run_id)


def test_a_replay_leaves_the_artifact_alone(desk: Service) -> None:
    first = desk.simulate(**{"Idempotency-Key": "key-1"})
    again = desk.simulate(**{"Idempotency-Key": "key-1", "X-Correlation-Id": "other"})
    assert again.body == first.body
    assert json.loads(kept(desk, first.json["rebalance_run_id"]) or "")["correlation_id"] == "c_none"


def test_an_artifact_lost_between_look_and_write_is_not_found(memory: MemoryTables, memory_desk: Service) -> None:
    run_id = memory_desk.but(store=StoreSettings(artifacts=DERIVED)).run_id()

    class Vanishing(MemoryRunStore):
        def keep_artifact(self, tenant: str, run_id: str, artifact: bytes) -> None:
            return None

    gone = replace(memory_desk.adapters, runs=Vanishing(memory, clock=utc_now))
    assert refused(proving(gone).evidence(f"{run_id}/artifact")) == (404, "DPM_RUN_NOT_FOUND")
