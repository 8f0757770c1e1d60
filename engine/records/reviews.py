"""What is kept of the review of a run: decisions, appended one by one (RFC-0020)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.records.pages import EVER, Period


class Action(StrEnum):
    """What a reviewer does to a run (RFC-0020)."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"
    REQUEST_CHANGES = "REQUEST_CHANGES"


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """One decision on a run, never changed. `decided_at` rises strictly within a run."""

    decision_id: str
    run_id: str
    action: Action
    reason_code: str
    comment: str | None
    actor_id: str
    decided_at: datetime
    correlation_id: str


@dataclass(frozen=True, slots=True)
class ReviewState:
    """How many decisions a run has, and the newest of them."""

    count: int = 0
    latest: ReviewDecision | None = None

    def next_time(self, now: datetime) -> datetime:
        """When the next decision counts as made: now, and after the latest one whatever the clocks say."""
        return now if self.latest is None else max(now, self.latest.decided_at + timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """What a list of review decisions is narrowed to; the period is of `decided_at`."""

    period: Period = EVER
    run_id: str | None = None
    action: Action | None = None
    actor_id: str | None = None
    reason_code: str | None = None

    def passes(self, decision: ReviewDecision) -> bool:
        """Whether the decision is in the list."""
        wanted = (
            (self.run_id, decision.run_id),
            (self.action, decision.action),
            (self.actor_id, decision.actor_id),
            (self.reason_code, decision.reason_code),
        )
        return self.period.holds(decision.decided_at) and all(text is None or text == found for text, found in wanted)
