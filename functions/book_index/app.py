"""Prepare an attempt at a book: check what it is about, cut its manifest into chunks, list those that are not made yet."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from engine.usecases.books.beginning import AsRecorded, KeepBegun, SeeBook
from engine.usecases.books.packs import PackOfBook
from engine.usecases.books.starting import PrepareBook
from engine.usecases.packs import PackResolution
from infra.adapters import Adapters
from infra.observability import log_book
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.once import Context, triggered
from infra.wire.book_machine import asked_of_machine

Answer = dict[str, Any]


def build(settings: Settings, adapters: Adapters, log: Logger) -> Callable[[Any, Context], Answer]:
    """The handler over these adapters."""
    records, packs = adapters.book_records, PackResolution(settings.packs.rules, adapters.packs, strict=settings.packs.strict)
    prepare = PrepareBook(adapters.book_files, PackOfBook(packs), AsRecorded(records))
    keep = KeepBegun(records, SeeBook(records, adapters.book_machine, adapters.clock))

    def handler(event: Any, _context: Context) -> Answer:
        asked, execution = asked_of_machine(event).within(settings.books.chunk_concurrency), str(event["execution"])
        prepared = prepare(asked.book, asked.attempt, asked.chunk_lines)
        book = keep(asked.record(prepared.book, execution, adapters.clock()), scheduled=asked.scheduled)
        if book.execution != execution:
            log_book(log, book=asked.book, counts={"elsewhere": 1})
            return {"elsewhere": book.execution}
        if asked.scheduled and book.attempt != asked.attempt:  # it goes on where an earlier delivery failed
            prepared = prepare(asked.book, book.attempt, asked.chunk_lines)
        log_book(log, book=asked.book, counts={"chunks": prepared.chunks, "left": prepared.left})
        return asked.as_json() | {"bucket": settings.books.bucket} | prepared.as_json()

    return handler


handler = triggered("book-index", build, needs=(Need.RUNS, Need.BOOKS, Need.BOOK_RUNS, Need.PACKS))
