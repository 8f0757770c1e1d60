"""A run is whole or absent, whatever breaks between us and AWS, and a success of ours is never called somebody else's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.runs import RunDocuments
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Backoff, Table
from tests.support.emulators import Aws, everything
from tests.support.faults import Crash, Line, crash_after, crash_before, lost_acknowledgement, outage_after, outage_before, refused
from tests.support.samples import HEAD, TENANT, HandClock, claim_for, run_id

BROKEN = (Crash, StoreUnavailable)
LARGE = RunDocuments(result=b"[" + b"0.1234," * 3000 + b"1]", request=bytes(range(256)) * 9, options=b"{}", artifact=b"{}" * 9000)
CALLS = ["PutObject", "TransactWriteItems"]
CANCELLED = "TransactionCanceledException"


def store(aws: Aws, inline_max_bytes: int = 50, waits: list[float] | None = None) -> DynamoRunStore:
    backoff = Backoff(attempts=4, base=1, cap=3, sleep=(waits if waits is not None else []).append, jitter=lambda: 0.5)
    table = Table(aws.dynamodb, aws.table, backoff=backoff)
    return DynamoRunStore(table, Payloads(aws.s3, aws.bucket, inline_max_bytes=inline_max_bytes), clock=HandClock())


def is_whole(runs: DynamoRunStore) -> bool:
    """Whether the run is there; fails the test when it is there in part."""
    there = [runs.head(TENANT, HEAD.run_id) == HEAD, runs.claimed(TENANT, "key-1") == claim_for(HEAD)]
    assert all(there) or not any(there)
    if any(there):
        assert runs.documents(TENANT, HEAD.run_id) == LARGE
    assert len(everything(aws_of(runs))) == (5 if any(there) else 0)
    return any(there)


def aws_of(runs: DynamoRunStore) -> Aws:
    return Aws(runs.table.client, runs.payloads.s3, runs.table.name, runs.payloads.bucket)


def record(runs: DynamoRunStore) -> Any:
    return runs.record(HEAD, LARGE, claim_for(HEAD))


def test_the_calls_of_a_record_are_one_object_and_one_transaction(aws: Aws) -> None:
    line, runs = Line(aws.dynamodb, aws.s3), store(aws)
    record(runs)
    assert line.calls == CALLS
    assert is_whole(runs)


@pytest.mark.parametrize("fault", [crash_before, crash_after, outage_before, outage_after])
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_whatever_breaks_leaves_all_or_nothing_and_the_retry_succeeds(aws: Aws, fault: Callable[..., Any], number: int) -> None:
    line, runs = Line(aws.dynamodb, aws.s3), store(aws)
    line.break_at(range(number, 100), fault)
    with pytest.raises(BROKEN):
        record(runs)
    line.break_at(range(0), fault)
    arrived = CALLS[number] == "TransactWriteItems" and fault in {crash_after, outage_after}
    assert is_whole(runs) == arrived
    assert record(runs) is None
    assert is_whole(runs)


@pytest.mark.parametrize("fault", [crash_after, crash_before])
def test_the_clients_retry_after_a_crash_finds_the_run_or_makes_its_own(aws: Aws, fault: Callable[..., Any]) -> None:
    line, runs = Line(aws.dynamodb, aws.s3), store(aws)
    line.break_at(range(1, 2), fault)
    with pytest.raises(Crash):
        record(runs)
    second = replace(HEAD, run_id=run_id(2))
    winner = runs.record(second, LARGE, claim_for(second))
    assert winner == (claim_for(HEAD) if fault is crash_after else None)
    assert (runs.head(TENANT, second.run_id) is None) == (fault is crash_after)


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_our_own_lost_acknowledgement_is_no_conflict(aws: Aws, number: int) -> None:
    line, runs = Line(aws.dynamodb, aws.s3), store(aws)
    line.break_at(range(number, number + 1), lost_acknowledgement)
    assert record(runs) is None
    assert is_whole(runs)
    counted = [item["edges"]["N"] for item in everything(aws) if "edges" in item]
    assert counted == ["2"]


@pytest.mark.parametrize(
    "fault",
    [
        refused(CANCELLED, "None", "TransactionConflict"),
        refused(CANCELLED, "ThrottlingError", "None"),
        refused("ProvisionedThroughputExceededException"),
        refused("TransactionInProgressException"),
    ],
)
def test_a_passing_refusal_is_waited_out_and_a_lasting_one_is_an_outage(aws: Aws, fault: Callable[..., Any]) -> None:
    waits: list[float] = []
    line, runs = Line(aws.dynamodb, aws.s3), store(aws, 65536, waits)
    line.break_at(range(3), fault)
    assert record(runs) is None
    assert waits == [0.5, 1.0, 1.5]
    shards = {body.partition(b"#STATS#")[2][:1] for body in line.bodies}
    assert len(shards) > 1

    line.break_at(range(100), fault)
    with pytest.raises(StoreUnavailable) as outage:
        runs.record(replace(HEAD, run_id=run_id(2)), LARGE, None)
    assert outage.value.code == "DPM_SUPPORTABILITY_STORE_UNAVAILABLE"
    assert len(line.calls) == 4


@pytest.mark.parametrize(
    "fault",
    [
        refused("AccessDeniedException"),
        refused("ResourceNotFoundException"),
        refused(CANCELLED, "ValidationError"),
        refused(CANCELLED, "TransactionConflict", "ValidationError"),
    ],
)
def test_a_refusal_that_will_not_pass_is_an_outage_at_once(aws: Aws, fault: Callable[..., Any]) -> None:
    waits: list[float] = []
    line, runs = Line(aws.dynamodb, aws.s3), store(aws, 65536, waits)
    line.break_at(range(100), fault)
    with pytest.raises(StoreUnavailable):
        record(runs)
    with pytest.raises(StoreUnavailable):
        runs.head(TENANT, HEAD.run_id)
    assert waits == []


def test_an_unreadable_bucket_is_an_outage_not_a_corruption(aws: Aws) -> None:
    line, runs = Line(aws.dynamodb, aws.s3), store(aws)
    record(runs)
    line.break_at(range(1, 100), refused("AccessDenied"))
    with pytest.raises(StoreUnavailable):
        runs.result(TENANT, HEAD.run_id)


def test_of_32_threads_with_one_claim_one_records(aws: Aws) -> None:
    runs = store(aws, 65536)
    heads = [replace(HEAD, run_id=run_id(n)) for n in range(1, 33)]
    with ThreadPoolExecutor(32) as pool:
        winners = list(pool.map(lambda head: runs.record(head, LARGE, claim_for(head)), heads))
    first = winners.index(None)
    assert winners.count(None) == 1
    assert {winner for winner in winners if winner is not None} == {claim_for(heads[first])}
    assert [runs.head(TENANT, head.run_id) for head in heads if runs.head(TENANT, head.run_id)] == [heads[first]]
    assert len(everything(aws)) == 5
