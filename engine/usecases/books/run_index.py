"""Which chunk has which run of a book: rows of one width in ascending order, so that one is found in a few small reads."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from engine.ports.books import BookFiles

WIDTH: Final = len(f"rr_{'0' * 32},000000\n")
AT_ONCE: Final = 1_500
"""Rows of the last read."""


def rows(chunks: Iterable[tuple[int, Iterable[str]]]) -> Iterator[bytes]:
    """A row for each run of these chunks: its id and the chunk's number."""
    found = sorted((run_id, number) for number, runs in chunks for run_id in runs)
    return (f"{run_id},{number:06}\n".encode() for run_id, number in found)


def chunk_of(files: BookFiles, name: str, run_id: str) -> int | None:
    """The number of a chunk that has this run, or None; LookupError where there is no index yet."""
    low, high = 0, files.size(name) // WIDTH
    while high - low > AT_ONCE:
        middle = (low + high) // 2
        if files.part(name, middle * WIDTH, (middle + 1) * WIDTH).decode() > run_id + ",999999\n":
            high = middle
        else:
            low = middle
    read: Mapping[str, str] = dict(row.split(",") for row in reversed(files.part(name, low * WIDTH, high * WIDTH).decode().splitlines()))
    return int(read[run_id]) if run_id in read else None
