"""The one table of refusals: every code, its HTTP status and its title (RFC 9457)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import orjson

from engine.contracts.violations import Violation
from infra.http.headers import Response
from infra.http.switches import Switch

PROBLEM_JSON: Final = "application/problem+json"


class Problem(NamedTuple):
    """What a code means: the status it travels with and a title that never varies."""

    status: int
    title: str
    headers: Mapping[str, str] = {}


PROBLEMS: Final[Mapping[str, Problem]] = {
    "BAD_REQUEST": Problem(400, "Bad request"),
    "UNAUTHORIZED": Problem(401, "Unauthorized", {"WWW-Authenticate": "Bearer"}),
    "FORBIDDEN": Problem(403, "Forbidden"),
    "SCOPE_REQUIRED": Problem(403, "The identity lacks the scope that this route asks for"),
    "TENANT_MISMATCH": Problem(403, "The named tenant is not the caller's"),
    "ACTOR_MISMATCH": Problem(403, "The named actor is not the caller"),
    "FOUR_EYES_REQUIRED": Problem(403, "Somebody else must approve"),
    "NOT_FOUND": Problem(404, "Not found"),
    "DPM_RUN_NOT_FOUND": Problem(404, "Run not found"),
    "DPM_POLICY_PACK_NOT_FOUND": Problem(404, "Policy pack not found"),
    "DPM_ASYNC_OPERATION_NOT_FOUND": Problem(404, "Operation not found"),
    "DPM_IDEMPOTENCY_KEY_NOT_FOUND": Problem(404, "Idempotency key not found"),
    **{switch.disabled: Problem(404, switch.problem_title) for switch in Switch},
    "METHOD_NOT_ALLOWED": Problem(405, "Method not allowed"),
    "IDEMPOTENCY_KEY_CONFLICT": Problem(409, "The idempotency key stands for another request"),
    "DPM_ASYNC_OPERATION_NOT_EXECUTABLE": Problem(409, "The operation is not waiting for its execution"),
    "DPM_ASYNC_OPERATION_TOO_LARGE_FOR_INLINE": Problem(409, "The operation takes longer than a caller can wait"),
    "DPM_WORKFLOW_NOT_REQUIRED_FOR_RUN_STATUS": Problem(409, "Runs of this status are not reviewed"),
    "DPM_WORKFLOW_INVALID_TRANSITION": Problem(409, "The review does not allow this action now"),
    "DPM_WORKFLOW_AMBIGUOUS_RUN": Problem(409, "The correlation id names more than one run"),
    "DPM_POLICY_PACK_CATALOG_READ_ONLY": Problem(409, "This catalog of policy packs cannot be changed"),
    "DPM_POLICY_PACK_REVISION_MISMATCH": Problem(412, "The policy pack is not at the named revision"),
    "REQUEST_TOO_LARGE": Problem(413, "Request too large"),
    "RESPONSE_TOO_LARGE": Problem(413, "The answer would be too large"),
    "UNSUPPORTED_MEDIA_TYPE": Problem(415, "Unsupported media type"),
    "UNSUPPORTED_CONTENT_ENCODING": Problem(415, "Unsupported content encoding", {"Accept-Encoding": "gzip"}),
    "REQUEST_VALIDATION_FAILED": Problem(422, "The request is not valid"),
    "TOO_MANY_REQUESTS": Problem(429, "Too many requests"),
    "INTERNAL_SERVER_ERROR": Problem(500, "Internal server error"),
    "EVIDENCE_CORRUPT": Problem(500, "A stored document does not match its digest"),
    "DPM_SUPPORTABILITY_STORE_UNAVAILABLE": Problem(503, "The run store cannot be used now"),
    "DPM_SUPPORTABILITY_TABLE_REQUIRED": Problem(503, "The run store is not configured"),
    "DPM_POLICY_PACK_STORE_UNAVAILABLE": Problem(503, "The catalog of policy packs cannot be used now"),
    "DPM_POLICY_PACK_TABLE_REQUIRED": Problem(503, "The catalog of policy packs is not configured"),
    "PERSISTENCE_PROFILE_REQUIRES_DPM_STORE": Problem(503, "Production needs a durable run store"),
    "PERSISTENCE_PROFILE_REQUIRES_DPM_STORE_TABLE": Problem(503, "Production needs the table of runs"),
    "PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE": Problem(503, "Production needs a durable proposal store"),
    "PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE_TABLE": Problem(503, "Production needs the table of proposals"),
    "PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE": Problem(503, "Production needs a durable policy pack catalog"),
    "PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE_TABLE": Problem(503, "Production needs the table of policy packs"),
    "PERSISTENCE_PROFILE_REQUIRES_DPM_PAYLOAD_BUCKET": Problem(503, "Production needs the bucket of payloads"),
    "PERSISTENCE_PROFILE_REQUIRES_DPM_QUEUE": Problem(503, "Production needs the queue of operations"),
    "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA": Problem(503, "The local profile does not run on a real Lambda"),
    "EXECUTION_TIME_EXCEEDED": Problem(504, "Execution time exceeded"),
}

UNEXPECTED: Final = "INTERNAL_SERVER_ERROR: An unexpected error occurred."
_LONGEST_PATH: Final = 512


def problem(
    detail: str, *, instance: str, correlation_id: str, violations: Sequence[Violation] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The answer to a refusal; `detail` is its full string, the code stands before the colon."""
    code = detail.partition(":")[0]
    known = PROBLEMS[code]
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": known.title,
        "status": known.status,
        "detail": detail,
        "code": code,
        "instance": quote(instance[:_LONGEST_PATH], safe="/%:@!$&'()*+,;=", errors="replace"),
        "correlation_id": correlation_id,
    }
    if violations:
        body["errors"] = [violation.as_json() for violation in violations]
    return Response(
        known.status,
        orjson.dumps(body),
        headers={**known.headers, **(headers or {})},
        facts={"code": code, "violations": len(violations)},
        content_type=PROBLEM_JSON,
    )
