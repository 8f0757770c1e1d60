"""What is kept of a book that was started in the cloud: recorded first, then executed by a state machine, once for every attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from engine.records.books import BookStart
from engine.records.pages import EVER, Period


class BookStatus(StrEnum):
    """PENDING, recorded → RUNNING → SUCCEEDED, FAILED or CANCELLED; from each of these RUNNING again, by a redrive."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Book:
    """A book as its record tells it. `document` is what started it, defaults filled in; times are aware, UTC.

    `attempts` names the execution of every attempt, the last one is under way or over. `status`, `started_at` and `finished_at` are of the last
    attempt, as it was seen last. `fault` is why that failed.
    """

    tenant: str
    book_id: str
    actor: str
    created_at: datetime
    document: Mapping[str, Any]
    attempts: Sequence[str]
    status: BookStatus = BookStatus.PENDING
    started_at: datetime | None = None
    finished_at: datetime | None = None
    fault: str | None = None

    @property
    def start(self) -> BookStart:
        """What the steps of its execution know of it."""
        told = self.document
        created_at, digests = self.created_at.isoformat(), told.get("digests", {})
        return BookStart(self.book_id, told["manifest"], told["shared"], self.tenant, told["records"], self.actor, created_at, digests)

    @property
    def attempt(self) -> int:
        """The number of the last attempt, from 0, as its name tells it."""
        return self._number(len(self.attempts) - 1)

    @property
    def execution(self) -> str:
        """The name of its last execution."""
        return self.attempts[-1]

    @property
    def execution_input(self) -> dict[str, Any]:
        """What its last execution is started with."""
        return {**self.document, "tenant": self.tenant, "book_id": self.book_id, "attempt": self.attempt}

    @property
    def over(self) -> bool:
        """Whether its last attempt has ended."""
        return self.status not in {BookStatus.PENDING, BookStatus.RUNNING}

    @property
    def row(self) -> Self:
        """What a list shows of it."""
        return replace(self, actor="", document={}, attempts=(), fault=None)

    def seen(self, execution: "Execution") -> Self:
        """The book as its last execution says that it is."""
        return replace(
            self,
            status=execution.status,
            started_at=execution.started_at,
            finished_at=execution.finished_at,
            fault=execution.fault,
        )

    def again(self) -> Self:
        """The book with one attempt more, which is to be started."""
        last = max(map(self._number, range(len(self.attempts))))  # somebody may have started -r2 without -r1
        following = (*self.attempts, f"{self.book_id}-r{last + 1}")
        return replace(self, attempts=following, status=BookStatus.PENDING, started_at=None, finished_at=None, fault=None)

    def _number(self, place: int) -> int:
        """The number of an attempt: the one that its execution's name ends in, else its place among them."""
        name = self.attempts[place]
        number = name.removeprefix(f"{self.book_id}-r")
        return int(number) if number != name and number.isdecimal() else place


@dataclass(frozen=True, slots=True)
class Execution:
    """How an execution stands. `fault` is the code of what it failed of."""

    status: BookStatus
    started_at: datetime
    finished_at: datetime | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class BookFilter:
    """What a list of books is narrowed to; the period is of `created_at`."""

    period: Period = EVER
    status: str | None = None

    def passes(self, book: Book) -> bool:
        """Whether the book is in the list."""
        return self.period.holds(book.created_at) and self.status in {None, book.status}


@dataclass(frozen=True, slots=True)
class Upload:
    """Where a file may be sent: a form of these `fields` with the file as its last, POSTed to `url`. `most` are bytes.

    Until the form expires, whoever has it may send again, and replaces what is there: `digests` of a start say what is meant.
    """

    name: str
    url: str
    fields: Mapping[str, str]
    most: int
