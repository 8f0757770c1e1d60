"""Following a book: where it stands, how fast it goes, what it came to; stopping it, and making what is missing."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from engine.ports.book_runs import BookAddresses, BookMachine, BookRecords
from engine.ports.books import BookFiles
from engine.ports.outside import Clock, StoreUnavailable
from engine.records.book_runs import Book, BookFilter, BookStatus
from engine.records.books import ALL_BLOCKS, ALL_ORDERS, SUMMARY, TALLIES
from engine.records.pages import POSITION_MARK, ListCall, Page, instant, position_cursor
from engine.usecases.books.beginning import BeginAttempt, SeeBook
from engine.usecases.books.index import kept_index, listed_chunks
from engine.usecases.refusals import Code, Refused

LINK_SECONDS: Final = 900
WHOLE: Final = {"summary": SUMMARY, "orders": ALL_ORDERS, "blocks": ALL_BLOCKS}
"""What a book comes to as a whole."""
LOOKED_AT: Final = 10
"""Books of a page whose executions are asked, the newest of those that have not ended."""
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a book is made: chunks and lines, of all attempts together.

    `rate` is lines per second of the last attempt, half-even at a tenth; `left` the seconds that the rest takes at that rate, rounded up.
    None where it cannot be said yet.
    """

    chunks: int
    missing: Sequence[int]
    lines: int
    lines_done: int
    rate: Decimal | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class FollowedBook:
    """A book, how much of it is made (None before it is cut into chunks), and addresses of what it came to."""

    book: Book
    progress: Progress | None
    files: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class FollowBook:
    """Books as callers follow them. Refuses unknown and foreign ones alike; raises StoreUnavailable."""

    records: BookRecords
    machine: BookMachine
    files_of: Callable[[str], BookFiles]
    addresses_of: Callable[[str], BookAddresses]
    clock: Clock

    def page(self, tenant: str, call: ListCall[BookFilter]) -> Page[Book]:
        """A page of the list. The newest that have not ended are looked at; of further ones, and in an outage, it tells what was seen last."""
        page = self.records.page(tenant, call.narrowed, limit=call.limit, cursor=call.cursor)
        now: dict[str, Book] = {}
        with suppress(StoreUnavailable):
            for book in [row for row in page.rows if not row.over][:LOOKED_AT]:
                now[book.book_id] = self.seen(tenant, book.book_id).row
        rows = [now.get(row.book_id, row) for row in page.rows]
        return Page(tuple(filter(call.narrowed.passes, rows)), _by_position(page))

    def by_id(self, tenant: str, book_id: str) -> FollowedBook:
        """One book as it stands now."""
        book = self.seen(tenant, book_id)
        addresses = self.addresses_of(tenant)
        kept = self.files_of(tenant).has(book.start.of_whole(SUMMARY))
        links = {kind: addresses.link(book.start.of_whole(name), seconds=LINK_SECONDS) if kept else None for kind, name in WHOLE.items()}
        return FollowedBook(book, self.progress(book), links)

    def summary(self, tenant: str, book_id: str) -> bytes:
        """The summary, byte for byte; refused before there is one."""
        book = self.known(tenant, book_id)
        try:
            return self.files_of(tenant).read(book.start.of_whole(SUMMARY))
        except LookupError:
            raise Refused(Code.BOOK_NOT_SUMMED_UP) from None

    def known(self, tenant: str, book_id: str) -> Book:
        """The book as it was seen last."""
        book = self.records.book(tenant, book_id)
        if book is None:
            raise Refused(Code.BOOK_NOT_FOUND)
        return book

    def seen(self, tenant: str, book_id: str) -> Book:
        """The book as it is now, which is kept."""
        return SeeBook(self.records, self.machine, self.clock)(self.known(tenant, book_id))

    def progress(self, book: Book) -> Progress | None:
        """What is made, by the tallies that are there: a chunk is done when its tally is."""
        files = self.files_of(book.tenant)
        try:
            chunks = kept_index(files, book.start)
        except LookupError:
            return None
        made = {int(name) for name in self.addresses_of(book.tenant).names(f"{book.start.folder}/{TALLIES}")}
        done = [chunk for chunk in chunks if chunk.number in made]
        lines, lines_done = (sum(chunk.lines for chunk in some) for some in (chunks, done))
        missing = [chunk.number for chunk in chunks if chunk.number not in made]
        rate = self._rate(files, book, made)
        left = -int(-(lines - lines_done) // rate) if rate and book.status is BookStatus.RUNNING else None
        return Progress(len(chunks), missing, lines, lines_done, rate, left)

    def _rate(self, files: BookFiles, book: Book, made: set[int]) -> Decimal | None:
        try:
            todo = listed_chunks(files, book.start.todo(book.attempt))
        except LookupError:
            return None
        seconds = _seconds(book.started_at, book.finished_at or self.clock())
        lines = sum(chunk.lines for chunk in todo if chunk.number in made)
        return (lines / seconds).quantize(_TENTH, ROUND_HALF_EVEN) if seconds > 0 and lines else None


@dataclass(frozen=True, slots=True)
class CancelBook:
    """`POST …/cancel`: no chunk is begun any more. A book that has ended stays as it is."""

    follow: FollowBook

    def __call__(self, tenant: str, book_id: str) -> FollowedBook:
        """The book as it stands then."""
        book = self.follow.seen(tenant, book_id)
        if not book.over:
            self.follow.machine.stop(book.execution)
            book = self.follow.seen(tenant, book_id)
        if not book.over:  # it was never started, or takes its time to stop: chunks under way may still be kept
            self.follow.records.move(book, replace(book, status=BookStatus.CANCELLED, finished_at=self.follow.clock()))
        return self.follow.by_id(tenant, book_id)


@dataclass(frozen=True, slots=True)
class RedriveBook:
    """`POST …/redrive`: one attempt more, over the chunks that are missing.

    Refused while one runs, where nothing is missing, and where `room` has none for one more book of the tenant.
    """

    follow: FollowBook
    begin: BeginAttempt
    room: Callable[[str], None]

    def __call__(self, tenant: str, book_id: str) -> FollowedBook:
        """The book as it stands then. Where an attempt is recorded and its start was lost, it is that one that is started."""
        book = self.follow.seen(tenant, book_id)
        if book.status is BookStatus.RUNNING:
            raise Refused(Code.BOOK_UNDER_WAY)
        if book.over:
            book = self._again(book)
        self.begin(book)
        return self.follow.by_id(tenant, book_id)

    def _again(self, book: Book) -> Book:
        progress = self.follow.progress(book)
        if book.status is BookStatus.SUCCEEDED and progress is not None and not progress.missing:
            raise Refused(Code.BOOK_COMPLETE)
        self.room(book.tenant)
        again = book.again()
        if not self.follow.records.move(book, again):
            raise Refused(Code.BOOK_UNDER_WAY)
        return again


def _by_position(page: Page[Book]) -> str | None:
    """Where the list goes on, by a place in it: its last row may be in the list no more when that is asked."""
    cursor = page.next_cursor
    if cursor is None or cursor.startswith(POSITION_MARK):
        return cursor
    return position_cursor(f"{instant(page.rows[-1].created_at)}#{page.rows[-1].book_id}")


def _seconds(start: datetime | None, end: datetime) -> Decimal:
    if start is None:
        return Decimal(0)
    passed = end - start
    return Decimal(passed.days * 86_400 + passed.seconds) + Decimal(passed.microseconds).scaleb(-6)
