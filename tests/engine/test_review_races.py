"""A decision is judged on the state that it follows, whoever came first meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.reviews import Action, ReviewDecision, ReviewState
from engine.usecases.refusals import Refused
from engine.usecases.reviews import ReviewCall, RunReviews
from infra.memory.reviews import MemoryReviewStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.system import new_id
from tests.support.samples import DOCUMENTS, HEAD, TENANT, HandClock

RUN = replace(HEAD, status="PENDING_REVIEW")
CALL = ReviewCall(RUN.run_id, "reviewer-1", Action.APPROVE, "REVIEWED", None, "c_none")


@dataclass
class Overtaken(MemoryReviewStore):
    """Lets others decide between our look and our decision, one of `others` each time."""

    runs: MemoryRunStore
    others: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.runs)

    def append(self, tenant: str, decision: ReviewDecision, after: ReviewState) -> bool:
        if self.others:
            first = replace(decision, decision_id=f"dwd_other{len(self.others)}", action=self.others.pop(0), actor_id="other")
            assert super().append(tenant, first, after)
        return super().append(tenant, decision, after)


def reviewing(*others: Action) -> tuple[RunReviews, Any, Callable[..., Any]]:
    runs = MemoryRunStore(MemoryTables(), clock=HandClock())
    runs.record(RUN, DOCUMENTS, None)
    store = Overtaken(runs, list(others))
    reviews = RunReviews(store, HandClock(), new_id, frozenset({"PENDING_REVIEW"}))
    return reviews, store, lambda tenant, run_id: runs.run(tenant, run_id) or pytest.fail("gone")


@pytest.mark.parametrize("first", [Action.APPROVE, Action.REJECT])
def test_the_second_approval_is_refused_by_the_decision_that_overtook_it(first: Action) -> None:
    reviews, store, find = reviewing(first)
    with pytest.raises(Refused, match="DPM_WORKFLOW_INVALID_TRANSITION"):
        reviews.act(find, TENANT, CALL)
    assert [decision.actor_id for decision in store.history(TENANT, RUN.run_id)] == ["other"]


def test_a_decision_that_is_still_legal_follows_those_that_overtook_it() -> None:
    reviews, store, find = reviewing(Action.REQUEST_CHANGES, Action.REQUEST_CHANGES)
    review = reviews.act(find, TENANT, CALL)
    history = store.history(TENANT, RUN.run_id)
    assert [decision.actor_id for decision in history] == ["other", "other", "reviewer-1"]
    assert (review.status, review.latest) == ("APPROVED", history[-1])
    assert history[0].decided_at < history[1].decided_at < history[2].decided_at


def test_a_decision_that_is_overtaken_without_end_is_an_outage_and_leaves_nothing() -> None:
    reviews, store, find = reviewing(*[Action.REQUEST_CHANGES] * 50)
    with pytest.raises(StoreUnavailable, match="DPM_SUPPORTABILITY_STORE_UNAVAILABLE"):
        reviews.act(find, TENANT, CALL)
    assert {decision.actor_id for decision in store.history(TENANT, RUN.run_id)} == {"other"}
