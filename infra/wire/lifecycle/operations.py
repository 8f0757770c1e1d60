"""What advisers ask to be done later, and how the wire says that it is accepted (advisory-lifecycle 9)."""

import orjson

from engine.records.operations import Operation, OperationStatus
from engine.usecases.proposals.accepted import AcceptCall
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import path_parameter
from infra.wire.lifecycle.versions import caller_of


def create_submitted(request: Request) -> AcceptCall:
    """A new proposal for later."""
    from engine.contracts.lifecycle.versions import parse_create  # noqa: PLC0415  (reads start without models)

    key, correlation_id, body = request.idempotency_key(), request.correlation_id(), request.body()
    asked = parse_create(body)
    return AcceptCall(caller_of(request, asked.created_by), correlation_id, key, None, body, asked)


def version_submitted(request: Request) -> AcceptCall:
    """A version for later of the proposal that the path names."""
    from engine.contracts.lifecycle.versions import parse_version  # noqa: PLC0415  (see above)

    key, correlation_id, body = request.optional_idempotency_key(), request.correlation_id(), request.body()
    proposal_id, asked = path_parameter(request.event, "proposal_id"), parse_version(body)
    return AcceptCall(caller_of(request, asked.created_by), correlation_id, key, proposal_id, body, asked)


def accepted_answer(operation: Operation) -> Response:
    """202: it is recorded. The status is PENDING even when it ended meanwhile."""
    where = f"/rebalance/proposals/operations/{operation.operation_id}"
    document = {
        "operation_id": operation.operation_id,
        "operation_type": operation.operation_type,
        "status": OperationStatus.PENDING,
        "correlation_id": operation.correlation_id,
        "created_at": operation.created_at,
        "status_url": where,
    }
    facts: dict[str, str | int] = {"operation_id": operation.operation_id}
    return Response(202, orjson.dumps(document), {"X-Correlation-Id": operation.correlation_id}, facts, location=where)
