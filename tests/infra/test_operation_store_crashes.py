"""Accepting, claiming and finishing an operation, broken off at every call to AWS: each happens once, whatever was lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.operations import Operation, OperationKeyClaim, OperationStatus
from infra.aws.counters import sums
from infra.aws.operations.store import DynamoOperationStore
from infra.aws.payloads import Payloads
from infra.aws.table import Backoff, Table
from tests.contract.test_operations import BROKEN, REQUEST, RESULT, operation, there
from tests.support.emulators import Aws, everything
from tests.support.faults import Crash, Fault, Line, crash_after, crash_before, lost_acknowledgement, outage_after, outage_before
from tests.support.samples import TENANT, HandClock

ONE = operation(1, idempotency_key="key")
CLAIM = OperationKeyClaim("sha256:1", ONE.operation_id)
BREAKS = (Crash, StoreUnavailable)
NAME = ONE.operation_id

STEPS: dict[str, Callable[[DynamoOperationStore], bool]] = {
    "accept": lambda store: store.accept(ONE, REQUEST, CLAIM) is None,
    "lease": lambda store: leased(store).attempts == 1,
    "succeed": lambda store: store.succeed(TENANT, NAME, owner="worker", result=RESULT * 100),
}
ENDS: dict[str, Callable[[DynamoOperationStore], bool]] = {
    "succeed": STEPS["succeed"],
    "fail": lambda store: store.fail(TENANT, NAME, owner="worker", failure=BROKEN),
}
MOST_CALLS = 4


def leased(store: DynamoOperationStore) -> Operation:
    found = store.lease(TENANT, NAME, owner="worker", seconds=60)
    assert found is not None
    return found


@pytest.fixture
def store(aws: Aws) -> DynamoOperationStore:
    table = Table(aws.dynamodb, aws.table, backoff=Backoff(sleep=lambda _: None, jitter=lambda: 1.0))
    return DynamoOperationStore(table, Payloads(aws.s3, aws.bucket, inline_max_bytes=40), clock=HandClock())


def statuses(store: DynamoOperationStore) -> dict[str, int]:
    return {name.removeprefix("status:"): n for (_, name), n in sums(store.table, TENANT).items() if name.startswith("status:")}


def items(aws: Aws) -> int:
    return sum("STATS" not in item["pk"]["S"] for item in everything(aws))


@pytest.mark.parametrize("fault", [crash_before, crash_after, outage_before, outage_after, lost_acknowledgement])
@pytest.mark.parametrize("number", range(MOST_CALLS))
@pytest.mark.parametrize("broken", ["accept", "lease", "succeed", "fail"])
def test_a_step_broken_off_anywhere_is_taken_once(aws: Aws, store: DynamoOperationStore, broken: str, number: int, fault: Fault) -> None:
    steps = STEPS | ({"succeed": ENDS["fail"]} if broken == "fail" else {})
    line = Line(aws.dynamodb, aws.s3)
    for name, step in steps.items():
        if name == broken or (broken == "fail" and name == "succeed"):
            lasting = fault in {outage_before, outage_after}
            line.break_at(range(number, 100 if lasting else number + 1), fault)
            try:
                assert step(store)
            except BREAKS:
                assert fault is not lost_acknowledgement
            line.break_at(range(0), fault)
            assert items(aws) in {0, 3}
        assert step(store)
        done = there(store, NAME)
        assert statuses(store) == {done.status: 1}
    assert done.status is (OperationStatus.FAILED if broken == "fail" else OperationStatus.SUCCEEDED)
    assert done.attempts == 1
    assert items(aws) == 3


@pytest.mark.parametrize("fault", [crash_before, crash_after, outage_before, outage_after, lost_acknowledgement])
def test_an_attempt_is_given_back_once_whatever_was_lost(aws: Aws, store: DynamoOperationStore, fault: Fault) -> None:
    store.accept(ONE, REQUEST)
    store.lease(TENANT, NAME, owner="worker", seconds=60)
    line = Line(aws.dynamodb)
    line.break_at(range(100) if fault in {outage_before, outage_after} else range(1), fault)
    with suppress(*BREAKS):
        store.give_back(TENANT, NAME, owner="worker")
    line.break_at(range(0), fault)
    store.give_back(TENANT, NAME, owner="worker")
    taken = store.lease(TENANT, NAME, owner="another", seconds=60)
    assert taken is not None
    assert (taken.attempts, taken.outages) == (2, 1)
    assert statuses(store) == {"RUNNING": 1}


def test_no_step_makes_more_calls_than_are_broken_off_above(aws: Aws, store: DynamoOperationStore) -> None:
    line = Line(aws.dynamodb, aws.s3)
    for step in STEPS.values():
        line.break_at(range(0), crash_before)
        step(store)
        assert len(line.calls) <= MOST_CALLS


def test_of_32_workers_one_gets_the_lease(aws: Aws, store: DynamoOperationStore) -> None:
    store.accept(ONE, REQUEST)
    with ThreadPoolExecutor(32) as pool:
        taken = list(pool.map(lambda n: store.lease(TENANT, NAME, owner=f"worker-{n}", seconds=60), range(32)))
    assert len([found for found in taken if found is not None]) == 1
    assert there(store, NAME).attempts == 1
    assert statuses(store) == {"RUNNING": 1}


def test_success_can_stand_in_one_transaction_with_its_effect(aws: Aws, store: DynamoOperationStore) -> None:
    store.accept(ONE, REQUEST)
    store.lease(TENANT, NAME, owner="worker", seconds=60)
    succeeding = store.succeeding(TENANT, NAME, owner="worker", result=RESULT)
    assert succeeding is not None
    success = succeeding
    effect = {"Put": {"TableName": aws.table, "Item": {"pk": {"S": "T#bank-a#EFFECT"}, "sk": {"S": "1"}}}}
    refused = {"ConditionCheck": {"Key": {"pk": {"S": "T#bank-a#NO"}, "sk": {"S": "1"}}, "ConditionExpression": "attribute_exists(pk)"}}
    with pytest.raises(Exception, match=r"\[2\]"):
        store.table.transact(lambda attempt: [*success(attempt), refused, effect])
    assert there(store, NAME).status is OperationStatus.RUNNING
    store.table.transact(lambda attempt: [*success(attempt), effect])
    assert store.result(TENANT, NAME) == RESULT
    assert store.succeeding(TENANT, NAME, owner="worker", result=RESULT) is None
    assert store.succeed(TENANT, NAME, owner="worker", result=RESULT) is True
