"""Wherever a proposal's call dies on its way to AWS, its key is free or stands for the whole answer, and the retry succeeds."""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from engine.records.proposals import Form
from infra.aws.runs.retention import DynamoRetention
from tests.support.adapters import DAY, on_aws, proposals_on_aws
from tests.support.emulators import Aws, everything
from tests.support.faults import Crash, Fault, Line, crash_after, crash_before, lost_acknowledgement, outage_after, outage_before
from tests.support.gateway import refused
from tests.support.samples import HandClock
from tests.support.service import PRODUCTION, Service

FIRST = ["GetItem", "PutObject", "TransactWriteItems"]
LATER = ["GetItem", "PutObject", "UpdateItem"]
REPLAYED = "Idempotent-Replayed"
DOWN = (503, "STORE_PROPOSAL_UNAVAILABLE")


class Desk(NamedTuple):
    """An adviser's desk on AWS, with a fault injector on its clients."""

    service: Service
    line: Line
    aws: Aws
    clock: HandClock

    def kept(self) -> list[tuple[bytes | None, bytes | None]]:
        """What every key of the table stands for; fails where one does not stand for a whole answer."""
        self.line.break_at(range(0), crash_before)
        items = everything(self.aws, self.aws.proposals)
        found = self.service.adapters.proposal_keys.find("bank-a", "key-1")
        assert len(items) == (found is not None)
        answers = [(found.answer(Form.RESULT), found.answer(Form.ARTIFACT))] if found else []
        assert all(any(pair) for pair in answers)
        return answers

    def objects(self) -> list[str]:
        return [stored["Key"] for stored in self.aws.s3.list_objects_v2(Bucket=self.aws.bucket).get("Contents", [])]


@pytest.fixture
def desk(aws: Aws, clock: HandClock) -> Desk:
    assert aws.proposals  # made before calls are counted
    return Desk(Service(on_aws(aws, clock), PRODUCTION), Line(aws.dynamodb, aws.s3), aws, clock)


@pytest.mark.parametrize("form", ["simulate", "artifact"])
def test_a_first_call_takes_one_read_its_document_and_one_write_and_a_replay_two_reads(desk: Desk, form: str) -> None:
    assert desk.service.propose(form=form).status == 200
    assert desk.line.calls == FIRST
    assert desk.service.propose(form=form).status == 200
    assert desk.line.calls[3:] == ["GetItem", "GetObject"]


def test_the_other_form_takes_one_read_its_document_and_one_change(desk: Desk) -> None:
    desk.service.propose()
    assert desk.service.propose(form="artifact").status == 200
    assert desk.line.calls[3:] == LATER


@pytest.mark.parametrize("fault", [crash_before, crash_after])
@pytest.mark.parametrize("number", range(len(FIRST)))
@pytest.mark.parametrize("form", ["simulate", "artifact"])
def test_a_crash_leaves_the_key_free_or_the_whole_answer(desk: Desk, fault: Fault, number: int, form: str) -> None:
    desk.line.break_at(range(number, number + 1), fault)
    with pytest.raises(Crash):
        desk.service.propose(form=form)
    committed = fault is crash_after and number == 2
    assert len(desk.kept()) == int(committed)
    retry = desk.service.propose(form=form)
    assert (retry.status, REPLAYED in retry.headers) == (200, committed)
    assert desk.kept() == [(retry.body, None) if form == "simulate" else (None, retry.body)]


@pytest.mark.parametrize("fault", [crash_before, crash_after])
@pytest.mark.parametrize("number", range(len(LATER)))
def test_a_crash_of_the_other_form_leaves_the_first_as_it_was(desk: Desk, fault: Fault, number: int) -> None:
    result = desk.service.propose()
    desk.line.break_at(range(number, number + 1), fault)
    with pytest.raises(Crash):
        desk.service.propose(form="artifact")
    committed = fault is crash_after and number == 2
    [(kept, artifact)] = desk.kept()
    assert (kept, artifact is not None) == (result.body, committed)
    retry = desk.service.propose(form="artifact")
    assert (retry.status, REPLAYED in retry.headers) == (200, committed)
    assert desk.kept() == [(result.body, retry.body)]


@pytest.mark.parametrize("fault", [outage_before, outage_after, lost_acknowledgement])
@pytest.mark.parametrize("number", range(len(FIRST)))
@pytest.mark.parametrize("form", ["simulate", "artifact"])
def test_an_outage_is_outlived_or_answered_503(desk: Desk, fault: Fault, number: int, form: str) -> None:
    desk.line.break_at(range(number, number + 1), fault)
    reply = desk.service.propose(form=form)
    if reply.status == 200:
        assert REPLAYED not in reply.headers  # our own success, acknowledged late, is not another call's
    else:
        assert refused(reply) == DOWN
    retry = desk.service.propose(form=form)
    assert retry.status == 200
    if reply.status == 200:
        assert retry.body == reply.body
    assert len(desk.kept()) == 1


@pytest.mark.parametrize("fault", [outage_before, outage_after, lost_acknowledgement])
@pytest.mark.parametrize("number", range(len(LATER)))
def test_an_outage_of_the_other_form_is_outlived_or_answered_503(desk: Desk, fault: Fault, number: int) -> None:
    result = desk.service.propose()
    desk.line.break_at(range(number, number + 1), fault)
    reply = desk.service.propose(form="artifact")
    if reply.status != 200:
        assert refused(reply) == DOWN
    retry = desk.service.propose(form="artifact")
    if reply.status == 200:
        assert retry.body == reply.body
    assert desk.kept() == [(result.body, retry.body)]


def test_a_lasting_outage_is_answered_503(desk: Desk) -> None:
    desk.line.break_at(range(200), outage_before)
    assert refused(desk.service.propose()) == DOWN
    assert desk.kept() == []


@pytest.mark.parametrize("form", ["simulate", "artifact"])
def test_an_answer_that_was_tampered_with_is_never_given(desk: Desk, form: str) -> None:
    desk.service.propose(form=form)
    [name] = desk.objects()
    desk.aws.s3.put_object(Bucket=desk.aws.bucket, Key=name, Body=b"forged")
    reply = desk.service.propose(form=form)
    assert refused(reply) == (500, "EVIDENCE_CORRUPT")
    assert "forged" not in reply.body.decode()
    [evidence] = [line for line in desk.service.lines if line["message"] == "evidence"]
    assert evidence["payload"] == name
    assert "key-1" not in name  # the caller's word


def test_only_the_item_of_a_key_says_when_it_goes(desk: Desk) -> None:
    desk.service.propose()
    [item] = everything(desk.aws, desk.aws.proposals)
    assert int(item["expires_at"]["N"]) == int(desk.clock.now.timestamp()) + DAY + 1  # the second after its last one
    assert {"S": "bank-a"} not in item.values()
    assert item["pk"]["S"].startswith("T#bank-a#IK#SIM#")


def test_small_answers_lie_in_their_item(aws: Aws, clock: HandClock) -> None:
    keys = proposals_on_aws(aws, clock, inline_max_bytes=65_536).keys
    service = Service(on_aws(aws, clock)).with_adapters(proposal_keys=keys)
    line = Line(aws.dynamodb, aws.s3)
    first, artifact = service.propose(), service.propose(form="artifact")
    assert line.calls == ["GetItem", "TransactWriteItems", "GetItem", "UpdateItem"]
    assert (service.propose().body, service.propose(form="artifact").body) == (first.body, artifact.body)


def swept(desk: Desk, now: Any) -> int:
    """What a look of the sweeper at that time removes; the keys of proposals go by their own clock."""
    runs: Any = desk.service.adapters.runs
    runs.clock = lambda: now
    retention = desk.service.adapters.retention
    assert isinstance(retention, DynamoRetention)
    return retention.remove_orphans(most=100)


def test_answers_stay_as_long_as_their_key_and_go_with_it(desk: Desk) -> None:
    desk.service.propose()
    desk.service.propose(form="artifact")
    desk.line.break_at(range(len(FIRST) - 1, len(FIRST)), crash_before)
    with pytest.raises(Crash):
        desk.service.propose(headers={"Idempotency-Key": "key-2"})
    desk.line.break_at(range(0), crash_before)
    assert len(desk.objects()) == 3
    written = desk.aws.s3.head_object(Bucket=desk.aws.bucket, Key=desk.objects()[0])["LastModified"]
    assert swept(desk, written + timedelta(days=7)) == 0
    assert swept(desk, written + timedelta(days=7, seconds=5)) == 1  # of the call that never claimed its key
    assert len(desk.objects()) == 2

    desk.clock.forward(days=1, seconds=1)  # the key is used again: what it held before is nobody's
    again = desk.service.propose()
    assert (again.status, REPLAYED in again.headers) == (200, False)
    assert swept(desk, written + timedelta(days=9)) == 2
    assert desk.service.propose().body == again.body

    [item] = everything(desk.aws, desk.aws.proposals)
    desk.aws.dynamodb.delete_item(TableName=desk.aws.proposals, Key={name: item[name] for name in ("pk", "sk")})  # as DynamoDB will
    assert swept(desk, written + timedelta(days=9)) == 1
    assert desk.objects() == []
