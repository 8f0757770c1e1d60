"""What callers ask about recorded runs, and how the wire shows what was found (RFC-0017, RFC-0023). No stored result is parsed."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Final

import orjson

from engine.records.edges import Edge
from engine.records.pages import ListCall, Page
from engine.records.runs import KeyUse, RunFilter, RunRow, Statistics
from engine.usecases.lookup import EdgesOf, FoundRun, KeyHistory
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import PAGE, PERIOD, TEXT, Query, path_parameter, period_of
from infra.wire.answers import Document, answer

RUNS: Final = Query({**PERIOD, "status": TEXT, "request_hash": TEXT, "portfolio_id": TEXT, **PAGE})
EDGES: Final = Query({**PERIOD, "edge_type": TEXT, **PAGE})


def runs_asked(request: Request) -> ListCall[RunFilter]:
    """The list of runs, narrowed."""
    given = RUNS(request.event)
    narrowed = RunFilter(period_of(given), given.get("status"), given.get("request_hash"), given.get("portfolio_id"))
    return ListCall(narrowed, given["limit"], given.get("cursor"))


def edges_asked(request: Request) -> ListCall[EdgesOf]:
    """The edges of an entity, narrowed."""
    given = EDGES(request.event)
    narrowed = EdgesOf(path_parameter(request.event, "entity_id"), given.get("edge_type"), period_of(given))
    return ListCall(narrowed, given["limit"], given.get("cursor"))


def run_document(run: FoundRun) -> Document:
    """The look-up of a run: its record, who and what shaped it (dpm-service S8, S9), and the very bytes of its result (dpm-service S38)."""
    batch = run.head.batch
    return {
        "rebalance_run_id": run.head.run_id,
        "correlation_id": run.head.correlation_id,
        "request_hash": run.head.request_hash,
        "idempotency_key": run.head.idempotency_key,
        "portfolio_id": run.head.portfolio_id,
        "created_at": run.head.created_at,
        "policy_pack": None if run.head.pack is None else asdict(run.head.pack),
        "batch_run_id": None if batch is None else batch.batch_run_id,
        "scenario": None if batch is None else batch.scenario,
        "operation_id": None if batch is None else batch.operation_id,
        "result": orjson.Fragment(run.result),
    }


def run_answer(run: FoundRun) -> Response:
    """One run."""
    return answer(run_document(run), run_id=run.head.run_id)


def run_page(run: FoundRun) -> Response:
    """One run for people."""
    from infra.pages.answers import page_of_run  # noqa: PLC0415  (whoever asks for JSON waits for no templates)

    return page_of_run(run_answer(run).body, run.head.run_id)


def row_document(run: RunRow) -> Document:
    """A line of the list of runs."""
    return {
        "rebalance_run_id": run.run_id,
        "correlation_id": run.correlation_id,
        "request_hash": run.request_hash,
        "idempotency_key": run.idempotency_key,
        "portfolio_id": run.portfolio_id,
        "status": run.status,
        "created_at": run.created_at,
    }


def mapping_answer(current: KeyHistory) -> Response:
    """What a key stands for now."""
    [use] = current.uses
    shown = {
        "idempotency_key": current.key,
        "request_hash": use.request_hash,
        "rebalance_run_id": use.run_id,
        "created_at": use.created_at,
    }
    return answer(shown, run_id=use.run_id)


def history_document(history: KeyHistory) -> Document:
    """Everything that a key stood for."""
    return {"idempotency_key": history.key, "history": list(map(_use, history.uses))}


def history_answer(history: KeyHistory) -> Response:
    """The history of a key."""
    return answer(history_document(history), rows=len(history.uses))


def lineage_document(entity_id: str, page: Page[Edge]) -> Document:
    """The edges of an entity."""
    return {"entity_id": entity_id, "edges": list(map(_edge, page.rows)), "next_cursor": page.next_cursor}


def lineage_answer(found: tuple[str, Page[Edge]]) -> Response:
    """A page of the edges of an entity."""
    entity_id, page = found
    return replace(answer(lineage_document(entity_id, page), rows=len(page.rows)), next_cursor=page.next_cursor)


def summary_answer(store_backend: str, retention_days: int) -> Callable[[Statistics], Response]:
    """The counts of a tenant's store, which this deployment keeps so."""

    def shown(held: Statistics) -> Response:
        document = {
            "store_backend": store_backend,
            "retention_days": retention_days,
            "run_count": sum(held.runs_by_status.values()),
            "operation_count": sum(held.operations_by_status.values()),
            "run_status_counts": _counts(held.runs_by_status),
            "operation_status_counts": _counts(held.operations_by_status),
            "workflow_decision_count": sum(held.decisions_by_action.values()),
            "workflow_action_counts": _counts(held.decisions_by_action),
            "workflow_reason_code_counts": _counts(held.decisions_by_reason),
            "lineage_edge_count": held.edges,
            "oldest_run_created_at": held.runs.oldest,
            "newest_run_created_at": held.runs.newest,
            "oldest_operation_created_at": held.operations.oldest,
            "newest_operation_created_at": held.operations.newest,
        }
        return answer(document)

    return shown


def _counts(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items()))


def _use(use: KeyUse) -> Document:
    return {
        "rebalance_run_id": use.run_id,
        "correlation_id": use.correlation_id,
        "request_hash": use.request_hash,
        "created_at": use.created_at,
    }


def _edge(edge: Edge) -> Document:
    return {
        "source_entity_id": edge.source,
        "edge_type": edge.edge_type,
        "target_entity_id": edge.target,
        "created_at": edge.created_at,
        "metadata": dict(edge.metadata),
    }
