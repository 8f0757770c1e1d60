"""`engine.ports.books.BookFiles` in memory."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Final

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

    @contextmanager
    def keeping(self, name: str) -> Iterator[BinaryIO]:
        file = io.BytesIO()
        yield file
        self.files[name] = file.getvalue()

    def has(self, name: str) -> bool:
        return name in self.files
