"""The table of calls: every route with the function that serves it, who may call it, what switches it off, and what it says.

Data only. The doors are built from it (`infra.http.door`), the deployment template must agree with it (`tests/template`), and what a
function's tests are refused by must stand in it (`tests/support/gateway.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.usecases.refusals import Code
from infra.http.body import ACTION, COMMAND, NO_BODY, PACK, SNAPSHOTS, BodyLimits
from infra.http.identity import Scope
from infra.http.switches import Switch


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API.

    `function` is a folder of functions/. The caller has one of the `scopes`; where there are none anybody may call, and nobody is asked who they are.
    `switches` are asked in their order, and before anything of the request is read.
    `answer` names the model of the answer as docs/openapi.json does, empty where there is none. `refusals` are the call's own; `codes` are all of them.
    `page` says that it is answered as an HTML page to who prefers one, `lasting` that its answer never changes, so that a caller may keep it.
    """

    method: str
    path: str
    id: str
    function: str
    scopes: tuple[Scope, ...]
    switches: tuple[Switch, ...]
    answer: str
    refusals: tuple[Code, ...] = ()
    body: BodyLimits = NO_BODY
    page: bool = False
    lasting: bool = False

    @property
    def route(self) -> str:
        """As the gateway names it: `POST /rebalance/simulate`."""
        return f"{self.method} {self.path}"

    @property
    def methods(self) -> tuple[str, ...]:
        """Its method; what is read can also be asked for its headers alone (RFC 9110, 9.1 and 9.3.2)."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @property
    def routes(self) -> tuple[str, ...]:
        """Its route under each of its methods."""
        return tuple(f"{method} {self.path}" for method in self.methods)

    @property
    def anybodys(self) -> bool:
        """Whether it is answered without asking who calls."""
        return not self.scopes

    def codes(self) -> Iterator[Code]:
        """Every code that this call may be refused with while its environment may serve."""
        yield from ALWAYS_OF_ANYBODY if self.anybodys else ALWAYS
        yield from (switch.disabled for switch in self.switches)
        yield from ALWAYS_OF_A_BODY if self.body is not NO_BODY else ()
        yield from ALWAYS_OF_A_STORE if STORES_DOWN & set(self.refusals) else ()
        yield from self.refusals


ALWAYS: Final = (
    Code.UNAUTHORIZED,
    Code.SCOPE_REQUIRED,
    Code.TENANT_MISMATCH,
    Code.NOT_FOUND,
    Code.REQUEST_VALIDATION_FAILED,
    Code.RESPONSE_TOO_LARGE,
    Code.INTERNAL_SERVER_ERROR,
)
ALWAYS_OF_ANYBODY: Final = (Code.NOT_FOUND, Code.REQUEST_VALIDATION_FAILED, Code.INTERNAL_SERVER_ERROR)
STORES_DOWN: Final = frozenset(
    {Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE, Code.STORE_PROPOSAL_UNAVAILABLE, Code.DPM_POLICY_PACK_STORE_UNAVAILABLE}
)
"""Who can be refused so reads what was recorded, perhaps by another release."""
ALWAYS_OF_A_STORE: Final = (Code.RECORDED_BY_NEWER_RELEASE,)
ALWAYS_OF_A_BODY: Final = (Code.REQUEST_TOO_LARGE, Code.UNSUPPORTED_CONTENT_ENCODING, Code.DUPLICATE_MEMBER)

# Short names, so that a call is a line.
_RUN, _READ, _REVIEW, _EXECUTE, _ADMIN = (Scope.RUN,), (Scope.READ,), (Scope.REVIEW,), (Scope.EXECUTE,), (Scope.ADMIN,)
_ADVISE, _LOOK, _CHECK = (Scope.ADVISE,), (Scope.ADVISORY_READ,), (Scope.ADVISE, Scope.ADVISORY_EXECUTE)
_APPROVE: Final = (Scope.ADVISE, Scope.APPROVE_RISK, Scope.APPROVE_COMPLIANCE, Scope.APPROVE)
_MOVE: Final = (*_APPROVE, Scope.ADVISORY_EXECUTE)
"""Which of them a command on a proposal needs depends on the command (`engine/workflow/proposal_callers.py`)."""
_ANYBODY: Final = ()

_OPEN: Final = ()
_LOOK_UP: Final = (Switch.SUPPORT_APIS,)
_OPERATIONS: Final = (Switch.SUPPORT_APIS, Switch.ASYNC_OPERATIONS)
_ACCEPT: Final = (Switch.ASYNC_OPERATIONS,)
_EXECUTION: Final = (Switch.ASYNC_OPERATIONS, Switch.MANUAL_EXECUTION)
_HISTORY: Final = (Switch.SUPPORT_APIS, Switch.IDEMPOTENCY_HISTORY)
_LINEAGE: Final = (Switch.SUPPORT_APIS, Switch.LINEAGE)
_SUMMARY: Final = (Switch.SUPPORT_APIS, Switch.SUMMARY)
_WORKFLOW: Final = (Switch.SUPPORT_APIS, Switch.WORKFLOW)
_ARTIFACT: Final = (Switch.SUPPORT_APIS, Switch.ARTIFACTS)
_BUNDLE: Final = (Switch.SUPPORT_APIS, Switch.SUPPORT_BUNDLE)
_ADMINISTRATION: Final = (Switch.PACK_ADMIN,)
_BOOKS: Final = (Switch.BOOKS,)
_LIFE: Final = (Switch.PROPOSALS,)
_LIFE_LOOK_UP: Final = (Switch.PROPOSALS, Switch.PROPOSAL_SUPPORT)
_LIFE_OPERATIONS: Final = (Switch.PROPOSALS, Switch.PROPOSAL_OPERATIONS)

_DOWN, _PACKS_DOWN, _CORRUPT = Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE, Code.DPM_POLICY_PACK_STORE_UNAVAILABLE, Code.EVIDENCE_CORRUPT
_NO_RUN, _NO_KEY, _NO_OPERATION = Code.DPM_RUN_NOT_FOUND, Code.DPM_IDEMPOTENCY_KEY_NOT_FOUND, Code.DPM_ASYNC_OPERATION_NOT_FOUND
_CONFLICT, _TOO_LATE = Code.IDEMPOTENCY_KEY_CONFLICT, Code.EXECUTION_TIME_EXCEEDED
_NO_BOOK, _BOOKS_DOWN, _MACHINE_DOWN = Code.BOOK_NOT_FOUND, Code.BOOK_STORE_UNAVAILABLE, Code.BOOK_MACHINE_UNAVAILABLE
_FOLLOWING: Final = (_NO_BOOK, _DOWN, _BOOKS_DOWN, _MACHINE_DOWN)
_BEGINNING: Final = (Code.BOOK_OBJECT_FOREIGN, Code.BOOK_OBJECT_MISSING, Code.BOOK_TOO_MANY, _CONFLICT, _DOWN, _BOOKS_DOWN, _MACHINE_DOWN)
_NO_PACK, _READ_ONLY, _REVISION = (
    Code.DPM_POLICY_PACK_NOT_FOUND,
    Code.DPM_POLICY_PACK_CATALOG_READ_ONLY,
    Code.DPM_POLICY_PACK_REVISION_MISMATCH,
)
_DECIDING: Final = (_TOO_LATE, _CORRUPT, _DOWN, _PACKS_DOWN)
_EXECUTING: Final = (Code.DPM_ASYNC_OPERATION_NOT_EXECUTABLE, Code.DPM_ASYNC_OPERATION_TOO_LARGE_FOR_INLINE)
_PROPOSING: Final = (
    Code.PROPOSAL_SIMULATION_DISABLED,
    _CONFLICT,
    Code.PROPOSAL_ENGINE_VERSION_CHANGED,
    _TOO_LATE,
    _CORRUPT,
    Code.STORE_PROPOSAL_UNAVAILABLE,
)
_ADVICE_DOWN, _NO_PROPOSAL, _NO_VERSION = Code.STORE_PROPOSAL_UNAVAILABLE, Code.PROPOSAL_NOT_FOUND, Code.PROPOSAL_VERSION_NOT_FOUND
_COMMANDING: Final = (
    Code.ACTOR_MISMATCH,
    _CONFLICT,
    Code.PROPOSAL_ENGINE_VERSION_CHANGED,
    _CORRUPT,
    _ADVICE_DOWN,
    Code.PROPOSAL_STORE_CONTENTION,
)
_SUBMITTING: Final = (*_COMMANDING, Code.PROPOSAL_SIMULATION_DISABLED, Code.VALID_UNTIL_BOUNDS, _TOO_LATE)
_RENEWING: Final = (
    _NO_PROPOSAL,
    *_SUBMITTING,
    Code.PROPOSAL_TERMINAL_STATE,
    Code.EXECUTION_IN_PROGRESS,
    Code.PROPOSAL_VERSION_LIMIT,
    Code.PORTFOLIO_CONTEXT_MISMATCH,
)
_MOVING: Final = (
    _NO_PROPOSAL,
    *_COMMANDING,
    Code.PROPOSAL_REASON_TOO_LARGE,
    Code.USER_IDENTITY_REQUIRED,
    Code.STATE_CONFLICT,
    _NO_VERSION,
    Code.GATE_BLOCKED,
    Code.GATE_APPROVAL_MISSING,
    Code.PROPOSAL_EXPIRED,
)
_TRANSITION: Final = (
    *_MOVING,
    Code.APPROVAL_RECORD_REQUIRED,
    Code.INVALID_TRANSITION,
    Code.REASON_REQUIRED,
    Code.EXECUTION_IN_PROGRESS,
    Code.FOUR_EYES_REQUIRED,
    Code.GATE_REQUIRES_COMPLIANCE_REVIEW,
    Code.GATE_REVIEW_REQUIRED,
    Code.EXECUTION_CHECK_REQUIRED,
)
_APPROVAL: Final = (*_MOVING, Code.INVALID_APPROVAL_STATE, Code.FOUR_EYES_REQUIRED)
_CHECKING: Final = (
    _NO_PROPOSAL,
    _CONFLICT,
    Code.PROPOSAL_ENGINE_VERSION_CHANGED,
    Code.STATE_CONFLICT,
    _NO_VERSION,
    Code.PROPOSAL_TERMINAL_STATE,
    Code.PORTFOLIO_CONTEXT_MISMATCH,
    _TOO_LATE,
    _CORRUPT,
    _ADVICE_DOWN,
    Code.PROPOSAL_STORE_CONTENTION,
)
_ACTING: Final = (
    Code.ACTOR_MISMATCH,
    Code.FOUR_EYES_REQUIRED,
    Code.DPM_WORKFLOW_NOT_REQUIRED_FOR_RUN_STATUS,
    Code.DPM_WORKFLOW_INVALID_TRANSITION,
)

_BOOK: Final = "/rebalance/books/{book_id}"
_PACK: Final = "/rebalance/policies/catalog/{policy_pack_id}"
_OPERATION: Final = "/rebalance/operations/{operation_id}"
_BY_ID: Final = "/rebalance/runs/{rebalance_run_id}"
_BY_CORRELATION: Final = "/rebalance/runs/by-correlation/{correlation_id}"
_BY_KEY: Final = "/rebalance/runs/idempotency/{idempotency_key}"
_PROPOSALS: Final = "/rebalance/proposals"
_PROPOSAL: Final = f"{_PROPOSALS}/{{proposal_id}}"
_VERSION: Final = f"{_PROPOSAL}/versions/{{version_no}}"

# fmt: off
CALLS: Final[tuple[Call, ...]] = (
    Call("POST", "/rebalance/simulate", "simulate", "simulate", _RUN, _OPEN, "RebalanceResult", (_CONFLICT, *_DECIDING), SNAPSHOTS),
    Call("POST", "/rebalance/analyze", "analyze", "analyze", _RUN, _OPEN, "BatchRebalanceResult", _DECIDING, SNAPSHOTS),

    Call("POST", "/rebalance/analyze/async", "analyze_async", "async_dispatch", _RUN, _ACCEPT, "DpmAsyncAcceptedResponse", (_CONFLICT, _CORRUPT, _DOWN, _PACKS_DOWN), SNAPSHOTS),
    Call("POST", f"{_OPERATION}/execute", "execute_operation", "async_dispatch", _EXECUTE, _EXECUTION, "DpmAsyncOperationStatusResponse", (_NO_OPERATION, *_EXECUTING, _CORRUPT, _DOWN)),

    Call("POST", "/rebalance/books/uploads", "book_uploads", "books", _RUN, _BOOKS, "BookUploadsResponse", (), ACTION),
    Call("POST", "/rebalance/books", "book_start", "books", _RUN, _BOOKS, "BookAcceptedResponse", _BEGINNING, COMMAND),
    Call("GET", "/rebalance/books", "books", "books", _READ, _BOOKS, "BookListResponse", (_DOWN,)),
    Call("GET", _BOOK, "book", "books", _READ, _BOOKS, "BookStatusResponse", _FOLLOWING),
    Call("GET", f"{_BOOK}/summary", "book_summary", "books", _READ, _BOOKS, "BookSummary", (_NO_BOOK, Code.BOOK_NOT_SUMMED_UP, _DOWN, _BOOKS_DOWN), page=True),
    Call("POST", f"{_BOOK}/cancel", "book_cancel", "books", _RUN, _BOOKS, "BookStatusResponse", _FOLLOWING),
    Call("POST", f"{_BOOK}/redrive", "book_redrive", "books", _RUN, _BOOKS, "BookStatusResponse", (*_FOLLOWING, Code.BOOK_UNDER_WAY, Code.BOOK_COMPLETE, Code.BOOK_TOO_MANY)),
    Call("POST", f"{_BOOK}/runs/{{rebalance_run_id}}", "book_run", "books", _RUN, _BOOKS, "DpmRunLookupResponse", (_NO_BOOK, Code.BOOK_NOT_SUMMED_UP, Code.BOOK_RUN_NOT_FOUND, _CORRUPT, _DOWN, _BOOKS_DOWN)),

    Call("POST", "/rebalance/proposals/simulate", "proposal_simulate", "proposals", _ADVISE, _OPEN, "ProposalResult", _PROPOSING, SNAPSHOTS),
    Call("POST", "/rebalance/proposals/artifact", "proposal_artifact", "proposals", _ADVISE, _OPEN, "ProposalArtifact", _PROPOSING, SNAPSHOTS, page=True),

    Call("POST", _PROPOSALS, "proposal_create", "proposal_workflow", _ADVISE, _LIFE, "ProposalCreateResponse", (*_SUBMITTING, Code.PROPOSAL_METADATA_TOO_LARGE), SNAPSHOTS),
    Call("GET", _PROPOSALS, "proposal_list", "proposal_workflow", _LOOK, _LIFE, "ProposalListResponse", (_ADVICE_DOWN,)),
    Call("GET", _PROPOSAL, "proposal", "proposal_workflow", _LOOK, _LIFE, "ProposalDetailResponse", (_NO_PROPOSAL, _NO_VERSION, _CORRUPT, _ADVICE_DOWN)),
    Call("GET", _VERSION, "proposal_version", "proposal_workflow", _LOOK, _LIFE, "ProposalVersionDetail", (_NO_VERSION, _CORRUPT, _ADVICE_DOWN), page=True, lasting=True),
    Call("POST", f"{_PROPOSAL}/versions", "proposal_add_version", "proposal_workflow", _ADVISE, _LIFE, "ProposalCreateResponse", _RENEWING, SNAPSHOTS),
    Call("POST", f"{_PROPOSAL}/transitions", "proposal_transition", "proposal_workflow", _MOVE, _LIFE, "ProposalStateTransitionResponse", _TRANSITION, COMMAND),
    Call("POST", f"{_PROPOSAL}/approvals", "proposal_approval", "proposal_workflow", _APPROVE, _LIFE, "ProposalStateTransitionResponse", _APPROVAL, COMMAND),
    Call("GET", f"{_PROPOSAL}/workflow-events", "proposal_events", "proposal_workflow", _LOOK, _LIFE_LOOK_UP, "ProposalWorkflowTimelineResponse", (_NO_PROPOSAL, _ADVICE_DOWN)),
    Call("GET", f"{_PROPOSAL}/approvals", "proposal_approvals", "proposal_workflow", _LOOK, _LIFE_LOOK_UP, "ProposalApprovalsResponse", (_NO_PROPOSAL, _ADVICE_DOWN)),
    Call("GET", f"{_PROPOSAL}/lineage", "proposal_lineage", "proposal_workflow", _LOOK, _LIFE_LOOK_UP, "ProposalLineageResponse", (_NO_PROPOSAL, _CORRUPT, _ADVICE_DOWN)),
    Call("POST", f"{_VERSION}/checks", "proposal_check", "proposal_workflow", _CHECK, _LIFE, "ProposalExecutionCheck", _CHECKING, SNAPSHOTS),
    Call("GET", f"{_VERSION}/checks", "proposal_checks", "proposal_workflow", _LOOK, _LIFE_LOOK_UP, "ProposalChecksResponse", (_NO_VERSION, _CORRUPT, _ADVICE_DOWN)),
    Call("GET", f"{_VERSION}/verification", "proposal_verification", "proposal_workflow", _LOOK, _LIFE_LOOK_UP, "ProposalVerificationResponse", (_NO_VERSION, _ADVICE_DOWN)),
    Call("GET", f"{_PROPOSALS}/supportability/config", "proposal_config", "proposal_workflow", _LOOK, _OPEN, "ProposalConfiguration"),
    Call("POST", f"{_PROPOSALS}/async", "proposal_create_async", "proposal_workflow", _ADVISE, _LIFE_OPERATIONS, "ProposalAsyncAcceptedResponse", (Code.ACTOR_MISMATCH, _ADVICE_DOWN), SNAPSHOTS),
    Call("POST", f"{_PROPOSAL}/versions/async", "proposal_add_version_async", "proposal_workflow", _ADVISE, _LIFE_OPERATIONS, "ProposalAsyncAcceptedResponse", (Code.ACTOR_MISMATCH, _ADVICE_DOWN), SNAPSHOTS),
    Call("GET", f"{_PROPOSALS}/operations/{{operation_id}}", "proposal_operation", "proposal_workflow", _LOOK, _LIFE_OPERATIONS, "ProposalAsyncOperationStatusResponse", (Code.PROPOSAL_ASYNC_OPERATION_NOT_FOUND, _CORRUPT, _ADVICE_DOWN)),
    Call("GET", f"{_PROPOSALS}/operations/by-correlation/{{correlation_id}}", "proposal_operation_by_correlation", "proposal_workflow", _LOOK, _LIFE_OPERATIONS, "ProposalAsyncOperationStatusResponse", (Code.PROPOSAL_ASYNC_OPERATION_NOT_FOUND, _CORRUPT, _ADVICE_DOWN)),
    Call("GET", f"{_PROPOSALS}/idempotency/{{idempotency_key}}", "proposal_key", "proposal_workflow", _LOOK, _LIFE_LOOK_UP, "ProposalIdempotencyLookupResponse", (Code.PROPOSAL_IDEMPOTENCY_KEY_NOT_FOUND, _ADVICE_DOWN)),

    Call("GET", "/rebalance/operations", "operations", "run_lookup", _READ, _OPERATIONS, "DpmAsyncOperationListResponse", (_DOWN,)),
    Call("GET", _OPERATION, "operation", "run_lookup", _READ, _OPERATIONS, "DpmAsyncOperationStatusResponse", (_NO_OPERATION, _CORRUPT, _DOWN)),
    Call("GET", "/rebalance/operations/by-correlation/{correlation_id}", "operation_by_correlation", "run_lookup", _READ, _OPERATIONS, "DpmAsyncOperationStatusResponse", (_NO_OPERATION, _CORRUPT, _DOWN)),
    Call("GET", "/rebalance/runs", "runs", "run_lookup", _READ, _LOOK_UP, "DpmRunListResponse", (_DOWN,)),
    Call("GET", _BY_ID, "run", "run_lookup", _READ, _LOOK_UP, "DpmRunLookupResponse", (_NO_RUN, _CORRUPT, _DOWN), page=True, lasting=True),
    Call("GET", _BY_CORRELATION, "run_by_correlation", "run_lookup", _READ, _LOOK_UP, "DpmRunLookupResponse", (_NO_RUN, _CORRUPT, _DOWN)),
    Call("GET", "/rebalance/runs/by-request-hash/{request_hash}", "run_by_request_hash", "run_lookup", _READ, _LOOK_UP, "DpmRunLookupResponse", (_NO_RUN, _CORRUPT, _DOWN)),
    Call("GET", _BY_KEY, "idempotency_key", "run_lookup", _READ, _LOOK_UP, "DpmRunIdempotencyLookupResponse", (_NO_KEY, _DOWN)),
    Call("GET", "/rebalance/idempotency/{idempotency_key}/history", "idempotency_history", "run_lookup", _READ, _HISTORY, "DpmRunIdempotencyHistoryResponse", (_NO_KEY, _DOWN)),
    Call("GET", "/rebalance/lineage/{entity_id}", "lineage", "run_lookup", _READ, _LINEAGE, "DpmLineageResponse", (_DOWN,)),
    Call("GET", "/rebalance/supportability/summary", "summary", "run_lookup", _READ, _SUMMARY, "DpmSupportabilitySummaryResponse", (_DOWN,)),

    Call("GET", f"{_BY_ID}/workflow", "review", "run_workflow", _READ, _WORKFLOW, "DpmRunWorkflowResponse", (_NO_RUN, _DOWN)),
    Call("GET", f"{_BY_ID}/workflow/history", "review_history", "run_workflow", _READ, _WORKFLOW, "DpmRunWorkflowHistoryResponse", (_NO_RUN, _DOWN)),
    Call("POST", f"{_BY_ID}/workflow/actions", "review_action", "run_workflow", _REVIEW, _WORKFLOW, "DpmRunWorkflowResponse", (_NO_RUN, *_ACTING, _DOWN), ACTION),
    Call("GET", f"{_BY_CORRELATION}/workflow", "review_by_correlation", "run_workflow", _READ, _WORKFLOW, "DpmRunWorkflowResponse", (_NO_RUN, _DOWN)),
    Call("GET", f"{_BY_CORRELATION}/workflow/history", "review_history_by_correlation", "run_workflow", _READ, _WORKFLOW, "DpmRunWorkflowHistoryResponse", (_NO_RUN, _DOWN)),
    Call("POST", f"{_BY_CORRELATION}/workflow/actions", "review_action_by_correlation", "run_workflow", _REVIEW, _WORKFLOW, "DpmRunWorkflowResponse", (_NO_RUN, Code.DPM_WORKFLOW_AMBIGUOUS_RUN, *_ACTING, _DOWN), ACTION),
    Call("GET", f"{_BY_KEY}/workflow", "review_by_key", "run_workflow", _READ, _WORKFLOW, "DpmRunWorkflowResponse", (_NO_KEY, _NO_RUN, _DOWN)),
    Call("GET", f"{_BY_KEY}/workflow/history", "review_history_by_key", "run_workflow", _READ, _WORKFLOW, "DpmRunWorkflowHistoryResponse", (_NO_KEY, _NO_RUN, _DOWN)),
    Call("POST", f"{_BY_KEY}/workflow/actions", "review_action_by_key", "run_workflow", _REVIEW, _WORKFLOW, "DpmRunWorkflowResponse", (_NO_KEY, _NO_RUN, *_ACTING, _DOWN), ACTION),
    Call("GET", "/rebalance/workflow/decisions", "decisions", "run_workflow", _READ, _WORKFLOW, "DpmWorkflowDecisionListResponse", (_DOWN,)),
    Call("GET", "/rebalance/workflow/decisions/by-correlation/{correlation_id}", "decisions_by_correlation", "run_workflow", _READ, _WORKFLOW, "DpmRunWorkflowHistoryResponse", (_NO_RUN, _DOWN)),

    Call("GET", f"{_BY_ID}/artifact", "artifact", "artifact", _READ, _ARTIFACT, "DpmRunArtifactResponse", (_NO_RUN, _CORRUPT, _DOWN), page=True, lasting=True),
    Call("GET", f"{_BY_ID}/support-bundle", "bundle", "artifact", _READ, _BUNDLE, "DpmRunSupportBundleResponse", (_NO_RUN, _CORRUPT, _DOWN)),
    Call("GET", f"{_BY_CORRELATION}/support-bundle", "bundle_by_correlation", "artifact", _READ, _BUNDLE, "DpmRunSupportBundleResponse", (_NO_RUN, _CORRUPT, _DOWN)),
    Call("GET", f"{_BY_KEY}/support-bundle", "bundle_by_key", "artifact", _READ, _BUNDLE, "DpmRunSupportBundleResponse", (_NO_KEY, _NO_RUN, _CORRUPT, _DOWN)),
    Call("GET", "/rebalance/runs/by-operation/{operation_id}/support-bundle", "bundle_by_operation", "artifact", _READ, _BUNDLE, "DpmRunSupportBundleResponse", (_NO_OPERATION, _NO_RUN, _CORRUPT, _DOWN)),
    Call("GET", f"{_BY_ID}/verification", "verification", "verification", _READ, _LOOK_UP, "DpmRunVerificationResponse", (_NO_RUN, _DOWN)),

    Call("GET", "/rebalance/policies/effective", "effective_pack", "policy_packs", _READ, _OPEN, "DpmEffectivePolicyPackResolution"),
    Call("GET", "/rebalance/policies/catalog", "packs", "policy_packs", _READ, _OPEN, "DpmPolicyPackCatalogResponse", (_CORRUPT, _PACKS_DOWN)),
    Call("GET", _PACK, "pack", "policy_packs", _READ, _OPEN, "DpmPolicyPackDefinition", (_NO_PACK, _CORRUPT, _PACKS_DOWN)),
    Call("PUT", _PACK, "put_pack", "policy_packs", _ADMIN, _ADMINISTRATION, "DpmPolicyPackMutationResponse", (_READ_ONLY, _REVISION, _PACKS_DOWN), PACK),
    Call("DELETE", _PACK, "delete_pack", "policy_packs", _ADMIN, _ADMINISTRATION, "", (_NO_PACK, _READ_ONLY, _REVISION, _PACKS_DOWN)),

    Call("GET", "/", "landing", "documentation", _ANYBODY, _OPEN, "Landing", page=True),
    Call("GET", "/health", "health", "documentation", _ANYBODY, _OPEN, "Health"),
    Call("GET", "/openapi.json", "openapi", "documentation", _ANYBODY, _OPEN, "openapi.json"),
    Call("GET", "/docs", "docs", "documentation", _ANYBODY, _OPEN, "docs.html"),
    Call("GET", "/docs/{asset}", "docs_asset", "documentation", _ANYBODY, _OPEN, "asset"),
    Call("GET", "/desk", "desk", "documentation", _ANYBODY, _OPEN, "desk.html"),
    Call("GET", "/desk/{asset}", "desk_asset", "documentation", _ANYBODY, _OPEN, "asset"),
)
# fmt: on


ROUTES: Final[Mapping[str, frozenset[str]]] = {
    path: frozenset(method for call in CALLS if call.path == path for method in call.methods)
    for path in dict.fromkeys(call.path for call in CALLS)
}
"""By path template, the methods that it takes."""
