"""Reviews and retention, broken off at every call to AWS: nothing is lost, nothing is half there, the next call goes on."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.runs import RunFilter, Span, Statistics
from infra.aws.operations.store import DynamoOperationStore
from infra.aws.payloads import Payloads
from infra.aws.runs.lookups import DynamoRunLookup
from infra.aws.runs.retention import DynamoRetention
from infra.aws.runs.reviews import DynamoReviewStore
from infra.aws.runs.statistics import DynamoStatistics
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from tests.support.emulators import Aws, everything
from tests.support.faults import Crash, Fault, Line, crash_after, crash_before, lost_acknowledgement, outage_after, refused
from tests.support.reviews import append_all, decided
from tests.support.samples import DOCUMENTS, HEAD, START, TENANT, HandClock, claim_for, run_id

BROKEN = (Crash, StoreUnavailable)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def runs(aws: Aws, clock: HandClock) -> DynamoRunStore:
    return DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket, inline_max_bytes=40), clock=clock, retention_days=7)


def statistics(runs: DynamoRunStore) -> DynamoStatistics:
    return DynamoStatistics(runs, DynamoOperationStore(runs.table, runs.payloads, clock=runs.clock))


@pytest.mark.parametrize("fault", [crash_before, crash_after, outage_after, lost_acknowledgement])
def test_an_append_broken_off_anywhere_is_made_once(aws: Aws, runs: DynamoRunStore, fault: Fault) -> None:
    runs.record(HEAD, DOCUMENTS, None)
    reviews, line = DynamoReviewStore(runs), Line(aws.dynamodb, aws.s3)
    for number in range(2):  # the run's head, the transaction
        before = reviews.state(TENANT, HEAD.run_id)
        line.break_at(range(number, 100 if fault is outage_after else number + 1), fault)
        if fault is lost_acknowledgement:
            assert reviews.append(TENANT, decided(number), before)
        else:
            with pytest.raises(BROKEN):
                reviews.append(TENANT, decided(number), before)
        line.break_at(range(0), fault)
        assert reviews.append(TENANT, decided(number), before)
    assert reviews.history(TENANT, HEAD.run_id) == (decided(0), decided(1))
    assert statistics(runs).statistics(TENANT).decisions_by_reason == {"MORE_CASH": 2}


def objects(aws: Aws) -> int:
    return int(aws.s3.list_objects_v2(Bucket=aws.bucket)["KeyCount"])


SWEEP_CALLS = 18
"""Two runs' indexes are read, one run is read, hidden, taken apart: no sweep of one run makes more calls before it is through."""


@pytest.mark.parametrize("fault", [crash_before, crash_after])
@pytest.mark.parametrize("number", range(SWEEP_CALLS))
def test_a_sweep_broken_off_anywhere_hides_the_run_whole_and_is_finished_by_the_next(
    aws: Aws, runs: DynamoRunStore, clock: HandClock, fault: Fault, number: int
) -> None:
    young = replace(HEAD, run_id=run_id(2), created_at=START + timedelta(days=6))
    runs.record(HEAD, replace(DOCUMENTS, artifact=b"0123456789abcdefghijklmnopqrstuvwxyz" * 3), claim_for(HEAD))
    append_all(DynamoReviewStore(runs), [decided(1), decided(2)])
    runs.record(young, DOCUMENTS, None)
    assert objects(aws) == 2
    clock.forward(days=8)

    line, retention, forever = Line(aws.dynamodb, aws.s3), DynamoRetention(runs), DynamoRunStore(runs.table, runs.payloads, clock=clock)
    line.break_at(range(number, number + 1), fault)
    with suppress(Crash):
        retention.remove_runs(TENANT, most=10)
    line.break_at(range(0), fault)

    there = forever.head(TENANT, HEAD.run_id) is not None
    listed = [row.run_id for row in DynamoRunLookup(forever).page(TENANT, RunFilter(), limit=5).rows]
    assert listed == ([young.run_id, HEAD.run_id] if there else [young.run_id])
    assert (forever.claimed(TENANT, "key-1") is not None) == there
    assert len(DynamoRunLookup(forever).history(TENANT, "key-1")) == 1 + there
    assert statistics(forever).statistics(TENANT).runs_by_status == {"READY": 1 + there}
    assert forever.documents(TENANT, HEAD.run_id) is not None or not there

    retention.remove_runs(TENANT, most=10)
    left = statistics(forever).statistics(TENANT)
    assert left == Statistics({"READY": 1}, {}, {}, {}, 2, Span(young.created_at, young.created_at))
    assert not [item for item in everything(aws) if HEAD.run_id in item["pk"]["S"] + item["sk"]["S"]]
    assert objects(aws) == 1
    assert runs.head(TENANT, young.run_id) == young


def test_a_sweep_removes_an_artifact_that_was_kept_later(aws: Aws, runs: DynamoRunStore, clock: HandClock) -> None:
    runs.record(HEAD, DOCUMENTS, None)
    assert runs.keep_artifact(TENANT, HEAD.run_id, bytes(range(99))) == bytes(range(99))
    assert objects(aws) == 2
    clock.forward(days=8)
    assert DynamoRetention(runs).remove_runs(TENANT, most=10) == 1
    assert objects(aws) == 0


def test_a_sweep_of_one_run_makes_no_more_calls_than_are_broken_off_above(aws: Aws, runs: DynamoRunStore, clock: HandClock) -> None:
    runs.record(HEAD, DOCUMENTS, claim_for(HEAD))
    append_all(DynamoReviewStore(runs), [decided(1)])
    clock.forward(days=8)
    line = Line(aws.dynamodb, aws.s3)
    assert DynamoRetention(runs).remove_runs(TENANT, most=10) == 1
    assert 10 < len(line.calls) <= SWEEP_CALLS


def test_orphans_older_than_a_week_are_removed_and_nothing_else(aws: Aws, runs: DynamoRunStore, clock: HandClock) -> None:
    runs.record(HEAD, DOCUMENTS, None)
    mine = objects(aws)
    keep = ["bank-a/reports/x/0.json.gz", "readme.txt", "bank-a/runs/readme.json.gz"]
    for name in (*keep, f"bank-a/runs/{run_id(7)}/0.json.gz", f"bank-b/runs/{HEAD.run_id}/0.json.gz"):
        aws.s3.put_object(Bucket=aws.bucket, Key=name, Body=b"")
    modified = aws.s3.head_object(Bucket=aws.bucket, Key="readme.txt")["LastModified"]
    retention = DynamoRetention(runs)
    clock.now = modified + timedelta(days=7)
    assert retention.remove_orphans(most=100) == 0
    clock.forward(days=1)
    assert [retention.remove_orphans(most=4) for _ in range(2)] == [1, 1]
    assert objects(aws) == mine + len(keep)
    assert retention.remove_orphans(most=100) == 0
    assert runs.documents(TENANT, HEAD.run_id) is None  # past retention, yet its documents wait for remove_runs
    assert DynamoRunStore(runs.table, runs.payloads, clock=clock).documents(TENANT, HEAD.run_id) == DOCUMENTS


def test_owners_of_other_kinds_are_asked_where_somebody_knows_them(aws: Aws, runs: DynamoRunStore, clock: HandClock) -> None:
    for owner in ("pp_1", "pp_2%2F"):
        aws.s3.put_object(Bucket=aws.bucket, Key=f"bank-a/proposals/{owner}/0.json.gz", Body=b"")
    clock.now = aws.s3.head_object(Bucket=aws.bucket, Key="bank-a/proposals/pp_1/0.json.gz")["LastModified"] + timedelta(days=8)
    asked = []

    def known(tenant: str, owner: str) -> bool:
        asked.append((tenant, owner))
        return owner == "pp_1"

    assert DynamoRetention(runs, owners={"proposals": known}).remove_orphans(most=100) == 1
    assert asked == [("bank-a", "pp_1"), ("bank-a", "pp_2/")]


def test_a_bucket_that_does_not_answer_removes_nothing(aws: Aws, runs: DynamoRunStore, clock: HandClock) -> None:
    runs.record(HEAD, DOCUMENTS, None)
    clock.forward(days=8)
    line = Line(aws.s3)
    line.break_at(range(100), refused("AccessDenied"))
    with pytest.raises(StoreUnavailable):
        DynamoRetention(runs).remove_runs(TENANT, most=1)
    with pytest.raises(StoreUnavailable):
        DynamoRetention(runs).remove_orphans(most=1)
    line.break_at(range(0), crash_before)
    assert DynamoRetention(runs).remove_runs(TENANT, most=1) == 1
    assert objects(aws) == 0
