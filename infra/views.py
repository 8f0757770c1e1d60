"""What reads the records of a run store, and what reviews them: the lookups that belong to its adapter."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ports.operations import OperationStore
from engine.ports.runs import LineageLookup, Retention, ReviewStore, RunLookup, RunStore, StatisticsLookup

if TYPE_CHECKING:
    from infra.memory.runs import MemoryRunStore


@dataclass(frozen=True, slots=True)
class Views:
    """Everything over one run store, under its clock and its retention."""

    lookup: RunLookup
    lineage: LineageLookup
    statistics: StatisticsLookup
    reviews: ReviewStore
    operations: OperationStore


def views_of(runs: RunStore, *, operations_ttl_seconds: int) -> Views:
    """The views of a store in memory or in DynamoDB. Operations past their time to live count for neither edges nor sums."""
    from infra.memory.runs import MemoryRunStore  # noqa: PLC0415  (what another store needs is not loaded)

    if isinstance(runs, MemoryRunStore):
        return _in_memory(runs, operations_ttl_seconds)
    return _in_dynamodb(runs, operations_ttl_seconds)


def retention_of(runs: RunStore) -> Retention:
    """What takes out the records of a store that are past their time."""
    from infra.memory.runs import MemoryRunStore  # noqa: PLC0415  (what another store needs is not loaded)

    if isinstance(runs, MemoryRunStore):
        from infra.memory.retention import MemoryRetention  # noqa: PLC0415

        return MemoryRetention(runs, runs.tables.operations)
    from infra.aws.operations.store import KIND, DynamoOperationStore  # noqa: PLC0415
    from infra.aws.runs.retention import DynamoRetention  # noqa: PLC0415
    from infra.aws.runs.store import DynamoRunStore  # noqa: PLC0415

    if not isinstance(runs, DynamoRunStore):
        raise TypeError(type(runs).__name__)
    operations = DynamoOperationStore(runs.table, runs.payloads, clock=runs.clock)
    return DynamoRetention(runs, owners={KIND: operations.exists})


def _in_memory(runs: "MemoryRunStore", ttl_seconds: int) -> Views:
    from infra.memory.lookups import MemoryLineage, MemoryRunLookup, MemoryStatistics  # noqa: PLC0415
    from infra.memory.operations import MemoryOperationStore  # noqa: PLC0415
    from infra.memory.reviews import MemoryReviewStore  # noqa: PLC0415

    operations = MemoryOperationStore(runs.tables.operations, clock=runs.clock, ttl_seconds=ttl_seconds)
    lineage, statistics = MemoryLineage(runs, operations), MemoryStatistics(runs, operations)
    return Views(MemoryRunLookup(runs), lineage, statistics, MemoryReviewStore(runs), operations)


def _in_dynamodb(runs: RunStore, ttl_seconds: int) -> Views:
    from infra.aws.operations.store import DynamoOperationStore  # noqa: PLC0415
    from infra.aws.runs.edges import DynamoLineage  # noqa: PLC0415  (boto3 costs 300 ms that a memory run need not pay)
    from infra.aws.runs.lookups import DynamoRunLookup  # noqa: PLC0415
    from infra.aws.runs.reviews import DynamoReviewStore  # noqa: PLC0415
    from infra.aws.runs.statistics import DynamoStatistics  # noqa: PLC0415
    from infra.aws.runs.store import DynamoRunStore  # noqa: PLC0415

    if not isinstance(runs, DynamoRunStore):
        raise TypeError(type(runs).__name__)
    operations = DynamoOperationStore(runs.table, runs.payloads, clock=runs.clock, ttl_seconds=ttl_seconds)
    lineage, statistics = DynamoLineage(runs, operations), DynamoStatistics(runs, operations)
    return Views(DynamoRunLookup(runs), lineage, statistics, DynamoReviewStore(runs), operations)
