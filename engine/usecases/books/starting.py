"""Preparing an attempt at a book: what it is about is checked, its manifest indexed, what is left of it listed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from engine.contracts.books.shared import place_of
from engine.contracts.received.values import MOST_VALUES, values_at_most
from engine.contracts.violations import InvalidRequest
from engine.ports.books import BookFiles
from engine.records.books import TALLIES, BookStart, foreign
from engine.usecases.books.index import Cut, checked, index_book
from engine.usecases.books.packs import PackOfBook
from engine.usecases.books.refused import BookFault, BookRefused
from engine.usecases.books.uploading import SHARED_BYTES


@dataclass(frozen=True, slots=True)
class Prepared:
    """An attempt: its book over the copy that the book keeps, the file that lists its chunks, how many those are, and how many there are of all."""

    book: BookStart
    todo: str
    left: int
    chunks: int

    def as_json(self) -> dict[str, Any]:
        """As a state machine hands it on."""
        return {"book": self.book.as_json(), "todo": self.todo, "left": self.left}


@dataclass(frozen=True, slots=True)
class PrepareBook:
    """Prepares attempts; the same attempt is always prepared alike, also when it is prepared twice at once."""

    files_of: Callable[[str], BookFiles]
    packed: PackOfBook
    as_recorded: Callable[[BookStart], BookStart] = lambda asked: asked
    """Whose the book is, and since when: the execution that begins it is told apart by its own time all the same."""

    def __call__(self, asked: BookStart, attempt: int, chunk_lines: int) -> Prepared:
        """What the attempt has to do; `asked` was created when its execution began, or for when a schedule says.

        Raises BookRefused, also where the id stands for a book of other files, or another execution began it before; whatever the files raise.
        """
        if foreign(asked.tenant, (*asked.manifest, asked.shared)):
            raise BookRefused(BookFault.OBJECT_FOREIGN)
        files = self.files_of(asked.tenant)
        if attempt == 0:
            _begin(files, asked)
        book = _first_started(files, self.as_recorded(asked))  # before anything is kept: later attempts may name nothing else
        try:
            self._keep_shared(files, asked)
            chunks = index_book(files, asked, Cut(lines=chunk_lines))
        except LookupError:
            raise BookRefused(BookFault.OBJECT_MISSING) from None
        except InvalidRequest as invalid:
            first = invalid.violations[0]
            raise BookRefused(f"{BookFault.SHARED_INVALID}: {first.type} at {place_of(first)}") from None
        left = [chunk for chunk in chunks if not files.has(book.chunk(chunk.number, TALLIES))]
        files.keep(book.todo(attempt), orjson.dumps([chunk.as_json() for chunk in left]))
        return Prepared(book.own(), book.todo(attempt), len(left), len(chunks))

    def _keep_shared(self, files: BookFiles, book: BookStart) -> None:
        """Give the book its own copy of what its portfolios share, with the pack that it is decided under.

        Uploads go and catalogs change; the runs of the book are proved with its copy for ever.
        """
        copy = book.own().shared
        if not files.has(copy):
            content = _bounded(checked(files.stream(book.shared), book.digests.get(book.shared)))
            files.keep(copy, self.packed(book.tenant, content))


def _begin(files: BookFiles, asked: BookStart) -> None:
    """Note which execution began the book. Raises BookRefused for another one: under the same names there may be other content by now."""
    name, begun = asked.begun(), asked.created_at.encode()
    files.keep(name, begun)
    if files.read(name) != begun:
        raise BookRefused(BookFault.ID_TAKEN)


def _bounded(content: Iterator[bytes]) -> bytes:
    """A shared document, whole. Raises BookRefused where it, or all that it would be parsed to, has no room in a function's memory."""
    parts: list[bytes] = []
    size = 0
    for part in content:
        size += len(part)
        if size > SHARED_BYTES:
            raise BookRefused(BookFault.SHARED_TOO_LARGE)
        parts.append(part)
    whole = b"".join(parts)
    if values_at_most(whole) > MOST_VALUES:
        raise BookRefused(BookFault.SHARED_TOO_LARGE)
    return whole


def _first_started(files: BookFiles, asked: BookStart) -> BookStart:
    """The book as it was started the first time. Raises BookRefused where that was another one."""
    name = asked.first()
    files.keep(name, orjson.dumps(asked.as_json()))
    first = BookStart.of(orjson.loads(files.read(name)))
    if replace(first, actor="", created_at="") != replace(asked, manifest=list(asked.manifest), actor="", created_at=""):
        raise BookRefused(BookFault.ID_TAKEN)
    return first
