"""Deciding one chunk of a book and keeping what it came to."""

import gzip
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import orjson

from engine.books.chunk import ChunkOutcome, decide_chunk
from engine.books.orders import as_csv, as_json_lines
from engine.books.shared import SharedBook
from engine.books.tally import Tally
from engine.ports.books import BookFiles
from engine.records.books import BLOCKS, ORDERS, RESULTS, TALLIES, BookStart, ChunkRef
from engine.usecases.books.merging import Packed, plain_lines
from engine.usecases.books.refused import BookFault, BookRefused
from engine.version import ENGINE_VERSION

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


@dataclass(slots=True)
class SharedOfTenants:
    """The shared document that was read last, parsed and indexed, for the next run of the same book."""

    files_of: Callable[[str], BookFiles]
    _kept: dict[str, SharedDocuments] = field(default_factory=dict)

    def __call__(self, tenant: str, name: str) -> SharedBook:
        """The document; raises as `SharedBook.of`, and LookupError where it is gone."""
        if tenant not in self._kept:
            self._kept = {tenant: SharedDocuments(self.files_of(tenant))}
        return self._kept[tenant](name)


@dataclass(frozen=True, slots=True)
class KeptChunk:
    """A chunk that is done, as its tally tells: what it came to, by which engine, its runs, and the digests that name its files.

    Of a chunk that another release had begun there are files of that too; the tally, which is written once, names those that hold.
    """

    book: BookStart
    number: int
    tally: Tally
    engine_version: str
    runs: Sequence[str]
    digests: Mapping[str, str]

    @classmethod
    def of(cls, files: BookFiles, book: BookStart, number: int) -> Self:
        """The chunk; LookupError where it is not done."""
        told = orjson.loads(files.read(book.chunk(number, TALLIES)))
        return cls(book, number, Tally.of(orjson.dumps(told["tally"])), told["engine_version"], told["runs"], told["sha256"])

    def packed(self, kind: str) -> Packed:
        """Its file of this kind."""
        return Packed(self.book.chunk(self.number, kind, self.digests[kind]), self.digests[kind])


Record = Callable[[BookStart, SharedBook, Iterable[bytes]], None]
"""What else is done with the result lines of a chunk before it is done: any number of times, with one outcome."""


@dataclass(frozen=True, slots=True)
class DecideChunk:
    """Decides chunks; equal chunks come to equal files, so that a chunk may be run any number of times, also at once.

    A file is named by what it holds, so that a release that decides otherwise never meets the files of the one before it.
    """

    files: BookFiles
    shared: Callable[[str], SharedBook]
    record: Record | None = None
    on_defect: Callable[[Exception], None] = lambda _: None

    def __call__(self, book: BookStart, chunk: ChunkRef) -> Tally:
        """What the chunk came to, kept in its files, the tally last: a chunk is done when that is there.

        `on_defect` hears of what lines failed of that is no fault of theirs. Raises `BookRefused` where the manifest is not what was indexed,
        InvalidRequest for a shared document that is none, MemoryError, and whatever files and records raise.
        """
        kept = book.chunk(chunk.number, TALLIES)
        if self.files.has(kept):
            return KeptChunk.of(self.files, book, chunk.number).tally
        text = self.files.part(chunk.object, chunk.start, chunk.end)
        if hashlib.sha256(text).hexdigest() != chunk.sha256:
            raise BookRefused(BookFault.INPUT_CHANGED)
        outcome, shared = ChunkOutcome(), self.shared(book.shared)
        lines = decide_chunk(shared, book.book_id, text.split(b"\n"), outcome, chunk.first, self.on_defect)
        written = {
            RESULTS: self._keep(book, chunk, RESULTS, lines),
            ORDERS: self._keep(book, chunk, ORDERS, [as_csv(outcome.orders)]),
            BLOCKS: self._keep(book, chunk, BLOCKS, [as_json_lines(outcome.blocks)]),
        }
        if self.record is not None:
            self.record(book, shared, plain_lines(self.files, Packed(book.chunk(chunk.number, RESULTS, written[RESULTS]))))
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
        sha256 = digest.hexdigest()
        self.files.keep(book.chunk(chunk.number, kind, sha256), packed.getvalue())
        return sha256
