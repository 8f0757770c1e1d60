"""Books: uploads, start, progress, summary, cancelling, redriving, and runs of a book as runs of their own."""

from aws_lambda_powertools import Logger

from engine.usecases.books.accepting import AcceptBook, RoomForBooks
from engine.usecases.books.beginning import BeginAttempt
from engine.usecases.books.chunks import SharedOfTenants
from engine.usecases.books.following import CancelBook, FollowBook, RedriveBook
from engine.usecases.books.materialising import MaterialiseRun
from engine.usecases.books.uploading import OfferUploads
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.answers import page_answer, segment
from infra.wire.book_calls import (
    accepted_answer,
    book_answer,
    books_asked,
    of_book,
    row_document,
    run_asked,
    start_asked,
    summary_answer,
    summary_page,
    uploads_answer,
    uploads_asked,
)
from infra.wire.runs import run_answer


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    records, runs, files, addresses = adapters.book_records, adapters.book_machine, adapters.book_files, adapters.book_addresses
    follow = FollowBook(records, runs, files, addresses, adapters.clock)
    begin = BeginAttempt(records, runs, adapters.clock)
    room = RoomForBooks(follow, settings.books.at_once)
    materialise = MaterialiseRun(follow.known, files, SharedOfTenants(files), adapters.runs, settings.store.artifacts)
    book_id = segment("book_id")
    endpoints = {
        "book_uploads": endpoint(uploads_asked, OfferUploads(addresses, adapters.clock, adapters.ids), uploads_answer),
        "book_start": endpoint(start_asked, AcceptBook(records, files, begin, adapters.clock, room), accepted_answer),
        "books": endpoint(books_asked, follow.page, page_answer(row_document)),
        "book": of_book(endpoint(book_id, follow.by_id, book_answer)),
        "book_summary": of_book(endpoint(book_id, follow.summary, summary_answer, summary_page)),
        "book_cancel": of_book(endpoint(book_id, CancelBook(follow), book_answer)),
        "book_redrive": of_book(endpoint(book_id, RedriveBook(follow, begin, room), book_answer)),
        "book_run": of_book(endpoint(run_asked, materialise, run_answer)),
    }
    return door("books", endpoints, settings, adapters.clock, log)


handler = entry("books", build, needs=(Need.RUNS, Need.BOOKS, Need.BOOK_RUNS))
