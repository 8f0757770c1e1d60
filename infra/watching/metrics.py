"""The table of metrics: every name with its unit, what tells its series from each other, and what it counts.

Data only. The log's lines carry them (`infra.observability`), the dashboard shows them and the runbook names them; tests compare all three.
No name and no dimension is ever made of what a caller sent, so there are never more of them than here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.records.proposal_history import EventType, Gate

NAMESPACE: Final = "RebalanceEngine"


class Line(StrEnum):
    """The lines that carry metrics, by their message."""

    CALL = "call"
    JOB = "job"
    SWEEP = "sweep"
    EVIDENCE = "evidence"
    TOKEN = "token"  # noqa: S105  (the name of a line)
    BOOK = "book"


Dimensions = tuple[str, ...]

STAGE: Final[Dimensions] = ("stage",)
SERVICE: Final[Dimensions] = ("stage", "service")
ROUTE: Final[Dimensions] = ("stage", "service", "route")
TENANT: Final[Dimensions] = ("stage", "tenant")
"""Only where the deployment asks for it: `METRICS_BY_TENANT`."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. It has a series for each way `by` which it is told apart; what has an `alarm` has it by stage alone.

    `business` ones are there only where there is something to count, and by tenant too where the deployment asks for that.
    """

    name: str
    says: str
    lines: tuple[Line, ...]
    by: tuple[Dimensions, ...]
    unit: str = "Count"
    alarm: bool = False
    business: bool = False


STATUSES: Final = ("READY", "PENDING_REVIEW", "BLOCKED")

_DECIDING: Final = (Line.CALL, Line.JOB)


def _business(name: str, says: str, *lines: Line) -> Metric:
    return Metric(name, says, lines or _DECIDING, (STAGE,), business=True)


def _decided(what: str, plural: str) -> Iterator[Metric]:
    for status in STATUSES:
        yield _business(f"{plural}_{status.lower()}", f"{plural} decided {status}")
    for gate in Gate:
        yield _business(f"{what}_gate_{gate.lower()}", f"{plural} whose gate is {gate}")


METRICS: Final = (
    Metric("duration_ms", "how long a call took", (Line.CALL,), (ROUTE,), "Milliseconds"),
    Metric("failed", "calls that ended in 5xx", (Line.CALL,), (STAGE, ROUTE), alarm=True),
    Metric("refused", "calls that ended in 4xx", (Line.CALL,), (ROUTE,)),
    Metric("replayed", "calls that were answered by an earlier one", (Line.CALL,), (STAGE, ROUTE)),
    Metric(
        "duration_ms",
        "how long a message, a sweep, or looking at a token took",
        (Line.JOB, Line.SWEEP, Line.TOKEN),
        (SERVICE,),
        "Milliseconds",
    ),
    Metric("failed", "tokens of which nobody could say whether they are good", (Line.TOKEN,), (STAGE, SERVICE), alarm=True),
    Metric("tokens_refused", "tokens that were refused", (Line.TOKEN,), (STAGE, SERVICE)),
    Metric("returned", "messages that were given back to their queue", (Line.JOB,), (STAGE, SERVICE), alarm=True),
    Metric("evidence_broken", "stored documents that are not what they must be", (Line.EVIDENCE,), (STAGE,), alarm=True),
    _business("conflicts", "calls whose idempotency key stands for another request", Line.CALL),
    Metric(
        "engine_ms",
        "how long the engine took to decide what a call, or a message, asked for",
        _DECIDING,
        (STAGE, SERVICE),
        "Milliseconds",
        business=True,
    ),
    _business("intents", "orders of the runs and proposals that were decided, FX deals included"),
    *_decided("run", "runs"),
    *_decided("proposal", "proposals"),
    _business("scenarios_failed", "scenarios of a what-if that could not be decided"),
    _business("solver_proven", "runs whose targets are the proven optimum"),
    _business("solver_infeasible", "runs whose limits are proven to have no solution, by a minimal conflict"),
    _business(
        "solver_effort_spent", "runs whose limits are proven to have no solution, by a conflict that the effort left larger than need be"
    ),
    _business("solver_missing", "runs that asked for a solver where none is installed"),
    *(_business(f"event_{event.lower()}", f"proposals to which {event} happened") for event in EventType),
    Metric("lines", "portfolios of chunks that are done, those that failed among them", (Line.BOOK,), (SERVICE,)),
    Metric(
        "failed_lines", "portfolios of books that could not be decided, by chunk and by book", (Line.BOOK,), (STAGE, SERVICE), alarm=True
    ),
    Metric("chunks_missing", "chunks that a book ended without", (Line.BOOK,), (STAGE, SERVICE), alarm=True),
    *(
        Metric(name, says, (Line.SWEEP,), (SERVICE,))
        for name, says in (
            ("operations_sent", "what-ifs that waited unheard and were sent again"),
            ("proposal_operations_sent", "operations on proposals that waited unheard and were sent again"),
            ("proposals_expired", "proposals whose version ended"),
            ("books_started", "books that waited unstarted and were started again"),
            ("books_ended", "books that were seen to have ended, before anybody asked"),
            ("runs_removed", "runs past their retention that were removed"),
            ("operations_removed", "operations past their retention that were removed"),
            ("documents_removed", "documents without an owner that were removed"),
            ("unfinished", "tasks that a sweep had no time for"),
            ("failed", "tasks that an outage broke off"),
        )
    ),
)
"""All of them; a name may stand twice, for lines that count it differently."""


def of_line(line: Line) -> tuple[Metric, ...]:
    """The metrics that a line may carry."""
    return tuple(metric for metric in METRICS if line in metric.lines)
