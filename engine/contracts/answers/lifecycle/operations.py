"""Accepted operations on proposals, and how a deployment's life of proposals is configured (advisory-lifecycle 4, 9)."""

from typing import Annotated, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.answers.lifecycle.proposals import ProposalCreateResponse
from engine.contracts.answers.scalars import NOW, PROPOSAL, Time
from engine.contracts.results.scalars import EXACT_MEMBERS, shown

POP = "pop_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"
ProposalOperationKind = Literal["CREATE_PROPOSAL", "CREATE_PROPOSAL_VERSION"]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalAsyncAcceptedResponse:
    """An operation that is recorded: it will be executed, or visibly fail."""

    operation_id: Annotated[str, shown("The operation.", POP)]
    operation_type: Annotated[ProposalOperationKind, shown("What it does.", "CREATE_PROPOSAL")]
    status: Annotated[Literal["PENDING"], shown("Always PENDING here, also where it has ended meanwhile.", "PENDING")]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else drawn.", "corr-1")]
    created_at: Annotated[Time, shown("When it was recorded.", NOW)]
    status_url: Annotated[str, shown("Path of its status.", f"/rebalance/proposals/operations/{POP}")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalAsyncError:
    """Why an operation failed."""

    code: Annotated[str, shown("As a stable word.", "ProposalNotFoundError")]
    message: Annotated[str, shown("What a caller who waits would have been refused with.", "PROPOSAL_NOT_FOUND")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalAsyncOperationStatusResponse:
    """Where an operation on proposals stands, with what it made."""

    operation_id: Annotated[str, shown("The operation.", POP)]
    operation_type: Annotated[ProposalOperationKind, shown("What it does.", "CREATE_PROPOSAL")]
    status: Annotated[
        Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED"], shown("Where it stands; the last two are for ever.", "SUCCEEDED")
    ]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else drawn.", "corr-1")]
    idempotency_key: Annotated[str | None, shown("The key of its call; null without one.", "key-1")]
    proposal_id: Annotated[str | None, shown("The proposal that it is about, or that it opened; null before that.", PROPOSAL)]
    created_by: Annotated[str, shown("The verified caller.", "adviser_7")]
    created_at: Annotated[Time, shown("When it was recorded.", NOW)]
    started_at: Annotated[Time | None, shown("When its execution began; null before.", NOW)]
    finished_at: Annotated[Time | None, shown("When it ended; null before.", NOW)]
    result: Annotated[ProposalCreateResponse | None, shown("What it made, as it was then; null until it succeeded.")]
    error: Annotated[
        ProposalAsyncError | None,
        shown("Why it failed; null otherwise.", {"code": "ProposalNotFoundError", "message": "PROPOSAL_NOT_FOUND"}),
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalConfiguration:
    """How this deployment keeps proposals, and what it insists on."""

    store_backend: Annotated[str, shown("The store in use.", "DYNAMODB")]
    backend_ready: Annotated[bool, shown("Whether the store answers now.", *[True])]
    backend_init_error: Annotated[str | None, shown("Why it cannot be used, as a code; null where it can.", None)]
    lifecycle_enabled: Annotated[bool, shown("Whether the life of proposals is switched on.", *[True])]
    support_apis_enabled: Annotated[bool, shown("Whether events, approvals, lineage, checks and keys can be looked up.", *[True])]
    async_operations_enabled: Annotated[bool, shown("Whether operations are accepted.", *[True])]
    store_evidence_bundle: Annotated[bool, shown("Whether answers repeat a version's evidence.", *[True])]
    require_expected_state: Annotated[bool, shown("Whether commands must say where they believe the proposal stands.", *[True])]
    allow_portfolio_id_change_on_new_version: Annotated[bool, shown("Whether a version may be about another portfolio.", *[False])]
    require_proposal_simulation_flag: Annotated[bool, shown("Whether requests must ask for a simulation.", *[True])]
    enforce_gates: Annotated[bool, shown("Whether gates must be passed.", *[True])]
    reset_state_on_new_version: Annotated[bool, shown("Whether a new version begins again at DRAFT.", *[True])]
    approvals_require_record: Annotated[bool, shown("Whether approvals are made by their own call only.", *[True])]
    approvals_name_hash: Annotated[bool, shown("Whether approvals must name the artifact's hash.", *[False])]
    four_eyes: Annotated[bool, shown("Whether nobody approves what they made themselves.", *[False])]
    validity_hours: Annotated[int, shown("Hours that a version is valid unless it says otherwise; 0 is for ever.", 0, ge=0)]
    execution_check_minutes: Annotated[int, shown("How old a clear check may be at execution; 0 asks for none.", 0, ge=0)]
