"""`engine.ports.books.BookFiles` in memory."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from engine.ports.books import Overtaken

BLOCK: Final = 1 << 16


@dataclass
class MemoryBookFiles:
    """Files by name."""

    files: dict[str, bytes] = field(default_factory=dict)
    block: int = BLOCK

    def size(self, name: str) -> int:
        return len(self.read(name))

    def read(self, name: str) -> bytes:
        if name not in self.files:
            raise LookupError(f"BOOK_FILE_MISSING: {name}")
        return self.files[name]

    def part(self, name: str, start: int, end: int) -> bytes:
        return self.read(name)[start:end]

    def stream(self, name: str) -> Iterator[bytes]:
        content = self.read(name)
        return (content[start : start + self.block] for start in range(0, len(content), self.block))

    def keep(self, name: str, content: bytes) -> None:
        self.files.setdefault(name, content)

    def version(self, name: str) -> str | None:
        return hashlib.sha256(self.files[name]).hexdigest() if name in self.files else None

    @contextmanager
    def replacing(self, name: str, version: str | None) -> Iterator[BinaryIO]:
        file = io.BytesIO()
        yield file
        if self.version(name) != version:
            raise Overtaken(name)
        self.files[name] = file.getvalue()

    def aside(self) -> AbstractContextManager[BinaryIO]:
        return io.BytesIO()

    def has(self, name: str) -> bool:
        return name in self.files
