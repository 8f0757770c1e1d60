"""The one table of refusals: every code, its HTTP status and its title (RFC 9457).

Whatever a call may end with instead of its answer:

Exception
├── InvalidRequest     422        what was sent breaks the contract: violations, each with its place   engine.contracts.violations
│   └── DuplicateMembers          a member stands twice in its object, and who reads it decides which counts
├── Refused            4xx, 504   a use case or the door says no, by its code                          engine.usecases.refusals
│   └── CodingRefused  415        the body is coded as the call does not take it                       infra.http.body
├── EvidenceCorrupt    500        a stored document is missing or differs from its digest              engine.ports.outside
├── StoreUnavailable   503        an outage of a store or of the queue, by its code                    engine.ports.outside
├── Misconfigured      503        the environment may not serve: the guardrail's code, at every call   infra.settings.guardrails
└── everything else    500        a defect of ours: in the log by type and place, to the caller a word

`IdTaken` never gets here: the use case draws another id. Queues and schedules raise: nobody waits for their answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import orjson

from engine.contracts.violations import Violation
from engine.usecases.refusals import Code
from infra.http.messages import Response
from infra.http.switches import Switch

PROBLEM_JSON: Final = "application/problem+json"


class Problem(NamedTuple):
    """What a code means: the status it travels with and a title that never varies; `of_body` is the status where the body is at fault."""

    status: int
    title: str
    headers: Mapping[str, str] = {}
    of_body: int | None = None


_A_MOMENT: Final = {"Retry-After": "1"}
_A_BOOK: Final = {"Retry-After": "60"}
_AN_OUTAGE: Final = {"Retry-After": "5"}
"""Where the same call may succeed later. What is not configured, or takes too long, does not pass by itself."""

PROBLEMS: Final[Mapping[Code, Problem]] = {
    Code.BAD_REQUEST: Problem(400, "Bad request"),
    Code.UNAUTHORIZED: Problem(401, "Unauthorized", {"WWW-Authenticate": "Bearer"}),
    Code.FORBIDDEN: Problem(403, "Forbidden"),
    Code.SCOPE_REQUIRED: Problem(403, "The identity lacks the scope that this route asks for"),
    Code.TENANT_MISMATCH: Problem(403, "The named tenant is not the caller's"),
    Code.ACTOR_MISMATCH: Problem(403, "The named actor is not the caller"),
    Code.FOUR_EYES_REQUIRED: Problem(403, "Somebody else must approve"),
    Code.USER_IDENTITY_REQUIRED: Problem(403, "A person must do this"),
    Code.NOT_FOUND: Problem(404, "Not found"),
    Code.DPM_RUN_NOT_FOUND: Problem(404, "Run not found"),
    Code.BOOK_NOT_FOUND: Problem(404, "Book not found"),
    Code.BOOK_NOT_SUMMED_UP: Problem(404, "The book has no summary yet"),
    Code.BOOK_RUN_NOT_FOUND: Problem(404, "The book has no such run"),
    Code.DPM_POLICY_PACK_NOT_FOUND: Problem(404, "Policy pack not found"),
    Code.PROPOSAL_NOT_FOUND: Problem(404, "Proposal not found"),
    Code.PROPOSAL_IDEMPOTENCY_KEY_NOT_FOUND: Problem(404, "Idempotency key of a proposal not found"),
    Code.PROPOSAL_ASYNC_OPERATION_NOT_FOUND: Problem(404, "Operation of proposals not found"),
    Code.PROPOSAL_VERSION_NOT_FOUND: Problem(404, "Version of the proposal not found", of_body=422),
    Code.DPM_ASYNC_OPERATION_NOT_FOUND: Problem(404, "Operation not found"),
    Code.DPM_IDEMPOTENCY_KEY_NOT_FOUND: Problem(404, "Idempotency key not found"),
    **{switch.disabled: Problem(404, switch.problem_title) for switch in Switch},
    Code.METHOD_NOT_ALLOWED: Problem(405, "Method not allowed"),
    Code.IDEMPOTENCY_KEY_CONFLICT: Problem(409, "The idempotency key stands for another request"),
    Code.PROPOSAL_ENGINE_VERSION_CHANGED: Problem(409, "The proposal was decided by another version of the engine"),
    Code.DPM_ASYNC_OPERATION_NOT_EXECUTABLE: Problem(409, "The operation is not waiting for its execution"),
    Code.DPM_ASYNC_OPERATION_TOO_LARGE_FOR_INLINE: Problem(409, "The operation takes longer than a caller can wait"),
    Code.DPM_WORKFLOW_NOT_REQUIRED_FOR_RUN_STATUS: Problem(409, "Runs of this status are not reviewed"),
    Code.DPM_WORKFLOW_INVALID_TRANSITION: Problem(409, "The review does not allow this action now"),
    Code.DPM_WORKFLOW_AMBIGUOUS_RUN: Problem(409, "The correlation id names more than one run"),
    Code.STATE_CONFLICT: Problem(409, "The proposal is not as the caller believes"),
    Code.EXECUTION_IN_PROGRESS: Problem(409, "The proposal is being executed"),
    Code.EXECUTION_CHECK_REQUIRED: Problem(409, "The version must be checked again before it is executed"),
    Code.BOOK_UNDER_WAY: Problem(409, "A run of the book is in progress"),
    Code.BOOK_COMPLETE: Problem(409, "The book is already complete"),
    Code.DPM_POLICY_PACK_CATALOG_READ_ONLY: Problem(409, "This catalog of policy packs cannot be changed"),
    Code.DPM_POLICY_PACK_REVISION_MISMATCH: Problem(412, "The policy pack is not at the named revision"),
    Code.REQUEST_TOO_LARGE: Problem(413, "Request too large"),
    Code.RESPONSE_TOO_LARGE: Problem(413, "The answer would be too large"),
    Code.UNSUPPORTED_MEDIA_TYPE: Problem(415, "Unsupported media type"),
    Code.UNSUPPORTED_CONTENT_ENCODING: Problem(415, "Unsupported content encoding"),
    Code.DUPLICATE_MEMBER: Problem(422, "A member stands twice in its object"),
    Code.REQUEST_VALIDATION_FAILED: Problem(422, "The request is not valid"),
    Code.BOOK_OBJECT_FOREIGN: Problem(422, "The book names an object that is not the tenant's"),
    Code.BOOK_OBJECT_MISSING: Problem(422, "The book names an object that is not there"),
    Code.PROPOSAL_SIMULATION_DISABLED: Problem(422, "The request does not ask for a simulation"),
    Code.PROPOSAL_METADATA_TOO_LARGE: Problem(422, "The proposal's metadata is too large"),
    Code.PROPOSAL_REASON_TOO_LARGE: Problem(422, "The reason is too large"),
    Code.APPROVAL_RECORD_REQUIRED: Problem(422, "An approval must be recorded as one"),
    Code.INVALID_TRANSITION: Problem(422, "The proposal's state does not allow this"),
    Code.INVALID_APPROVAL_STATE: Problem(422, "The proposal does not wait for this approval"),
    Code.REASON_REQUIRED: Problem(422, "A request for changes needs a reason"),
    Code.GATE_BLOCKED: Problem(422, "The version is blocked"),
    Code.GATE_REQUIRES_COMPLIANCE_REVIEW: Problem(422, "The version must be reviewed by compliance"),
    Code.GATE_REVIEW_REQUIRED: Problem(422, "The version must be reviewed before the client is asked"),
    Code.GATE_APPROVAL_MISSING: Problem(422, "The version lacks the approval that its gate asks for"),
    Code.PROPOSAL_EXPIRED: Problem(422, "The version is no longer valid"),
    Code.PROPOSAL_TERMINAL_STATE: Problem(422, "The proposal is in a final state"),
    Code.PROPOSAL_VERSION_LIMIT: Problem(422, "The proposal has as many versions as it can have"),
    Code.PORTFOLIO_CONTEXT_MISMATCH: Problem(422, "The version is about another portfolio"),
    Code.VALID_UNTIL_BOUNDS: Problem(422, "The end of validity is out of bounds"),
    Code.BOOK_TOO_MANY: Problem(429, "Too many books are in progress", _A_BOOK),
    Code.TOO_MANY_REQUESTS: Problem(429, "Too many requests", _A_MOMENT),
    Code.INTERNAL_SERVER_ERROR: Problem(500, "Internal server error"),
    Code.EVIDENCE_CORRUPT: Problem(500, "A stored document does not match its digest"),
    Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE: Problem(503, "The run store cannot be used now", _AN_OUTAGE),
    Code.DPM_SUPPORTABILITY_TABLE_REQUIRED: Problem(503, "The run store is not configured"),
    Code.DPM_POLICY_PACK_STORE_UNAVAILABLE: Problem(503, "The catalog of policy packs cannot be used now", _AN_OUTAGE),
    Code.STORE_PROPOSAL_UNAVAILABLE: Problem(503, "The store of proposals cannot be used now", _AN_OUTAGE),
    Code.PROPOSAL_STORE_CONTENTION: Problem(503, "Too many concurrent changes to the proposal", _A_MOMENT),
    Code.STORE_PROPOSAL_TABLE_REQUIRED: Problem(503, "The store of proposals is not configured"),
    Code.STORE_QUEUE_UNAVAILABLE: Problem(503, "The queue of operations cannot be used now", _AN_OUTAGE),
    Code.BOOK_STORE_UNAVAILABLE: Problem(503, "The store of books cannot be used now", _AN_OUTAGE),
    Code.BOOK_MACHINE_UNAVAILABLE: Problem(503, "Books cannot be started or followed now", _AN_OUTAGE),
    Code.RECORDED_BY_NEWER_RELEASE: Problem(503, "A newer release recorded this, in a format that this one cannot read"),
    Code.DPM_POLICY_PACK_TABLE_REQUIRED: Problem(503, "The catalog of policy packs is not configured"),
    Code.PERSISTENCE_PROFILE_REQUIRES_DPM_STORE: Problem(503, "Production needs a durable run store"),
    Code.PERSISTENCE_PROFILE_REQUIRES_DPM_STORE_TABLE: Problem(503, "Production needs the table of runs"),
    Code.PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE: Problem(503, "Production needs a durable proposal store"),
    Code.PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE_TABLE: Problem(503, "Production needs the table of proposals"),
    Code.PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE: Problem(503, "Production needs a durable policy pack catalog"),
    Code.PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE_TABLE: Problem(503, "Production needs the table of policy packs"),
    Code.PERSISTENCE_PROFILE_REQUIRES_DPM_PAYLOAD_BUCKET: Problem(503, "Production needs the bucket of payloads"),
    Code.PERSISTENCE_PROFILE_REQUIRES_DPM_QUEUE: Problem(503, "Production needs the queue of operations"),
    Code.PERSISTENCE_PROFILE_REQUIRES_BOOKS_BUCKET: Problem(503, "Production needs the bucket of books"),
    Code.PERSISTENCE_PROFILE_REQUIRES_BOOK_MACHINE: Problem(503, "Production needs the state machine of books"),
    Code.PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA: Problem(503, "The local profile does not run on a real Lambda"),
    Code.PROPOSAL_SUITABILITY_THRESHOLDS_INVALID: Problem(503, "The bank's limits of suitability cannot be read"),
    Code.EXECUTION_TIME_EXCEEDED: Problem(504, "Execution time exceeded"),
}

_MAX_PATH: Final = 512


def problem(
    code: Code,
    because: str = "",
    *,
    instance: str,
    correlation_id: str,
    violations: Sequence[Violation] = (),
    headers: Mapping[str, str] | None = None,
    of_body: bool = False,
) -> Response:
    """The answer to a refusal. Its `detail` is the code, and behind a colon what else the specification says."""
    known = PROBLEMS[code]
    status = known.of_body if of_body and known.of_body else known.status
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": known.title,
        "status": status,
        "detail": f"{code}: {because}" if because else code,
        "code": code,
        "instance": quote(instance[:_MAX_PATH], safe="/%:@!$&'()*+,;=", errors="replace"),
        "correlation_id": correlation_id,
    }
    if violations:
        body["errors"] = [violation.as_json() for violation in violations]
    return Response(
        status,
        orjson.dumps(body),
        headers={**known.headers, **(headers or {})},
        facts={"code": code, "violations": len(violations)},
        content_type=PROBLEM_JSON,
    )
