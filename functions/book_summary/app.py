"""Sum a book up: counts, one file of orders, one of blocks; also where chunks were lost."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from engine.records.books import BookStart
from engine.usecases.books.index import kept_index
from engine.usecases.books.summary import Summarise
from infra.adapters import Adapters
from infra.book_costs import BookCost
from infra.observability import log_book
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.once import Context, triggered
from infra.wire.book_machine import told_of_machine

Answer = dict[str, Any]


def build(settings: Settings, adapters: Adapters, log: Logger) -> Callable[[Any, Context], Answer]:
    """The handler over these adapters."""

    def handler(event: Any, _context: Context) -> Answer:
        book = BookStart.of(event["book"])
        files = adapters.book_files(book.tenant)
        summary = Summarise(files, BookCost(book.records, settings.reviews.statuses))(book, kept_index(files, book))
        told = told_of_machine(summary)
        log_book(log, book=book, counts={"decided": told["decided"], "failed_lines": told["failed"], "chunks_missing": told["missing"]})
        return told

    return handler


handler = triggered("book-summary", build, needs=(Need.BOOKS,))
