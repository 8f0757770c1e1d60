"""What is looked up is what was answered: whole and undamaged, or a refusal that says so."""

import gzip
from collections import Counter
from typing import Any

import pytest

from engine.records.runs import BatchLink, PackTrace, RunDocuments
from infra.aws.runs import items as run_items
from infra.http.messages import LOOK_UP_ROOM, MAX_LAMBDA_ANSWER, fits
from tests.functions.reader import Reads, in_dynamodb, refused
from tests.support.emulators import Aws
from tests.support.samples import HandClock


def filled(size: Any) -> Any:
    """An answer of this many bytes as Lambda counts them: each quote twice."""
    return b'{"x":"' + b"x" * (size - 12) + b'"}'


@pytest.mark.parametrize("worst", ['"', "\\"])
def test_what_simulate_may_answer_can_always_be_looked_up(memory_reads: Reads, worst: str) -> None:
    result = filled(MAX_LAMBDA_ANSWER - LOOK_UP_ROOM)
    assert fits(result, gzip_accepted=False, room=LOOK_UP_ROOM)
    assert not fits(result + b" ", gzip_accepted=False, room=LOOK_UP_ROOM)
    run = memory_reads.record(
        RunDocuments(result, b"{}", b"{}"),
        correlation_id=worst * 255 + ":" + "s" * 64,
        idempotency_key=worst * 255,
        portfolio_id="\U0001f4bc" * 128,
        pack=PackTrace(worst * 128, worst * 1_000, 10**9, "sha256:" + "b" * 64, "TENANT_DEFAULT"),
        batch=BatchLink("batch_" + "0" * 32, "s" * 64, "dop_" + "0" * 32),
    )
    reply = memory_reads.get(f"/rebalance/runs/{run.run_id}")
    assert reply.status == 200
    assert reply.body.endswith(result + b"}")


def test_a_large_run_goes_compressed_to_those_who_take_it(memory_reads: Reads) -> None:
    run = memory_reads.record(RunDocuments(filled(MAX_LAMBDA_ANSWER), b"{}", b"{}"))
    path = f"/rebalance/runs/{run.run_id}"
    assert refused(memory_reads.get(path)) == (413, "RESPONSE_TOO_LARGE")
    zipped = memory_reads.get(path, headers={"Accept-Encoding": "gzip"})
    assert (zipped.status, zipped.headers["Content-Encoding"]) == (200, "gzip")
    assert zipped.json["rebalance_run_id"] == run.run_id


@pytest.fixture
def stored(aws: Aws, clock: HandClock) -> Any:
    """A run whose answer lies in the bucket: its path, and the key of the document."""
    reads = in_dynamodb(aws, clock)
    run = reads.record(RunDocuments(b'{"positions":[%s]}' % b",".join(b"%d" % n for n in range(500)), b"{}", b"{}"))
    [document] = [found["Key"] for found in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]]
    return reads, f"/rebalance/runs/{run.run_id}", document


def test_a_damaged_answer_is_never_shown(stored: Any, aws: Aws) -> None:
    reads, path, document = stored
    assert reads.get(path).json["result"]["positions"][-1] == 499
    aws.s3.put_object(Bucket=aws.bucket, Key=document, Body=gzip.compress(b'{"positions":[]}', mtime=0))
    reply = reads.get(path)
    assert refused(reply) == (500, "EVIDENCE_CORRUPT")
    assert document.encode() not in reply.body


def test_a_lost_answer_is_no_run_that_never_was(stored: Any, aws: Aws) -> None:
    reads, path, document = stored
    aws.s3.delete_object(Bucket=aws.bucket, Key=document)
    assert refused(reads.get(path)) == (500, "EVIDENCE_CORRUPT")
    assert reads.get("/rebalance/runs").json["items"]  # the record itself is there
    aws.s3.delete_bucket(Bucket=aws.bucket)
    assert refused(reads.get(path)) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")


def test_a_thousand_runs_are_listed_in_bounded_reads(aws: Aws, clock: HandClock) -> None:
    reads = in_dynamodb(aws, clock)
    ids, items = [], []
    for number in range(1_000):
        head = reads.new.head(portfolio_id="pf_rare" if number % 100 == 0 else "pf_1")
        clock.forward(seconds=1)
        ids.append(head.run_id)
        items += [write["Put"]["Item"] for write in run_items.run_writes(head, {}, None, "", 0) if "Put" in write]
    for start in range(0, len(items), 25):
        requests = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        assert not aws.dynamodb.batch_write_item(RequestItems={aws.table: requests})["UnprocessedItems"]

    evaluated = Counter[str]()

    def told(parsed: Any, **_: Any) -> None:
        evaluated.update(rows=parsed["ScannedCount"], calls=1)

    aws.dynamodb.meta.events.register("after-call.dynamodb.Query", told)
    listed: list[str] = []
    cursor = None
    while cursor is not None or not listed:
        page = reads.get("/rebalance/runs", limit=200, **({} if cursor is None else {"cursor": cursor})).json
        listed += [row["rebalance_run_id"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert listed == ids[::-1]
    assert evaluated["rows"] <= 2 * len(ids)  # five pages, of which each shard reads a little ahead
    assert evaluated["calls"] <= 5 * 16

    evaluated.clear()
    rare = reads.get("/rebalance/runs", portfolio_id="pf_rare").json
    assert [row["rebalance_run_id"] for row in rare["items"]] == ids[900::-100]
    assert evaluated["rows"] <= 10
    evaluated.clear()
    assert reads.get("/rebalance/runs", limit=1).json["items"][0]["rebalance_run_id"] == ids[-1]
    assert evaluated["rows"] <= 8 * 10
