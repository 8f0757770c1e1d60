"""Which models say what is sent and answered: requests by call, answers by the name that the table of calls gives them."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from engine.contracts.answers import batches, books, documentation, evidence, operations, packs, problems, reviews, runs
from engine.contracts.answers.lifecycle import checks, proposals
from engine.contracts.answers.lifecycle import operations as proposal_operations
from engine.contracts.batches import BATCH
from engine.contracts.books.start import BOOK_REQUEST
from engine.contracts.books.uploads import UPLOADS
from engine.contracts.lifecycle.checks import CHECK
from engine.contracts.lifecycle.commands import APPROVAL, TRANSITION
from engine.contracts.lifecycle.versions import CREATE, VERSION
from engine.contracts.packs import PACK_CONTENT
from engine.contracts.proposals import PROPOSAL
from engine.contracts.requests import REQUEST
from engine.contracts.results.advisory.artifact import PROPOSAL_ARTIFACT
from engine.contracts.results.advisory.document import PROPOSAL_RESULT
from engine.contracts.results.document import RESULT
from engine.contracts.reviews import ACTION

Contract = TypeAdapter[Any]

PROBLEM: Final = "Problem"

REQUESTS: Final[Mapping[str, Contract]] = {
    "simulate": REQUEST,
    "analyze": BATCH,
    "analyze_async": BATCH,
    "book_start": BOOK_REQUEST,
    "book_uploads": UPLOADS,
    "proposal_simulate": PROPOSAL,
    "proposal_artifact": PROPOSAL,
    "proposal_create": CREATE,
    "proposal_create_async": CREATE,
    "proposal_add_version": VERSION,
    "proposal_add_version_async": VERSION,
    "proposal_transition": TRANSITION,
    "proposal_approval": APPROVAL,
    "proposal_check": CHECK,
    "review_action": ACTION,
    "review_action_by_correlation": ACTION,
    "review_action_by_key": ACTION,
    "put_pack": PACK_CONTENT,
}
"""By the id of every call that takes a body."""

_DESCRIBED: Final[tuple[type, ...]] = (
    batches.BatchRebalanceResult,
    books.BookAcceptedResponse,
    books.BookListResponse,
    books.BookStatusResponse,
    books.BookSummary,
    books.BookUploadsResponse,
    checks.ProposalChecksResponse,
    checks.ProposalExecutionCheck,
    documentation.Health,
    documentation.Landing,
    evidence.DpmRunArtifactResponse,
    evidence.DpmRunSupportBundleResponse,
    evidence.DpmRunVerificationResponse,
    operations.DpmAsyncAcceptedResponse,
    operations.DpmAsyncOperationListResponse,
    operations.DpmAsyncOperationStatusResponse,
    packs.DpmEffectivePolicyPackResolution,
    packs.DpmPolicyPackCatalogResponse,
    packs.DpmPolicyPackDefinition,
    packs.DpmPolicyPackMutationResponse,
    problems.Problem,
    proposal_operations.ProposalAsyncAcceptedResponse,
    proposal_operations.ProposalAsyncOperationStatusResponse,
    proposal_operations.ProposalConfiguration,
    proposals.ProposalApprovalsResponse,
    proposals.ProposalCreateResponse,
    proposals.ProposalDetailResponse,
    proposals.ProposalIdempotencyLookupResponse,
    proposals.ProposalLineageResponse,
    proposals.ProposalListResponse,
    proposals.ProposalStateTransitionResponse,
    proposals.ProposalVerificationResponse,
    proposals.ProposalVersionDetail,
    proposals.ProposalWorkflowTimelineResponse,
    reviews.DpmRunWorkflowHistoryResponse,
    reviews.DpmRunWorkflowResponse,
    reviews.DpmWorkflowDecisionListResponse,
    runs.DpmLineageResponse,
    runs.DpmRunIdempotencyHistoryResponse,
    runs.DpmRunIdempotencyLookupResponse,
    runs.DpmRunListResponse,
    runs.DpmRunLookupResponse,
    runs.DpmSupportabilitySummaryResponse,
)

NAMES: Final[Mapping[str, str]] = {
    "PackContent": "DpmPolicyPackUpsertRequest",
    **{
        f"{subject}Policy": f"DpmPolicyPack{subject}Policy"
        for subject in ("Turnover", "Tax", "Settlement", "Constraint", "Workflow", "Idempotency", "Trading", "Cash", "Plausibility")
    },
}
"""What the document calls models of requests that have another name here (dpm-service 15)."""

ANSWERS: Final[Mapping[str, Contract]] = {
    "RebalanceResult": RESULT,
    "ProposalResult": PROPOSAL_RESULT,
    "ProposalArtifact": PROPOSAL_ARTIFACT,
    **{model.__name__: TypeAdapter(model) for model in _DESCRIBED},
}
"""By the name of the answer, with the one shape of refusals."""
