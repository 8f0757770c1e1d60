"""Every recorded run can be found: by its id, by what points at it, in a list; its keys, its lineage, the counts; every operation too."""

from functools import partial

from aws_lambda_powertools import Logger

from engine.usecases.lookup import FindRun, LookUp
from engine.usecases.operation_lookup import FindOperation
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.headers import Handler
from infra.http.identity import Scope
from infra.http.switches import Switch
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.operations import operation_answer, operation_asked, operations_asked
from infra.wire.operations import row_document as operation_row
from infra.wire.runs import (
    edges_asked,
    history_answer,
    lineage_answer,
    mapping_answer,
    nothing,
    page_answer,
    row_document,
    run_answer,
    runs_asked,
    segment,
    summary_answer,
)


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    look_up = LookUp(FindRun(adapters.runs, adapters.lookup), adapters.lineage, adapters.statistics)
    summary = summary_answer(settings.store.backend, settings.store.retention_days)
    run_id, correlation_id, request_hash, key = map(segment, ("rebalance_run_id", "correlation_id", "request_hash", "idempotency_key"))
    operations, switches = FindOperation(adapters.operations), (Switch.SUPPORT_APIS, Switch.ASYNC_OPERATIONS)
    read, switch = partial(endpoint, Scope.READ), Switch.SUPPORT_APIS
    endpoints = {
        "GET /rebalance/runs": read(runs_asked, look_up.runs, page_answer(row_document), switch),
        "GET /rebalance/runs/{rebalance_run_id}": read(run_id, look_up.run, run_answer, switch),
        "GET /rebalance/runs/by-correlation/{correlation_id}": read(correlation_id, look_up.run_of_correlation, run_answer, switch),
        "GET /rebalance/runs/by-request-hash/{request_hash}": read(request_hash, look_up.run_of_hash, run_answer, switch),
        "GET /rebalance/runs/idempotency/{idempotency_key}": read(key, look_up.mapping, mapping_answer, switch),
        "GET /rebalance/idempotency/{idempotency_key}/history": read(
            key, look_up.history, history_answer, switch, Switch.IDEMPOTENCY_HISTORY
        ),
        "GET /rebalance/lineage/{entity_id}": read(edges_asked, look_up.edges, lineage_answer, switch, Switch.LINEAGE),
        "GET /rebalance/operations": read(operations_asked, operations.page, page_answer(operation_row), *switches),
        "GET /rebalance/operations/{operation_id}": read(operation_asked("operation_id"), operations.by_id, operation_answer, *switches),
        "GET /rebalance/operations/by-correlation/{correlation_id}": read(
            operation_asked("correlation_id"), operations.by_correlation, operation_answer, *switches
        ),
        "GET /rebalance/supportability/summary": read(nothing, look_up.statistics, summary, switch, Switch.SUMMARY),
    }
    return door(endpoints, local=settings.local, clock=adapters.clock, log=log, closed=settings.closed)


handler = entry("run-lookup", build, needs=(Need.RUNS,))
