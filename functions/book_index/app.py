"""Prepare an attempt at a book: check what it is about, cut its manifest into chunks, list those that are not made yet."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from engine.usecases.books.beginning import AsRecorded, KeepBegun
from engine.usecases.books.packs import PackOfBook
from engine.usecases.books.starting import PrepareBook
from engine.usecases.packs import PackResolution
from infra.adapters import Adapters
from infra.observability import log_book
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.once import Context, triggered
from infra.wire.books import asked_of_machine

Answer = dict[str, Any]


def build(settings: Settings, adapters: Adapters, log: Logger) -> Callable[[Any, Context], Answer]:
    """The handler over these adapters."""
    records, packs = adapters.book_records, PackResolution(settings.packs.rules, adapters.packs, strict=settings.packs.strict)
    prepare, keep = PrepareBook(adapters.book_files, PackOfBook(packs), AsRecorded(records)), KeepBegun(records)

    def handler(event: Any, _context: Context) -> Answer:
        asked = asked_of_machine(event).within(settings.books.chunk_concurrency)
        prepared = prepare(asked.book, asked.attempt, asked.chunk_lines)
        keep(asked.record(prepared.book, str(event["execution"]), adapters.clock()))
        log_book(log, book=asked.book, counts={"chunks": prepared.chunks, "left": prepared.left})
        return asked.as_json() | {"bucket": settings.books.bucket} | prepared.as_json()

    return handler


handler = triggered("book-index", build, needs=(Need.RUNS, Need.BOOKS, Need.PACKS))
