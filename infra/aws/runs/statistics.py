"""What a tenant's store holds (RFC-0023): the sums of the counters, and the ends of the time index."""

from datetime import datetime

from engine.records.runs import Span, Statistics
from infra.aws import counters, keys
from infra.aws.operations.store import DynamoOperationStore
from infra.aws.runs.store import DynamoRunStore


class DynamoStatistics:
    """`engine.ports.runs.StatisticsLookup` on the runs table."""

    def __init__(self, runs: DynamoRunStore, operations: DynamoOperationStore) -> None:
        self.runs = runs
        self.operations = operations
        self.table = runs.table

    def statistics(self, tenant: str) -> Statistics:
        sums = counters.sums(self.table, tenant)

        def of(kind: str, prefix: str) -> dict[str, int]:
            named = sorted(
                (name.removeprefix(prefix), n) for (of_kind, name), n in sums.items() if of_kind == kind and name.startswith(prefix)
            )
            return dict(named)

        return Statistics(
            runs_by_status=of(counters.RUNS, counters.STATUS),
            operations_by_status=of(counters.OPERATIONS, counters.STATUS),
            decisions_by_action=of(counters.DECISIONS, counters.ACTION),
            decisions_by_reason=of(counters.REASONS, counters.REASON),
            edges=sum(n for (_, name), n in sums.items() if name == counters.EDGES),
            runs=self._span([keys.runs_by_time(tenant, number) for number in range(keys.SHARDS)]),
            operations=self.operations.lists.span(tenant),
        )

    def _span(self, partitions: list[str]) -> Span:
        """The oldest and the newest that is not past retention."""
        return Span(
            min(self._ends(partitions, forward=True), default=None),
            max(self._ends(partitions, forward=False), default=None),
        )

    def _ends(self, partitions: list[str], *, forward: bool) -> list[datetime]:
        """The first row of every partition, from its oldest or its newest end."""
        since = self.runs.oldest_visible()
        rows = (next(self.table.indexed("GSI1", name, since, ScanIndexForward=forward, Limit=1), None) for name in partitions)
        return [keys.moment(row["created_at"]) for row in rows if row is not None]
