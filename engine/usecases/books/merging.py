"""Sorted files merged into one, never more of them open than a machine likes, never one whole in memory."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from io import SEEK_END
from typing import BinaryIO, Final, NamedTuple

import orjson

from engine.books.orders import BlockRow
from engine.ports.books import BookFiles
from engine.ports.outside import EvidenceCorrupt
from engine.usecases.books.index import lines_of

GZIP: Final = 31
"""How zlib is asked for the form of gzip."""
AT_ONCE: Final = 16
AT_A_TIME: Final = 1 << 16
"""Plain bytes of a file that are unpacked before they are read: so much of each that is open is in memory, however well it packs."""


class Packed(NamedTuple):
    """A compressed file, and the SHA-256 of what it holds, in hex; None where nobody stated it."""

    name: str
    sha256: str | None = None


def plain_lines(files: BookFiles, packed: Packed) -> Iterator[bytes]:
    """The lines of a compressed file. Raises EvidenceCorrupt, at its end at the latest, where it is not there, not whole, or not what was stated."""
    return lines_of(plain_pieces(files, packed))


def plain_pieces(files: BookFiles, packed: Packed) -> Iterator[bytes]:
    """What a compressed file holds, piece by piece, wherever its lines end; raises as `plain_lines`."""
    found = hashlib.sha256()
    try:
        for plain in _unpacked(files.stream(packed.name)):
            found.update(plain)
            yield plain
    except (LookupError, zlib.error) as error:
        raise EvidenceCorrupt(packed.name) from error
    if packed.sha256 not in (None, found.hexdigest()):
        raise EvidenceCorrupt(packed.name)


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """What one gzip member holds. Raises zlib.error where it does not end, or something follows it."""
    inflating = zlib.decompressobj(wbits=GZIP)
    for block in blocks:
        yield inflating.decompress(block, AT_A_TIME)
        while inflating.unconsumed_tail and not inflating.eof:  # of what follows the end some stays there for ever
            yield inflating.decompress(inflating.unconsumed_tail, AT_A_TIME)
        if inflating.unused_data:
            raise zlib.error("something follows the end")
    if not inflating.eof:
        raise zlib.error("it does not end")


def block_rows_of(files: BookFiles, packed: Packed) -> Iterator[BlockRow]:
    """The parts of blocks that a chunk kept; raises as `plain_lines`."""
    try:
        for line in plain_lines(files, packed):
            yield BlockRow(*orjson.loads(line))
    except (ValueError, TypeError) as error:  # met before the end, where the digest is compared
        raise EvidenceCorrupt(packed.name) from error


Rows = Callable[[], Iterator[BlockRow]]
"""Parts of blocks in ascending order, read when they are asked for."""


def merged_rows(parts: Sequence[Rows], aside: BinaryIO) -> Iterator[BlockRow]:
    """The parts of blocks of all of these in ascending order; raises as they do. `aside` holds what is merged on the way."""
    while len(parts) > AT_ONCE:
        groups = [parts[start : start + AT_ONCE] for start in range(0, len(parts), AT_ONCE)]
        parts = [_put_aside(aside, merge(*(part() for part in group))) for group in groups]
    return merge(*(part() for part in parts))


def _put_aside(file: BinaryIO, rows: Iterable[BlockRow]) -> Rows:
    """The same rows, from the end of the file on: others of it are read meanwhile."""
    packer, start = zlib.compressobj(1, wbits=GZIP), file.seek(0, SEEK_END)
    for row in rows:
        _append(file, packer.compress(orjson.dumps(list(row), option=orjson.OPT_APPEND_NEWLINE)))
    _append(file, packer.flush())
    end = file.seek(0, SEEK_END)
    return lambda: (BlockRow(*orjson.loads(line)) for line in lines_of(_unpacked(_between(file, start, end))))


def _append(file: BinaryIO, content: bytes) -> None:
    if content:
        file.seek(0, SEEK_END)
        file.write(content)


def _between(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        file.seek(start)
        block = file.read(min(AT_A_TIME, end - start))
        if not block:
            raise OSError("less is there than was put aside")
        start += len(block)
        yield block
