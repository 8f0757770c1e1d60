"""Preparing an attempt at a book: what it is about is checked, its manifest indexed, what is left of it listed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from engine.books.shared import SharedBook
from engine.contracts.violations import InvalidRequest
from engine.ports.books import BookFiles
from engine.records.books import BookStart
from engine.usecases.books.chunks import TALLIES
from engine.usecases.books.index import Cut, checked, index_book
from engine.usecases.books.refused import BookRefused

FOREIGN: Final = "BOOK_OBJECT_FOREIGN"
MISSING: Final = "BOOK_FILE_MISSING"
SHARED_INVALID: Final = "BOOK_SHARED_INVALID"
ID_TAKEN: Final = "BOOK_ID_TAKEN"


@dataclass(frozen=True, slots=True)
class Prepared:
    """An attempt: its book over the copy that the book keeps, the file that lists its chunks, and how many there are of all."""

    book: BookStart
    todo: str
    left: int
    chunks: int

    def as_json(self) -> dict[str, Any]:
        """As a state machine hands it on."""
        return {"book": self.book.as_json(), "todo": self.todo, "left": self.left, "chunks": self.chunks}


@dataclass(frozen=True, slots=True)
class PrepareBook:
    """Prepares attempts; the same attempt is always prepared alike, also when it is prepared twice at once."""

    files_of: Callable[[str], BookFiles]

    def __call__(self, asked: BookStart, attempt: int, chunk_lines: int) -> Prepared:
        """What the attempt has to do. Raises BookRefused, also where the id stands for a book of other files; whatever the files raise."""
        if any(not name.startswith(f"{asked.tenant}/") for name in (*asked.manifest, asked.shared)):
            raise BookRefused(FOREIGN)
        files = self.files_of(asked.tenant)
        try:
            _keep_shared(files, asked)
            chunks = index_book(files, asked, Cut(lines=chunk_lines))
        except LookupError:
            raise BookRefused(MISSING) from None
        except InvalidRequest as invalid:
            raise BookRefused(f"{SHARED_INVALID}: {invalid.violations[0].type}") from None
        book = _first_started(files, asked)
        left = [chunk for chunk in chunks if not files.has(book.chunk(chunk.number, TALLIES))]
        files.keep(book.todo(attempt), orjson.dumps([chunk.as_json() for chunk in left]))
        return Prepared(book.own(), book.todo(attempt), len(left), len(chunks))


def _keep_shared(files: BookFiles, book: BookStart) -> None:
    """Give the book its own copy of what its portfolios share: uploads go, and its runs are proved with it for ever."""
    copy = book.own().shared
    if not files.has(copy):
        content = b"".join(checked(files.stream(book.shared), book.digests.get(book.shared)))
        SharedBook.of(content)
        files.keep(copy, content)


def _first_started(files: BookFiles, asked: BookStart) -> BookStart:
    """The book as it was started the first time. Raises BookRefused where that was another one."""
    name = asked.first()
    files.keep(name, orjson.dumps(asked.as_json()))
    first = BookStart.of(orjson.loads(files.read(name)))
    if replace(first, actor="", created_at="") != replace(asked, manifest=list(asked.manifest), actor="", created_at=""):
        raise BookRefused(ID_TAKEN)
    return first
