"""Where books are read from and what they come to is kept: named files, written once."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol


class BookFiles(Protocol):
    """Files of one tenant's books. Names are paths whose parts are separated by `/`; nothing outside is reached."""

    def size(self, name: str) -> int:
        """Bytes of a file; LookupError `BOOK_FILE_MISSING` where there is none."""
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

    def keeping(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Write a file piece by piece; it is there when the context ends without an exception. One that is there is replaced."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        ...
