"""How a state machine asks for a book, and what it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.contracts.books.start import BOOK_REQUEST, BookRequest
from engine.contracts.recorded import recorded
from engine.contracts.violations import InvalidRequest
from engine.records.books import BookStart
from engine.records.runs import tenant_of
from engine.usecases.books.refused import BookRefused

START_INVALID: Final = "BOOK_START_INVALID"
OF_THE_MACHINE: Final = ("tenant", "book_id", "attempt")

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AskedBook:
    """A book as a state machine's execution asks for it. Each attempt is an execution of its own, from 0."""

    book: BookStart
    attempt: int
    chunk_lines: int
    max_concurrency: int
    tolerated_failure_percentage: int

    def as_json(self) -> Document:
        """What the states that follow need."""
        return {
            "book": self.book.as_json(),
            "attempt": self.attempt,
            "max_concurrency": self.max_concurrency,
            "tolerated_failure_percentage": self.tolerated_failure_percentage,
        }


def asked_of_machine(event: Mapping[str, Any]) -> AskedBook:
    """The book that an execution's input asks for; an input without an id is the book of its execution's name. Raises BookRefused."""
    told = event.get("input")
    if not isinstance(told, dict):
        raise BookRefused(START_INVALID)
    try:
        tenant, attempt = tenant_of(str(told.get("tenant", ""))), int(told.get("attempt", 0))
        request = recorded(BOOK_REQUEST, {name: value for name, value in told.items() if name not in OF_THE_MACHINE})
    except InvalidRequest as invalid:
        raise BookRefused(f"{START_INVALID}: {'.'.join(map(str, invalid.violations[0].loc[1:2]))}") from None
    except (ValueError, TypeError):
        raise BookRefused(START_INVALID) from None
    return asked(request, tenant, str(told.get("book_id") or event.get("execution")), attempt)


def asked(request: BookRequest, tenant: str, book_id: str, attempt: int = 0) -> AskedBook:
    """A book under its id."""
    book = BookStart(book_id, request.manifest, request.shared, tenant, request.records.value)
    return AskedBook(book, attempt, request.chunk_lines, request.max_concurrency, request.tolerated_failure_percentage)


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
