"""Decisions of reviewers for tests, every one spelled out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.ports.runs import ReviewStore
from engine.records.reviews import Action, ReviewDecision
from tests.support.samples import HEAD, START, TENANT


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


def append_all(reviews: ReviewStore, decisions: Iterable[ReviewDecision]) -> None:
    for decision in decisions:
        assert reviews.append(TENANT, decision, reviews.state(TENANT, decision.run_id)) is True
