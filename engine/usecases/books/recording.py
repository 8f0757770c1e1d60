"""Runs of a book that become runs of their own: found, reviewed and bundled like any other."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.books.evidence import run_of_line
from engine.books.shared import SharedBook
from engine.contracts.books.start import RecordedRuns
from engine.ports.runs import IdTaken, RunStore
from engine.records.books import BookStart
from engine.records.runs import RunDocuments, RunHead
from engine.usecases.artifacts import ArtifactMode
from engine.usecases.books.refused import BookFault, BookRefused


def run_of_book(book: BookStart, line: dict[str, Any], shared: SharedBook) -> tuple[RunHead, RunDocuments]:
    """The run in a result line of a book, of whoever asked for the book; raises as `run_of_line`.

    It has the time of the book's first start, whoever records it and however often: the same run again is the same record.
    """
    return run_of_line(line, shared, tenant=book.tenant, actor=book.actor, created_at=datetime.fromisoformat(book.created_at))


@dataclass(frozen=True, slots=True)
class RecordRuns:
    """Records what a book asks for: all its runs, or those whose status is one of `reviewed`."""

    runs: RunStore
    artifacts: ArtifactMode
    reviewed: Collection[str]

    def __call__(self, book: BookStart, shared: SharedBook, lines: Iterable[bytes]) -> None:
        """Record the runs of result lines. Raises StoreUnavailable, with some of them recorded.

        BookRefused where one was recorded as something else: by another release, whose attempt at the chunk was lost after that.
        """
        if book.records == RecordedRuns.NONE:
            return
        marks = [orjson.dumps({"status": status})[1:-1] for status in self.reviewed]
        for text in lines:
            if book.records != RecordedRuns.ALL and not any(mark in text for mark in marks):
                continue  # most of a book: it would take as long to read as to find
            line = orjson.loads(text)
            if "result" not in line or not (book.records == RecordedRuns.ALL or line["status"] in self.reviewed):
                continue
            head, documents = run_of_book(book, line, shared)
            try:
                self.runs.record(head, self.artifacts.completed(head, documents), None)
            except IdTaken:
                raise BookRefused(BookFault.ENGINE_CHANGED) from None
