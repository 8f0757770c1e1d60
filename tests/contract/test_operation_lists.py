"""The list of one correlation id's operations: all of them in order, a few calls to the table for every page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.ports.operations import OperationStore
from engine.ports.outside import StoreUnavailable
from engine.records.operations import Family, Operation, OperationFilter
from engine.records.pages import Page, Period
from infra.aws import keys
from infra.aws.operations import items as operation_items
from tests.contract.test_operations import operation
from tests.support.samples import START, TENANT
from tests.support.worlds import World


def filled(world: World, count: int) -> list[Operation]:
    """Many operations of one correlation id, pairs of them in one instant, every tenth of another type; newest first, as listed."""
    store = world.operations()
    made = [operation(n, created_at=START + timedelta(seconds=n // 2), operation_type="RARE" if n % 10 == 0 else "A") for n in range(count)]
    if world.aws is None:
        for each in made:
            store.accept(each, b"{}")
    else:
        kept = world.payloads.keep(TENANT, "operations", "all", b"{}")
        writes = [write for each in made for write in operation_items.accept_writes(Family.DPM, each, kept, None, "", 0)]
        puts = [{"PutRequest": {"Item": write["Put"]["Item"]}} for write in writes if "Put" in write]
        for start in range(0, len(puts), 25):
            assert not world.aws.dynamodb.batch_write_item(RequestItems={world.aws.table: puts[start : start + 25]})["UnprocessedItems"]
    return [each.row for each in reversed(made)]


def all_pages(store: OperationStore, narrowed: OperationFilter, limit: int) -> tuple[list[Operation], list[str | None]]:
    rows: list[Operation] = []
    cursors: list[str | None] = [None]
    while len(cursors) == 1 or cursors[-1] is not None:
        page = store.page(TENANT, narrowed, limit=limit, cursor=cursors[-1])
        assert len(page.rows) <= limit
        rows.extend(page.rows)
        cursors.append(page.next_cursor)
    return rows, cursors[1:-1]


def counting(world: World) -> list[str]:
    """The names of the calls that reach the table from now on; in memory there are none."""
    calls: list[str] = []
    if world.aws is not None:
        world.aws.dynamodb.meta.events.register("before-call.dynamodb.*", lambda model, **_: calls.append(model.name))
    return calls


def test_all_operations_of_a_correlation_are_reached_in_order_each_once(world: World) -> None:
    made = filled(world, 250)
    rare = [row for row in made if row.operation_type == "RARE"]
    for narrowed, limit, expected in [
        (OperationFilter(correlation_id="corr-1"), 60, made),
        (OperationFilter(correlation_id="corr-1"), 125, made),
        (OperationFilter(correlation_id="corr-1", operation_type="RARE"), 10, rare),
        (
            OperationFilter(correlation_id="corr-1", period=Period(START + timedelta(seconds=10), START + timedelta(seconds=19))),
            7,
            made[210:230],
        ),
    ]:
        rows, cursors = all_pages(world.operations(), narrowed, limit)
        assert rows == expected
        assert cursors == [row.operation_id for row in expected[limit - 1 : len(expected) - 1 : limit]]


@pytest.mark.parametrize(
    "narrowed", [OperationFilter(correlation_id="corr-1"), OperationFilter(correlation_id="corr-1", operation_type="RARE")]
)
def test_a_search_in_a_correlation_that_ends_early_goes_on_where_it_ended(world: World, narrowed: OperationFilter) -> None:
    made = filled(world, 250)
    rows, cursors = all_pages(world.operations(max_evaluated=30), narrowed, limit=200)
    assert rows == [row for row in made if narrowed.passes(row)]
    assert [str(cursor).rpartition("~")[2] for cursor in cursors] == [made[n].operation_id for n in range(29, 240, 30)]


def test_a_page_of_a_correlation_takes_a_few_calls_wherever_it_lies(world: World) -> None:
    made, store, here = filled(world, 250), world.operations(), OperationFilter(correlation_id="corr-1")
    calls = counting(world)
    for cursor, limit, narrowed, expected in [
        (None, 20, here, ["Query", "BatchGetItem"]),
        (made[200].operation_id, 20, here, ["GetItem", "Query", "BatchGetItem"]),
        (None, 150, here, ["Query", "BatchGetItem"] * 2),
        (None, 9, replace(here, status="FAILED"), ["Query", "BatchGetItem"] * 4),  # 10 + 100 + 100 + 40 pointers
        (None, 9, replace(here, correlation_id="corr-9"), ["Query"]),
        (None, 9, replace(here, period=Period(START, START - timedelta(seconds=1))), []),
    ]:
        calls.clear()
        store.page(TENANT, narrowed, limit=limit, cursor=cursor)
        assert calls == (expected if world.aws is not None else [])


@pytest.mark.parametrize(("times", "outage"), [(5, False), (6, True)])
def test_what_the_table_leaves_of_a_batch_is_asked_for_again_within_its_patience(world: World, times: int, outage: bool) -> None:
    made, left = filled(world, 12), [times]

    def leave_most(parsed: Any, **_: Any) -> None:
        (name, items), *_ = parsed["Responses"].items()
        if left[0] > 0:
            left[0] -= 1
            later = [{"pk": {"S": keys.operation(TENANT, item["operation_id"]["S"])}, "sk": {"S": keys.META}} for item in items[1:]]
            parsed["Responses"], parsed["UnprocessedKeys"] = {name: items[:1]}, {name: {"Keys": later}}

    if world.aws is not None:
        world.aws.dynamodb.meta.events.register("after-call.dynamodb.BatchGetItem", leave_most)
    if outage and world.aws is not None:
        with pytest.raises(StoreUnavailable):
            world.operations().page(TENANT, OperationFilter(correlation_id="corr-1"), limit=20)
    else:
        assert world.operations().page(TENANT, OperationFilter(correlation_id="corr-1"), limit=20) == Page(tuple(made))
