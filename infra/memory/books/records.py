"""Records of books in memory, under the same contract as the table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock

from engine.records.book_runs import Book, BookFilter, BookStatus
from engine.records.pages import MAX_EVALUATED, Page, instant, page_from
from engine.records.runs import tenant_of


@dataclass
class MemoryBookRecords:
    """`engine.ports.book_runs.BookRecords` in one process."""

    kept: dict[tuple[str, str], Book] = field(default_factory=dict)
    max_evaluated: int = MAX_EVALUATED
    lock: RLock = field(default_factory=RLock)

    def keep(self, book: Book) -> Book:
        with self.lock:
            return self.kept.setdefault((tenant_of(book.tenant), book.book_id), book)

    def book(self, tenant: str, book_id: str) -> Book | None:
        return self.kept.get((tenant_of(tenant), book_id))

    def move(self, seen: Book, now: Book) -> bool:
        with self.lock:
            there = self.book(seen.tenant, seen.book_id)
            if there is None or (there.status, len(there.attempts)) != (seen.status, len(seen.attempts)):
                return there is not None and _moving(there) == _moving(now)
            self.kept[seen.tenant, seen.book_id] = replace(
                there, attempts=now.attempts, status=now.status, started_at=now.started_at, finished_at=now.finished_at, fault=now.fault
            )
            return True

    def waiting(self, *, recorded_before: datetime, most: int) -> tuple[tuple[str, str], ...]:
        return self._names(most, lambda book: book.created_at if book.status is BookStatus.PENDING else None, recorded_before)

    def running(self, *, most: int) -> tuple[tuple[str, str], ...]:
        return self._names(most, lambda book: book.started_at or book.created_at if book.status is BookStatus.RUNNING else None)

    def _names(self, most: int, since: Callable[[Book], datetime | None], before: datetime | None = None) -> tuple[tuple[str, str], ...]:
        with self.lock:
            found = [(moment, book.tenant, book.book_id) for book in self.kept.values() if (moment := since(book)) is not None]
        ranked = sorted(row for row in found if before is None or row[0] < before)
        return tuple((tenant, book_id) for _, tenant, book_id in ranked[:most])

    def page(self, tenant: str, narrowed: BookFilter, *, limit: int, cursor: str | None = None) -> Page[Book]:
        rows = ((f"{instant(book.created_at)}#{book.book_id}", book.row) for book in self._newest_first(tenant))
        return page_from(rows, narrowed.passes, lambda book: book.book_id, limit, cursor, self.max_evaluated)

    def _newest_first(self, tenant: str) -> Iterator[Book]:
        with self.lock:
            found = [book for (owner, _), book in self.kept.items() if owner == tenant_of(tenant)]
        return iter(sorted(found, key=lambda book: (book.created_at, book.book_id), reverse=True))


def _moving(book: Book) -> tuple[object, ...]:
    """What `move` moves."""
    return tuple(book.attempts), book.status, book.started_at, book.finished_at, book.fault
