"""The lines of a manifest: which of them are portfolios, and how much of one is ever held."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from engine.contracts.books.lines import MAX_LINE_BYTES

HELD: Final = len(BOM_UTF8) + MAX_LINE_BYTES + 1
"""Bytes of a line that are held at most: wherever it stands, so many are too many, and its rest changes nothing."""


class ManifestLine(NamedTuple):
    """The first `HELD` bytes of a line, its end with them where it is among these, and how many bytes there are of it."""

    held: bytes
    size: int


def manifest_lines(content: Iterable[bytes]) -> Iterator[ManifestLine]:
    """Pieces of an object as its lines, however long one is. What is not held of a line is forgotten as it comes."""
    begun: list[bytes] = []
    size = 0
    for block in content:
        *ends, last = block.split(b"\n")
        for end in ends:
            yield ManifestLine(b"".join([*begun, end, b"\n"])[:HELD], size + len(end) + 1)
            begun, size = [], 0
        if last and size < HELD:
            begun.append(last)
        size += len(last)
    if size:
        yield ManifestLine(b"".join(begun)[:HELD], size)


def portfolio_text(line: bytes, number: int) -> bytes | None:
    """What the `number`-th line of an object says of a portfolio, without the byte order mark that the first may begin with.

    None for a blank line, which says nothing; one of as many bytes as are held is too large instead, whatever it holds.
    """
    text = line.removeprefix(BOM_UTF8) if number == 1 else line
    return None if len(line) < HELD and (not text or text.isspace()) else text
