"""Every recorded run can be found: by its id, by what points at it, in a list; its keys, its lineage, the counts; every operation too."""

from aws_lambda_powertools import Logger

from engine.usecases.lookup import FindRun, ReadRuns
from engine.usecases.operation_lookup import FindOperation
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.answers import nothing, page_answer, segment
from infra.wire.operations import operation_answer, operation_asked, operations_asked
from infra.wire.operations import row_document as operation_row
from infra.wire.runs import (
    edges_asked,
    history_answer,
    lineage_answer,
    mapping_answer,
    row_document,
    run_answer,
    run_page,
    runs_asked,
    summary_answer,
)


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    look_up = ReadRuns(FindRun(adapters.runs, adapters.lookup), adapters.lineage, adapters.statistics)
    summary = summary_answer(settings.store.backend, settings.store.retention_days)
    operations = FindOperation(adapters.operations)
    run_id, correlation_id, request_hash, key = map(segment, ("rebalance_run_id", "correlation_id", "request_hash", "idempotency_key"))
    endpoints = {
        "runs": endpoint(runs_asked, look_up.runs, page_answer(row_document)),
        "run": endpoint(run_id, look_up.run, run_answer, run_page),
        "run_by_correlation": endpoint(correlation_id, look_up.run_of_correlation, run_answer),
        "run_by_request_hash": endpoint(request_hash, look_up.run_of_hash, run_answer),
        "idempotency_key": endpoint(key, look_up.mapping, mapping_answer),
        "idempotency_history": endpoint(key, look_up.history, history_answer),
        "lineage": endpoint(edges_asked, look_up.edges, lineage_answer),
        "operations": endpoint(operations_asked, operations.page, page_answer(operation_row)),
        "operation": endpoint(operation_asked("operation_id"), operations.by_id, operation_answer),
        "operation_by_correlation": endpoint(operation_asked("correlation_id"), operations.by_correlation, operation_answer),
        "summary": endpoint(nothing, look_up.statistics, summary),
    }
    return door("run_lookup", endpoints, settings, adapters.clock, log)


handler = entry("run-lookup", build, needs=(Need.RUNS,))
