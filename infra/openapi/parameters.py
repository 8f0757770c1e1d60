"""What a call reads besides its body: path, query and headers, each with a description, its bounds and an example."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from engine.records.book_runs import BookStatus
from engine.records.edges import EdgeType
from engine.records.operations import OperationStatus
from engine.records.proposal_history import ProposalState
from infra.api import Call
from infra.http.query import FLAG, INSTANT, Query
from infra.openapi.schemas import Json
from infra.wire import book_calls, evidence, operations, reviews, runs
from infra.wire.lifecycle import reads

SEGMENT: Final[Json] = {"type": "string", "minLength": 1, "pattern": r"^(?:[^/.][^/]*|[.][^/.][^/]*|[.]{2}[^/]+)$"}
"""Neither `.` nor `..`, which are steps."""
BOUNDED: Final[Json] = {"type": "string", "maxLength": 255, "pattern": r"^[!-.0-~]([ -.0-~]*[!-.0-~])?$"}
BOUNDED_OR_BLANK: Final[Json] = {"type": "string", "maxLength": 255, "pattern": r"^([!-.0-~]([ -.0-~]*[!-.0-~])?)?$"}
ANY_TEXT: Final[Json] = {"type": "string"}
PACK_ID: Final[Json] = {
    "type": "string",
    "maxLength": 128,
    "pattern": r"^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*|[.][A-Za-z0-9_-][A-Za-z0-9_.-]*|[.]{2}[A-Za-z0-9_.-]+)$",
}

RUN: Final = "rr_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"
HASH: Final = "sha256:" + "9f2c" * 16


class Named(NamedTuple):
    """A parameter."""

    description: str
    example: Any
    schema: Json = ANY_TEXT


def _exactly(what: str, known: Iterable[str]) -> str:
    return f"{what}, exactly: {', '.join(known)}. Any other text finds nothing."


_NEXT: Final = "`next_cursor` of the page before. One that is none of the list gives an empty page."

PATH: Final[Mapping[str, Named]] = {
    "asset": Named("Name of the file.", "colours.css", SEGMENT),
    "book_id": Named("The book.", "bk_9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c", SEGMENT),
    "correlation_id": Named("The caller's own name for a piece of work, as it was sent in X-Correlation-Id.", "corr-1", SEGMENT),
    "entity_id": Named("Any run, operation, correlation id or idempotency key.", "corr-1", SEGMENT),
    "idempotency_key": Named("The key, as it was sent in Idempotency-Key.", "key-1", SEGMENT),
    "operation_id": Named("The operation.", "dop_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8", SEGMENT),
    "policy_pack_id": Named("The policy pack: 1 to 128 letters, digits, `_`, `.`, `-`.", "conservative", PACK_ID),
    "proposal_id": Named("The proposal.", "pp_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8", SEGMENT),
    "rebalance_run_id": Named("The run.", RUN, SEGMENT),
    "request_hash": Named("The digest of the canonical request, its colon literal or encoded.", HASH, SEGMENT),
    "version_no": Named("Number of the version, from 1.", 1, {"type": "integer", "minimum": 1, "maximum": 999_999_999}),
}

QUERY: Final[Mapping[str, Named]] = {
    "action": Named("Only this action.", "APPROVE"),
    "actor_id": Named("Only of this actor, exactly.", "reviewer_001"),
    "correlation_id": Named("Only with this correlation id, exactly.", "corr-1"),
    "created_by": Named("Only of this creator, exactly.", "adviser_7"),
    "created_from": Named("Created then or later; without an offset UTC.", "2026-03-01T00:00:00Z"),
    "created_to": Named("Created then or earlier; without an offset UTC.", "2026-03-31T23:59:59Z"),
    "cursor": Named(_NEXT, RUN),
    "edge_type": Named(_exactly("Only edges of this type", EdgeType), "CORRELATION_TO_RUN"),
    "from": Named("Then or later; without an offset UTC.", "2026-03-01T00:00:00Z"),
    "include_artifact": Named("Whether the artifact is in it.", example=True),
    "include_async_operation": Named("Whether the operation is in it.", example=True),
    "include_evidence": Named("Whether the version's own evidence is in it; the artifact holds it all the same.", example=False),
    "include_idempotency_history": Named("Whether the history of the key is in it.", example=True),
    "limit": Named("Most rows of the page.", 50),
    "operation_type": Named(_exactly("Only operations of this type", ("ANALYZE_SCENARIOS",)), "ANALYZE_SCENARIOS"),
    "portfolio_id": Named("Only of this portfolio, exactly.", "pf_1001"),
    "reason_code": Named("Only with this reason, exactly.", "REVIEW_APPROVED"),
    "rebalance_run_id": Named("Only on this run.", RUN),
    "request_hash": Named("Only of this request hash, exactly.", HASH),
    "scenario": Named("Which of an operation's runs; of other runs without effect.", "no-tech"),
    "state": Named(_exactly("Only in this state", ProposalState), "DRAFT"),
    "status": Named(_exactly("Only of this status", ("READY", "PENDING_REVIEW", "BLOCKED")), "READY"),
    "to": Named("Then or earlier; without an offset UTC.", "2026-03-31T23:59:59Z"),
}

QUERY_OF: Final[Mapping[tuple[str, str], Named]] = {
    ("books", "cursor"): Named(_NEXT, "bk_9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c"),
    ("books", "status"): Named(_exactly("Only of this status, as it was seen last", BookStatus), "FAILED"),
    ("decisions", "cursor"): Named(_NEXT, "dec_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"),
    ("lineage", "cursor"): Named(_NEXT, f"2026-03-01T00:00:00+00:00|corr-1|CORRELATION_TO_RUN|{RUN}"),
    ("operations", "cursor"): Named(_NEXT, "dop_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"),
    ("operations", "status"): Named(_exactly("Only of this status", OperationStatus), "FAILED"),
    ("proposal_list", "cursor"): Named(_NEXT, "pp_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"),
}
"""By call and name, where a call's parameter says or takes something else than its namesakes."""

QUERIES: Final[Mapping[str, Query]] = {
    "books": book_calls.BOOKS,
    "bundle": evidence.PARTS,
    "bundle_by_correlation": evidence.PARTS,
    "bundle_by_key": evidence.PARTS,
    "bundle_by_operation": evidence.PARTS,
    "decisions": reviews.DECISIONS,
    "lineage": runs.EDGES,
    "operations": operations.OPERATIONS,
    "proposal": reads.EVIDENCE,
    "proposal_list": reads.LIST,
    "proposal_version": reads.EVIDENCE,
    "runs": runs.RUNS,
}
"""By call, the very parameters that its reader knows."""

KEYED: Final = frozenset({"simulate", "book_start", "proposal_simulate", "proposal_artifact", "proposal_create", "proposal_create_async"})
KEYED_IF_GIVEN: Final = frozenset(
    {"analyze_async", "proposal_add_version", "proposal_add_version_async", "proposal_transition", "proposal_approval", "proposal_check"}
)
PACKED: Final = frozenset({"simulate", "analyze", "analyze_async", "effective_pack", "packs"})
SHOWN_PACKS: Final = frozenset({"effective_pack", "packs"})
REVISED: Final = frozenset({"put_pack", "delete_pack"})
TRACED: Final = frozenset(
    {
        "simulate",
        "analyze",
        "analyze_async",
        "proposal_simulate",
        "proposal_artifact",
        "proposal_create",
        "proposal_create_async",
        "proposal_add_version",
        "proposal_add_version_async",
        "review_action",
        "review_action_by_correlation",
        "review_action_by_key",
    }
)
"""Calls that keep the correlation id; the others repeat it in their answers alone, and do not look what it is."""
FILES: Final = frozenset({"openapi", "docs", "docs_asset", "desk", "desk_asset"})

_KEY: Final = Named(
    "The caller's name for this call: sent again with the same request, nothing is done twice; another request under it is refused.",
    "key-1",
    BOUNDED,
)
_KEPT: Final = Named("The caller's own name for this piece of work, kept and echoed; need not be unique.", "corr-1", BOUNDED_OR_BLANK)
_ECHOED: Final = Named("The caller's own name for this piece of work, echoed.", "corr-1")
_TENANT: Final = Named("The caller's tenant, who is known by the token; another one is refused.", "bank-a")
_PACK: Final = Named(
    "The policy pack to apply; an unknown one applies nothing, or is refused where the deployment says so; none is read where packs are switched off.",
    "conservative",
)
_TENANT_PACK: Final = Named("The tenant's default instead of the configured one; blank is none.", "conservative")
_REVISION: Final = Named(
    "The revision that the caller saw, as the entity tag said; `*` is any.",
    '"3"',
    {"type": "string", "pattern": r'^(\*|(W/)?"?[0-9]{1,10}"?)$'},
)
_HELD: Final = Named("Entity tags that the caller holds: a match is answered 304.", '"0123456789abcdef0123456789abcdef"')
_CODING: Final = Named("How the body is coded.", "gzip", {"type": "string", "enum": ["gzip", "identity"]})


def parameters(call: Call) -> list[Json]:
    """All of a call's, in the order path, query, headers."""
    return [*_path(call), *_query(call), *_headers(call)]


def _path(call: Call) -> Iterator[Json]:
    for name in re.findall(r"{(\w+)\+?}", call.path):
        yield _parameter("path", name, PATH[name], required=True)


def _query(call: Call) -> Iterator[Json]:
    if call.id in QUERIES:
        for name, read in QUERIES[call.id].parameters.items():
            yield _parameter("query", name, QUERY_OF.get((call.id, name), QUERY[name])._replace(schema=_read_by(read)))


def _headers(call: Call) -> Iterator[Json]:
    if call.id in KEYED | KEYED_IF_GIVEN:
        yield _parameter("header", "Idempotency-Key", _KEY, required=call.id in KEYED)
    yield _parameter("header", "X-Correlation-Id", _KEPT if call.id in TRACED else _ECHOED)
    if not call.anybodys:
        yield _parameter("header", "X-Tenant-Id", _TENANT)
    for calls, name, named in (
        (PACKED, "X-Policy-Pack-Id", _PACK),
        (SHOWN_PACKS, "X-Tenant-Policy-Pack-Id", _TENANT_PACK),
        (REVISED, "If-Match", _REVISION),
        (FILES | ({call.id} if call.lasting else set()), "If-None-Match", _HELD),
    ):
        if call.id in calls:
            yield _parameter("header", name, named)
    if call.body.unzipped:
        yield _parameter("header", "Content-Encoding", _CODING)


def _parameter(place: str, name: str, named: Named, *, required: bool = False) -> Json:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": named.description,
        "schema": named.schema,
        "example": named.example,
    }


def _read_by(read: CoreSchema) -> Json:
    """What the reader accepts: instants and flags have more spellings than JSON has."""
    inner: Any = read["schema"] if read["type"] == "default" else read
    rest = {"default": read["default"]} if read["type"] == "default" else {}
    if inner is INSTANT:
        return {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}, {"type": "number"}], **rest}
    if inner is FLAG:
        return {"type": "boolean", **rest}
    made: Json = GenerateJsonSchema().generate(inner)
    return made | rest
