"""Preparing an attempt at a book: what it is about is checked, its manifest indexed, what is left of it listed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from engine.contracts.violations import InvalidRequest
from engine.ports.books import BookFiles
from engine.records.books import BookStart
from engine.usecases.books.chunks import TALLIES, SharedDocuments
from engine.usecases.books.index import Cut, index_book
from engine.usecases.books.refused import BookRefused

FOREIGN: Final = "BOOK_OBJECT_FOREIGN"
MISSING: Final = "BOOK_FILE_MISSING"
SHARED_INVALID: Final = "BOOK_SHARED_INVALID"


@dataclass(frozen=True, slots=True)
class Prepared:
    """An attempt: the file that lists its chunks, and how many there are of all."""

    todo: str
    left: int
    chunks: int

    def as_json(self) -> dict[str, Any]:
        """As a state machine hands it on."""
        return {"todo": self.todo, "left": self.left, "chunks": self.chunks}


@dataclass(frozen=True, slots=True)
class PrepareBook:
    """Prepares attempts; the same attempt is always prepared alike, also when it is prepared twice at once."""

    files_of: Callable[[str], BookFiles]

    def __call__(self, book: BookStart, attempt: int, chunk_lines: int) -> Prepared:
        """What the attempt has to do. Raises BookRefused; whatever the files raise."""
        names = (*book.manifest, book.shared)
        if any(not name.startswith(f"{book.tenant}/") for name in names):
            raise BookRefused(FOREIGN)
        files = self.files_of(book.tenant)
        try:
            SharedDocuments(files)(book.shared)
            chunks = index_book(files, book, Cut(lines=chunk_lines))
        except LookupError:
            raise BookRefused(MISSING) from None
        except InvalidRequest as invalid:
            raise BookRefused(f"{SHARED_INVALID}: {invalid.violations[0].type}") from None
        left = [chunk for chunk in chunks if not files.has(book.chunk(chunk.number, TALLIES))]
        files.keep(book.todo(attempt), orjson.dumps([chunk.as_json() for chunk in left]))
        return Prepared(book.todo(attempt), len(left), len(chunks))
