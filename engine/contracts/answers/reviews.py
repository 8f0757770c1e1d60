"""What the review of runs answers (RFC-0020)."""

from typing import Annotated, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.answers.scalars import NOW, RUN, Time
from engine.contracts.results.scalars import EXACT_MEMBERS, shown

DECISION = "dwd_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunWorkflowDecisionResponse:
    """One decision of a reviewer, never changed."""

    decision_id: Annotated[str, shown("The decision.", DECISION)]
    run_id: Annotated[str, shown("The run that it is on.", RUN)]
    action: Annotated[Literal["APPROVE", "REJECT", "REQUEST_CHANGES"], shown("What the reviewer did.", "APPROVE")]
    reason_code: Annotated[str, shown("Why, as a stable code.", "REVIEW_APPROVED")]
    comment: Annotated[str | None, shown("Free text for people; null without any.", "Checked against the mandate.")]
    actor_id: Annotated[str, shown("The verified caller.", "reviewer_001")]
    decided_at: Annotated[Time, shown("When; rises strictly within a run.", NOW)]
    correlation_id: Annotated[str, shown("The X-Correlation-Id of the action, else c_none.", "corr-1")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunWorkflowResponse:
    """Where the review of a run stands."""

    run_id: Annotated[str, shown("The run.", RUN)]
    run_status: Annotated[str, shown("Status of its result; a review never changes it.", "PENDING_REVIEW")]
    workflow_status: Annotated[
        Literal["NOT_REQUIRED", "PENDING_REVIEW", "APPROVED", "REJECTED"], shown("What the latest decision came to.", "PENDING_REVIEW")
    ]
    requires_review: Annotated[bool, shown("Whether runs of this status are reviewed.", *[True])]
    latest_decision: Annotated[DpmRunWorkflowDecisionResponse | None, shown("The newest decision; null without any.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunWorkflowHistoryResponse:
    """All decisions on a run."""

    run_id: Annotated[str, shown("The run.", RUN)]
    decisions: Annotated[list[DpmRunWorkflowDecisionResponse], shown("Oldest first.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmWorkflowDecisionListResponse:
    """A page of the list of decisions."""

    items: Annotated[list[DpmRunWorkflowDecisionResponse], shown("The newest first.", [])]
    next_cursor: Annotated[str | None, shown("Where the list goes on, for `cursor`; null at its end. Opaque.", DECISION)]
