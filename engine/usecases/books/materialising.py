"""A run of a book as a run of its own: its line joined with what the book shares, recorded like any other (RFC-0019)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from engine.books.shared import SharedBook
from engine.contracts.violations import InvalidRequest
from engine.ports.books import BookFiles
from engine.ports.outside import EvidenceCorrupt
from engine.ports.runs import IdTaken, RunStore
from engine.records.book_runs import Book
from engine.records.books import RESULTS, RUNS, TALLIES
from engine.records.runs import RunHead
from engine.usecases.artifacts import ArtifactMode
from engine.usecases.books.chunks import KeptChunk
from engine.usecases.books.merging import plain_lines
from engine.usecases.books.recording import run_of_book
from engine.usecases.books.run_index import chunk_of
from engine.usecases.lookup import FoundRun
from engine.usecases.refusals import Code, Refused


@dataclass(frozen=True, slots=True)
class RunCall:
    """A run of a book, by both ids."""

    book_id: str
    run_id: str


@dataclass(frozen=True, slots=True)
class MaterialiseRun:
    """`POST /rebalance/books/{book_id}/runs/{run_id}`. Repeating it answers the same run and changes nothing.

    The run is of the book's time and of the actor who started the book. Refuses a book that is unknown or not summed up, and a run that is
    none of it; raises EvidenceCorrupt where the results are not what their tally says, or the shared document is not the one that the line
    was decided over.
    """

    known: Callable[[str, str], Book]
    files_of: Callable[[str], BookFiles]
    shared_of: Callable[[str, str], SharedBook]
    runs: RunStore
    artifacts: ArtifactMode

    def __call__(self, tenant: str, call: RunCall) -> FoundRun:
        """The run, recorded."""
        book = self.known(tenant, call.book_id)
        line = self._line(book, call.run_id)
        name = book.start.own().shared
        try:
            shared = self.shared_of(tenant, name)
        except (InvalidRequest, LookupError):
            raise EvidenceCorrupt(name) from None
        try:
            head, documents = run_of_book(book.start, line, shared)
        except InvalidRequest:
            raise EvidenceCorrupt(name) from None
        with suppress(IdTaken):  # it was recorded by another door
            self.runs.record(head, self.artifacts.completed(head, documents), None)
        return self._found(head) or FoundRun(head, documents.result)

    def _found(self, head: RunHead) -> FoundRun | None:
        run = self.runs.run(head.tenant, head.run_id)
        result = None if run is None else run.result()
        return None if run is None or result is None else FoundRun(run.head, result)

    def _line(self, book: Book, run_id: str) -> dict[str, Any]:
        """The result line of the run; its chunk's results are read to their end, where their digest is compared."""
        files, named = self.files_of(book.tenant), run_id.encode()
        try:
            number = chunk_of(files, book.start.of_whole(RUNS), run_id)
        except LookupError:
            raise Refused(Code.BOOK_NOT_SUMMED_UP) from None
        if number is None:
            raise Refused(Code.BOOK_RUN_NOT_FOUND)
        try:
            results = KeptChunk.of(files, book.start, number).packed(RESULTS)
        except LookupError:
            raise EvidenceCorrupt(book.start.chunk(number, TALLIES)) from None
        naming = [text for text in plain_lines(files, results) if named in text]
        found: list[dict[str, Any]] = [line for line in map(orjson.loads, naming) if line.get("rebalance_run_id") == run_id]
        if not found:
            raise EvidenceCorrupt(results.name)
        return found[0]
