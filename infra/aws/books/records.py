"""Records of books in the table of runs.

META         T#…#BOOK#{book}         META      listed by time (GSI1), under the names that operations are listed by; while it waits or runs,
                                               among all that do (GSI2)
"""

from datetime import datetime
from itertools import islice, takewhile
from typing import Any, Final

from engine.records.book_runs import Book, BookFilter, BookStatus
from engine.records.pages import FIRST, MAX_EVALUATED, POSITION_MARK, Page, instant, position_of
from infra.aws import keys
from infra.aws.expressions import Item, put_once
from infra.aws.formats import VERSIONS, Format
from infra.aws.listing import Range, Walk, newest, page_of
from infra.aws.table import ConditionFailed, Table

VERSION: Final = VERSIONS[Format.BOOKS]
_OPEN: Final = {BookStatus.PENDING: keys.waiting_books, BookStatus.RUNNING: keys.running_books}
"""Among which a book is while it has not ended."""


class DynamoBookRecords:
    """`engine.ports.book_runs.BookRecords` on the table of runs."""

    def __init__(self, table: Table, *, max_evaluated: int = MAX_EVALUATED) -> None:
        self.table = table
        self.max_evaluated = max_evaluated

    def keep(self, book: Book) -> Book:
        if self.table.once(lambda _: [put_once(item_of(book))], lambda _: False):
            return book
        there = self.book(book.tenant, book.book_id)
        assert there is not None  # noqa: S101  (a book never goes)
        return there

    def book(self, tenant: str, book_id: str) -> Book | None:
        item = self.table.get(keys.book(tenant, book_id), keys.META)
        return None if item is None else book_of(tenant, item)

    def move(self, seen: Book, now: Book) -> bool:
        values = moving(now)
        sets = ", ".join(f"#{name} = :{name}" for name, value in values.items() if value is not None)
        removes = ", ".join(f"#{name}" for name, value in values.items() if value is None)
        given = {f":{name}": value for name, value in values.items()} | {":seen": seen.status.value, ":before": len(seen.attempts)}
        try:
            self.table.update(
                keys.book(seen.tenant, seen.book_id),
                keys.META,
                f"SET {sets}" + (f" REMOVE {removes}" if removes else ""),
                "#status = :seen AND size(#attempts) = :before",
                given,
                {f"#{name}": name for name in values},
            )
        except ConditionFailed:
            there = self.book(seen.tenant, seen.book_id)
            return there is not None and moving(there) == moving(now)  # ours, acknowledged late
        return True

    def waiting(self, *, recorded_before: datetime, most: int) -> tuple[tuple[str, str], ...]:
        oldest = (row["gsi2sk"] for row in self.table.indexed("GSI2", keys.waiting_books(), Limit=most))
        return tuple(map(keys.owed, islice(takewhile(lambda key: key < instant(recorded_before), oldest), most)))

    def running(self, *, most: int) -> tuple[tuple[str, str], ...]:
        rows = self.table.indexed("GSI2", keys.running_books(), Limit=most)
        return tuple(keys.owed(row["gsi2sk"]) for row in islice(rows, most))

    def page(self, tenant: str, narrowed: BookFilter, *, limit: int, cursor: str | None = None) -> Page[Book]:
        before = None if cursor is None else self._before(tenant, narrowed, cursor)
        if cursor is not None and before is None:
            return Page()
        walk = Walk(
            "GSI1",
            [keys.books_by_time(tenant, number) for number in range(keys.SHARDS)],
            Range.of(narrowed.period, FIRST, before),
            equal={} if narrowed.status is None else {"status": narrowed.status},
        )
        found = newest(self.table, walk, limit + 1, self.max_evaluated)
        return page_of(found, limit, lambda item: book_of(tenant, item), "operation_id")

    def _before(self, tenant: str, narrowed: BookFilter, cursor: str) -> str | None:
        """The sort key that the page starts below; None where the cursor names no row of this list."""
        if cursor.startswith(POSITION_MARK):
            return position_of(cursor)
        found = self.book(tenant, cursor)
        return keys.at(found.created_at, found.book_id) if found is not None and narrowed.passes(found) else None


def item_of(book: Book) -> Item:
    """META of a book."""
    return {
        "pk": keys.book(book.tenant, book.book_id),
        "sk": keys.META,
        "v": VERSION,
        "operation_id": book.book_id,
        "actor": book.actor,
        "created_at": instant(book.created_at),
        "document": dict(book.document),
        **moving(book),
        "gsi1pk": keys.books_by_time(book.tenant, keys.shard(book.book_id)),
        "gsi1sk": keys.at(book.created_at, book.book_id),
    }


def moving(book: Book) -> dict[str, Any]:
    """What changes of a book."""
    among = _OPEN[book.status]() if book.status in _OPEN else None
    since = book.created_at if book.status is BookStatus.PENDING else book.started_at or book.created_at
    return {
        "attempts": list(book.attempts),
        "status": book.status.value,
        "started_at": None if book.started_at is None else instant(book.started_at),
        "finished_at": None if book.finished_at is None else instant(book.finished_at),
        "fault": book.fault,
        "gsi2pk": among,
        "gsi2sk": None if among is None else keys.due(since, book.tenant, book.book_id),
    }


def book_of(tenant: str, item: Item) -> Book:
    """The book that META holds; from an index row, what a list shows of it."""
    times = {name: keys.moment(item[name]) for name in ("started_at", "finished_at") if name in item}
    return Book(
        tenant=tenant,
        book_id=item["operation_id"],
        actor=item.get("actor", ""),
        created_at=keys.moment(item["created_at"]),
        document=item.get("document", {}),
        attempts=tuple(item.get("attempts", ())),
        status=BookStatus(item["status"]),
        fault=item.get("fault"),
        **times,
    )
