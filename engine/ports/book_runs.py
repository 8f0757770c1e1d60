"""Books that are started in the cloud, as the use cases ask for them: their records, their executions, the addresses of their files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from engine.records.book_runs import Book, BookFilter, Execution, Upload
from engine.records.pages import Page


class BookRecords(Protocol):
    """Records of books; what a book came to lies in its files. Reads are consistent but the list. Raises StoreUnavailable for an outage."""

    def keep(self, book: Book) -> Book:
        """Keep a book, unless there is one of its id already: the one that is kept now. A book never goes."""
        ...

    def book(self, tenant: str, book_id: str) -> Book | None:
        """The book, or None for unknown and foreign ids alike."""
        ...

    def move(self, seen: Book, now: Book) -> bool:
        """Bring a book from how it was seen to how it is now: attempts, status, times and fault. False = it is not as it was seen any more."""
        ...

    def waiting(self, *, recorded_before: datetime, most: int) -> tuple[tuple[str, str], ...]:
        """Tenant and id of books of all tenants that are PENDING, the oldest first; as an index shows them, so perhaps not any more."""
        ...

    def running(self, *, most: int) -> tuple[tuple[str, str], ...]:
        """Tenant and id of books of all tenants that are RUNNING, those that began first first; as an index shows them."""
        ...

    def page(self, tenant: str, narrowed: BookFilter, *, limit: int, cursor: str | None = None) -> Page[Book]:
        """Books by `created_at` descending, then id descending; cursor and bounds as in `RunLookup.page`. Rows are `Book.row`."""
        ...


class BookMachine(Protocol):
    """The state machine that runs books. Raises StoreUnavailable for an outage, with nothing or all of it done."""

    def start(self, execution: str, document: Mapping[str, Any]) -> None:
        """Start an execution; one that is there, or was within 90 days, under the same name stays as it is."""
        ...

    def state(self, execution: str) -> Execution | None:
        """How an execution stands; None where there is none of this name, or none any more."""
        ...

    def stop(self, execution: str) -> None:
        """Stop an execution; without effect on one that has ended, or is none."""
        ...


class BookAddresses(Protocol):
    """What is beside the files of one tenant's books: which there are, and addresses for who has no other way to them."""

    def names(self, folder: str) -> frozenset[str]:
        """The files of a folder, by their last part."""
        ...

    def link(self, name: str, *, seconds: int) -> str | None:
        """An address that serves a file to anybody who knows it, for these seconds; None where there is none to give."""
        ...

    def upload(self, name: str, *, most: int, sha256: str | None, seconds: int) -> Upload:
        """Where a file of at most `most` bytes may be sent under this name, for these seconds; only the bytes of a digest (hex) where one is stated."""
        ...
