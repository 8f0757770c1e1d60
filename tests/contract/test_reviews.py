"""What every ReviewStore promises: decisions are appended one after another and never lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.ports.runs import ReviewStore
from engine.records.pages import Page, Period
from engine.records.reviews import Action, DecisionFilter, ReviewDecision, ReviewState
from tests.support.samples import DOCUMENTS, HEAD, START, TENANT, run_id
from tests.support.worlds import World


def decided(number: int, **changes: Any) -> ReviewDecision:
    decision = ReviewDecision(
        decision_id=f"dwd_{number:032x}",
        run_id=HEAD.run_id,
        action=Action.REQUEST_CHANGES,
        reason_code="MORE_CASH",
        comment=None,
        actor_id="reviewer-1",
        decided_at=START + timedelta(seconds=number),
        correlation_id="c_none",
    )
    return replace(decision, **changes)


@pytest.fixture
def reviews(world: World) -> ReviewStore:
    world.runs().record(HEAD, DOCUMENTS, None)
    return world.reviews()


def append_all(reviews: ReviewStore, decisions: Any) -> None:
    for decision in decisions:
        assert reviews.append(TENANT, decision, reviews.state(TENANT, decision.run_id)) is True


def test_a_run_without_decisions(reviews: ReviewStore) -> None:
    assert reviews.state(TENANT, HEAD.run_id) == ReviewState()
    assert reviews.history(TENANT, HEAD.run_id) == ()
    assert reviews.page(TENANT, DecisionFilter(), limit=10) == Page()


def test_decisions_follow_each_other_and_come_back_whole(reviews: ReviewStore) -> None:
    first, second = decided(1, comment="ü " * 100), decided(2, action=Action.APPROVE)
    append_all(reviews, [first, second])
    assert reviews.history(TENANT, HEAD.run_id) == (first, second)
    assert reviews.state(TENANT, HEAD.run_id) == ReviewState(2, second)
    assert reviews.page(TENANT, DecisionFilter(), limit=10) == Page((second, first))


def test_a_decision_on_a_state_that_moved_is_refused_and_leaves_nothing(reviews: ReviewStore) -> None:
    before = reviews.state(TENANT, HEAD.run_id)
    append_all(reviews, [decided(1)])
    assert reviews.append(TENANT, decided(2), before) is False
    assert reviews.append(TENANT, decided(3), ReviewState(5, decided(1))) is False
    assert reviews.history(TENANT, HEAD.run_id) == (decided(1),)


def test_repeating_an_append_adds_nothing(reviews: ReviewStore) -> None:
    before = reviews.state(TENANT, HEAD.run_id)
    assert reviews.append(TENANT, decided(1), before) is True
    assert reviews.append(TENANT, decided(1), before) is True
    append_all(reviews, [decided(2)])
    assert reviews.append(TENANT, decided(1), before) is True
    assert reviews.history(TENANT, HEAD.run_id) == (decided(1), decided(2))


def test_decisions_on_unknown_foreign_and_expired_runs_are_refused(world: World, reviews: ReviewStore) -> None:
    append_all(reviews, [decided(1)])
    assert reviews.append(TENANT, decided(2, run_id=run_id(9)), ReviewState()) is False
    assert reviews.append("bank-b", decided(2), ReviewState()) is False
    assert reviews.history("bank-b", HEAD.run_id) == ()
    world.clock.forward(days=8)
    late = world.reviews(7)
    assert late.append(TENANT, decided(2), ReviewState(1, decided(1))) is False
    assert late.state(TENANT, HEAD.run_id) == ReviewState()
    assert late.history(TENANT, HEAD.run_id) == ()
    assert late.page(TENANT, DecisionFilter(), limit=10) == Page()
    assert late.page(TENANT, DecisionFilter(run_id=HEAD.run_id), limit=10) == Page()


def test_the_next_time_is_now_but_always_later() -> None:
    now = START + timedelta(hours=1)
    assert ReviewState().next_time(now) == now
    assert ReviewState(1, decided(1)).next_time(now) == now
    assert ReviewState(1, decided(1)).next_time(START) == START + timedelta(seconds=1, microseconds=1)


def test_of_many_at_once_each_is_judged_on_what_it_follows(world: World, reviews: ReviewStore) -> None:

    def act(number: int) -> int:
        for tries in range(1, 100):
            state = reviews.state(TENANT, HEAD.run_id)
            if reviews.append(TENANT, decided(number, decided_at=state.next_time(START)), state):
                return tries
        raise AssertionError("never")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(16)))
    made = reviews.history(TENANT, HEAD.run_id)
    assert {decision.decision_id for decision in made} == {decided(number).decision_id for number in range(16)}
    assert [decision.decided_at for decision in made] == [START + timedelta(microseconds=n) for n in range(16)]
    assert reviews.state(TENANT, HEAD.run_id) == ReviewState(16, made[-1])


@pytest.mark.parametrize(
    ("narrowed", "kept"),
    [
        (DecisionFilter(), [5, 4, 3, 2, 1]),
        (DecisionFilter(action=Action.APPROVE), [4, 2]),
        (DecisionFilter(actor_id="reviewer-2"), [3]),
        (DecisionFilter(reason_code="OK"), [4, 2]),
        (DecisionFilter(run_id=run_id(2)), [5, 4]),
        (DecisionFilter(run_id=run_id(2), action=Action.APPROVE), [4]),
        (DecisionFilter(run_id="unknown"), []),
        (DecisionFilter(actor_id=""), []),
        (DecisionFilter(period=Period(START + timedelta(seconds=2), START + timedelta(seconds=4))), [4, 3, 2]),
        (DecisionFilter(run_id=HEAD.run_id, period=Period(end=START + timedelta(seconds=2))), [2, 1]),
    ],
)
def test_the_list_narrows_and_pages(world: World, reviews: ReviewStore, narrowed: DecisionFilter, kept: list[int]) -> None:
    world.runs().record(replace(HEAD, run_id=run_id(2), idempotency_key=None), DOCUMENTS, None)
    made = {
        1: decided(1),
        2: decided(2, action=Action.APPROVE, reason_code="OK"),
        3: decided(3, actor_id="reviewer-2"),
        4: decided(4, action=Action.APPROVE, reason_code="OK", run_id=run_id(2)),
        5: decided(5, action=Action.REJECT, run_id=run_id(2)),
    }
    append_all(reviews, made.values())
    expected = [made[number] for number in kept]
    assert reviews.page(TENANT, narrowed, limit=10) == Page(tuple(expected))
    found, cursor = [], None
    for decision in expected:
        page = reviews.page(TENANT, narrowed, limit=1, cursor=cursor)
        assert page.rows == (decision,)
        found.append(decision)
        cursor = page.next_cursor
        assert cursor == (decision.decision_id if len(found) < len(expected) else None)


def test_a_decision_cursor_that_names_no_row_gives_an_empty_page(reviews: ReviewStore) -> None:
    append_all(reviews, [decided(1), decided(2, action=Action.APPROVE)])
    for cursor in ("", "dwd_0", "~", "x" * 3000, "#"):
        assert reviews.page(TENANT, DecisionFilter(), limit=10, cursor=cursor) == Page()
        assert reviews.page(TENANT, DecisionFilter(run_id=HEAD.run_id), limit=10, cursor=cursor) == Page()
    approved = decided(2).decision_id
    assert reviews.page(TENANT, DecisionFilter(action=Action.REQUEST_CHANGES), limit=10, cursor=approved) == Page()
    assert reviews.page(TENANT, DecisionFilter(), limit=10, cursor=approved) == Page((decided(1),))


def test_a_search_for_decisions_that_ends_early_goes_on(world: World, reviews: ReviewStore) -> None:
    append_all(reviews, [decided(n, actor_id="rare" if n == 0 else "reviewer-1") for n in range(24)])
    cursor: str | None = None
    found: list[ReviewDecision] = []
    pages = 0
    while pages == 0 or cursor is not None:
        page = world.reviews(max_evaluated=8).page(TENANT, DecisionFilter(actor_id="rare"), limit=5, cursor=cursor)
        found, cursor, pages = [*found, *page.rows], page.next_cursor, pages + 1
    assert found == [decided(0, actor_id="rare")]
    assert pages > 1
