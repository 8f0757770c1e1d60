"""Finding runs, edges and counts in memory: everything is derived from the runs themselves."""

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Final

from engine.records.edges import Edge, EdgeType, edge_of_operation, edges_of_run, page_of_edges
from engine.records.pages import MAX_EVALUATED, Page, Period, instant, page_from
from engine.records.runs import KeyUse, RunFilter, RunHead, RunRow, Span, Statistics
from infra.memory.operations import MemoryOperationStore
from infra.memory.runs import MemoryRun, MemoryRunStore

SHARED: Final = 2


class MemoryRunLookup:
    """`engine.ports.runs.RunLookup` in one process."""

    def __init__(self, runs: MemoryRunStore, *, max_evaluated: int = MAX_EVALUATED) -> None:
        self.runs = runs
        self.max_evaluated = max_evaluated

    def by_correlation(self, tenant: str, correlation_id: str) -> tuple[MemoryRun, ...]:
        heads = [head for head in reversed(self.runs.visible(tenant)) if head.correlation_id == correlation_id]
        return tuple(MemoryRun(self.runs, head) for head in heads[:SHARED])

    def latest_by_hash(self, tenant: str, request_hash: str) -> MemoryRun | None:
        heads = (head for head in reversed(self.runs.visible(tenant)) if head.request_hash == request_hash)
        return next((MemoryRun(self.runs, head) for head in heads), None)

    def of_operation(self, tenant: str, operation_id: str) -> Mapping[str, str]:
        links = [(head.batch, head.run_id) for head in self.runs.visible(tenant) if head.batch is not None]
        return dict(sorted((link.scenario, run_id) for link, run_id in links if link.operation_id == operation_id))

    def mapping(self, tenant: str, key: str) -> KeyUse | None:
        return next(reversed(self.history(tenant, key)), None)

    def history(self, tenant: str, key: str) -> tuple[KeyUse, ...]:
        heads = (head for head in self.runs.visible(tenant) if head.idempotency_key == key)
        return tuple(KeyUse(head.run_id, head.correlation_id, head.request_hash, head.created_at) for head in heads)

    def page(self, tenant: str, narrowed: RunFilter, *, limit: int, cursor: str | None = None) -> Page[RunRow]:
        rows = ((f"{instant(head.created_at)}#{head.run_id}", row_of(head)) for head in reversed(self.runs.visible(tenant)))
        return page_from(rows, narrowed.passes, lambda row: row.run_id, limit, cursor, self.max_evaluated)


def row_of(head: RunHead) -> RunRow:
    """The list's row of a run."""
    return RunRow(
        run_id=head.run_id,
        correlation_id=head.correlation_id,
        request_hash=head.request_hash,
        idempotency_key=head.idempotency_key,
        portfolio_id=head.portfolio_id,
        status=head.status,
        created_at=head.created_at,
    )


class MemoryLineage:
    """`engine.ports.runs.LineageLookup` in one process."""

    def __init__(self, runs: MemoryRunStore, operations: MemoryOperationStore) -> None:
        self.runs = runs
        self.operations = operations

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
        of_operations = map(edge_of_operation, self.operations.newest_first(tenant))
        of_runs = (edge for head in self.runs.visible(tenant) for edge in edges_of_run(head))
        edges = (
            edge
            for edge in chain(of_operations, of_runs)
            if entity_id in {edge.source, edge.target} and edge_type in {None, edge.edge_type} and period.holds(edge.created_at)
        )
        return page_of_edges(sorted(edges, key=lambda edge: edge.key), limit, cursor)


class MemoryStatistics:
    """`engine.ports.runs.StatisticsLookup` in one process: counted when asked."""

    def __init__(self, runs: MemoryRunStore, operations: MemoryOperationStore) -> None:
        self.runs = runs
        self.operations = operations

    def statistics(self, tenant: str) -> Statistics:
        heads = self.runs.visible(tenant)
        decisions = [decision for head in heads for decision in self.runs.tables.decisions.get((tenant, head.run_id), ())]
        operations = list(self.operations.newest_first(tenant))
        return Statistics(
            runs_by_status=Counter(head.status for head in heads),
            operations_by_status=Counter(operation.status.value for operation in operations),
            decisions_by_action=Counter(decision.action.value for decision in decisions),
            decisions_by_reason=Counter(decision.reason_code for decision in decisions),
            edges=sum(len(edges_of_run(head)) for head in heads) + len(operations),
            runs=Span(heads[0].created_at, heads[-1].created_at) if heads else Span(),
            operations=self.operations.span(tenant),
        )
