"""What look-ups and lists of recorded runs answer (RFC-0017, RFC-0023)."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.answers.scalars import HASH, NEXT_CURSOR, NOW, OPERATION, RUN, Digest, Time
from engine.contracts.results.document import RebalanceResult
from engine.contracts.results.scalars import EXACT_MEMBERS, shown

PackOrigin = Literal["REQUEST", "TENANT_DEFAULT", "GLOBAL_DEFAULT"]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunPolicyPack:
    """Which policy pack shaped a run."""

    policy_pack_id: Annotated[str, shown("The pack.", "conservative")]
    version: Annotated[str, shown("The bank's own version text.", "2026.1")]
    revision: Annotated[int, shown("How often it had been written; 0 where the environment defines it.", 3, ge=0)]
    digest: Annotated[Digest, shown("Digest of its canonical definition.", HASH)]
    source: Annotated[PackOrigin, shown("Where it was named: by the call, as the tenant's default or as the deployment's.", "REQUEST")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunLookupResponse:
    """A recorded run with the very result that was answered."""

    rebalance_run_id: Annotated[str, shown("The run.", RUN)]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else c_none; of a scenario with its name.", "corr-1")]
    request_hash: Annotated[str, shown("Digest of the canonical request; in a batch its id and scenario.", HASH)]
    idempotency_key: Annotated[str | None, shown("The key of its call; null for scenarios.", "key-1")]
    portfolio_id: Annotated[str, shown("The portfolio.", "pf_1001")]
    created_at: Annotated[Time, shown("When it was recorded.", NOW)]
    policy_pack: Annotated[DpmRunPolicyPack | None, shown("Which policy pack shaped it; null without one.")]
    batch_run_id: Annotated[
        str | None, shown("The batch that it belongs to; null for a simulation.", "batch_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")
    ]
    scenario: Annotated[str | None, shown("Its name in the batch; null for a simulation.", "no-tech")]
    operation_id: Annotated[str | None, shown("The operation that made it; null where its caller waited.", OPERATION)]
    result: Annotated[RebalanceResult, shown("Byte for byte what was answered, by the engine version that its lineage names.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunListItemResponse:
    """A line of the list of runs."""

    rebalance_run_id: Annotated[str, shown("The run.", RUN)]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else c_none; of a scenario with its name.", "corr-1")]
    request_hash: Annotated[str, shown("Digest of the canonical request; in a batch its id and scenario.", HASH)]
    idempotency_key: Annotated[str | None, shown("The key of its call; null for scenarios.", "key-1")]
    portfolio_id: Annotated[str, shown("The portfolio.", "pf_1001")]
    status: Annotated[str, shown("READY, PENDING_REVIEW or BLOCKED.", "READY")]
    created_at: Annotated[Time, shown("When it was recorded.", NOW)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunListResponse:
    """A page of the list of runs."""

    items: Annotated[list[DpmRunListItemResponse], shown("The newest first.", [])]
    next_cursor: Annotated[str | None, NEXT_CURSOR]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunIdempotencyLookupResponse:
    """What an idempotency key stands for now."""

    idempotency_key: Annotated[str, shown("The key.", "key-1")]
    request_hash: Annotated[str, shown("Digest of the canonical request.", HASH)]
    rebalance_run_id: Annotated[str, shown("The run that used it last.", RUN)]
    created_at: Annotated[Time, shown("When that run was recorded.", NOW)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunIdempotencyHistoryItem:
    """One use of a key."""

    rebalance_run_id: Annotated[str, shown("The run.", RUN)]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else c_none.", "corr-1")]
    request_hash: Annotated[str, shown("Digest of the canonical request.", HASH)]
    created_at: Annotated[Time, shown("When the run was recorded.", NOW)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmRunIdempotencyHistoryResponse:
    """Everything that an idempotency key stood for."""

    idempotency_key: Annotated[str, shown("The key.", "key-1")]
    history: Annotated[list[DpmRunIdempotencyHistoryItem], shown("Every run under it, oldest first.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmLineageEdgeResponse:
    """How two recorded things belong together."""

    source_entity_id: Annotated[str, shown("Correlation id, idempotency key or operation.", "corr-1")]
    edge_type: Annotated[
        Literal["CORRELATION_TO_RUN", "IDEMPOTENCY_TO_RUN", "OPERATION_TO_CORRELATION", "OPERATION_TO_RUN"],
        shown("What leads to what.", "CORRELATION_TO_RUN"),
    ]
    target_entity_id: Annotated[str, shown("Run, or the correlation id of an operation.", RUN)]
    created_at: Annotated[Time, shown("When the record that it stands for was made.", NOW)]
    metadata: Annotated[
        dict[str, str],
        Field(
            description="`request_hash` of a run, `scenario` of one that an operation made, `operation_type`.",
            examples=[{"request_hash": HASH}],
        ),
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmLineageResponse:
    """The edges of one recorded thing, one hop far."""

    entity_id: Annotated[str, shown("What was asked for, echoed.", "corr-1")]
    edges: Annotated[list[DpmLineageEdgeResponse], shown("Where it is source or target; oldest first, none for the unknown.", [])]
    next_cursor: Annotated[
        str | None,
        shown("Where the list goes on, for `cursor`; null at its end. Opaque.", f"{NOW}|corr-1|CORRELATION_TO_RUN|{RUN}"),
    ]


Counts = dict[str, int]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmSupportabilitySummaryResponse:
    """What the store holds of the caller's tenant. Counts may lag expiry by one sweep."""

    store_backend: Annotated[str, shown("The store in use.", "DYNAMODB")]
    retention_days: Annotated[int, shown("Days that runs are kept; 0 is for ever.", 2555, ge=0)]
    run_count: Annotated[int, shown("Runs.", 3, ge=0)]
    operation_count: Annotated[int, shown("Operations.", 1, ge=0)]
    run_status_counts: Annotated[Counts, Field(description="Runs by status; only what occurs.", examples=[{"READY": 2, "BLOCKED": 1}])]
    operation_status_counts: Annotated[Counts, Field(description="Operations by status; only what occurs.", examples=[{"SUCCEEDED": 1}])]
    workflow_decision_count: Annotated[int, shown("Decisions of reviewers.", 1, ge=0)]
    workflow_action_counts: Annotated[Counts, Field(description="Decisions by action; only what occurs.", examples=[{"APPROVE": 1}])]
    workflow_reason_code_counts: Annotated[
        Counts, Field(description="Decisions by reason; only what occurs.", examples=[{"REVIEW_APPROVED": 1}])
    ]
    lineage_edge_count: Annotated[int, shown("Edges, each once.", 7, ge=0)]
    oldest_run_created_at: Annotated[Time | None, shown("Of the oldest run; null without any.", NOW)]
    newest_run_created_at: Annotated[Time | None, shown("Of the newest run; null without any.", NOW)]
    oldest_operation_created_at: Annotated[Time | None, shown("Of the oldest operation; null without any.", NOW)]
    newest_operation_created_at: Annotated[Time | None, shown("Of the newest operation; null without any.", NOW)]
