"""Deciding one chunk of a book and keeping what it came to."""

import gzip
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import orjson

from engine.books.chunk import ChunkOutcome, decide_chunk
from engine.books.orders import as_csv
from engine.books.shared import SharedBook
from engine.books.tally import Tally
from engine.ports.books import BookFiles
from engine.records.books import BookStart, ChunkRef
from engine.usecases.books.merging import plain_lines
from engine.usecases.books.refused import BookRefused
from engine.version import ENGINE_VERSION

RESULTS: Final = "results"
ORDERS: Final = "orders"
BLOCKS: Final = "blocks"
TALLIES: Final = "tallies"
INPUT_CHANGED: Final = "BOOK_INPUT_CHANGED"
COMPRESSION: Final = 2
"""Of gzip: more of it takes longer than deciding the portfolios does."""


@dataclass(slots=True)
class SharedDocuments:
    """The shared document of the book that this process runs, parsed and indexed once."""

    files: BookFiles
    _kept: dict[str, SharedBook] = field(default_factory=dict)

    def __call__(self, name: str) -> SharedBook:
        """The document in use; raises as `SharedBook.of`. A file never changes under its name."""
        found = self._kept.get(name)
        if found is None:
            self._kept = {}  # there is no room for two
            found = SharedBook.of(self.files.read(name))
            self._kept = {name: found}
        return found


Record = Callable[[BookStart, SharedBook, Iterable[bytes]], None]
"""What else is done with the result lines of a chunk before it is done: any number of times, with one outcome."""


@dataclass(frozen=True, slots=True)
class DecideChunk:
    """Decides chunks; equal chunks come to equal files, so that a chunk may be run any number of times, also at once."""

    files: BookFiles
    shared: Callable[[str], SharedBook]
    record: Record | None = None

    def __call__(self, book: BookStart, chunk: ChunkRef) -> Tally:
        """What the chunk came to, kept in its files, the tally last: a chunk is done when that is there.

        Raises `BookRefused` where the manifest is not what was indexed, InvalidRequest for a shared document that is none, and whatever
        files and records raise.
        """
        kept = book.chunk(chunk.number, TALLIES)
        if self.files.has(kept):
            return Tally.of(orjson.dumps(orjson.loads(self.files.read(kept))["tally"]))
        text = self.files.part(chunk.object, chunk.start, chunk.end)
        if hashlib.sha256(text).hexdigest() != chunk.sha256:
            raise BookRefused(INPUT_CHANGED)
        outcome, shared = ChunkOutcome(), self.shared(book.shared)
        lines = decide_chunk(shared, book.book_id, text.split(b"\n"), outcome, chunk.first)
        written = {
            RESULTS: self._keep(book, chunk, RESULTS, lines),
            ORDERS: self._keep(book, chunk, ORDERS, [as_csv(outcome.orders)]),
            BLOCKS: self._keep(book, chunk, BLOCKS, _rows(outcome)),
        }
        if self.record is not None:
            self.record(book, shared, plain_lines(self.files, book.chunk(chunk.number, RESULTS)))
        told = {"chunk": chunk.as_json(), "engine_version": ENGINE_VERSION, "sha256": written, "runs": outcome.runs}
        self.files.keep(kept, orjson.dumps(told | {"tally": orjson.Fragment(outcome.tally.to_json())}))
        return outcome.tally

    def _keep(self, book: BookStart, chunk: ChunkRef, kind: str, content: Iterable[bytes]) -> str:
        """Keep the content compressed; the digest of the plain bytes."""
        digest, packed = hashlib.sha256(), io.BytesIO()
        with gzip.GzipFile("", fileobj=packed, mode="wb", compresslevel=COMPRESSION, mtime=0) as file:
            for piece in content:
                digest.update(piece)
                file.write(piece)
        self.files.keep(book.chunk(chunk.number, kind), packed.getvalue())
        return digest.hexdigest()


def _rows(outcome: ChunkOutcome) -> Iterator[bytes]:
    """The parts of blocks in ascending order, a JSON array a line."""
    for row in sorted(outcome.blocks):
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
