"""What callers ask of a run's evidence, and how the wire shows it: artifact, support bundle, verification (RFC-0019, RFC-0023)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import orjson

from engine.artifacts import recomputation_of
from engine.operation_records import OperationStatus
from engine.usecases.artifacts import RunEvidence
from engine.usecases.bundles import Bundle, BundleCall, FoundOperation
from engine.usecases.lookup import FoundRun
from infra.door import Request
from infra.http import Response
from infra.query import TEXT, Query, flag, path_parameter
from infra.run_reads import Document, answer, history_document, lineage_document, run_document
from infra.run_reviews import reviews_document

if TYPE_CHECKING:
    from engine.verification import Verification

PARTS: Final = {
    "include_artifact": flag(default=True),
    "include_async_operation": flag(default=True),
    "include_idempotency_history": flag(default=True),
}
_PARTS: Final = Query({**PARTS, "scenario": TEXT})


def bundle_asked(name: str) -> Callable[[Request], BundleCall]:
    """The run that this path parameter names, and which parts of its bundle."""

    def parse(request: Request) -> BundleCall:
        given = _PARTS(request.event)
        return BundleCall(
            named=path_parameter(request.event, name),
            artifact=given["include_artifact"],
            operation=given["include_async_operation"],
            history=given["include_idempotency_history"],
            scenario=given.get("scenario"),
        )

    return parse


def artifact_answer(evidence: RunEvidence) -> Response:
    """The artifact, byte for byte."""
    return Response(200, evidence.artifact, facts={"run_id": evidence.head.run_id})


def bundle_answer(bundle: Bundle) -> Response:
    """The bundle. `recomputation` is all that deciding the run again needs: `python -m engine verify` reads it."""
    head, documents = bundle.head, bundle.documents
    document = {
        "run": run_document(FoundRun(head, documents.result)),
        "artifact": None if bundle.artifact is None else orjson.Fragment(bundle.artifact),
        "async_operation": None if bundle.operation is None else operation_document(bundle.operation),
        "workflow_history": reviews_document(head.run_id, bundle.decisions),
        "lineage": lineage_document(head.run_id, bundle.edges),
        "idempotency_history": None if bundle.history is None else history_document(bundle.history),
        "recomputation": recomputation_of(head, documents),
    }
    return answer(document, run_id=head.run_id)


def operation_document(found: FoundOperation) -> Document:
    """Where an operation stands, with what came of it (RFC-0018)."""
    operation = found.operation
    failure = operation.failure
    return {
        "operation_id": operation.operation_id,
        "operation_type": operation.operation_type,
        "status": operation.status,
        "is_executable": operation.status is OperationStatus.PENDING,
        "correlation_id": operation.correlation_id,
        "created_at": operation.created_at,
        "started_at": operation.started_at,
        "finished_at": operation.finished_at,
        "result": None if found.result is None else orjson.Fragment(found.result),
        "error": None if failure is None else {"code": failure.code, "message": failure.message},
    }


def verification_answer(verification: "Verification") -> Response:
    """The verdict on a run."""
    return answer(verification.as_json(), run_id=verification.run_id, verdict=verification.verdict)
