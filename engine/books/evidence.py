"""A book's run as evidence: its line joined with what the book shares is what a run of its own keeps (RFC-0019)."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from engine.books.shared import SharedBook
from engine.contracts.violations import InvalidRequest, Violation, violations_of
from engine.evidence.canonical import canonical
from engine.records.runs import PackTrace, RunDocuments, RunHead, Source

Json = dict[str, Any]

DIFFERS: Final = "BOOK_SHARED_DIFFERS"
UNDATED: Final = datetime.min.replace(tzinfo=UTC)
_TRACE: Final = TypeAdapter(PackTrace | None)


class _Line:
    """The members of a result line."""

    def __init__(self, told: Json) -> None:
        self.told = told

    def text(self, name: str) -> str:
        """A member that is a text; an empty one where it is none, which no check takes."""
        found = self.told.get(name)
        return found if isinstance(found, str) else ""

    def document(self, name: str) -> Json:
        """A member that is an object; refused where it is none."""
        found = self.told.get(name)
        if not isinstance(found, dict):
            raise InvalidRequest([Violation(("body", name), "missing", "Field required")])
        return found


def failed_line(line: Json) -> bool:
    """Whether a result line tells of a portfolio that could not be decided: there is no run to prove."""
    return "error" in line and "result" not in line


def run_of_line(
    line: Json, shared: SharedBook, *, tenant: str = "", actor: str = "", created_at: AwareDatetime = UNDATED
) -> tuple[RunHead, RunDocuments]:
    """The run in a result line with all that it was decided from.

    Raises InvalidRequest where the line is none, and `BOOK_SHARED_DIFFERS` where it was decided over other shared documents.
    """
    told = _Line(line)
    request, result = told.document("request"), told.document("result")
    try:
        pack = _TRACE.validate_python(line.get("policy_pack"))
    except ValidationError as error:
        raise InvalidRequest(violations_of(error, prefix=("body", "policy_pack"))) from None
    refuse_others(request, told.text("model_id"), pack, shared)
    model = shared.models[told.text("model_id")]
    whole = request | {
        "market_data_snapshot": orjson.Fragment(shared.market.text),
        "model_portfolio": orjson.Fragment(model.part.text),
        "shelf_entries": orjson.Fragment(shared.shelf.text),
    }
    head = RunHead(
        tenant=tenant,
        run_id=told.text("rebalance_run_id"),
        correlation_id=told.text("correlation_id"),
        request_hash=told.text("request_hash"),
        idempotency_key=None,
        portfolio_id=told.text("portfolio_id"),
        status=told.text("status"),
        created_at=created_at,
        engine_version=told.text("engine_version"),
        actor=actor,
        source=Source.BOOK,
        pack=pack,
    )
    documents = RunDocuments(
        result=orjson.dumps(result), request=canonical(whole), options=shared.effective_options(request.get("options"))
    )
    return head, documents


def refuse_others(request: Json, model_id: str, pack: PackTrace | None, shared: SharedBook) -> None:
    """Raise InvalidRequest where a line names other shared parts than these."""
    model = shared.models.get(model_id)
    wanted = {
        "market_data_snapshot": shared.market.digest,
        "model_portfolio": model.part.digest if model else None,
        "shelf_entries": shared.shelf.digest,
    }
    places: list[tuple[str, ...]] = [("request", name) for name, digest in wanted.items() if digest is None or request.get(name) != digest]
    if pack != shared.trace:
        places.append(("policy_pack",))
    if places:
        raise InvalidRequest([Violation(("body", *place), DIFFERS, "Not of this shared document") for place in places])
