"""Decide one chunk of a book: any number of times, with one outcome."""

from collections.abc import Callable
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from engine.records.books import BookStart, ChunkRef
from engine.usecases.books.chunks import DecideChunk, SharedOfTenants
from engine.usecases.books.recording import RecordRuns
from infra.adapters import Adapters
from infra.observability import log_book, log_first_defects
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.once import Context, triggered

Answer = dict[str, int]


def build(settings: Settings, adapters: Adapters, log: Logger) -> Callable[[Any, Context], Answer]:
    """The handler over these adapters. The shared document of the last book stays, parsed and indexed, for the next chunk."""
    shared_of = SharedOfTenants(adapters.book_files)
    record = RecordRuns(adapters.runs, settings.store.artifacts, settings.reviews.statuses)

    def handler(event: Any, _context: Context) -> Answer:
        book, chunk = BookStart.of(event["book"]), ChunkRef.of(event["chunk"])
        on_defect = log_first_defects(log, {"tenant": book.tenant, "book_id": book.book_id, "chunk": str(chunk.number)})
        tally = DecideChunk(adapters.book_files(book.tenant), partial(shared_of, book.tenant), record, on_defect)(book, chunk)
        failed = tally.lines - tally.decided
        log_book(log, book=book, counts={"chunk": chunk.number, "lines": tally.lines, "failed_lines": failed})
        return {"lines": tally.lines, "failed": failed}

    return handler


handler = triggered("book-chunk", build, needs=(Need.BOOKS, Need.RUNS))
