"""Cutting a book's manifest into chunks: read once, from front to end, never whole in memory."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from engine.contracts.books.start import USUAL_CHUNK_LINES
from engine.ports.books import BookFiles
from engine.records.books import BookStart, ChunkRef

MAX_CHUNK_BYTES: Final = 8_000_000
"""With the usual lines it keeps a chunk well under a minute, its lines' results included, and its input small beside a function's memory."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How large a chunk may be. A line that is larger than a chunk is a chunk of its own."""

    lines: int = USUAL_CHUNK_LINES
    size: int = MAX_CHUNK_BYTES


def index_book(files: BookFiles, book: BookStart, cut: Cut = Cut()) -> list[ChunkRef]:
    """The chunks of a book, its objects in the order in which they are given; the index is kept beside the results."""
    if files.has(book.index()):
        return kept_index(files, book)
    chunks: list[ChunkRef] = []
    for name in book.manifest:
        chunks += [
            ChunkRef(len(chunks) + at, name, found.start, found.end, found.first, found.lines, found.sha256.hexdigest())
            for at, found in enumerate(_pieces(files.stream(name), cut))
        ]
    files.keep(book.index(), orjson.dumps([chunk.as_json() for chunk in chunks]))
    return chunks


def kept_index(files: BookFiles, book: BookStart) -> list[ChunkRef]:
    """The chunks of a book that was indexed; LookupError for one that was not."""
    return [ChunkRef.of(told) for told in orjson.loads(files.read(book.index()))]


class _Piece:
    """A chunk while its lines are counted."""

    def __init__(self, start: int, first: int) -> None:
        self.start = self.end = start
        self.first, self.lines = first, 0
        self.sha256 = hashlib.sha256()

    def take(self, line: bytes) -> None:
        """Add a whole line."""
        self.end += len(line)
        self.lines += 1
        self.sha256.update(line)

    def is_full_for(self, line: bytes, cut: Cut) -> bool:
        """Whether a line would make it too large."""
        return bool(self.lines) and (self.lines >= cut.lines or self.end - self.start + len(line) > cut.size)


def _pieces(content: Iterator[bytes], cut: Cut) -> Iterator[_Piece]:
    piece = _Piece(0, 1)
    for line in lines_of(content):
        if piece.is_full_for(line, cut):
            yield piece
            piece = _Piece(piece.end, piece.first + piece.lines)
        piece.take(line)
    if piece.lines:
        yield piece


def lines_of(content: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of a file as its lines, each with its end of line; the last one may lack it."""
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
