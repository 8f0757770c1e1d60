"""What the log may hold: ids, codes, counts and durations. Never bodies, diagnostics, names, or keys that callers choose.

Of what a caller sends there is one thing: the correlation id, which is sent to be found again. One line per call, in CloudWatch's embedded
metric format: the line is the log entry and the metrics at once, as `infra.watching.metrics` lists them.
"""

import os
import time
import traceback
from collections.abc import Callable, Mapping
from typing import IO, Any, Final

from aws_lambda_powertools import Logger

from engine.records.books import BookStart
from infra.watching.metrics import NAMESPACE, TENANT, Dimensions, Line, of_line

SERVER_ERROR: Final = 500
CLIENT_ERROR: Final = 400
CONFLICT: Final = "IDEMPOTENCY_KEY_CONFLICT"


def logger(service: str, stream: IO[str] | None = None, environ: Mapping[str, str] = os.environ) -> Logger:
    """A structured log of one function, to standard output unless told otherwise. Every line names the stage."""
    return Logger(service=service, stream=stream, utc=True, location=None, stage=environ.get("APP_STAGE") or "local")


def log_call(log: Logger, *, route: str, status: int, seconds: float, facts: Mapping[str, Any], by_tenant: bool = False) -> None:
    """Write the one line of a call. `route` makes metrics: it is a name out of few, never what a caller sent."""
    line = {
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 3),
        "refused": int(CLIENT_ERROR <= status < SERVER_ERROR),
        "failed": int(status >= SERVER_ERROR),
        "replayed": 0,
        **({"conflicts": 1} if facts.get("code") == CONFLICT else {}),
        **facts,
    }
    log.info(Line.CALL, extra=_measured(Line.CALL, line, by_tenant=by_tenant))


def log_sweep(log: Logger, *, seconds: float, counts: Mapping[str, int]) -> None:
    """Write the one line of a sweep, every count a metric."""
    log.info(Line.SWEEP, extra=_measured(Line.SWEEP, {"duration_ms": round(seconds * 1000, 3), **counts}))


def log_job(log: Logger, *, seconds: float, facts: Mapping[str, Any], by_tenant: bool = False) -> None:
    """Write the one line of a message; `returned` is 1 where it must come back."""
    log.info(Line.JOB, extra=_measured(Line.JOB, {"duration_ms": round(seconds * 1000, 3), **facts}, by_tenant=by_tenant))


def log_token(log: Logger, *, outcome: str, accepted: bool, failed: bool, seconds: float, facts: Mapping[str, str]) -> None:
    """Write the one line of a token: what came of it and why, never a part of it. `failed` where nobody could say."""
    counts = {"duration_ms": round(seconds * 1000, 3), "tokens_refused": int(not accepted and not failed), "failed": int(failed)}
    log.info(Line.TOKEN, extra=_measured(Line.TOKEN, {"outcome": outcome, **counts, **facts}))


def log_book(log: Logger, *, book: BookStart, counts: Mapping[str, int]) -> None:
    """Write the one line of a step of a book."""
    log.info(Line.BOOK, extra=_measured(Line.BOOK, {"tenant": book.tenant, "book_id": book.book_id, **counts}))


def log_broken_evidence(log: Logger, *, code: str, payload: str, facts: Mapping[str, str] | None = None) -> None:
    """Write which stored document is not what it must be; the metric has an alarm of its own."""
    members = {"evidence_broken": 1, "code": code, "payload": payload, **(facts or {})}
    log.error(Line.EVIDENCE, extra=_measured(Line.EVIDENCE, members))


def log_defect(log: Logger, error: BaseException, facts: Mapping[str, str] | None = None) -> None:
    """Write where an unexpected exception arose, by type and place: its text may quote what a client sent."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("defect", extra={"error_type": type(error).__qualname__, "places": places, **(facts or {})})


def log_first_defects(log: Logger, facts: Mapping[str, str], most: int = 3) -> Callable[[Exception], None]:
    """Writes the first few of what may be one defect, met by every line of a chunk."""
    told = 0

    def on_defect(error: Exception) -> None:
        nonlocal told
        if told < most:
            told += 1
            log_defect(log, error, facts)

    return on_defect


def _measured(line: Line, members: Mapping[str, Any], *, by_tenant: bool = False) -> dict[str, Any]:
    """The line's members with what CloudWatch reads as metrics: those of the table that the line has, by what tells their series apart."""
    by: dict[Dimensions, list[dict[str, str]]] = {}
    for metric in of_line(line):
        if metric.name in members:
            ways = (*metric.by, TENANT) if metric.business and by_tenant and "tenant" in members else metric.by
            for dimensions in ways:
                by.setdefault(dimensions, []).append({"Name": metric.name, "Unit": metric.unit})
    directives = [{"Namespace": NAMESPACE, "Dimensions": [list(dimensions)], "Metrics": named} for dimensions, named in by.items()]
    return {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}, **members}
