"""Lineage edges (RFC-0023), derived from the records they join: nothing is stored for them but the pointers that exist anyway."""

import heapq
from collections.abc import Iterator
from typing import Final

from engine.records.edges import Edge, EdgeType, cursor_time, edge_of_operation, edges_of_run, page_of_edges, run_edge
from engine.records.pages import FIRST, Page, Period
from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.listing import Range
from infra.aws.operations.store import DynamoOperationStore
from infra.aws.runs import uses
from infra.aws.runs.store import DynamoRunStore

AT_ONCE: Final = 200
"""Pointers read in one go: as many as a page shows at most, for the busiest correlation id has millions."""


class DynamoLineage:
    """`engine.ports.runs.LineageLookup` on the runs table."""

    def __init__(self, runs: DynamoRunStore, operations: DynamoOperationStore) -> None:
        self.runs = runs
        self.operations = operations
        self.table = runs.table

    def edges(
        self,
        tenant: str,
        entity_id: str,
        *,
        edge_type: EdgeType | None = None,
        period: Period = Period(),  # noqa: B008  (a frozen value)
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Edge]:
        since = period.start if cursor is None else cursor_time(cursor)
        if cursor is not None and (since is None or not period.holds(since)):
            return Page()
        within = Period(since, period.end)
        streams = [
            *self._run_streams(tenant, entity_id, edge_type, Range.of(within, self.runs.oldest_visible())),
            *self._operation_streams(tenant, entity_id, edge_type, Range.of(within, FIRST)),
        ]
        return page_of_edges(heapq.merge(*streams, key=lambda edge: edge.key), limit, cursor)

    def _run_streams(self, tenant: str, entity_id: str, edge_type: EdgeType | None, within: Range) -> Iterator[Iterator[Edge]]:
        """One ascending stream for each place where an edge between the entity and a run may come from."""
        if within.empty:
            return
        yield self._of_run(tenant, entity_id, edge_type, within)
        if edge_type in {None, EdgeType.CORRELATION_TO_RUN}:
            for partition in keys.correlations(tenant, entity_id):
                yield self._to_runs(partition, keys.RUN_PREFIX, entity_id, EdgeType.CORRELATION_TO_RUN, within)
        if edge_type in {None, EdgeType.IDEMPOTENCY_TO_RUN}:
            partition = keys.idempotency(tenant, entity_id)
            yield self._to_runs(partition, keys.HISTORY_PREFIX, entity_id, EdgeType.IDEMPOTENCY_TO_RUN, within)
            yield self._of_claim(tenant, entity_id, within)
        if edge_type in {None, EdgeType.OPERATION_TO_RUN}:
            yield self._of_operation(tenant, entity_id, within)

    def _operation_streams(self, tenant: str, entity_id: str, edge_type: EdgeType | None, within: Range) -> Iterator[Iterator[Edge]]:
        """The edge between an operation and its correlation id, from either end."""
        if edge_type not in {None, EdgeType.OPERATION_TO_CORRELATION}:
            return
        itself = self.operations.operation(tenant, entity_id)
        joined = (found.operation for found in self.operations.of_correlation(tenant, entity_id, newest_first=False))
        for found in ([] if itself is None else [itself], joined):
            yield (edge for edge in map(edge_of_operation, found) if within.holds(edge.created_at))

    def _of_run(self, tenant: str, run_id: str, edge_type: EdgeType | None, within: Range) -> Iterator[Edge]:
        """The edges that end in the entity, where it is a run."""
        head = self.runs.head(tenant, run_id)
        edges = [] if head is None else edges_of_run(head)
        yield from sorted((e for e in edges if edge_type in {None, e.edge_type} and within.holds(e.created_at)), key=lambda e: e.key)

    def _to_runs(self, partition: str, prefix: str, source: str, edge_type: EdgeType, within: Range) -> Iterator[Edge]:
        """The edges that start in the entity, from its pointers by time."""
        for row in self.table.between(partition, prefix + within.low, prefix + within.high, Limit=AT_ONCE):
            yield _pointed(row, source, edge_type)

    def _of_claim(self, tenant: str, key: str, within: Range) -> Iterator[Edge]:
        """The edge of the entity's first use, where it is a key that was claimed."""
        edges = (_pointed(row, key, EdgeType.IDEMPOTENCY_TO_RUN) for row in uses.claims(self.table, tenant, key))
        yield from (edge for edge in edges if within.holds(edge.created_at))

    def _of_operation(self, tenant: str, operation_id: str, within: Range) -> Iterator[Edge]:
        """The edges to the runs of an operation's scenarios, of which there are twenty at most."""
        edges = (
            run_edge(
                keys.moment(row["created_at"]), operation_id, EdgeType.OPERATION_TO_RUN, row["run_id"], row["request_hash"], row["scenario"]
            )
            for row in self.table.rows(keys.operation(tenant, operation_id), keys.RUN_PREFIX)
        )
        yield from sorted((edge for edge in edges if within.holds(edge.created_at)), key=lambda edge: edge.key)


def _pointed(row: Item, source: str, edge_type: EdgeType) -> Edge:
    return run_edge(keys.moment(row["created_at"]), source, edge_type, row["run_id"], row["request_hash"])
