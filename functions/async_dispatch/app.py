"""Accept what-if batches for later, and execute a waiting one on demand (RFC-0018)."""

from aws_lambda_powertools import Logger

from engine.records.operations import Family
from engine.usecases.acceptance import AcceptBatch, ExecuteNow
from engine.usecases.packs import PackResolution
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.execution import dispatching, execution
from infra.wire.operations import accepted_answer, operation_answer, operation_asked, submission_asked


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    execute = execution(settings, adapters, log)
    dispatch = dispatching(settings, adapters, execute, Family.DPM)
    packs = PackResolution(settings.packs.rules, adapters.packs, strict=settings.packs.strict)
    accept = AcceptBatch(adapters.operations, packs, adapters.clock, adapters.ids, dispatch)
    now = ExecuteNow(adapters.operations, execute)
    endpoints = {
        "analyze_async": endpoint(submission_asked, accept, accepted_answer),
        "execute_operation": endpoint(operation_asked("operation_id"), now, operation_answer),
    }
    return door("async_dispatch", endpoints, settings, adapters.clock, log)


handler = entry("async-dispatch", build, needs=(Need.RUNS, Need.PACKS, Need.QUEUE))
