"""Between the record of a book and its execution: starting it, noticing that somebody did, making up a start that was lost."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from engine.ports.book_runs import BookRecords, BookRuns
from engine.ports.outside import Clock, StoreUnavailable
from engine.records.book_runs import Book, BookStatus

NEVER_STARTED_AFTER: Final = timedelta(minutes=2)
BOOKS_AT_ONCE: Final = 25


@dataclass(frozen=True, slots=True)
class BeginAttempt:
    """Starts the execution of an attempt that is recorded and was not seen to run; harmless where it was started already."""

    records: BookRecords
    runs: BookRuns
    clock: Clock

    def __call__(self, book: Book) -> Book:
        """The book, running. StoreUnavailable leaves it PENDING: the next call of this kind starts it."""
        self.runs.start(book.execution, book.order)
        running = replace(book, status=BookStatus.RUNNING, started_at=self.clock())
        return running if self.records.move(book, running) else self.records.book(book.tenant, book.book_id) or running


@dataclass(frozen=True, slots=True)
class BeginWaiting:
    """The sweeper's part: starts books of all tenants that are recorded, and whose start was lost."""

    records: BookRecords
    begin: BeginAttempt
    clock: Clock

    def __call__(self, most: int) -> int:
        """How many were started, up to `most`. Raises the first StoreUnavailable, after all were tried: one that cannot start holds up no other."""
        started, failures = 0, []
        for tenant, book_id in self.records.waiting(recorded_before=self.clock() - NEVER_STARTED_AFTER, most=most):
            try:
                book = self.records.book(tenant, book_id)
                if book is not None and book.status is BookStatus.PENDING:
                    self.begin(book)
                    started += 1
            except StoreUnavailable as outage:
                failures.append(outage)
        if failures:
            raise failures[0]
        return started


@dataclass(frozen=True, slots=True)
class KeepBegun:
    """Keeps the record of a book whose execution was started without us, as a schedule does; one that we started has its record already."""

    records: BookRecords

    def __call__(self, book: Book) -> None:
        """The book with its last execution under way, seen by what that does first. Raises StoreUnavailable."""
        there = self.records.keep(book)
        if book.execution not in there.attempts:
            self.records.move(there, replace(book, attempts=(*there.attempts, book.execution)))
