"""Cutting a book's manifest into chunks: read once, from front to end, never whole in memory."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from engine.books.manifest import ManifestLine, manifest_lines, portfolio_text
from engine.contracts.books.start import USUAL_CHUNK_LINES
from engine.ports.books import BookFiles
from engine.records.books import BookStart, ChunkRef
from engine.usecases.books.refused import BookFault, BookRefused

MAX_CHUNK_BYTES: Final = 8_000_000
"""With the usual lines it keeps a chunk well under a minute, its lines' results included, and its input small beside a function's memory."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How large a chunk may be: in lines, blank ones too, and in bytes. A line that is larger than a chunk is a chunk of its own."""

    lines: int = USUAL_CHUNK_LINES
    size: int = MAX_CHUNK_BYTES


def index_book(files: BookFiles, book: BookStart, cut: Cut = Cut()) -> list[ChunkRef]:
    """The chunks of a book, its objects in the order in which they are given; the index is kept beside the results.

    Raises BookRefused for an object that is not what the book's start says it is; nothing is kept then.
    """
    if files.has(book.index()):
        return kept_index(files, book)
    chunks: list[ChunkRef] = []
    for name in book.manifest:
        chunks += [
            ChunkRef(len(chunks) + at, name, found.start, found.end, found.first, found.lines, found.sha256.hexdigest())
            for at, found in enumerate(_pieces(checked(files.stream(name), book.digests.get(name)), cut))
        ]
    files.keep(book.index(), orjson.dumps([chunk.as_json() for chunk in chunks]))
    return kept_index(files, book)  # another attempt may have been first, and have cut in other places


def kept_index(files: BookFiles, book: BookStart) -> list[ChunkRef]:
    """The chunks of a book that was indexed; LookupError for one that was not."""
    return listed_chunks(files, book.index())


def listed_chunks(files: BookFiles, name: str) -> list[ChunkRef]:
    """The chunks that a file lists, an index or what an attempt has to make; LookupError where it is not there."""
    return [ChunkRef.of(told) for told in orjson.loads(files.read(name))]


def checked(content: Iterable[bytes], sha256: str | None) -> Iterator[bytes]:
    """The content piece by piece. Raises BookRefused at its end where it has another digest than the one that is stated, in hex."""
    if sha256 is None:
        yield from content
        return
    found = hashlib.sha256()
    for block in content:
        found.update(block)
        yield block
    if found.hexdigest() != sha256:
        raise BookRefused(BookFault.DIGEST_MISMATCH)


class _Piece:
    """A chunk while its lines are counted: `lines` are those about portfolios, `taken` all of them."""

    def __init__(self, start: int, first: int) -> None:
        self.start = self.end = self.following = start
        self.first, self.lines, self.taken = first, 0, 0
        self.sha256 = hashlib.sha256()

    def take(self, line: ManifestLine) -> None:
        """Add a line. Of one that is too large it has what is held, and ends with it: nobody reads the rest again."""
        text = portfolio_text(line.held.removesuffix(b"\n"), self.first + self.taken)
        self.end = self.following + len(line.held)
        self.following += line.size
        self.lines += text is not None
        self.taken += 1
        self.sha256.update(line.held)

    def is_full_for(self, line: ManifestLine, cut: Cut) -> bool:
        """Whether a line would make it too large, or cannot follow, since a rest was left out."""
        size = self.end - self.start + len(line.held)
        return bool(self.taken) and (self.taken >= cut.lines or size > cut.size or self.following > self.end)


def _pieces(content: Iterable[bytes], cut: Cut) -> Iterator[_Piece]:
    piece = _Piece(0, 1)
    for line in manifest_lines(content):
        if piece.is_full_for(line, cut):
            yield piece
            piece = _Piece(piece.following, piece.first + piece.taken)
        piece.take(line)
    if piece.taken:
        yield piece


def lines_of(content: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of a file of ours as its lines, each with its end of line; the last one may lack it."""
    rest: list[bytes] = []
    for block in content:
        *whole, last = block.split(b"\n")
        for text in whole:
            yield b"".join([*rest, text, b"\n"])
            rest = []
        if last:
            rest.append(last)
    if rest:
        yield b"".join(rest)
