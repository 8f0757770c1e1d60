"""Sorted files merged into one, never more of them open than a machine likes, never one whole in memory."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from typing import Final

import orjson

from engine.books.orders import BlockRow
from engine.ports.books import BookFiles
from engine.usecases.books.index import lines_of

AT_ONCE: Final = 16
AT_A_TIME: Final = 1 << 16
"""Plain bytes of a file that are unpacked before they are read: so much of each that is open is in memory, however well it packs."""


def plain_lines(files: BookFiles, name: str) -> Iterator[bytes]:
    """The lines of a compressed file."""
    return lines_of(_unpacked(files.stream(name)))


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    inflating = zlib.decompressobj(wbits=31)
    for block in blocks:
        yield inflating.decompress(block, AT_A_TIME)
        while inflating.unconsumed_tail:
            yield inflating.decompress(inflating.unconsumed_tail, AT_A_TIME)
    yield inflating.flush()


def block_rows_of(files: BookFiles, name: str) -> Iterator[BlockRow]:
    """The parts of blocks that a chunk kept."""
    return (BlockRow(*orjson.loads(line)) for line in plain_lines(files, name))


def merged_rows(files: BookFiles, names: Sequence[str], between: Callable[[int], str]) -> Iterator[BlockRow]:
    """The parts of blocks of all files in ascending order. `between` names the files that hold what was merged on the way."""
    made = 0
    while len(names) > AT_ONCE:
        groups = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
        names = []
        for group in groups:
            name, made = between(made), made + 1
            with files.keeping(name) as file, gzip.GzipFile("", fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
                for row in merge(*(block_rows_of(files, part) for part in group)):
                    packed.write(orjson.dumps(list(row), option=orjson.OPT_APPEND_NEWLINE))
            names.append(name)
    return merge(*(block_rows_of(files, name) for name in names))
