"""Where books are read from and what they come to is kept: named files, written once, but for those of the whole."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol


class Overtaken(RuntimeError):  # noqa: N818  (named for what happened)
    """Somebody else has written the file meanwhile."""


class BookFiles(Protocol):
    """Files of one tenant's books. Names are paths whose parts are separated by `/`; nothing outside is reached."""

    def size(self, name: str) -> int:
        """Bytes of a file; LookupError `BOOK_FILE_MISSING` where there is none.

        What that means is its caller's to say: of an object that a start names, `BOOK_OBJECT_MISSING`.
        """
        ...

    def read(self, name: str) -> bytes:
        """A whole file; LookupError as `size`."""
        ...

    def part(self, name: str, start: int, end: int) -> bytes:
        """The bytes of a file from start up to end; LookupError as `size`."""
        ...

    def stream(self, name: str) -> Iterator[bytes]:
        """A file in pieces of some size, so that it is never in memory whole; LookupError as `size`."""
        ...

    def keep(self, name: str, content: bytes) -> None:
        """Write a file once: it is there whole or not at all, and one that is there stays as it is."""
        ...

    def version(self, name: str) -> str | None:
        """What tells a file as it is now from what it may be written over with; None where there is none."""
        ...

    def replacing(self, name: str, version: str | None) -> AbstractContextManager[BinaryIO]:
        """Write a file piece by piece over the one of this version; it is there when the context ends without an exception.

        Raises Overtaken there, and leaves what is there, where that is of another version by then.
        """
        ...

    def aside(self) -> AbstractContextManager[BinaryIO]:
        """A file without a name, to write and to read, which nobody else sees; gone when the context or the process ends."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        ...
