"""What every RunLookup promises: every run can be found, lists are exact and end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from engine.ports.runs import RecordedRun, RunLookup
from engine.records.pages import Page, Period
from engine.records.runs import KeyClaim, KeyUse, RunFilter, RunHead, RunRow
from tests.support.samples import DOCUMENTS, START, TENANT, claim_for, run_id, scenario
from tests.support.worlds import World


def use_of(head: RunHead) -> KeyUse:
    return KeyUse(head.run_id, head.correlation_id, head.request_hash, head.created_at)


def row_of(head: RunHead) -> RunRow:
    return RunRow(
        head.run_id, head.correlation_id, head.request_hash, head.idempotency_key, head.portfolio_id, head.status, head.created_at
    )


def heads_of(runs: tuple[RecordedRun, ...]) -> tuple[RunHead, ...]:
    return tuple(run.head for run in runs)


def record(world: World, count: int = 1, *, apart: float = 1.0, **changes: Any) -> list[RunHead]:
    heads = []
    for _ in range(count):
        heads.append(world.new.head(**changes))
        assert world.runs().record(heads[-1], DOCUMENTS, None) is None
        world.clock.forward(seconds=apart)
    return heads


def all_pages(lookup: RunLookup, narrowed: RunFilter, limit: int, most: int = 500) -> tuple[list[RunRow], int]:
    """Every row by following the cursors, and how many pages that took."""
    rows: list[RunRow] = []
    cursor = None
    for number in range(1, most):
        page = lookup.page(TENANT, narrowed, limit=limit, cursor=cursor)
        assert len(page.rows) <= limit
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return rows, number
    raise AssertionError("the list does not end")


def test_nothing_is_found_in_an_empty_store(world: World) -> None:
    lookup = world.lookup()
    assert lookup.by_correlation(TENANT, "corr-1") == ()
    assert lookup.by_correlation(TENANT, "c_none") == ()
    assert lookup.latest_by_hash(TENANT, "sha256:0") is None
    assert lookup.mapping(TENANT, "key-1") is None
    assert lookup.history(TENANT, "key-1") == ()
    assert lookup.of_operation(TENANT, "dop_1") == {}
    assert lookup.page(TENANT, RunFilter(), limit=10) == Page()


def test_the_latest_run_of_a_correlation_id_and_the_one_before(world: World) -> None:
    first, second, third = record(world, 3)
    record(world, correlation_id="corr-1:base")
    assert heads_of(world.lookup().by_correlation(TENANT, "corr-1")) == (third, second)
    assert world.lookup().by_correlation("bank-b", "corr-1") == ()
    alone = record(world, correlation_id="corr-2")[0]
    assert heads_of(world.lookup().by_correlation(TENANT, "corr-2")) == (alone,)
    assert first.run_id < second.run_id


def test_the_latest_run_without_a_correlation_id_is_found_in_all_shards(world: World) -> None:
    heads = record(world, 20, correlation_id="c_none")
    assert heads_of(world.lookup().by_correlation(TENANT, "c_none")) == (heads[-1], heads[-2])


def test_of_runs_at_one_instant_the_greater_id_is_the_latest(world: World) -> None:
    low, high = record(world, 2, apart=0)
    assert heads_of(world.lookup().by_correlation(TENANT, "corr-1")) == (high, low)
    latest = world.lookup().latest_by_hash(TENANT, low.request_hash)
    assert latest is not None
    assert latest.head == high
    assert world.lookup().mapping(TENANT, "key-1") == use_of(high)


def test_the_latest_run_of_a_request_hash(world: World) -> None:
    _, second = record(world, 2)
    record(world, request_hash="sha256:" + "c" * 64)
    latest = world.lookup().latest_by_hash(TENANT, second.request_hash)
    assert latest is not None
    assert latest.head == second


def test_the_mapping_is_the_newest_use_while_the_claim_stays_with_the_first(world: World) -> None:
    first, second = record(world, 1)[0], world.new.head(request_hash="sha256:" + "d" * 64)
    world.runs().record(second, DOCUMENTS, None)
    assert world.lookup().mapping(TENANT, "key-1") == use_of(second)
    assert world.lookup().history(TENANT, "key-1") == (use_of(first), use_of(second))


@pytest.mark.parametrize("claimed", [{0}, {1}, {2}, set()])
def test_a_claim_is_a_use_wherever_it_stands_among_the_others(world: World, claimed: set[int]) -> None:
    """Replay is switched on for one use of three; the others are made without."""
    heads = []
    for number in range(3):
        head = world.new.head(correlation_id=f"corr-{number}")
        heads.append(head)
        assert world.runs().record(head, DOCUMENTS, claim_for(head) if number in claimed else None) is None
        assert world.lookup().mapping(TENANT, "key-1") == use_of(head)
        world.clock.forward(seconds=1)
    assert world.lookup().history(TENANT, "key-1") == tuple(map(use_of, heads))
    assert [edge.target for edge in world.lineage().edges(TENANT, "key-1").rows] == [head.run_id for head in heads]
    assert world.retention(7).remove_runs(TENANT, most=9) == 0
    world.clock.forward(days=7, seconds=-2)
    assert world.retention(7).remove_runs(TENANT, most=9) == 1
    assert world.lookup().history(TENANT, "key-1") == tuple(map(use_of, heads[1:]))


def test_history_is_complete_and_ascending(world: World) -> None:
    heads = record(world, 30, idempotency_key="often")
    record(world, idempotency_key="oftener")
    assert world.lookup().history(TENANT, "often") == tuple(map(use_of, heads))


def test_the_scenarios_of_an_operation(world: World) -> None:
    heads = [scenario(world.new.head(), name, "dop_1") for name in ("worst", "base", "a#b")]
    for head in heads:
        world.runs().record(head, DOCUMENTS, None)
    found = world.lookup().of_operation(TENANT, "dop_1")
    assert list(found.items()) == [("a#b", heads[2].run_id), ("base", heads[1].run_id), ("worst", heads[0].run_id)]
    assert world.lookup().of_operation(TENANT, "dop_2") == {}


def test_everything_past_retention_is_hidden_and_the_younger_stays(world: World) -> None:
    old = record(world)[0]
    world.clock.forward(days=8)
    assert world.lookup(7).by_correlation(TENANT, "corr-1") == ()
    assert world.lookup(7).latest_by_hash(TENANT, old.request_hash) is None
    assert world.lookup(7).mapping(TENANT, "key-1") is None
    assert world.lookup(7).history(TENANT, "key-1") == ()
    assert world.lookup(7).page(TENANT, RunFilter(), limit=10) == Page()
    young = record(world)[0]
    assert heads_of(world.lookup(7).by_correlation(TENANT, "corr-1")) == (young,)
    assert world.lookup(7).history(TENANT, "key-1") == (use_of(young),)
    assert world.lookup(7).page(TENANT, RunFilter(), limit=10) == Page((row_of(young),))


def test_a_refused_run_is_nowhere(world: World) -> None:
    first = record(world)[0]
    world.runs().record(first, DOCUMENTS, None)
    winner = world.new.head(idempotency_key="taken")
    world.runs().record(winner, DOCUMENTS, claim_for(winner))
    loser = world.new.head(idempotency_key="taken", correlation_id="lost", portfolio_id="lost")
    assert isinstance(world.runs().record(loser, DOCUMENTS, claim_for(loser)), KeyClaim)
    assert world.lookup().by_correlation(TENANT, "lost") == ()
    assert world.lookup().history(TENANT, "taken") == (use_of(winner),)
    assert world.lookup().page(TENANT, RunFilter(portfolio_id="lost"), limit=10) == Page()


def test_pages_follow_each_other_newest_first(world: World) -> None:
    heads = [row_of(head) for head in reversed(record(world, 5))]
    lookup = world.lookup()
    first = lookup.page(TENANT, RunFilter(), limit=2)
    assert first == Page(tuple(heads[:2]), heads[1].run_id)
    second = lookup.page(TENANT, RunFilter(), limit=2, cursor=first.next_cursor)
    assert second == Page(tuple(heads[2:4]), heads[3].run_id)
    assert lookup.page(TENANT, RunFilter(), limit=2, cursor=second.next_cursor) == Page((heads[4],))
    assert lookup.page(TENANT, RunFilter(), limit=5) == Page(tuple(heads))
    assert lookup.page("bank-b", RunFilter(), limit=5) == Page()


ODD_CURSORS = [
    "",
    "rr_unknown",
    "~",
    "~2026",
    "~2026-02-20T12:00:00.000000Z~",
    "~x~y",
    "#",
    "x" * 3000,
    "\u00e9",
    "~9999-99-99T99:99:99.999999Z~\ue000",
]


@pytest.mark.parametrize("cursor", ODD_CURSORS)
@pytest.mark.parametrize("narrowed", [RunFilter(), RunFilter(request_hash="x"), RunFilter(portfolio_id="pf_1")])
def test_a_cursor_that_names_no_row_gives_an_empty_page(world: World, cursor: str, narrowed: RunFilter) -> None:
    record(world, 2)
    assert world.lookup().page(TENANT, narrowed, limit=10, cursor=cursor) == Page()


def test_a_cursor_that_the_filter_drops_or_that_expired_gives_an_empty_page(world: World) -> None:
    blocked = record(world, status="BLOCKED")[0]
    ready = record(world)[0]
    assert world.lookup().page(TENANT, RunFilter(status="BLOCKED"), limit=10, cursor=ready.run_id) == Page()
    assert world.lookup().page(TENANT, RunFilter(), limit=10, cursor=ready.run_id) == Page((row_of(blocked),))
    world.clock.forward(days=9)
    assert world.lookup(7).page(TENANT, RunFilter(), limit=10, cursor=ready.run_id) == Page()


@pytest.mark.parametrize(
    ("narrowed", "kept"),
    [
        (RunFilter(status="BLOCKED"), [1, 4]),
        (RunFilter(portfolio_id="pf_2"), [2, 5]),
        (RunFilter(request_hash="sha256:h"), [0, 5]),
        (RunFilter(request_hash="sha256:h", portfolio_id="pf_2"), [5]),
        (RunFilter(request_hash="sha256:h", status="BLOCKED"), []),
        (RunFilter(portfolio_id="pf_2", status="BLOCKED"), []),
        (RunFilter(status="blocked"), []),
        (RunFilter(status=""), []),
        (RunFilter(portfolio_id=""), []),
        (RunFilter(request_hash=""), []),
        (RunFilter(portfolio_id="x" * 3000), []),
        (RunFilter(period=Period(START + timedelta(seconds=2), START + timedelta(seconds=4))), [2, 3, 4]),
        (RunFilter(period=Period(START + timedelta(seconds=4, microseconds=1))), [5]),
        (RunFilter(period=Period(end=START)), [0]),
        (RunFilter(period=Period(end=START - timedelta(microseconds=1))), []),
        (RunFilter(period=Period(START + timedelta(seconds=3), START)), []),
        (RunFilter(period=Period(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), datetime(9999, 12, 31, tzinfo=timezone(timedelta(hours=-14))))), [0, 1, 2, 3, 4, 5]),
        (RunFilter(period=Period((START + timedelta(seconds=5)).astimezone(timezone(timedelta(hours=8))))), [5]),
        (RunFilter(portfolio_id="pf_2", period=Period(end=START + timedelta(seconds=4))), [2]),
    ],
)  # fmt: skip
def test_filters_narrow_exactly_and_both_bounds_count(world: World, narrowed: RunFilter, kept: list[int]) -> None:
    heads = []
    for number in range(6):
        heads += record(
            world,
            status="BLOCKED" if number in {1, 4} else "READY",
            portfolio_id="pf_2" if number in {2, 5} else "pf_1",
            request_hash="sha256:h" if number in {0, 5} else "sha256:g",
        )
    expected = tuple(row_of(heads[number]) for number in reversed(kept))
    assert world.lookup().page(TENANT, narrowed, limit=10) == Page(expected)
    assert all_pages(world.lookup(), narrowed, limit=1)[0] == list(expected)


@pytest.fixture(scope="module")
def thousand(shared_world: World) -> list[RunHead]:
    """A thousand runs over 500 instants, ids in no order."""
    draw = Random(7)  # noqa: S311  (the same runs every time)
    numbers = draw.sample(range(10**9), 1000)
    statuses, portfolios = ["READY", "READY", "READY", "BLOCKED", "PENDING_REVIEW"], [f"pf_{n}" for n in range(40)]
    heads = [
        replace(
            shared_world.new.head(),
            run_id=run_id(number),
            created_at=START + timedelta(seconds=place // 2),
            status="RARE" if place in {3, 700} else draw.choice(statuses),
            portfolio_id=draw.choice(portfolios),
            request_hash=f"sha256:{draw.randrange(20)}",
            idempotency_key=f"key-{place}",
        )
        for place, number in enumerate(numbers)
    ]
    shared_world.fill(heads)
    return sorted(heads, key=lambda head: (head.created_at, head.run_id), reverse=True)


def test_a_thousand_runs_come_page_by_page_each_once_in_order(shared_world: World, thousand: Any) -> None:
    lookup = shared_world.lookup()
    for narrowed, limit in [
        (RunFilter(), 200),
        (RunFilter(status="RARE"), 1),
        (RunFilter(portfolio_id="pf_7", status="READY"), 5),
        (RunFilter(request_hash="sha256:3", status="READY"), 11),
        (RunFilter(status="BLOCKED", period=Period(START + timedelta(seconds=100), START + timedelta(seconds=199))), 30),
    ]:
        expected = [row_of(head) for head in thousand if narrowed.passes(head)]
        rows, pages = all_pages(lookup, narrowed, limit)
        assert rows == expected
        assert pages == max(1, -(-len(expected) // limit))


def test_a_search_that_ends_early_goes_on_where_it_ended(shared_world: World, thousand: list[RunHead]) -> None:
    first = shared_world.lookup(max_evaluated=100).page(TENANT, RunFilter(status="RARE"), limit=5)
    assert first.next_cursor is not None
    assert first.next_cursor.startswith("~2026-02-20T12:0")
    for narrowed, max_evaluated in [
        (RunFilter(status="RARE"), 400),
        (RunFilter(portfolio_id="pf_7", status="READY"), 8),
        (RunFilter(request_hash="sha256:3", status="RARE"), 20),
    ]:
        rows, pages = all_pages(shared_world.lookup(max_evaluated=max_evaluated), narrowed, limit=30)
        assert rows == [row_of(head) for head in thousand if narrowed.passes(head)]
        assert pages > 1


def test_a_place_in_the_list_outlives_the_run_that_stood_there(world: World) -> None:
    heads = record(world, 3)
    place = f"~{heads[1].created_at.astimezone(UTC).isoformat(timespec='microseconds').replace('+00:00', 'Z')}~{run_id(999)}"
    assert world.lookup().page(TENANT, RunFilter(), limit=10, cursor=place).rows == (row_of(heads[1]), row_of(heads[0]))
