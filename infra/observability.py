"""What the log may hold: ids, codes, counts and durations. Never bodies, diagnostics, names, or keys that callers choose.

One line per call, in CloudWatch's embedded metric format: the line is the log entry and the metrics at once.
"""

import os
import time
import traceback
from collections.abc import Mapping
from typing import IO, Any, Final

from aws_lambda_powertools import Logger

NAMESPACE: Final = "RebalanceEngine"

Directive = dict[str, Any]


def _directive(dimensions: list[str], *metrics: str) -> Directive:
    """Members of a line that CloudWatch reads as metrics, and the members that tell one series from another."""
    units = {"duration_ms": "Milliseconds"}
    named = [{"Name": name, "Unit": units.get(name, "Count")} for name in metrics]
    return {"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": named}


# What has an alarm is counted by stage alone, so that one alarm hears all functions of a stage and none of another.
_CALL: Final = (_directive(["stage"], "failed"), _directive(["stage", "service", "route"], "duration_ms", "refused", "failed", "replayed"))
_JOB: Final = (_directive(["stage"], "returned"), _directive(["stage", "service"], "duration_ms", "returned"))
_EVIDENCE: Final = (_directive(["stage"], "evidence_broken"),)


def logger(service: str, stream: IO[str] | None = None, environ: Mapping[str, str] = os.environ) -> Logger:
    """A structured log of one function, to standard output unless told otherwise. Every line names the stage."""
    return Logger(service=service, stream=stream, utc=True, stage=environ.get("APP_STAGE") or "local")


def log_call(log: Logger, *, route: str, status: int, seconds: float, facts: Mapping[str, Any]) -> None:
    """Write the one line of a call. `route` makes metrics: it is a name out of few, never what a caller sent."""
    server_error = 500
    client_error = 400
    line = {
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 3),
        "refused": int(client_error <= status < server_error),
        "failed": int(status >= server_error),
        "replayed": 0,
        **facts,
    }
    log.info("call", extra=_measured(line, *_CALL))


def log_sweep(log: Logger, *, seconds: float, counts: Mapping[str, int]) -> None:
    """Write the one line of a sweep, every count a metric."""
    directive = _directive(["stage", "service"], "duration_ms", *counts)
    log.info("sweep", extra=_measured({"duration_ms": round(seconds * 1000, 3), **counts}, directive))


def log_job(log: Logger, *, seconds: float, facts: Mapping[str, Any]) -> None:
    """Write the one line of a message; `returned` is 1 where it must come back."""
    log.info("job", extra=_measured({"duration_ms": round(seconds * 1000, 3), **facts}, *_JOB))


def log_broken_evidence(log: Logger, *, code: str, payload: str) -> None:
    """Write which stored document is not what it must be; the metric has an alarm of its own."""
    log.error("evidence", extra=_measured({"evidence_broken": 1, "code": code, "payload": payload}, *_EVIDENCE))


def log_defect(log: Logger, error: BaseException) -> None:
    """Write where an unexpected exception arose, by type and place: its text may quote what a client sent."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("defect", extra={"error_type": type(error).__qualname__, "places": places})


def _measured(line: Mapping[str, Any], *directives: Directive) -> dict[str, Any]:
    return {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": list(directives)}, **line}
