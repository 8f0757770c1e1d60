"""What reviewers ask and do, and how the wire shows the review of a run (RFC-0020)."""

from collections.abc import Callable
from typing import Any, Final

from engine.records.pages import ListCall
from engine.records.reviews import Action, DecisionFilter, ReviewDecision
from engine.records.runs import RunHead
from engine.usecases.reviews import Review, ReviewCall
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import PAGE, PERIOD, TEXT, Query, one_of, path_parameter, period_of
from infra.wire.answers import Document, answer

DECISIONS: Final = Query({**PERIOD, "rebalance_run_id": TEXT, "action": one_of(*Action), "actor_id": TEXT, "reason_code": TEXT, **PAGE})


def decisions_asked(request: Request) -> ListCall[DecisionFilter]:
    """The list of decisions, narrowed."""
    given: dict[str, Any] = DECISIONS(request.event)
    narrowed = DecisionFilter(
        period=period_of(given),
        run_id=given.get("rebalance_run_id"),
        action=Action(given["action"]) if "action" in given else None,
        actor_id=given.get("actor_id"),
        reason_code=given.get("reason_code"),
    )
    return ListCall(narrowed, given["limit"], given.get("cursor"))


def action_asked(name: str) -> Callable[[Request], ReviewCall]:
    """An action on the run that this path parameter names, by the verified caller."""

    def parse(request: Request) -> ReviewCall:
        from engine.contracts.reviews import parse_action  # noqa: PLC0415  (reads, which are most calls, start without models)

        correlation_id, asked = request.correlation_id(), parse_action(request.body())
        return ReviewCall(
            named=path_parameter(request.event, name),
            actor=request.identity.acting_as(asked.actor_id),
            action=Action(asked.action),
            reason_code=asked.reason_code,
            comment=asked.comment,
            correlation_id=correlation_id,
        )

    return parse


def decision_document(decision: ReviewDecision) -> Document:
    """One decision."""
    return {
        "decision_id": decision.decision_id,
        "run_id": decision.run_id,
        "action": decision.action,
        "reason_code": decision.reason_code,
        "comment": decision.comment,
        "actor_id": decision.actor_id,
        "decided_at": decision.decided_at,
        "correlation_id": decision.correlation_id,
    }


def review_answer(review: Review) -> Response:
    """Where the review of a run stands."""
    document = {
        "run_id": review.run.run_id,
        "run_status": review.run.status,
        "workflow_status": review.status,
        "requires_review": review.required,
        "latest_decision": None if review.latest is None else decision_document(review.latest),
    }
    return answer(document, run_id=review.run.run_id)


def reviews_document(run_id: str, decisions: tuple[ReviewDecision, ...]) -> Document:
    """All decisions on a run, oldest first."""
    return {"run_id": run_id, "decisions": list(map(decision_document, decisions))}


def reviews_answer(found: tuple[RunHead, tuple[ReviewDecision, ...]]) -> Response:
    """The history of a run's review."""
    run, decisions = found
    return answer(reviews_document(run.run_id, decisions), run_id=run.run_id, rows=len(decisions))
