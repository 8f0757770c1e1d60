"""Policy packs and the queue when AWS does not answer, and the trace that every change of a pack leaves."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.contracts.packs import parse_pack
from engine.policy_packs import PolicyPack
from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.records.operations import Family, Job
from engine.usecases.refusals import Code
from infra.aws.operations.queue import SqsQueue, job_of
from infra.aws.packs.store import DynamoPacks
from infra.aws.table import Backoff, Table
from tests.support.emulators import Aws
from tests.support.faults import Crash, Line, crash_after, crash_before, lost_acknowledgement, outage_before
from tests.support.samples import TENANT, HandClock

PACK = PolicyPack("pack", parse_pack(b'{"version":"1"}'), 0)


@pytest.fixture
def table(aws: Aws) -> Table:
    backoff = Backoff(attempts=2, sleep=lambda _: None)
    return Table(aws.dynamodb, aws.packs, unavailable=Code.DPM_POLICY_PACK_STORE_UNAVAILABLE, backoff=backoff)


@pytest.fixture
def packs(table: Table) -> DynamoPacks:
    return DynamoPacks(table, clock=HandClock())


def test_every_change_leaves_what_stood_before_and_after_and_who_did_it(table: Table, packs: DynamoPacks) -> None:
    packs.put(TENANT, PACK, expected=None, actor="ann")
    packs.put(TENANT, PolicyPack("pack", parse_pack(b'{"version":"2"}'), 0), expected=1, actor="bob")
    packs.remove(TENANT, "pack", expected=2, actor="cid")
    trace = list(table.rows("T#bank-a#PACKAUD#pack"))

    def version(row: dict[str, Any], side: str) -> str | None:
        return json.loads(row[side])["version"] if side in row else None

    assert [(row["sk"], row["actor"], version(row, "before"), version(row, "after")) for row in trace] == [
        ("0000000001", "ann", None, "1"),
        ("0000000002", "bob", "1", "2"),
        ("0000000003", "cid", "2", None),
    ]
    assert {row["changed_at"] for row in trace} == {"2026-02-20T12:00:00.123456Z"}


@pytest.mark.parametrize("fault", [crash_before, crash_after, lost_acknowledgement])
@pytest.mark.parametrize("number", range(3))
def test_a_change_broken_off_anywhere_is_whole_or_absent(
    aws: Aws, table: Table, packs: DynamoPacks, fault: Callable[..., Any], number: int
) -> None:
    line = Line(aws.dynamodb)
    line.break_at(range(number, number + 1), fault)
    if fault is lost_acknowledgement:
        assert packs.put(TENANT, PACK, expected=0, actor="ann") == replace(PACK, revision=1)
    else:
        with pytest.raises(Crash):
            packs.put(TENANT, PACK, expected=0, actor="ann")
    line.break_at(range(0), fault)
    there = packs.pack(TENANT, "pack") is not None
    assert there == (fault is lost_acknowledgement or (fault is crash_after and number == 2))
    assert len(list(table.rows("T#bank-a#PACKAUD#pack"))) == there


def test_an_outage_of_the_packs_has_its_own_code(aws: Aws, packs: DynamoPacks) -> None:
    Line(aws.dynamodb).break_at(range(100), outage_before)
    for call in (
        lambda: packs.pack(TENANT, "pack"),
        lambda: packs.packs(TENANT),
        lambda: packs.put(TENANT, PACK, expected=None, actor="a"),
    ):
        with pytest.raises(StoreUnavailable) as outage:
            call()
        assert outage.value.code == "DPM_POLICY_PACK_STORE_UNAVAILABLE"


def test_a_definition_that_is_none_is_corrupt(aws: Aws, packs: DynamoPacks) -> None:
    packs.put(TENANT, PACK, expected=None, actor="ann")
    aws.dynamodb.update_item(
        TableName=aws.packs,
        Key={"pk": {"S": "T#bank-a#PACKS"}, "sk": {"S": "pack"}},
        UpdateExpression="SET #d = :d",
        ExpressionAttributeNames={"#d": "definition"},
        ExpressionAttributeValues={":d": {"S": "{}"}},
    )
    with pytest.raises(EvidenceCorrupt):
        packs.pack(TENANT, "pack")


def test_a_message_holds_the_operations_name_and_its_tenants_group(aws: Aws) -> None:
    sqs, url = aws.queue()
    SqsQueue(sqs, url).send(Job(TENANT, Family.DPM, "dop_1"))
    (message,) = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"]) == {"tenant": "bank-a", "family": "DPM", "operation_id": "dop_1"}
    assert message["Attributes"]["MessageGroupId"] == "bank-a"


def test_a_postponed_message_comes_in_its_new_time(aws: Aws) -> None:
    sqs, url = aws.queue()
    queue = SqsQueue(sqs, url)
    queue.send(Job(TENANT, Family.DPM, "dop_1"))
    (message,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    queue.postpone(message["ReceiptHandle"], 0)
    (again,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    queue.postpone(again["ReceiptHandle"], 600)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    with pytest.raises(StoreUnavailable, match="STORE_QUEUE_UNAVAILABLE"):
        queue.postpone("no receipt", 30)


def test_a_queue_that_does_not_answer_is_an_outage(aws: Aws) -> None:
    sqs, url = aws.queue()
    with pytest.raises(StoreUnavailable, match="STORE_QUEUE_UNAVAILABLE"):
        SqsQueue(sqs, url + "-gone").send(Job(TENANT, Family.DPM, "dop_1"))
    Line(sqs).break_at(range(100), outage_before)
    with pytest.raises(StoreUnavailable, match="STORE_QUEUE_UNAVAILABLE"):
        SqsQueue(sqs, url).send(Job(TENANT, Family.DPM, "dop_1"))


@pytest.mark.parametrize("body", ["", "x", "[]", "1", "null", "{}", '{"tenant":"a","family":"X","operation_id":"o"}'])
def test_a_message_that_is_no_job_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        job_of(body)
