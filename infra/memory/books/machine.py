"""`engine.ports.book_runs.BookMachine` in memory: a book is run from front to end when it is started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.policy_packs import PackRules
from engine.ports.books import BookFiles
from engine.ports.outside import Clock
from engine.records.book_runs import BookStatus, Execution
from engine.records.books import BookStart
from engine.usecases.books.chunks import DecideChunk, SharedDocuments
from engine.usecases.books.index import kept_index, listed_chunks
from engine.usecases.books.packs import PackOfBook
from engine.usecases.books.refused import BookRefused
from engine.usecases.books.starting import PrepareBook
from engine.usecases.books.summary import Summarise
from engine.usecases.packs import PackResolution
from infra.settings.packs import EnvironmentPacks

NO_PACKS: Final = PackResolution(PackRules(), EnvironmentPacks(""))


@dataclass
class MemoryBookMachine:
    """Executions by name. While `held`, started ones make `held` chunks and wait; `lost` chunks are never made, and nothing tolerates them."""

    files_of: Callable[[str], BookFiles]
    clock: Clock
    held: int | None = None
    lost: frozenset[int] = frozenset()
    executions: dict[str, Execution] = field(default_factory=dict)
    packs: PackResolution = NO_PACKS

    def start(self, execution: str, document: Mapping[str, Any]) -> None:
        if execution in self.executions:
            return
        begun = self.clock()
        self.executions[execution] = Execution(BookStatus.RUNNING, begun)
        if (fault := self._run(dict(document))) is not None or self.held is None:
            status = BookStatus.SUCCEEDED if fault is None else BookStatus.FAILED
            self.executions[execution] = Execution(status, begun, self.clock(), fault)

    def state(self, execution: str) -> Execution | None:
        return self.executions.get(execution)

    def stop(self, execution: str) -> None:
        there = self.executions.get(execution)
        if there is not None and there.status is BookStatus.RUNNING:
            self.executions[execution] = Execution(BookStatus.CANCELLED, there.started_at, self.clock())

    def _run(self, document: dict[str, Any]) -> str | None:
        """What the state machine does; the error that it ends with, if any."""
        created_at = self.clock().isoformat()
        objects, digests = (document["manifest"], document["shared"]), document["digests"]
        asked = BookStart(document["book_id"], *objects, document["tenant"], document["records"], created_at=created_at, digests=digests)
        files = self.files_of(asked.tenant)
        try:
            prepared = PrepareBook(self.files_of, PackOfBook(self.packs))(asked, document["attempt"], document["chunk_lines"])
        except BookRefused as refused:
            return str(refused)
        book = prepared.book
        decide = DecideChunk(files, SharedDocuments(files))
        chunks = listed_chunks(files, prepared.todo)[: self.held]
        for chunk in chunks:
            if chunk.number not in self.lost:
                decide(book, chunk)
        if self.held is None:
            Summarise(files)(book, kept_index(files, book))
        return "BookIncomplete" if self.lost & {chunk.number for chunk in chunks} else None
