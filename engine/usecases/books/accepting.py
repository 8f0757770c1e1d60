"""Starting a book for a caller: recorded before it is started, once per idempotency key, however often it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.contracts.books.start import BookRequest, book_document
from engine.evidence.canonical import canonical, digest
from engine.ports.book_runs import BookRecords
from engine.ports.books import BookFiles
from engine.ports.outside import Clock
from engine.records.book_runs import Book, BookFilter, BookStatus
from engine.records.books import foreign
from engine.usecases.books.beginning import BeginAttempt
from engine.usecases.books.following import FollowBook
from engine.usecases.idempotency import refuse_conflict
from engine.usecases.refusals import Code, Refused

ID_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class BookCall:
    """One call, its caller verified and its headers checked."""

    actor: str
    idempotency_key: str
    request: BookRequest


@dataclass(frozen=True, slots=True)
class Accepted:
    """The book that the call stands for, and whether an earlier call recorded it."""

    book: Book
    replayed: bool


def book_id_of(tenant: str, idempotency_key: str) -> str:
    """The id of the book under a key, which is the name of its execution too: nobody can start another one under it."""
    return f"bk_{digest(canonical([tenant, idempotency_key])).partition(':')[2][:ID_DIGITS]}"


@dataclass(frozen=True, slots=True)
class RoomForBooks:
    """How many books of a tenant may be under way at once, `most`, 0 without bound, by what is recorded: whoever began them, a redrive as well.

    An execution that is started past the API counts from its first step on, and asks for no room. Two calls at the same moment may both find room
    for one.
    """

    follow: FollowBook
    most: int

    def __call__(self, tenant: str) -> None:
        """Refuses one more where there is no room: `BOOK_TOO_MANY`. The newest that have not ended are looked at."""
        if not self.most:
            return
        filters = [BookFilter(status=status.value) for status in (BookStatus.PENDING, BookStatus.RUNNING)]
        rows = [row for narrowed in filters for row in self.follow.records.page(tenant, narrowed, limit=self.most).rows]
        if sum(not self.follow.seen(tenant, row.book_id).over for row in rows) >= self.most:
            raise Refused(Code.BOOK_TOO_MANY)


@dataclass(frozen=True, slots=True)
class AcceptBook:
    """`POST /rebalance/books`. Refuses objects that are another tenant's or not there, a key that stands for another request, and too many at once."""

    records: BookRecords
    files_of: Callable[[str], BookFiles]
    begin: BeginAttempt
    clock: Clock
    room: RoomForBooks

    def __call__(self, tenant: str, call: BookCall) -> Accepted:
        """The book of this key; one that was recorded and whose start was lost is started."""
        objects = [*call.request.manifest, call.request.shared]
        if foreign(tenant, objects):
            raise Refused(Code.BOOK_OBJECT_FOREIGN)
        book_id, document = book_id_of(tenant, call.idempotency_key), book_document(call.request)
        there = self.records.book(tenant, book_id)
        if there is None:
            self.room(tenant)
        book = there or self._recorded(Book(tenant, book_id, call.actor, self.clock(), document, (book_id,)), objects)
        refuse_conflict(dict(book.document), document)
        return Accepted(self.begin(book) if book.status is BookStatus.PENDING else book, there is not None)

    def _recorded(self, book: Book, objects: list[str]) -> Book:
        if not all(map(self.files_of(book.tenant).has, dict.fromkeys(objects))):
            raise Refused(Code.BOOK_OBJECT_MISSING)
        return self.records.keep(book)  # the one that wins: its execution keeps the start that this record tells
