"""Review recorded runs: approve, reject or send back, one decision after another (RFC-0020)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.ports.outside import Clock, Ids, StoreUnavailable
from engine.ports.runs import RecordedRun, ReviewStore
from engine.records.pages import ListCall, Page
from engine.records.reviews import Action, DecisionFilter, ReviewDecision, ReviewState
from engine.records.runs import NO_CORRELATION, RunHead
from engine.usecases.refusals import Code, Refused
from engine.workflow.run_review import APPROVED, NOT_REQUIRED, TRANSITIONS, ReviewStatus, review_status

Find = Callable[[str, str], RecordedRun]
"""From a tenant and an identifier to a run: one of the ways of `engine.usecases.lookup.FindRun`."""

_ATTEMPTS: Final = 8
"""How often a decision is judged anew because another came first."""


@dataclass(frozen=True, slots=True)
class ReviewCall:
    """What a reviewer does to the run that `named` stands for. The actor is verified, never empty."""

    named: str
    actor: str
    action: Action
    reason_code: str
    comment: str | None
    correlation_id: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """A run with the state of its review."""

    run: RunHead
    status: ReviewStatus
    latest: ReviewDecision | None

    @property
    def required(self) -> bool:
        """Whether this run is reviewed at all."""
        return self.status is not NOT_REQUIRED


@dataclass(frozen=True, slots=True)
class RunReviews:
    """The review of runs. `reviewed` are the run statuses that require one; with `four_eyes` nobody approves a run of their own.

    Raises Refused: not found; not required for the run's status; no legal transition; four eyes.
    """

    reviews: ReviewStore
    clock: Clock
    ids: Ids
    reviewed: frozenset[str]
    four_eyes: bool = False

    def state(self, find: Find, tenant: str, named: str) -> Review:
        """Where the review of a run stands."""
        run = find(tenant, named).head
        return self._judged(run, self.reviews.state(tenant, run.run_id))

    def history(self, find: Find, tenant: str, named: str) -> tuple[RunHead, tuple[ReviewDecision, ...]]:
        """A run, and all decisions on it in their order."""
        run = find(tenant, named).head
        return run, self.reviews.history(tenant, run.run_id)

    def decisions(self, tenant: str, call: ListCall[DecisionFilter]) -> Page[ReviewDecision]:
        """Decisions on all runs, newest first."""
        return self.reviews.page(tenant, call.narrowed, limit=call.limit, cursor=call.cursor)

    def act(self, find: Find, tenant: str, call: ReviewCall) -> Review:
        """Decide. Of two at once the second is judged on what the first left, and may be refused by it."""
        decision_id = self.ids("dwd")
        for _ in range(_ATTEMPTS):
            run = find(tenant, call.named).head
            before = self.reviews.state(tenant, run.run_id)
            after = self._allowed(self._judged(run, before), call)
            decision = self._decision(decision_id, run, before, call)
            if self.reviews.append(tenant, decision, before):
                return Review(run, after, decision)
        raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)

    def _judged(self, run: RunHead, state: ReviewState) -> Review:
        return Review(run, review_status(run.status, state.latest.action if state.latest else None, self.reviewed), state.latest)

    def _allowed(self, review: Review, call: ReviewCall) -> ReviewStatus:
        """The status that the action leads to."""
        if not review.required:
            raise Refused(Code.DPM_WORKFLOW_NOT_REQUIRED_FOR_RUN_STATUS)
        after = TRANSITIONS.get((review.status, call.action))
        if after is None:
            raise Refused(Code.DPM_WORKFLOW_INVALID_TRANSITION)
        if self.four_eyes and after is APPROVED and call.actor == review.run.actor:
            raise Refused(Code.FOUR_EYES_REQUIRED)
        return after

    def _decision(self, decision_id: str, run: RunHead, before: ReviewState, call: ReviewCall) -> ReviewDecision:
        return ReviewDecision(
            decision_id=decision_id,
            run_id=run.run_id,
            action=call.action,
            reason_code=call.reason_code,
            comment=call.comment,
            actor_id=call.actor,
            decided_at=before.next_time(self.clock()),
            correlation_id=call.correlation_id or NO_CORRELATION,
        )
