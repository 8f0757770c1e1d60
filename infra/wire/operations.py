"""What callers ask about operations, and how the wire shows them (RFC-0018, dpm-service 6.2, 6.3, 6.4, 6.5)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import orjson

from engine.records.operations import Operation, OperationFilter, OperationStatus
from engine.records.pages import ListCall
from engine.usecases.operation_lookup import FoundOperation, OperationCall
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import PAGE, PERIOD, TEXT, Query, path_parameter, period_of
from infra.wire.answers import Document

if TYPE_CHECKING:
    from engine.usecases.acceptance import Accepted, Submission

OPERATIONS: Final = Query({**PERIOD, "operation_type": TEXT, "status": TEXT, "correlation_id": TEXT, **PAGE})


def submission_asked(request: Request) -> "Submission":
    """A what-if batch for later, valid but for its scenarios' options."""
    from engine.contracts.batches import parse_batch  # noqa: PLC0415  (reads start without models)
    from engine.usecases.acceptance import Submission  # noqa: PLC0415

    body = request.body()
    return Submission(
        actor=request.identity.actor,
        correlation_id=request.correlation_id(),
        policy_pack_id=request.policy_pack_id(),
        idempotency_key=request.optional_idempotency_key(),
        body=body,
        request=parse_batch(body),
    )


def accepted_answer(accepted: "Accepted") -> Response:
    """202: it is recorded. The status is PENDING even when it ended meanwhile (dpm-service S27), so that a replay says the same bytes."""
    operation = accepted.operation
    where = f"/rebalance/operations/{operation.operation_id}"
    document = {
        "operation_id": operation.operation_id,
        "operation_type": operation.operation_type,
        "status": OperationStatus.PENDING,
        "correlation_id": operation.correlation_id,
        "created_at": operation.created_at,
        "status_url": where,
        "execute_url": f"{where}/execute",
    }
    headers = {"X-Correlation-Id": operation.correlation_id} | ({"Idempotent-Replayed": "true"} if accepted.replayed else {})
    facts: dict[str, str | int] = {"operation_id": operation.operation_id, "replayed": int(accepted.replayed)}
    return Response(202, orjson.dumps(document), headers, facts, location=where)


def operation_asked(name: str) -> Callable[[Request], OperationCall]:
    """The operation that this path parameter names."""
    return lambda request: OperationCall(path_parameter(request.event, name), request.fits)


def operations_asked(request: Request) -> ListCall[OperationFilter]:
    """The list of operations, narrowed."""
    given = OPERATIONS(request.event)
    narrowed = OperationFilter(period_of(given), given.get("operation_type"), given.get("status"), given.get("correlation_id"))
    return ListCall(narrowed, given["limit"], given.get("cursor"))


def row_document(operation: Operation) -> Document:
    """A line of the list of operations."""
    return {
        "operation_id": operation.operation_id,
        "operation_type": operation.operation_type,
        "status": operation.status,
        "is_executable": operation.status is OperationStatus.PENDING,
        "correlation_id": operation.correlation_id,
        "created_at": operation.created_at,
        "started_at": operation.started_at,
        "finished_at": operation.finished_at,
    }


def operation_document(found: FoundOperation) -> Document:
    """Where an operation stands, with what came of it, or where to fetch that."""
    failure = found.operation.failure
    return {
        **row_document(found.operation),
        "result": None if found.result is None else orjson.Fragment(found.result),
        "result_url": found.result_url,
        "error": None if failure is None else {"code": failure.code, "message": failure.message},
    }


def operation_answer(found: FoundOperation) -> Response:
    """One operation."""
    facts = {"operation_id": found.operation.operation_id, "operation_status": found.operation.status.value}
    return Response(200, orjson.dumps(operation_document(found)), facts=facts)
