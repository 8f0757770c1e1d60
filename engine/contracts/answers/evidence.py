"""What proves a run, as it is answered: artifact, support bundle, verification (RFC-0019, RFC-0023)."""

from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.answers.operations import DpmAsyncOperationStatusResponse
from engine.contracts.answers.reviews import DpmRunWorkflowHistoryResponse
from engine.contracts.answers.runs import DpmLineageResponse, DpmRunIdempotencyHistoryResponse, DpmRunLookupResponse, DpmRunPolicyPack
from engine.contracts.answers.scalars import HASH, NOW, RUN, Digest, Time
from engine.contracts.results.diagnostics import DiagnosticsData
from engine.contracts.results.document import Intent, RebalanceResult, RuleResult, RunStatus
from engine.contracts.results.scalars import EXACT_MEMBERS, shown
from engine.contracts.results.state import SimulatedState

RecordedObject = dict[str, Any]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunRecomputation:
    """All that deciding the run again needs besides its ids; `python -m engine verify` reads it."""

    engine_version: Annotated[str, shown("Of the engine that decided.", "1.2.0")]
    policy_pack: Annotated[DpmRunPolicyPack | None, shown("The pack that shaped the options; null without one.")]
    request: Annotated[
        RecordedObject,
        Field(
            description="The canonical request: defaults filled in; members later than 1.0 only where they are not at their default.",
            examples=[{"portfolio_snapshot": {}, "market_data_snapshot": {}, "model_portfolio": {}, "shelf_entries": [], "options": {}}],
        ),
    ]
    options: Annotated[
        RecordedObject, Field(description="The options that were decided by, after the policy pack.", examples=[{"conventions": "DESK"}])
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunArtifactRequestSnapshot:
    """Which request was decided."""

    portfolio_id: Annotated[str, shown("The portfolio.", "pf_1001")]
    request_hash: Annotated[str, shown("Digest of the canonical request; in a batch its id and scenario.", HASH)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunArtifactHashes:
    """What proves the artifact."""

    request_hash: Annotated[str, shown("Digest of the canonical request; in a batch its id and scenario.", HASH)]
    artifact_hash: Annotated[Digest, shown("Digest of the artifact's canonical text without this hash and the next.", HASH)]
    outcome_hash: Annotated[Digest, shown("Digest of the result without ids and lineage: equal decisions have equal ones.", HASH)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunArtifactEvidence:
    """Who decided, when, and the hashes."""

    engine_version: Annotated[str, shown("Of the engine that decided.", "1.2.0")]
    run_created_at: Annotated[Time, shown("When the run was recorded.", NOW)]
    hashes: Annotated[DpmRunArtifactHashes, shown("Digests by which the artifact is proved.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunArtifactResponse:
    """A run in one document, the same at every reading."""

    artifact_id: Annotated[str, shown("dra_ and the digits of the run's id.", "dra_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    artifact_version: Annotated[Literal["1.1"], shown("Of the artifact's shape.", "1.1")]
    rebalance_run_id: Annotated[str, shown("The run.", RUN)]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else c_none.", "corr-1")]
    idempotency_key: Annotated[str | None, shown("The key of its call; null for scenarios.", "key-1")]
    portfolio_id: Annotated[str, shown("The portfolio.", "pf_1001")]
    status: Annotated[RunStatus, shown("Of the result.", "READY")]
    request_snapshot: Annotated[DpmRunArtifactRequestSnapshot, shown("Which request was decided.")]
    before_summary: Annotated[SimulatedState, shown("The portfolio as it was; `before` of the result.")]
    after_summary: Annotated[SimulatedState, shown("The portfolio after its orders; `after_simulated` of the result.")]
    order_intents: Annotated[list[Intent], shown("The orders; `intents` of the result.", [])]
    rule_outcomes: Annotated[list[RuleResult], shown("The rules; `rule_results` of the result.", [])]
    diagnostics: Annotated[DiagnosticsData, shown("What the run noticed; `diagnostics` of the result.")]
    result: Annotated[RebalanceResult, shown("The whole result, byte for byte.")]
    recomputation: Annotated[DpmRunRecomputation, shown("What deciding again needs.")]
    evidence: Annotated[DpmRunArtifactEvidence, shown("Who decided, when, and the hashes.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunSupportBundleResponse:
    """Everything that is recorded around a run. It shows its parts also where their own calls are switched off."""

    run: Annotated[DpmRunLookupResponse, shown("The run with its result.")]
    artifact: Annotated[DpmRunArtifactResponse | None, shown("Its artifact; null where left out.")]
    async_operation: Annotated[
        DpmAsyncOperationStatusResponse | None,
        shown("The operation that made it, else the latest of its correlation id; null without one."),
    ]
    workflow_history: Annotated[DpmRunWorkflowHistoryResponse, shown("All decisions of reviewers.")]
    lineage: Annotated[DpmLineageResponse, shown("All its edges.")]
    idempotency_history: Annotated[DpmRunIdempotencyHistoryResponse | None, shown("All uses of its key; null without one.")]
    recomputation: Annotated[DpmRunRecomputation, shown("What deciding again needs.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Difference:
    """The first place where something recorded is not what it must be."""

    document: Annotated[str, shown("Which document.", "result")]
    path: Annotated[str, shown("The member, as a JSON pointer.", "/intents/0/quantity")]
    reason: Annotated[
        Literal["VALUE", "MISSING", "UNEXPECTED", "SPELLING", "INVALID"], shown("How; SPELLING is the same values in other bytes.", "VALUE")
    ]
    recorded: Annotated[Any, shown("What is recorded; null where that is absent or not shown.", "50")]
    expected: Annotated[Any, shown("What it must be; null where that is absent or not shown.", "51")]


@dataclass(slots=True, kw_only=True, config=EXACT_MEMBERS)
class Verified:
    """A recorded decision, decided again."""

    verdict: Annotated[
        Literal["VERIFIED", "DIFFERS", "ENGINE_VERSION_CHANGED", "EVIDENCE_CORRUPT"],
        shown("What it comes to; ENGINE_VERSION_CHANGED: the hashes hold, but another engine decided.", "VERIFIED"),
    ]
    recorded_engine_version: Annotated[str, shown("Of the engine that decided.", "1.2.0")]
    engine_version: Annotated[str, shown("Of the engine that verifies.", "1.2.0")]
    difference: Annotated[Difference | None, shown("The first difference; null without any.")]
    corrupt_document: Annotated[str | None, shown("A stored document that does not match its digest; null without any.", None)]


@dataclass(slots=True, kw_only=True, config=EXACT_MEMBERS)
class DpmRunVerificationResponse(Verified):
    """A recorded run, decided again and compared byte by byte."""

    rebalance_run_id: Annotated[str, shown("The run.", RUN)]
