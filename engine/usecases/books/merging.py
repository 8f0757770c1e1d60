"""Sorted files merged into one, never more of them open than a machine likes, never one whole in memory."""

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from typing import Final, NamedTuple

import orjson

from engine.books.orders import BlockRow
from engine.ports.books import BookFiles
from engine.ports.outside import EvidenceCorrupt
from engine.usecases.books.index import lines_of

AT_ONCE: Final = 16
AT_A_TIME: Final = 1 << 16
"""Plain bytes of a file that are unpacked before they are read: so much of each that is open is in memory, however well it packs."""


class Packed(NamedTuple):
    """A compressed file, and the SHA-256 of what it holds, in hex; None where nobody stated it."""

    name: str
    sha256: str | None = None


def plain_lines(files: BookFiles, packed: Packed) -> Iterator[bytes]:
    """The lines of a compressed file. Raises EvidenceCorrupt, at its end at the latest, where it is not there or not what was stated."""
    return lines_of(_unpacked(files.stream(packed.name)) if packed.sha256 is None else _proved(files, packed.name, packed.sha256))


def _proved(files: BookFiles, name: str, sha256: str) -> Iterator[bytes]:
    found = hashlib.sha256()
    try:
        for plain in _unpacked(files.stream(name)):
            found.update(plain)
            yield plain
    except (LookupError, zlib.error) as error:
        raise EvidenceCorrupt(name) from error
    if found.hexdigest() != sha256:
        raise EvidenceCorrupt(name)


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    inflating = zlib.decompressobj(wbits=31)
    for block in blocks:
        yield inflating.decompress(block, AT_A_TIME)
        while inflating.unconsumed_tail:
            yield inflating.decompress(inflating.unconsumed_tail, AT_A_TIME)
    yield inflating.flush()


def block_rows_of(files: BookFiles, packed: Packed) -> Iterator[BlockRow]:
    """The parts of blocks that a chunk kept; raises as `plain_lines`."""
    try:
        for line in plain_lines(files, packed):
            yield BlockRow(*orjson.loads(line))
    except (ValueError, TypeError) as error:  # met before the end, where the digest is compared
        raise EvidenceCorrupt(packed.name) from error


def merged_rows(files: BookFiles, parts: Sequence[Packed], between: Callable[[int], str]) -> Iterator[BlockRow]:
    """The parts of blocks of all files in ascending order; raises as `plain_lines`. `between` names what holds what was merged on the way."""
    made = 0
    while len(parts) > AT_ONCE:
        groups = [parts[start : start + AT_ONCE] for start in range(0, len(parts), AT_ONCE)]
        parts = []
        for group in groups:
            name, made = between(made), made + 1
            with files.keeping(name) as file, gzip.GzipFile("", fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
                for row in merge(*(block_rows_of(files, part) for part in group)):
                    packed.write(orjson.dumps(list(row), option=orjson.OPT_APPEND_NEWLINE))
            parts.append(Packed(name))
    return merge(*(block_rows_of(files, part) for part in parts))
