"""What every LineageLookup promises: the edges of what was recorded, from both ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.records.edges import Edge, EdgeType
from engine.records.pages import Page, Period
from engine.records.runs import RunHead
from tests.support.samples import DOCUMENTS, START, TENANT, scenario
from tests.support.worlds import World

CORR, IDEM, OP = EdgeType.CORRELATION_TO_RUN, EdgeType.IDEMPOTENCY_TO_RUN, EdgeType.OPERATION_TO_RUN


def record(world: World, **changes: Any) -> RunHead:
    head: RunHead = replace(world.new.head(), **changes)
    world.runs().record(head, DOCUMENTS, None)
    world.clock.forward(seconds=1)
    return head


def edge(head: RunHead, source: str, edge_type: EdgeType, **metadata: Any) -> Edge:
    return Edge(head.created_at, source, edge_type, head.run_id, tuple(({"request_hash": head.request_hash} | metadata).items()))


def test_a_simulate_is_joined_to_its_correlation_id_and_its_key(world: World) -> None:
    head = record(world)
    both = (edge(head, "corr-1", CORR), edge(head, "key-1", IDEM))
    lineage = world.lineage()
    assert lineage.edges(TENANT, head.run_id) == Page(both)
    assert lineage.edges(TENANT, "corr-1") == Page(both[:1])
    assert lineage.edges(TENANT, "key-1") == Page(both[1:])
    assert lineage.edges(TENANT, "unknown") == Page()
    assert lineage.edges("bank-b", "corr-1") == Page()


def test_a_scenario_is_joined_to_its_operation(world: World) -> None:
    heads = [scenario(world.new.head(), name, "dop_1") for name in ("worst", "base")]
    for head in heads:
        world.runs().record(head, DOCUMENTS, None)
    worst, base = heads
    assert world.lineage().edges(TENANT, "dop_1") == Page(
        (edge(worst, "dop_1", OP, scenario="worst"), edge(base, "dop_1", OP, scenario="base"))
    )
    of_run = world.lineage().edges(TENANT, base.run_id)
    assert of_run == Page((edge(base, "corr-1:base", CORR), edge(base, "dop_1", OP, scenario="base")))


def test_an_id_that_means_two_things_gets_both_each_once(world: World) -> None:
    head = record(world, correlation_id="same", idempotency_key="same")
    assert world.lineage().edges(TENANT, "same") == Page((edge(head, "same", CORR), edge(head, "same", IDEM)))
    own = world.new.head()
    own = record(world, run_id=own.run_id, correlation_id=own.run_id, idempotency_key=None)
    assert world.lineage().edges(TENANT, own.run_id) == Page((edge(own, own.run_id, CORR),))


def test_types_and_periods_narrow(world: World) -> None:
    heads = [record(world) for _ in range(4)]
    lineage = world.lineage()
    assert lineage.edges(TENANT, heads[0].run_id, edge_type=IDEM) == Page((edge(heads[0], "key-1", IDEM),))
    assert lineage.edges(TENANT, "corr-1", edge_type=IDEM) == Page()
    middle = Period(START + timedelta(seconds=1), START + timedelta(seconds=2))
    assert lineage.edges(TENANT, "corr-1", period=middle) == Page((edge(heads[1], "corr-1", CORR), edge(heads[2], "corr-1", CORR)))
    assert lineage.edges(TENANT, heads[0].run_id, period=middle) == Page()
    assert lineage.edges(TENANT, "corr-1", period=Period(START + timedelta(seconds=2), START)) == Page()


@pytest.mark.parametrize("correlation_id", ["corr-1", "c_none", "a|b"])
def test_pages_follow_each_other_oldest_first(world: World, correlation_id: str) -> None:
    edges = [edge(record(world, correlation_id=correlation_id), correlation_id, CORR) for _ in range(11)]
    found: list[Edge] = []
    cursor = None
    for _ in range(4):
        page = world.lineage().edges(TENANT, correlation_id, limit=3, cursor=cursor)
        found += page.rows
        cursor = page.next_cursor
        assert cursor == (found[-1].cursor if len(found) < 11 else None)
    assert found == edges
    assert world.lineage().edges(TENANT, correlation_id) == Page(tuple(edges))
    assert found[0].cursor == f"2026-02-20T12:00:00.123456+00:00|{correlation_id}|CORRELATION_TO_RUN|{found[0].target}"


def test_a_cursor_that_is_no_edge_of_the_list_gives_an_empty_page(world: World) -> None:
    head = record(world)
    record(world)
    there = edge(head, "corr-1", CORR).cursor
    lineage = world.lineage()
    assert len(lineage.edges(TENANT, "corr-1", cursor=there).rows) == 1
    for cursor in ("", "x", "2026-02-20", "|||", there + "x", there.replace("12:00:00", "11:00:00"), "9999-12-31T23:59:59+00:00|a|b|c"):
        assert lineage.edges(TENANT, "corr-1", cursor=cursor) == Page()
    assert lineage.edges(TENANT, "corr-1", cursor=there, edge_type=IDEM) == Page()
    assert lineage.edges(TENANT, "corr-1", cursor=there, period=Period(START + timedelta(seconds=1))) == Page()


def test_edges_past_retention_are_hidden(world: World) -> None:
    head = record(world)
    world.clock.forward(days=8)
    for entity in ("corr-1", "key-1", head.run_id):
        assert world.lineage(7).edges(TENANT, entity) == Page()
