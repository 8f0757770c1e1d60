"""Which lineage edges a record stands for, and how a list of edges is cut into pages: the same for every store (RFC-0023)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice

from engine.records.operations import Operation
from engine.records.pages import Page
from engine.records.runs import RunHead


class EdgeType(StrEnum):
    """How two recorded things belong together (RFC-0023)."""

    CORRELATION_TO_RUN = "CORRELATION_TO_RUN"
    IDEMPOTENCY_TO_RUN = "IDEMPOTENCY_TO_RUN"
    OPERATION_TO_CORRELATION = "OPERATION_TO_CORRELATION"
    OPERATION_TO_RUN = "OPERATION_TO_RUN"


@dataclass(frozen=True, slots=True)
class Edge:
    """One lineage edge, derived from the record that it names; edges sort by the order of these members."""

    created_at: datetime
    source: str
    edge_type: EdgeType
    target: str
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[datetime, str, str, str]:
        """What makes the edge; also its place in the order of a list."""
        return self.created_at, self.source, self.edge_type.value, self.target

    @property
    def cursor(self) -> str:
        """`{created_at ISO}|{source}|{edge_type}|{target}`."""
        return f"{self.created_at.astimezone(UTC).isoformat()}|{self.source}|{self.edge_type}|{self.target}"


def run_edge(created_at: datetime, source: str, edge_type: EdgeType, run_id: str, request_hash: str, scenario: str | None = None) -> Edge:
    """An edge to a run: it says which request the run answered and, of an operation, which scenario."""
    metadata = (("request_hash", request_hash),) if scenario is None else (("request_hash", request_hash), ("scenario", scenario))
    return Edge(created_at, source, edge_type, run_id, metadata)


def edges_of_run(head: RunHead) -> list[Edge]:
    """The edges that end in a run: from its correlation id, its idempotency key, and the operation that made it."""
    edges = [run_edge(head.created_at, head.correlation_id, EdgeType.CORRELATION_TO_RUN, head.run_id, head.request_hash)]
    if head.idempotency_key is not None:
        edges.append(run_edge(head.created_at, head.idempotency_key, EdgeType.IDEMPOTENCY_TO_RUN, head.run_id, head.request_hash))
    if head.batch is not None and head.batch.operation_id is not None:
        operation_id, scenario = head.batch.operation_id, head.batch.scenario
        edges.append(run_edge(head.created_at, operation_id, EdgeType.OPERATION_TO_RUN, head.run_id, head.request_hash, scenario))
    return edges


def edge_of_operation(operation: Operation) -> Edge:
    """The edge from an operation to its correlation id."""
    metadata = (("operation_type", operation.operation_type),)
    return Edge(operation.created_at, operation.operation_id, EdgeType.OPERATION_TO_CORRELATION, operation.correlation_id, metadata)


def cursor_time(cursor: str) -> datetime | None:
    """The time at the head of an edge's cursor; None for what is no cursor."""
    try:
        moment = datetime.fromisoformat(cursor.partition("|")[0])
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def page_of_edges(ascending: Iterable[Edge], limit: int | None, cursor: str | None) -> Page[Edge]:
    """The edges after the cursor, each once; an empty page where the cursor is none of them. Reads no further than it must."""
    distinct = _distinct(ascending)
    if cursor is not None and not _found(distinct, cursor):
        return Page()
    rows = tuple(distinct if limit is None else islice(distinct, limit))
    further = next(distinct, None)
    return Page(rows, None if further is None else rows[-1].cursor)


def _found(ascending: Iterator[Edge], cursor: str) -> bool:
    """Whether the edge of this cursor comes; reads up to it, or to the first that is younger."""
    time = cursor_time(cursor)
    for edge in ascending:
        if edge.cursor == cursor:
            return True
        if time is not None and edge.created_at > time:
            return False
    return False


def _distinct(ascending: Iterable[Edge]) -> Iterator[Edge]:
    """An edge that is found from both its ends comes twice in a row."""
    previous: Edge | None = None
    for edge in ascending:
        if previous is None or edge.key != previous.key:
            yield edge
        previous = edge
