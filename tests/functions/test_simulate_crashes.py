"""Wherever a call dies on its way to AWS, nothing of its run is visible or the whole of it, and the retry succeeds."""

from typing import Any

import pytest

from tests.support.adapters import on_aws
from tests.support.emulators import Aws, everything
from tests.support.faults import Crash, Line, crash_after, crash_before, lost_acknowledgement, outage_after, outage_before
from tests.support.service import deciding


@pytest.fixture
def line(aws: Aws) -> Any:
    """An API on AWS with a fault injector on its clients."""
    return deciding(on_aws(aws)), Line(aws.dynamodb, aws.s3), aws


def visible(api: Any, ground: Any) -> Any:
    """How many runs the table shows, each checked to be whole."""
    metas = [item for item in everything(ground) if item["sk"]["S"] == "META"]
    for meta in metas:
        documents = api.adapters.runs.documents("bank-a", meta["run_id"]["S"])
        assert documents is not None
        assert meta["run_id"]["S"].encode() in documents.result
    if not metas:
        assert everything(ground) == []
    return len(metas)


def calls_of(line: Any) -> Any:
    api, injector, _ = line
    assert api.post().status == 200
    return list(injector.calls)


CALLS = ["GetItem", "PutObject", "TransactWriteItems"]


def test_a_run_takes_one_read_one_object_and_one_transaction(line: Any) -> None:
    assert calls_of(line) == CALLS


@pytest.mark.parametrize("fault", [crash_before, crash_after])
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_a_crash_leaves_nothing_or_the_whole_run(line: Any, fault: Any, number: int) -> None:
    api, injector, ground = line
    injector.break_at(range(number, number + 1), fault)
    with pytest.raises(Crash):
        api.post()
    committed = fault is crash_after and CALLS[number] == "TransactWriteItems"
    assert visible(api, ground) == int(committed)

    retry = api.post()
    assert retry.status == 200
    assert ("Idempotent-Replayed" in retry.headers) == committed
    assert visible(api, ground) == 1
    assert api.adapters.runs.result("bank-a", retry.json["rebalance_run_id"]) == retry.body


@pytest.mark.parametrize("fault", [outage_before, outage_after, lost_acknowledgement])
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_an_outage_is_outlived_or_answered_503(line: Any, fault: Any, number: int) -> None:
    api, injector, ground = line
    injector.break_at(range(number, number + 1), fault)
    reply = api.post()
    if reply.status != 200:
        assert (reply.status, reply.json["code"]) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")
    retry = api.post()
    assert retry.status == 200
    assert visible(api, ground) == 1
    if reply.status == 200:
        assert retry.body == reply.body


def test_a_lasting_outage_is_answered_503(line: Any) -> None:
    api, injector, ground = line
    injector.break_at(range(200), outage_before)
    reply = api.post()
    assert (reply.status, reply.json["detail"]) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")
    assert reply.headers["Content-Type"] == "application/problem+json"
    injector.break_at(range(0), outage_before)
    assert everything(ground) == []


def test_a_replay_takes_three_reads_and_writes_nothing(line: Any) -> None:
    api, injector, _ = line
    api.post()
    written = len(injector.calls)
    api.post()
    assert injector.calls[written:] == ["GetItem", "GetItem", "GetObject"]


def test_a_document_that_was_tampered_with_is_never_answered(line: Any) -> None:
    api, _, ground = line
    api.post()
    for stored in ground.s3.list_objects_v2(Bucket=ground.bucket)["Contents"]:
        ground.s3.put_object(Bucket=ground.bucket, Key=stored["Key"], Body=b"forged")
    reply = api.post()
    assert (reply.status, reply.json["code"]) == (500, "EVIDENCE_CORRUPT")
    assert reply.json["correlation_id"] == "c_none"
    assert "forged" not in reply.body.decode()
