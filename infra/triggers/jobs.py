"""The door of functions that a queue calls: every message is a job of its own, and only those that must come back are named.

A message that is no job of ours, or whose handling raised, goes back as well: after twelve receipts it is a dead letter.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from time import perf_counter
from typing import Any, Final

from aws_lambda_powertools import Logger

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable, WorkQueue
from engine.records.operations import Family, Job
from engine.usecases.refusals import Code
from infra.observability import log_broken_evidence, log_defect, log_job
from infra.triggers.once import Context
from infra.watching.tally import tallied

Answer = dict[str, list[dict[str, str]]]
Handler = Callable[[Mapping[str, Any], Context], Answer]

JobHandler = Callable[[Job, int], tuple[str, bool]]
"""Handles a job within `seconds`: what came of it, and whether its message is done with."""

MIN_DELAY_SECONDS: Final = 30
MAX_DELAY_SECONDS: Final = 600

MARGIN_SECONDS: Final = 15
"""A lease outlives the function that holds it by this much, so that nobody takes over what is still running."""


def jobs(
    handlers: Mapping[Family, JobHandler],
    log: Logger,
    *,
    queue: WorkQueue | None = None,
    is_last_queue: bool = False,
    by_tenant: bool = False,
) -> Handler:
    """A handler of SQS batches with partial answers. Each family's jobs go to their own handler.

    What met an outage, or is held by somebody else, the `queue` is asked to bring again soon: twelve receipts outlive an hour.
    What died comes again in the queue's own time.
    With `is_last_queue` none comes after this one: a message that will never be handled is done with once the log tells of it.
    """

    def handler(event: Mapping[str, Any], context: Context) -> Answer:
        failed_ids = [
            record["messageId"]
            for record in event["Records"]
            if not _handled(record, handlers, context, log, queue, is_last_queue=is_last_queue, by_tenant=by_tenant)
        ]
        return {"batchItemFailures": [{"itemIdentifier": failed_id} for failed_id in failed_ids]}

    return handler


def log_failures(log: Logger) -> Callable[[Exception], None]:
    """Writes what an execution failed of to the log: codes, types and places, nothing that a client sent."""

    def on_failure(error: Exception) -> None:
        if isinstance(error, EvidenceCorrupt):
            log_broken_evidence(log, code=Code.EVIDENCE_CORRUPT, payload=error.key)
        else:
            log_defect(log, error)

    return on_failure


def delay_after(receipts: int) -> int:
    """Seconds until a message comes again: 30 after its first receipt, twice as many after each further one, 600 at most."""
    return min(MAX_DELAY_SECONDS, MIN_DELAY_SECONDS << min(receipts - 1, MAX_DELAY_SECONDS.bit_length()))


def _handled(
    record: Mapping[str, Any],
    handlers: Mapping[Family, JobHandler],
    context: Context,
    log: Logger,
    queue: WorkQueue | None,
    *,
    is_last_queue: bool,
    by_tenant: bool,
) -> bool:
    from infra.aws.operations.queue import job_of  # noqa: PLC0415  (loads botocore, which a queue's function has anyway)

    started = perf_counter()
    received = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    facts: dict[str, Any] = {"message_id": record["messageId"], "received": received}
    outcome, done, again = "NOT_A_JOB", is_last_queue, False
    with tallied() as tally:
        try:
            job = job_of(record["body"])
            facts |= {"tenant": job.tenant, "operation_id": job.operation_id, "family": job.family.value}
            outcome, done = handlers[job.family](job, context.get_remaining_time_in_millis() // 1000 + MARGIN_SECONDS)
            again = not done
        except StoreUnavailable as outage:
            outcome, done, again = outage.code, False, True
        except Exception as defect:  # noqa: BLE001  (the outermost door: one message may not take the others along)
            log_defect(log, defect, {"message_id": record["messageId"]})
    if again and queue is not None:
        with suppress(StoreUnavailable):  # nobody heard: the message comes in the queue's own time
            queue.postpone(record["receiptHandle"], delay_after(received))
    facts |= {**tally.figures(kept=done), "outcome": outcome, "returned": int(not done)}
    log_job(log, seconds=perf_counter() - started, facts=facts, by_tenant=by_tenant)
    return done
