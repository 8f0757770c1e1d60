"""Between the record of a book and its execution: starting it, noticing that somebody did or that it ended, making up a start that was lost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from engine.ports.book_runs import BookMachine, BookRecords
from engine.ports.outside import Clock, StoreUnavailable
from engine.records.book_runs import Book, BookStatus
from engine.records.books import BookStart
from engine.usecases.books.refused import BookFault, BookRefused
from engine.usecases.refusals import Code

NEVER_STARTED_AFTER: Final = timedelta(minutes=2)
BOOKS_AT_ONCE: Final = 25
LOOKED_AT_ONCE: Final = 200
"""More than ever run at once, since those that began first are looked at first."""
GONE_AFTER: Final = timedelta(hours=1)
"""Every execution can be seen by then; one that cannot was forgotten, 90 days after its end."""


@dataclass(frozen=True, slots=True)
class BeginAttempt:
    """Starts the execution of an attempt that is recorded and was not seen to run; harmless where it was started already."""

    records: BookRecords
    machine: BookMachine
    clock: Clock

    def __call__(self, book: Book) -> Book:
        """The book, running. StoreUnavailable leaves it PENDING: the next call of this kind starts it.

        One that was cancelled meanwhile, when there was nothing to stop yet, is stopped; so is one that a later attempt has followed,
        while whoever starts it here took its time.
        """
        self.machine.start(book.execution, book.execution_input)
        running = replace(book, status=BookStatus.RUNNING, started_at=self.clock())
        if self.records.move(book, running):
            return running
        there = self.records.book(book.tenant, book.book_id) or running
        if there.execution != book.execution or _cancelled(there, book.execution):
            self.machine.stop(book.execution)
        return there


@dataclass(frozen=True, slots=True)
class BeginWaiting:
    """The sweeper's part: starts books of all tenants that are recorded, and whose start was lost."""

    records: BookRecords
    begin: BeginAttempt
    clock: Clock

    def __call__(self, most: int) -> int:
        """How many were started, up to `most`. Raises the first StoreUnavailable, after all were tried: one that cannot start holds up no other."""
        return _each(self.records.waiting(recorded_before=self.clock() - NEVER_STARTED_AFTER, most=most), self._begun)

    def _begun(self, tenant: str, book_id: str) -> bool:
        book = self.records.book(tenant, book_id)
        if book is None or book.status is not BookStatus.PENDING:
            return False
        self.begin(book)
        return True


@dataclass(frozen=True, slots=True)
class SeeBook:
    """Looks how a book's last execution stands, and keeps what it sees."""

    records: BookRecords
    machine: BookMachine
    clock: Clock

    def __call__(self, book: Book) -> Book:
        """The book as it is now. Raises StoreUnavailable."""
        if book.over:
            return book
        execution = self.machine.state(book.execution)
        now = book.seen(execution) if execution is not None else self._unseen(book)
        if now.status is not book.status:
            self.records.move(book, now)
        return now

    def _unseen(self, book: Book) -> Book:
        """A book whose execution is none: not begun, too young to be seen, or so old that nobody remembers it."""
        now = self.clock()
        if book.status is not BookStatus.RUNNING or (book.started_at or book.created_at) > now - GONE_AFTER:
            return book
        return replace(book, status=BookStatus.FAILED, finished_at=now, fault=BookFault.EXECUTION_GONE.value)


@dataclass(frozen=True, slots=True)
class SeeRunning:
    """The sweeper's other part: looks at books of all tenants that run, so that one which has ended is listed as that with nobody looking."""

    records: BookRecords
    see: SeeBook

    def __call__(self, most: int) -> int:
        """How many of `most` have ended. Raises StoreUnavailable as `BeginWaiting`."""
        return _each(self.records.running(most=most), self._ended)

    def _ended(self, tenant: str, book_id: str) -> bool:
        book = self.records.book(tenant, book_id)
        return book is not None and not book.over and self.see(book).over


@dataclass(frozen=True, slots=True)
class AsRecorded:
    """The start of a book as its record tells it: one that a caller started is that caller's, of that time, whatever becomes of its execution."""

    records: BookRecords

    def __call__(self, asked: BookStart) -> BookStart:
        """The start with who asked for it, and when; as it is where nothing is recorded yet, as of a book that a schedule starts."""
        there = self.records.book(asked.tenant, asked.book_id)
        return asked if there is None else replace(asked, actor=there.actor, created_at=there.start.created_at)


@dataclass(frozen=True, slots=True)
class KeepBegun:
    """Says which execution is at a book, by its record: of all that begin it one at a time, the last that was recorded.

    The record of a book whose execution was started without us, as a schedule does, is kept here; one that we started has its record already.
    """

    records: BookRecords
    see: SeeBook

    def __call__(self, book: Book, *, scheduled: bool = False) -> Book:
        """The book as it is now, of which its last execution is at it: that of `book`, or another one, and then that of `book` must end.

        Another one it is where a later attempt was recorded meanwhile; and of a scheduled start, which may be delivered again, where an earlier
        delivery is at the book or was, and has not failed. Raises StoreUnavailable.

        BookRefused where the execution was cancelled before it was there, and whoever started it did not live to stop it.
        """
        there = self.records.keep(book)
        if _cancelled(there, book.execution):
            raise BookRefused(BookFault.CANCELLED)
        if book.execution in there.attempts:
            return there
        if scheduled and (there := self.see(there)).status is not BookStatus.FAILED:
            return there
        begun = replace(book, attempts=(*there.attempts, book.execution))
        if not self.records.move(there, begun):  # it moved meanwhile: the step is tried again, over what it is then
            raise StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE)
        return begun


def _cancelled(book: Book, execution: str) -> bool:
    return book.status is BookStatus.CANCELLED and book.execution == execution


def _each(found: Iterable[tuple[str, str]], act: Callable[[str, str], bool]) -> int:
    """For how many of these books, by tenant and id, something was done. Raises the first StoreUnavailable, after all were tried."""
    done, failures = 0, []
    for tenant, book_id in found:
        try:
            done += act(tenant, book_id)
        except StoreUnavailable as outage:
            failures.append(outage)
    if failures:
        raise failures[0]
    return done
