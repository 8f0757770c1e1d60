"""What every OperationStore promises: recorded before it is sent, leased to one at a time, finished once, gone in time."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.ports.operations import OperationStore
from engine.ports.runs import IdTaken
from engine.records.edges import Edge, EdgeType
from engine.records.operations import Failure, Family, Operation, OperationFilter, OperationKeyClaim, OperationStatus
from engine.records.pages import Page, Period
from engine.records.runs import Span
from tests.support.samples import DOCUMENTS, START, TENANT, scenario
from tests.support.worlds import World

PENDING, RUNNING, SUCCEEDED, FAILED = OperationStatus
REQUEST = json.dumps({"scenarios": {f"s{n}": {"options": {}} for n in range(20)}}).encode()
RESULT = b'{"batch_run_id":"batch_1"}'
BROKEN = Failure("EXECUTION_FAILED", "The batch could not be run.")
DAY = 86_400


def operation(number: int = 1, **changes: Any) -> Operation:
    made = Operation(
        tenant=TENANT,
        operation_id=f"dop_{number:032x}",
        operation_type="ANALYZE_SCENARIOS",
        correlation_id="corr-1",
        actor="adviser-7",
        created_at=START + timedelta(seconds=number),
        subject_id="subject",
    )
    return replace(made, **changes)


ONE = operation()


@pytest.fixture
def operations(world: World) -> OperationStore:
    world.clock.forward(minutes=1)
    return world.operations()


@pytest.fixture
def accepted(operations: OperationStore) -> OperationStore:
    assert operations.accept(ONE, REQUEST) is None
    return operations


def there(store: OperationStore, operation_id: str = ONE.operation_id) -> Operation:
    found = store.operation(TENANT, operation_id)
    assert found is not None
    return found


def held(store: OperationStore, operation_id: str = ONE.operation_id, owner: str = "worker-1", seconds: int = 900) -> Operation:
    found = store.lease(TENANT, operation_id, owner=owner, seconds=seconds)
    assert found is not None
    return found


def test_an_operation_comes_back_as_it_was_accepted(accepted: OperationStore) -> None:
    assert accepted.operation(TENANT, ONE.operation_id) == ONE
    assert accepted.request(TENANT, ONE.operation_id) == REQUEST
    assert accepted.result(TENANT, ONE.operation_id) is None
    latest = accepted.latest_by_correlation(TENANT, "corr-1")
    assert latest is not None
    assert latest.operation == ONE


def test_unknown_and_foreign_operations_and_those_of_the_other_family_are_alike(world: World, accepted: OperationStore) -> None:
    others = world.operations(family=Family.PROPOSAL, ttl_seconds=None)
    for store, tenant, name in [(accepted, TENANT, "dop_9"), (accepted, "bank-b", ONE.operation_id), (others, TENANT, ONE.operation_id)]:
        assert store.operation(tenant, name) is None
        assert store.request(tenant, name) is None
        assert store.lease(tenant, name, owner="x", seconds=1) is None
        assert store.succeed(tenant, name, owner="x", result=b"") is False
        assert store.fail(tenant, name, owner="x", failure=BROKEN) is False
        assert store.abandon(tenant, name, BROKEN) is False
        store.sent(tenant, name)
    assert others.latest_by_correlation(TENANT, "corr-1") is None
    assert others.page(TENANT, OperationFilter(), limit=5) == Page()
    assert others.due(TENANT, accepted_before=world.clock.now, sent_before=world.clock.now) == ()
    assert accepted.operation(TENANT, ONE.operation_id) == ONE


def test_accepting_again_is_no_second_operation_and_another_is_refused(accepted: OperationStore) -> None:
    assert accepted.accept(ONE, REQUEST) is None
    with pytest.raises(IdTaken):
        accepted.accept(ONE, REQUEST + b" ")
    with pytest.raises(IdTaken):
        accepted.accept(replace(ONE, actor="other"), REQUEST)
    held(accepted)
    assert accepted.accept(ONE, REQUEST) is None
    assert there(accepted).status is RUNNING


def test_of_two_acceptances_with_one_key_the_first_wins(operations: OperationStore) -> None:
    first, second = operation(1, idempotency_key="k"), operation(2, idempotency_key="k")
    claims = [OperationKeyClaim("sha256:1", first.operation_id), OperationKeyClaim("sha256:2", second.operation_id)]
    assert operations.claimed(TENANT, "k") is None
    assert operations.accept(first, REQUEST, claims[0]) is None
    assert operations.accept(first, REQUEST, claims[0]) is None
    assert operations.accept(second, REQUEST, claims[1]) == claims[0]
    assert operations.claimed(TENANT, "k") == claims[0]
    assert operations.operation(TENANT, second.operation_id) is None
    assert operations.accept(replace(second, tenant="bank-b"), REQUEST, claims[1]) is None
    with pytest.raises(ValueError, match="idempotency key"):
        operations.accept(operation(3), REQUEST, claims[0])


@pytest.mark.parametrize("swept", [False, True])
def test_a_key_is_free_again_when_its_operation_is_gone(world: World, operations: OperationStore, swept: bool) -> None:
    first, second = operation(1, idempotency_key="k"), operation(2, idempotency_key="k")
    operations.accept(first, REQUEST, OperationKeyClaim("sha256:1", first.operation_id))
    world.clock.forward(days=2)
    assert operations.claimed(TENANT, "k") is None
    if swept:
        assert operations.remove_expired(TENANT, most=9) == 1
    second = replace(second, created_at=world.clock.now)
    claim = OperationKeyClaim("sha256:2", second.operation_id)
    assert operations.accept(second, REQUEST, claim) is None
    assert operations.claimed(TENANT, "k") == claim
    assert operations.remove_expired(TENANT, most=9) == (0 if swept else 1)
    assert operations.claimed(TENANT, "k") == claim


def test_one_worker_holds_it_until_the_lease_ends(world: World, accepted: OperationStore) -> None:
    now = world.clock.now
    taken = replace(ONE, status=RUNNING, attempts=1, started_at=now, lease_until=now + timedelta(seconds=900))
    assert held(accepted) == taken
    assert accepted.operation(TENANT, ONE.operation_id) == taken
    assert held(accepted) == taken  # the same claim again: acknowledged late
    world.clock.forward(seconds=900)
    assert accepted.lease(TENANT, ONE.operation_id, owner="worker-2", seconds=900) is None
    world.clock.forward(microseconds=1)
    assert accepted.lease(TENANT, ONE.operation_id, owner="caller", seconds=900, take_over=False) is None
    assert held(accepted, owner="worker-2").attempts == 2
    assert accepted.lease(TENANT, ONE.operation_id, owner="worker-1", seconds=900) is None


def test_success_is_kept_with_its_result(world: World, accepted: OperationStore) -> None:
    held(accepted)
    world.clock.forward(seconds=7)
    for _ in range(2):  # the second time: acknowledged late
        assert accepted.succeed(TENANT, ONE.operation_id, owner="worker-1", result=RESULT) is True
    done = there(accepted)
    assert (done.status, done.finished_at, done.lease_until, done.failure) == (SUCCEEDED, world.clock.now, None, None)
    assert accepted.result(TENANT, ONE.operation_id) == RESULT
    assert accepted.request(TENANT, ONE.operation_id) == REQUEST
    assert accepted.lease(TENANT, ONE.operation_id, owner="worker-2", seconds=1) is None
    assert accepted.lease(TENANT, ONE.operation_id, owner="worker-1", seconds=1) is None


def test_failure_is_kept_with_its_reason(world: World, accepted: OperationStore) -> None:
    held(accepted)
    for _ in range(2):
        assert accepted.fail(TENANT, ONE.operation_id, owner="worker-1", failure=BROKEN) is True
    done = there(accepted)
    assert (done.status, done.finished_at, done.failure) == (FAILED, world.clock.now, BROKEN)
    assert accepted.result(TENANT, ONE.operation_id) is None


def test_who_lost_the_lease_changes_nothing(world: World, accepted: OperationStore) -> None:
    held(accepted, seconds=10)
    world.clock.forward(seconds=11)
    taken = held(accepted, owner="worker-2")
    assert accepted.succeed(TENANT, ONE.operation_id, owner="worker-1", result=RESULT) is False
    assert accepted.fail(TENANT, ONE.operation_id, owner="worker-1", failure=BROKEN) is False
    assert accepted.operation(TENANT, ONE.operation_id) == taken
    assert accepted.succeed(TENANT, ONE.operation_id, owner="worker-2", result=RESULT) is True
    assert accepted.fail(TENANT, ONE.operation_id, owner="worker-2", failure=BROKEN) is False
    assert accepted.fail(TENANT, ONE.operation_id, owner="worker-1", failure=BROKEN) is False
    assert there(accepted).status is SUCCEEDED


def test_nobody_finishes_what_nobody_claimed(accepted: OperationStore) -> None:
    assert accepted.succeed(TENANT, ONE.operation_id, owner="worker-1", result=RESULT) is False
    assert accepted.fail(TENANT, ONE.operation_id, owner="", failure=BROKEN) is False
    assert accepted.operation(TENANT, ONE.operation_id) == ONE


def test_a_lease_that_ran_out_still_finishes_while_nobody_took_over(world: World, accepted: OperationStore) -> None:
    held(accepted, seconds=10)
    world.clock.forward(seconds=60)
    assert accepted.succeed(TENANT, ONE.operation_id, owner="worker-1", result=RESULT) is True


def test_what_is_given_back_is_anybodys_at_once_and_no_failure(accepted: OperationStore) -> None:
    name = ONE.operation_id
    held(accepted, name, owner="worker-1", seconds=900)
    accepted.give_back(TENANT, name, owner="worker-2")
    assert accepted.lease(TENANT, name, owner="worker-2", seconds=900) is None
    accepted.give_back(TENANT, name, owner="worker-1")
    accepted.give_back(TENANT, name, owner="worker-1")
    given_back = accepted.operation(TENANT, name)
    assert given_back is not None
    assert (given_back.status, given_back.lease_until) == (RUNNING, None)
    assert (given_back.attempts, given_back.outages, given_back.failures) == (1, 1, 0)
    assert accepted.lease(TENANT, name, owner="caller", seconds=900, take_over=False) is None
    taken = held(accepted, name, owner="worker-2", seconds=900)
    assert (taken.attempts, taken.outages, taken.failures) == (2, 1, 1)
    accepted.give_back(TENANT, name, owner="worker-1")
    assert not accepted.succeed(TENANT, name, owner="worker-1", result=b"{}")
    assert accepted.succeed(TENANT, name, owner="worker-2", result=b"{}")
    accepted.give_back(TENANT, name, owner="worker-2")
    ended = accepted.operation(TENANT, name)
    assert ended is not None
    assert (ended.status, ended.outages) == (SUCCEEDED, 1)


def test_what_nobody_works_on_can_be_abandoned(world: World, accepted: OperationStore) -> None:
    held(accepted, seconds=10)
    assert accepted.abandon(TENANT, ONE.operation_id, BROKEN) is False
    world.clock.forward(seconds=11)
    for _ in range(2):
        assert accepted.abandon(TENANT, ONE.operation_id, BROKEN) is True
    assert there(accepted).failure == BROKEN
    assert accepted.abandon(TENANT, ONE.operation_id, Failure("OTHER", "")) is False
    assert accepted.succeed(TENANT, ONE.operation_id, owner="worker-1", result=RESULT) is False
    two = operation(2)
    accepted.accept(two, REQUEST)
    assert accepted.abandon(TENANT, two.operation_id, BROKEN) is True
    assert there(accepted, two.operation_id).status is FAILED


def test_what_waits_unsent_or_was_sent_long_ago_or_lost_its_worker_is_due(world: World, operations: OperationStore) -> None:
    for number in range(1, 7):
        operations.accept(operation(number), REQUEST)
    sent, working, lost, done = (operation(number).operation_id for number in (2, 3, 4, 5))
    for name in (sent, working, lost, done):
        operations.sent(TENANT, name)
    held(operations, working, seconds=5000)
    held(operations, lost, seconds=10)
    held(operations, done)
    operations.fail(TENANT, done, owner="worker-1", failure=BROKEN)
    now = world.clock.now
    world.clock.forward(minutes=10)

    def due(accepted_before: datetime, sent_before: datetime) -> list[Any]:
        names = operations.due(TENANT, accepted_before=accepted_before, sent_before=sent_before)
        return [int(name.removeprefix("dop_"), 16) for name in names]

    assert due(START, START) == []
    assert due(operation(6).created_at, START) == [1]
    assert due(START + timedelta(hours=1), START) == [1, 6]
    assert due(START + timedelta(hours=1), now) == [1, 6]
    assert due(START + timedelta(hours=1), now + timedelta(microseconds=1)) == [1, 2, 4, 6]
    world.clock.forward(days=2)
    assert due(world.clock.now, world.clock.now) == []


def test_an_operation_lives_a_day_from_its_end_or_else_from_its_acceptance(world: World, operations: OperationStore) -> None:
    waiting, done, running = (operation(number) for number in (1, 2, 3))
    for each in (waiting, done, running):
        operations.accept(each, REQUEST)
    held(operations, done.operation_id)
    operations.succeed(TENANT, done.operation_id, owner="worker-1", result=RESULT)
    finished = world.clock.now
    held(operations, running.operation_id, seconds=2 * DAY)

    def seen() -> list[Any]:
        found = [n for n in (1, 2, 3) if operations.operation(TENANT, operation(n).operation_id) is not None]
        page = operations.page(TENANT, OperationFilter(), limit=9).rows
        assert found == [int(row.operation_id.removeprefix("dop_"), 16) for row in reversed(page)]
        latest = operations.latest_by_correlation(TENANT, "corr-1")
        assert (latest.operation.operation_id if latest else None) == (operation(found[-1]).operation_id if found else None)
        assert [e.source for e in world.lineage().edges(TENANT, "corr-1").rows] == [operation(n).operation_id for n in found]
        return found

    world.clock.now = waiting.created_at + timedelta(days=1)
    assert seen() == [1, 2, 3]
    world.clock.forward(microseconds=1)
    assert seen() == [2, 3]
    world.clock.now = finished + timedelta(days=1, microseconds=1)
    assert seen() == [3]
    assert operations.result(TENANT, done.operation_id) is None
    assert operations.lease(TENANT, waiting.operation_id, owner="x", seconds=1) is None
    assert operations.remove_expired(TENANT, most=1) == 1
    assert operations.remove_expired(TENANT, most=9) == 1
    assert seen() == [3]
    world.clock.forward(days=2)
    assert seen() == []
    assert operations.remove_expired(TENANT, most=9) == 1
    assert world.statistics().statistics(TENANT).operations_by_status == {}
    assert world.statistics().statistics(TENANT).edges == 0
    assert world.operations(ttl_seconds=None).page(TENANT, OperationFilter(), limit=9) == Page()


def test_operations_without_a_time_to_live_stay(world: World) -> None:
    store = world.operations(family=Family.PROPOSAL, ttl_seconds=None)
    pop = operation(1, operation_id="pop_1")
    store.accept(pop, REQUEST)
    world.clock.forward(days=9999)
    assert store.operation(TENANT, "pop_1") == pop
    assert store.remove_expired(TENANT, most=9) == 0
    assert world.operations(family=Family.PROPOSAL, ttl_seconds=10**18).operation(TENANT, "pop_1") == pop
    assert world.retention().tenants() == (TENANT,)
    assert world.statistics().statistics(TENANT).operations_by_status == {}


def test_counts_and_edges_follow(world: World, operations: OperationStore) -> None:
    operations.accept(ONE, REQUEST)
    operations.accept(ONE, REQUEST)
    operations.accept(operation(2), REQUEST)
    operations.accept(operation(3), REQUEST)
    held(operations)
    held(operations, operation(2).operation_id)
    operations.succeed(TENANT, ONE.operation_id, owner="worker-1", result=RESULT)
    counted = world.statistics().statistics(TENANT)
    assert counted.operations_by_status == {"SUCCEEDED": 1, "RUNNING": 1, "PENDING": 1}
    assert counted.edges == 3
    assert counted.operations == Span(ONE.created_at, operation(3).created_at)


def test_an_operation_is_joined_to_its_correlation_id_and_its_runs(world: World, operations: OperationStore) -> None:
    operations.accept(ONE, REQUEST)
    head = scenario(world.new.head(), "base", ONE.operation_id)
    world.runs().record(head, DOCUMENTS, None)
    to_correlation = Edge(
        ONE.created_at, ONE.operation_id, EdgeType.OPERATION_TO_CORRELATION, "corr-1", (("operation_type", "ANALYZE_SCENARIOS"),)
    )
    lineage = world.lineage()
    assert lineage.edges(TENANT, "corr-1") == Page((to_correlation,))
    found = lineage.edges(TENANT, ONE.operation_id).rows
    assert [(e.edge_type, e.target) for e in found] == [
        (EdgeType.OPERATION_TO_CORRELATION, "corr-1"),
        (EdgeType.OPERATION_TO_RUN, head.run_id),
    ]
    assert lineage.edges(TENANT, ONE.operation_id, edge_type=EdgeType.OPERATION_TO_CORRELATION) == Page((to_correlation,))
    assert lineage.edges(TENANT, ONE.operation_id, limit=1, cursor=to_correlation.cursor).rows == found[1:]


@pytest.mark.parametrize(
    ("narrowed", "kept"),
    [
        (OperationFilter(), [5, 4, 3, 2, 1]),
        (OperationFilter(status="RUNNING"), [2]),
        (OperationFilter(status="running"), []),
        (OperationFilter(operation_type="OTHER"), [4]),
        (OperationFilter(correlation_id="corr-2"), [5, 3]),
        (OperationFilter(correlation_id="corr-2", status="SUCCEEDED"), [3]),
        (OperationFilter(correlation_id=""), []),
        (OperationFilter(correlation_id="x" * 3000), []),
        (OperationFilter(period=Period(START + timedelta(seconds=2), START + timedelta(seconds=4))), [4, 3, 2]),
        (OperationFilter(correlation_id="corr-2", period=Period(end=START + timedelta(seconds=4))), [3]),
    ],
)
def test_the_list_narrows_and_pages(operations: OperationStore, narrowed: OperationFilter, kept: list[int]) -> None:
    for number in range(1, 6):
        correlation = "corr-2" if number in {3, 5} else "corr-1"
        operations.accept(operation(number, correlation_id=correlation, operation_type="OTHER" if number == 4 else "A"), REQUEST)
    held(operations, operation(2).operation_id)
    held(operations, operation(3).operation_id)
    operations.succeed(TENANT, operation(3).operation_id, owner="worker-1", result=RESULT)
    expected = [there(operations, operation(number).operation_id).row for number in kept]
    assert operations.page(TENANT, narrowed, limit=9) == Page(tuple(expected))
    cursor = None
    for place, row in enumerate(expected, 1):
        page = operations.page(TENANT, narrowed, limit=1, cursor=cursor)
        assert page.rows == (row,)
        cursor = page.next_cursor
        assert cursor == (row.operation_id if place < len(expected) else None)
    for odd in ("", "dop_9", "~", "x" * 3000):
        assert operations.page(TENANT, narrowed, limit=9, cursor=odd) == Page()


def test_of_many_workers_one_gets_the_lease(world: World, accepted: OperationStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: accepted.lease(TENANT, ONE.operation_id, owner=f"w{n}", seconds=9), range(8)))
    assert len([found for found in taken if found]) == 1
