"""How often a call asks AWS, its documents in S3: a record is read once, whatever is shown of it."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from engine.ports.outside import Clock
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from infra.settings.operations import ExecutionMode, OperationSettings
from infra.settings.stores import StoreSettings
from infra.system import utc_now
from tests.support.adapters import over
from tests.support.emulators import Aws
from tests.support.faults import Line, crash_before
from tests.support.portfolios import batch
from tests.support.queues import MemoryQueue
from tests.support.samples import HandClock
from tests.support.service import ACCEPTING, PERSISTING, Service, operating, proving


def in_s3(aws: Aws, clock: Clock) -> Any:
    runs = DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket, inline_max_bytes=0), clock=clock)
    return over(runs, queue=MemoryQueue())


def counted(line: Line, call: Any) -> dict[str, int]:
    line.break_at(range(0), crash_before)
    assert call().status == 200
    return Counter(line.calls)


@pytest.fixture
def office(aws: Aws, clock: HandClock) -> Service:
    inline = replace(ACCEPTING, operations=OperationSettings(execution_mode=ExecutionMode.INLINE), store=StoreSettings())
    return operating(in_s3(aws, clock), inline)


def test_a_run_is_found_with_one_read_of_its_record(aws: Aws, office: Service) -> None:
    result = office.status(office.accepted(batch(a={}, b={}), X_Correlation_Id="corr-1"))["result"]["results"]["a"]
    line = Line(aws.dynamodb, aws.s3)
    one = {"GetItem": 1, "GetObject": 1}
    assert counted(line, lambda: office.get(f"/rebalance/runs/{result['rebalance_run_id']}")) == one
    assert counted(line, lambda: office.get("/rebalance/runs/by-correlation/corr-1:a")) == one | {"Query": 1}


def test_an_operation_is_found_with_one_read_of_its_record(aws: Aws, office: Service) -> None:
    operation_id = office.accepted(batch(a={}, b={}), X_Correlation_Id="corr-1")
    line = Line(aws.dynamodb, aws.s3)
    one = {"GetItem": 1, "GetObject": 1}
    assert counted(line, lambda: office.get(f"/rebalance/operations/{operation_id}")) == one
    assert counted(line, lambda: office.get("/rebalance/operations/by-correlation/corr-1")) == one | {"Query": 1}


def test_execution_by_hand_fetches_the_request_once(aws: Aws, office: Service) -> None:
    waiting = operating(office.adapters)
    operation_id = waiting.accepted(batch(a={}, b={}))
    line = Line(aws.dynamodb, aws.s3)
    calls = counted(line, lambda: waiting.execute(operation_id))
    assert (calls["GetItem"], calls["GetObject"]) == (5, 2)  # seen, leased, its request, still held, shown; the request, the result


def test_evidence_of_a_run_reads_its_record_once(aws: Aws) -> None:
    desk = proving(in_s3(aws, utc_now), PERSISTING)
    run_id = desk.run_id()
    line = Line(aws.dynamodb, aws.s3)
    assert counted(line, lambda: desk.evidence(f"{run_id}/verification")) == {"GetItem": 1, "GetObject": 1}
    assert counted(line, lambda: desk.evidence(f"{run_id}/artifact")) == {"GetItem": 1, "GetObject": 1}
    bundle = counted(line, lambda: desk.evidence(f"{run_id}/support-bundle"))
    assert (bundle["GetItem"], bundle["GetObject"]) == (
        5,
        1,
    )  # the run; again for its reviews and for its edges; the operation and the claimed key that it is not
