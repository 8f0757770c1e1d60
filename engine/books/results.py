"""What a book keeps of a line: its result with everything that proves it, or why there is none. One JSON object a line."""

from typing import Any, Final

import orjson

from engine.books.decided import DecidedLine, LineFailure
from engine.books.shared import SharedBook
from engine.version import ENGINE_VERSION

MAX_SHOWN: Final = 20
"""Violations of a line that its failure shows."""


def result_line(book_id: str, run: DecidedLine, shared: SharedBook) -> bytes:
    """The line of a decided portfolio: the same bytes wherever it stood in the book."""
    return orjson.dumps(
        {
            "book_id": book_id,
            "portfolio_id": run.portfolio_id,
            "model_id": run.model_id,
            "rebalance_run_id": run.run_id,
            "correlation_id": run.correlation_id,
            "status": run.decision.status,
            "gate": gate_of(run),
            "engine_version": ENGINE_VERSION,
            "request_hash": run.request_hash,
            "policy_pack": shared.trace,
            "request": orjson.Fragment(run.request),
            "result": orjson.Fragment(run.result),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def failure_line(book_id: str, number: int, failure: LineFailure) -> bytes:
    """The line of a portfolio that could not be decided. `number` counts the lines of its object from 1."""
    shown = [violation.as_json() for violation in failure.violations[:MAX_SHOWN]]
    return orjson.dumps(
        {
            "book_id": book_id,
            "portfolio_id": failure.portfolio_id,
            "line": number,
            "error": {"code": failure.code, "errors": shown},
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def gate_of(run: DecidedLine) -> str | None:
    """What may happen to the run's orders next; None where gates are off."""
    decided: dict[str, Any] | None = run.decision.document["gate_decision"]
    return decided["gate"] if decided else None
