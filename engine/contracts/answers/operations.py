"""What accepted operations answer (RFC-0018)."""

from typing import Annotated, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.answers.batches import BatchRebalanceResult
from engine.contracts.answers.scalars import NOW, OPERATION, Time
from engine.contracts.results.scalars import EXACT_MEMBERS, shown

OperationState = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED"]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmAsyncAcceptedResponse:
    """An operation that is recorded: it will be executed, or visibly fail."""

    operation_id: Annotated[str, shown("The operation.", OPERATION)]
    operation_type: Annotated[str, shown("What it does; ANALYZE_SCENARIOS is all there is today.", "ANALYZE_SCENARIOS")]
    status: Annotated[Literal["PENDING"], shown("Always PENDING here, also where it has ended meanwhile.", "PENDING")]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else drawn.", "corr-1")]
    created_at: Annotated[Time, shown("When it was recorded.", NOW)]
    status_url: Annotated[str, shown("Path of its status.", f"/rebalance/operations/{OPERATION}")]
    execute_url: Annotated[str, shown("Path to execute it now.", f"/rebalance/operations/{OPERATION}/execute")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmAsyncErrorResponse:
    """Why an operation failed."""

    code: Annotated[str, shown("As a stable code.", "EXECUTION_RETRIES_EXHAUSTED")]
    message: Annotated[str, shown("In a sentence; wording may change.", "The operation could not be completed")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmAsyncOperationListItemResponse:
    """A line of the list of operations."""

    operation_id: Annotated[str, shown("The operation.", OPERATION)]
    operation_type: Annotated[str, shown("What it does; ANALYZE_SCENARIOS is all there is today.", "ANALYZE_SCENARIOS")]
    status: Annotated[OperationState, shown("Where it stands; the last two are for ever.", "SUCCEEDED")]
    is_executable: Annotated[bool, shown("Whether it can be executed now: it is PENDING.", *[False])]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else drawn.", "corr-1")]
    created_at: Annotated[Time, shown("When it was recorded.", NOW)]
    started_at: Annotated[Time | None, shown("When its execution began; null before.", NOW)]
    finished_at: Annotated[Time | None, shown("When it ended; null before.", NOW)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmAsyncOperationListResponse:
    """A page of the list of operations."""

    items: Annotated[list[DpmAsyncOperationListItemResponse], shown("The newest first.", [])]
    next_cursor: Annotated[str | None, shown("Where the list goes on, for `cursor`; null at its end. Opaque.", OPERATION)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmAsyncOperationStatusResponse(DpmAsyncOperationListItemResponse):
    """Where an operation stands, with what came of it."""

    result: Annotated[BatchRebalanceResult | None, shown("The batch; null until it succeeded, or where `result_url` leads to it.")]
    result_url: Annotated[
        str | None, shown("Where a result is to be fetched that is too large for this answer, for minutes; else null.", None)
    ]
    error: Annotated[
        DpmAsyncErrorResponse | None,
        shown("Why it failed; null otherwise.", {"code": "EXECUTION_RETRIES_EXHAUSTED", "message": "The operation could not be completed"}),
    ]
