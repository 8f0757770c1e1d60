"""The door of functions that a queue calls: every message is a job of its own, and only those that must come back are named.

A message that is no job of ours, or whose handling raised, goes back as well: after five receipts it is a dead letter.
"""

import os
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from time import perf_counter
from typing import Any, Final

from aws_lambda_powertools import Logger

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.records.operations import Family, Job
from engine.usecases.refusals import Code
from infra.adapters import Adapters, connect
from infra.observability import log_broken_evidence, log_defect, log_job, logger
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.settings.reading import Environ
from infra.triggers.schedules import Context

Answer = dict[str, list[dict[str, str]]]
Handler = Callable[[Mapping[str, Any], Context], Answer]
Build = Callable[[Settings, Adapters, Logger], Handler]

Take = Callable[[Job, int], tuple[str, bool]]
"""Handles a job within so many seconds: what came of it, and whether its message is done with."""

MARGIN_SECONDS: Final = 15
"""A claim outlives the function that holds it by so much, so that nobody takes over what is still running."""


def jobs(take: Mapping[Family, Take], log: Logger, *, last: bool = False) -> Handler:
    """A handler of SQS batches with partial answers. Each family's jobs go to their own taker.

    With `last` no queue comes after this one: a message that will never be handled is done with once the log tells of it.
    """

    def handler(event: Mapping[str, Any], context: Context) -> Answer:
        back = [record["messageId"] for record in event["Records"] if not _done(record, take, context, log, last=last)]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in back]}

    return handler


def consumer(service: str, build: Build, environ: Environ = os.environ, *, needs: Collection[Need]) -> Handler:
    """The handler of a module, built at its first call. Raises Misconfigured for an environment that violates a guardrail for one of its needs."""
    built: list[Handler] = []
    building = Lock()

    def handler(event: Mapping[str, Any], context: Context) -> Answer:
        with building:
            if not built:
                settings = Settings.from_environ(environ, needs)
                built.append(build(settings, connect(settings, needs), logger(service)))
        return built[0](event, context)

    return handler


def noticed_in(log: Logger) -> Callable[[Exception], None]:
    """Writes what an execution failed of to the log: codes, types and places, nothing that a client sent."""

    def notice(error: Exception) -> None:
        if isinstance(error, EvidenceCorrupt):
            log_broken_evidence(log, code=Code.EVIDENCE_CORRUPT, payload=error.key)
        else:
            log_defect(log, error)

    return notice


def _done(record: Mapping[str, Any], take: Mapping[Family, Take], context: Context, log: Logger, *, last: bool) -> bool:
    from infra.aws.operations.queue import job_of  # noqa: PLC0415  (loads botocore, which a queue's function has anyway)

    started = perf_counter()
    received = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    facts: dict[str, Any] = {"message_id": record["messageId"], "received": received}
    outcome, done = "NOT_A_JOB", last
    try:
        job = job_of(record["body"])
        facts |= {"operation_id": job.operation_id, "family": job.family.value}
        outcome, done = take[job.family](job, context.get_remaining_time_in_millis() // 1000 + MARGIN_SECONDS)
    except StoreUnavailable as outage:
        outcome, done = outage.code, False
    except Exception as defect:  # noqa: BLE001  (the outermost door: one message may not take the others along)
        log_defect(log, defect)
    log_job(log, seconds=perf_counter() - started, facts={**facts, "outcome": outcome, "returned": int(not done)})
    return done
