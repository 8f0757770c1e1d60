"""`engine.ports.book_runs.BookAddresses` in memory, where nothing has an address that leads anywhere."""

from dataclasses import dataclass

from engine.records.book_runs import Upload
from infra.memory.books.files import MemoryBookFiles


@dataclass
class MemoryBookAddresses:
    """Of files in memory."""

    files: MemoryBookFiles

    def names(self, folder: str) -> frozenset[str]:
        prefix = f"{folder}/"
        return frozenset(name.removeprefix(prefix) for name in self.files.files if name.startswith(prefix))

    def link(self, name: str, *, seconds: int) -> str | None:  # noqa: ARG002  (memory has no address)
        return None

    def upload(self, name: str, *, most: int, sha256: str | None, seconds: int) -> Upload:  # noqa: ARG002  (as above)
        stated = {} if sha256 is None else {"sha256": sha256}
        return Upload(name, "https://books.example/", {"key": name} | stated, most)
