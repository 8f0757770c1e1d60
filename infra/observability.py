"""What the log may hold: ids, codes, counts and durations. Never bodies, diagnostics, names, or keys that callers choose.

One line per call, in CloudWatch's embedded metric format: the line is the log entry and the metrics at once.
"""

import time
import traceback
from collections.abc import Mapping
from typing import IO, Any, Final

from aws_lambda_powertools import Logger

NAMESPACE: Final = "RebalanceEngine"

_METRICS: Final = {
    "Namespace": NAMESPACE,
    "Dimensions": [["service", "route"]],
    "Metrics": [
        {"Name": "duration_ms", "Unit": "Milliseconds"},
        {"Name": "refused", "Unit": "Count"},
        {"Name": "failed", "Unit": "Count"},
        {"Name": "replayed", "Unit": "Count"},
    ],
}


def logger(service: str, stream: IO[str] | None = None) -> Logger:
    """A structured log of one function, to standard output unless told otherwise."""
    return Logger(service=service, stream=stream, utc=True)


def log_call(log: Logger, *, route: str, status: int, seconds: float, facts: Mapping[str, Any]) -> None:
    """Write the one line of a call."""
    server_error = 500
    client_error = 400
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [_METRICS]},
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 3),
        "refused": int(client_error <= status < server_error),
        "failed": int(status >= server_error),
        "replayed": 0,
        **facts,
    }
    log.info("call", extra=line)


def log_sweep(log: Logger, *, seconds: float, counts: Mapping[str, int]) -> None:
    """Write the one line of a sweep, every count a metric."""
    metrics = [{"Name": "duration_ms", "Unit": "Milliseconds"}, *({"Name": name, "Unit": "Count"} for name in counts)]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["service"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "duration_ms": round(seconds * 1000, 3),
        **counts,
    }
    log.info("sweep", extra=line)


def log_job(log: Logger, *, seconds: float, facts: Mapping[str, Any]) -> None:
    """Write the one line of a message; `returned` is 1 where it must come back."""
    metrics = [{"Name": "duration_ms", "Unit": "Milliseconds"}, {"Name": "returned", "Unit": "Count"}]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["service"]], "Metrics": metrics}
    stamped = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}}
    log.info("job", extra={**stamped, "duration_ms": round(seconds * 1000, 3), **facts})


def log_broken_evidence(log: Logger, *, code: str, payload: str) -> None:
    """Write which stored document is not what it must be; the metric has an alarm of its own."""
    directive = {"Namespace": NAMESPACE, "Dimensions": [[]], "Metrics": [{"Name": "evidence_broken", "Unit": "Count"}]}
    stamped = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}}
    log.error("evidence", extra={**stamped, "evidence_broken": 1, "code": code, "payload": payload})


def log_defect(log: Logger, error: BaseException) -> None:
    """Write where an unexpected exception arose, by type and place: its text may quote what a client sent."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("defect", extra={"error_type": type(error).__qualname__, "places": places})
