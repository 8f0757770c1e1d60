"""What every ProposalStore promises of many proposals: lists, likes and ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.records.pages import Page, Period
from engine.records.proposal_history import EventType, ProposalState
from engine.records.proposal_lists import ProposalFilter, ProposalRow, row_of
from tests.support.faults import Line
from tests.support.proposals import Beginning, beginning, moved, name, next_version, submitted, there
from tests.support.samples import START, TENANT
from tests.support.worlds import World

MANY = 1_000
STATES = tuple(ProposalState)


def of_many(number: int) -> Beginning:
    """Of 1,000: every third of portfolio 0, every fifth by ben; states in turn; ten share each instant."""
    at = START + timedelta(seconds=number // 10)
    told: dict[str, Any] = {
        "portfolio_id": f"pf_{number % 3}",
        "created_by": "ben" if number % 5 == 0 else "ada",
        "state": STATES[number % len(STATES)],
        "created_at": at,
    }
    return beginning(number, **told)


ALL = [of_many(number) for number in range(MANY)]
NEWEST_FIRST = sorted((row_of(made.proposal) for made in ALL), key=lambda row: (row.created_at, row.proposal_id), reverse=True)


@pytest.fixture(scope="module")
def many(shared_world: World) -> World:
    shared_world.fill_proposals(ALL)
    assert beginning(5000, tenant="bank-b").kept_in(shared_world.proposals().store)
    return shared_world


def pages(world: World, narrowed: ProposalFilter, limit: int, **more: Any) -> list[Page[ProposalRow]]:
    """All pages of a list."""
    store = world.proposals(**more).store
    found: list[Page[ProposalRow]] = []
    cursor: str | None = None
    while not found or cursor is not None:
        found.append(store.page(TENANT, narrowed, limit=limit, cursor=cursor))
        cursor = found[-1].next_cursor
        assert len(found) < 500
    return found


def rows(found: list[Page[ProposalRow]]) -> list[ProposalRow]:
    return [row for page in found for row in page.rows]


SECOND = timedelta(seconds=1)
FILTERS = [
    ProposalFilter(),
    ProposalFilter(portfolio_id="pf_0"),
    ProposalFilter(created_by="ben"),
    ProposalFilter(state="RISK_REVIEW"),
    ProposalFilter(portfolio_id="pf_1", state="EXECUTED"),
    ProposalFilter(portfolio_id="pf_2", created_by="ben"),
    ProposalFilter(created_by="ada", state="DRAFT"),
    ProposalFilter(portfolio_id="pf_0", created_by="ben", state="CANCELLED"),
    ProposalFilter(Period(START + 20 * SECOND, START + 30 * SECOND)),
    ProposalFilter(Period(START + 40 * SECOND, None), state="EXPIRED"),
    ProposalFilter(Period(None, START + 7 * SECOND), portfolio_id="pf_1"),
    ProposalFilter(Period(START + 30 * SECOND, START + 20 * SECOND)),
    ProposalFilter(state="WRONG"),
    ProposalFilter(portfolio_id="pf_9"),
    ProposalFilter(portfolio_id="p" * 3000),
    ProposalFilter(created_by=""),
]


@pytest.mark.parametrize("narrowed", FILTERS)
def test_every_filter_shows_what_passes_it_newest_first_page_by_page(many: World, narrowed: ProposalFilter) -> None:
    expected = [row for row in NEWEST_FIRST if narrowed.passes(row)]
    found = pages(many, narrowed, 250)
    assert rows(found) == expected
    full = max(0, len(expected) - 1) // 250
    assert [len(page.rows) for page in found] == [250] * full + [len(expected) - 250 * full]


def test_the_filters_above_count_as_was_reckoned() -> None:
    """334 of 1,000 numbers from 0 divide by 3, 200 by 5; 1 mod 9 from 1 to 991 are 111; 11 instants of ten each lie from 20 to 30."""
    counted = [sum(map(narrowed.passes, NEWEST_FIRST)) for narrowed in FILTERS[:4]]
    assert counted == [1000, 334, 200, 111]
    assert sum(map(FILTERS[8].passes, NEWEST_FIRST)) == 110


def test_pages_end_where_nothing_follows(many: World) -> None:
    found = pages(many, ProposalFilter(created_by="ben"), 100)
    assert [len(page.rows) for page in found] == [100, 100]
    assert found[0].next_cursor == found[0].rows[-1].proposal_id


@pytest.mark.parametrize(
    "narrowed",
    [
        ProposalFilter(Period(START + 10 * SECOND, START + 40 * SECOND)),
        ProposalFilter(portfolio_id="pf_0", state="DRAFT"),
        ProposalFilter(created_by="ben", state="RISK_REVIEW"),
    ],
)
def test_a_call_looks_at_no_more_than_it_may_and_the_next_goes_on(many: World, narrowed: ProposalFilter) -> None:
    found = pages(many, narrowed, 200, max_evaluated=60)
    assert rows(found) == [row for row in NEWEST_FIRST if narrowed.passes(row)]
    assert found[0].next_cursor is not None
    assert found[0].next_cursor.startswith("~")


def test_a_proposal_that_does_not_pass_is_a_place_to_go_on_and_an_unknown_one_is_none(many: World) -> None:
    store = many.proposals().store
    place = NEWEST_FIRST[500]
    narrowed = ProposalFilter(state=next(state for state in STATES if state is not place.state))
    expected = tuple(row for row in NEWEST_FIRST[501:] if narrowed.passes(row))[:5]
    assert store.page(TENANT, narrowed, limit=5, cursor=place.proposal_id).rows == expected
    for cursor in ("pp_unknown", "", "~", "~x~y", name("pp", 5000), "p" * 3000):
        assert store.page(TENANT, narrowed, limit=5, cursor=cursor) == Page()


def test_nobody_sees_what_another_tenant_has(many: World) -> None:
    store = many.proposals().store
    assert [row.proposal_id for row in store.page("bank-b", ProposalFilter(), limit=100).rows] == [name("pp", 5000)]
    assert store.page("bank-c", ProposalFilter(), limit=100) == Page()


def test_no_list_scans(many: World) -> None:
    if many.aws is None:
        pytest.skip("memory has no calls")
    if many.aws.endpoint is not None:
        pytest.skip("the line is moto's")
    store, line = many.proposals().store, Line(many.aws.dynamodb)
    for narrowed in FILTERS:
        store.page(TENANT, narrowed, limit=20)
    store.like(TENANT, "pf_0", "sha256:" + "e" * 64)
    store.ended(START, most=10)
    assert set(line.calls) == {"Query"}


def test_a_list_follows_what_happens(world: World) -> None:
    store = world.proposals().store
    one = beginning()
    assert one.kept_in(store)
    sent = submitted(one.proposal)
    assert store.write(sent)
    assert store.page(TENANT, ProposalFilter(state="DRAFT"), limit=5) == Page()
    assert store.page(TENANT, ProposalFilter(state="RISK_REVIEW"), limit=5).rows == (row_of(sent.proposal),)
    effect, version = next_version(sent.proposal)
    assert store.add_version(effect, version, b"{}")
    assert store.page(TENANT, ProposalFilter(portfolio_id="pf_1"), limit=5).rows == (row_of(effect.proposal),)


SAME, OTHER = "sha256:" + "e" * 64, "sha256:" + "0" * 64


def test_open_proposals_of_the_portfolio_with_the_same_trades_are_alike(world: World) -> None:
    store = world.proposals().store
    assert store.like(TENANT, "pf_1", SAME) == ()
    for number in range(1, 9):
        assert beginning(number).kept_in(store)
    different: list[dict[str, Any]] = [
        {"version": {"trades_digest": OTHER}},
        {"version": {"trades_digest": None}},
        {"portfolio_id": "pf_2"},
        {"tenant": "bank-b"},
    ]
    for number, told in enumerate(different, 20):
        assert beginning(number, **told).kept_in(store)
    done = [moved(there(store, name("pp", number)), EventType.CANCELLED, ProposalState.CANCELLED) for number in (8, 3)]
    assert all(store.write(effect) for effect in done)
    effect, version = next_version(there(store, name("pp", 6)), trades_digest=OTHER)
    assert store.add_version(effect, version, b"{}")
    left = tuple(name("pp", number) for number in (7, 5, 4, 2, 1))
    assert store.like(TENANT, "pf_1", SAME) == left
    assert store.like(TENANT, "pf_1", SAME, most=2) == left[:2]
    assert store.like(TENANT, "pf_1", OTHER) == (name("pp", 20), name("pp", 6))


def test_what_has_ended_is_found_until_it_expires_or_is_executed(world: World) -> None:
    store = world.proposals().store
    hour = timedelta(hours=1)
    ends: dict[int, Any] = {1: START + 3 * hour, 2: START + hour, 3: START + 2 * hour, 4: None, 5: START + hour, 6: START + hour}
    for number, end in ends.items():
        assert beginning(number, version={"valid_until": end}, tenant="bank-b" if number == 3 else TENANT).kept_in(store)
    assert store.write(moved(there(store, name("pp", 5)), EventType.CANCELLED, ProposalState.CANCELLED))
    ready = replace(there(store, name("pp", 6)), execution_requested=True)
    assert store.write(moved(ready, EventType.EXECUTION_REQUESTED, ProposalState.EXECUTION_READY))

    assert store.ended(START + hour - timedelta(microseconds=1), most=10) == ()
    assert store.ended(START + hour, most=10) == ((TENANT, name("pp", 2)),)
    found = store.ended(START + 9 * hour, most=10)
    assert found == ((TENANT, name("pp", 2)), ("bank-b", name("pp", 3)), (TENANT, name("pp", 1)))
    assert store.ended(START + 9 * hour, most=2) == found[:2]

    assert store.write(moved(there(store, name("pp", 2)), EventType.EXPIRED, ProposalState.EXPIRED))
    effect, version = next_version(there(store, name("pp", 1)), valid_until=START + 20 * hour)
    assert store.add_version(effect, version, b"{}")
    assert store.ended(START + 9 * hour, most=10) == found[1:2]
