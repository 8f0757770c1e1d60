"""`engine.ports.books.BookFiles` in a folder: what is there is whole, whenever a process dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from engine.ports.books import Overtaken

BLOCK: Final = 1 << 16
UNFINISHED: Final = ".unfinished"
_NUMBERS: Final = count()


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """Files below `root`. A name in `given` stands for a file elsewhere, which is only read."""

    root: Path
    given: dict[str, Path]

    def size(self, name: str) -> int:
        with self._open(name) as file:
            return os.fstat(file.fileno()).st_size

    def read(self, name: str) -> bytes:
        with self._open(name) as file:
            return file.read()

    def part(self, name: str, start: int, end: int) -> bytes:
        with self._open(name) as file:
            file.seek(start)
            return file.read(end - start)

    def stream(self, name: str) -> Iterator[bytes]:
        with self._open(name) as file:
            while block := file.read(BLOCK):
                yield block

    def keep(self, name: str, content: bytes) -> None:
        with self._writing(name) as (file, unfinished, path):
            file.write(content)
            _durable(file)
            with suppress(FileExistsError):
                os.link(unfinished, path)

    def version(self, name: str) -> str | None:
        try:
            found = self._path(name).stat()
        except FileNotFoundError:
            return None
        return f"{found.st_ino}-{found.st_mtime_ns}"

    @contextmanager
    def replacing(self, name: str, version: str | None) -> Iterator[BinaryIO]:
        with self._writing(name) as (file, unfinished, path):
            yield file
            _durable(file)
            if self.version(name) != version:  # looked at and replaced in two steps: whoever writes is `alone`
                raise Overtaken(name)
            unfinished.replace(path)

    def aside(self) -> AbstractContextManager[BinaryIO]:
        return TemporaryFile(dir=self.root)

    def has(self, name: str) -> bool:
        return self._path(name).is_file()

    @contextmanager
    def _writing(self, name: str) -> Iterator[tuple[BinaryIO, Path, Path]]:
        """A file of another name, which is gone in the end whatever happens, but for a process that is killed."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.{next(_NUMBERS)}{UNFINISHED}")
        try:
            with unfinished.open("xb") as file:
                yield file, unfinished, path
        finally:
            unfinished.unlink(missing_ok=True)

    def _open(self, name: str) -> BinaryIO:
        try:
            return self._path(name).open("rb")
        except FileNotFoundError as error:
            raise LookupError(f"BOOK_FILE_MISSING: {name}") from error

    def _path(self, name: str) -> Path:
        if name in self.given:
            return self.given[name]
        parts = Path(name).parts
        if not parts or ".." in parts or Path(name).is_absolute():
            raise ValueError(f"BOOK_FILE_NAME: {name}")
        return self.root.joinpath(*parts)


def _durable(file: BinaryIO) -> None:
    """Bring what was written to the disk before its name says that it is there."""
    file.flush()
    os.fsync(file.fileno())


class BookBusy(RuntimeError):  # noqa: N818  (named for what happened)
    """Another run is at the book."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only run that writes to a folder, until the context or the process ends. Raises `BookBusy`."""
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BookBusy from None
    finally:
        os.close(held)


def clear_unfinished(folder: Path) -> None:
    """Remove what killed processes left; only for who is alone there."""
    for path in folder.rglob(f"*{UNFINISHED}"):
        path.unlink(missing_ok=True)
