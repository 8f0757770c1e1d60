"""How a state machine asks for a book, and what it is told. What callers ask over HTTP is in `book_calls.py`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from engine.contracts.books.start import BOOK_REQUEST, BookRequest, consistent
from engine.contracts.recorded import recorded
from engine.contracts.violations import InvalidRequest
from engine.evidence.canonical import digest
from engine.records.book_runs import Book, BookStatus
from engine.records.books import BookStart
from engine.records.runs import tenant_of
from engine.usecases.books.refused import BookFault, BookRefused

OF_THE_MACHINE: Final = ("tenant", "book_id", "attempt")
SCHEDULED: Final = frozenset({"schedule", "scheduled_for", "book"})
"""The input of a scheduled start: whose it is, for when, and what any other start is given."""
_SCHEDULE_DIGITS: Final = 12
_BOOK_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,76}")
_AGAIN: Final = re.compile(r"(.+)-r([1-9][0-9]{0,2})")
"""What the execution of a further attempt is called."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AskedBook:
    """A book as a state machine's execution asks for it. Each attempt is an execution of its own, from 0.

    `scheduled` is what a scheduler delivers: at least once, each time as another execution, so that another one may be at the book already.
    """

    book: BookStart
    attempt: int
    chunk_lines: int
    max_concurrency: int
    tolerated_failure_percentage: int
    scheduled: bool = False

    def within(self, reserved: int) -> Self:
        """With no more chunks at once than are reserved for all books; 0 reserves none, and bounds nothing."""
        return replace(self, max_concurrency=min(self.max_concurrency, reserved)) if reserved else self

    def record(self, first: BookStart, execution: str, now: datetime) -> Book:
        """The record of the book, under way; `first` tells who started it, and when, the first time."""
        document = {
            "manifest": list(self.book.manifest),
            "shared": self.book.shared,
            "records": self.book.records,
            "chunk_lines": self.chunk_lines,
            "max_concurrency": self.max_concurrency,
            "tolerated_failure_percentage": self.tolerated_failure_percentage,
            "digests": dict(self.book.digests),
        }
        begun = datetime.fromisoformat(first.created_at)
        return Book(self.book.tenant, self.book.book_id, first.actor, begun, document, (execution,), BookStatus.RUNNING, now)

    def as_json(self) -> Document:
        """What the states that follow need besides the book."""
        return {
            "max_concurrency": self.max_concurrency,
            "tolerated_failure_percentage": self.tolerated_failure_percentage,
        }


@dataclass(frozen=True, slots=True)
class _Start:
    """What a start asks for, and how its book is called where it names none itself."""

    told: dict[str, Any]
    named: str
    attempt: int
    begun: str
    scheduled: bool = False

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """The start of an execution. Raises BookRefused."""
        told = event.get("input")
        if not isinstance(told, dict):
            raise BookRefused(BookFault.START_INVALID)
        named, attempt = _named(str(event.get("execution")))
        if told.keys() != SCHEDULED or not isinstance(book := told["book"], dict):
            return cls(told, named, attempt, str(event.get("started")))
        if stated := sorted({"book_id", "attempt"} & book.keys()):  # every night would be the same one
            raise BookRefused(f"{BookFault.START_INVALID}: {stated[0]}")
        book_id, time = _book_of(str(told["schedule"]), str(told["scheduled_for"])), str(told["scheduled_for"])
        goes_on = named == book_id and attempt > 0
        return cls(book, book_id, attempt if goes_on else 0, time, scheduled=not goes_on)


def asked_of_machine(event: Mapping[str, Any]) -> AskedBook:
    """The book that an execution's input asks for. Raises BookRefused.

    An input without an id is the book of its execution's name: `night`, and at its second attempt `night-r1`. That of a schedule is the book of
    this schedule and its time, which it is of, too, whatever execution brings it and whenever; one that is called after the book and an attempt is
    no delivery but goes on with it.
    """
    start = _Start.of(event)
    told = start.told
    try:
        tenant, attempt = tenant_of(str(told.get("tenant", ""))), int(told.get("attempt", start.attempt))
        book_id, begun = str(told.get("book_id", start.named)), datetime.fromisoformat(start.begun).astimezone(UTC)
        request = consistent(recorded(BOOK_REQUEST, {name: value for name, value in told.items() if name not in OF_THE_MACHINE}))
    except InvalidRequest as invalid:
        place = invalid.violations[0].loc[1]
        raise BookRefused(f"{BookFault.START_INVALID}: {place}" if place in BookRequest.__slots__ else BookFault.START_INVALID) from None
    except (ValueError, TypeError):
        raise BookRefused(BookFault.START_INVALID) from None
    if not _BOOK_ID.fullmatch(book_id):
        raise BookRefused(f"{BookFault.START_INVALID}: book_id")
    objects, digests = (request.manifest, request.shared), request.digests
    book = BookStart(book_id, *objects, tenant, request.records.value, created_at=begun.isoformat(), digests=digests)
    return AskedBook(
        book, attempt, request.chunk_lines, request.max_concurrency, request.tolerated_failure_percentage, scheduled=start.scheduled
    )


def _named(execution: str) -> tuple[str, int]:
    """The book and the attempt that an execution's name tells of."""
    again = _AGAIN.fullmatch(execution)
    return (again[1], int(again[2])) if again else (execution, 0)


def _book_of(schedule: str, time: str) -> str:
    """The id of the book of a schedule at a time, the same for whatever delivers it. Raises BookRefused for a time that is none."""
    try:
        moment = datetime.fromisoformat(time).astimezone(UTC)
    except ValueError:
        raise BookRefused(f"{BookFault.START_INVALID}: scheduled_for") from None
    return f"night-{moment:%Y%m%dT%H%M%SZ}-{digest(schedule.encode()).partition(':')[2][:_SCHEDULE_DIGITS]}"


def told_of_machine(summary: Document) -> Document:
    """What an execution ends with: far below what a state may carry, however large the book is."""
    lines, chunks = summary["lines"], summary["chunks"]
    return {
        "book_id": summary["book_id"],
        "status": summary["status"],
        "decided": lines["decided"],
        "failed": lines["failed"],
        "missing": len(chunks["missing"]),
    }
