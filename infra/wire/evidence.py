"""What callers ask of a run's evidence, and how the wire shows it: artifact, support bundle, verification (RFC-0019, RFC-0023)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import orjson

from engine.evidence.artifacts import recomputation_of
from engine.usecases.artifacts import RunEvidence
from engine.usecases.bundles import Bundle, BundleCall
from engine.usecases.lookup import FoundRun
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import TEXT, Query, flag, path_parameter
from infra.wire.answers import answer
from infra.wire.operations import operation_document
from infra.wire.reviews import reviews_document
from infra.wire.runs import history_document, lineage_document, run_document

if TYPE_CHECKING:
    from engine.evidence.verification import Verification

PARTS: Final = Query(
    {
        "include_artifact": flag(default=True),
        "include_async_operation": flag(default=True),
        "include_idempotency_history": flag(default=True),
        "scenario": TEXT,
    }
)


def bundle_asked(name: str) -> Callable[[Request], BundleCall]:
    """The run that this path parameter names, and which parts of its bundle."""

    def parse(request: Request) -> BundleCall:
        given = PARTS(request.event)
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


def artifact_page(evidence: RunEvidence) -> Response:
    """The artifact for people."""
    from infra.pages.answers import page_of_run  # noqa: PLC0415  (whoever asks for JSON waits for no templates)

    return page_of_run(evidence.artifact, evidence.head.run_id)


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


def verification_answer(verification: "Verification") -> Response:
    """The verdict on a run."""
    return answer(verification.as_json(), run_id=verification.run_id, verdict=verification.verdict)
