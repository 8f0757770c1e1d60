"""What callers ask about books, and how the wire shows them. What reads the start or an upload is loaded with its models when it is asked."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

import orjson

from engine.records.book_runs import Book, BookFilter, BookStatus, Upload
from engine.records.pages import ListCall
from infra.http.endpoints import Endpoint, Request
from infra.http.messages import Response
from infra.http.query import PAGE, PERIOD, TEXT, Query, path_parameter, period_of
from infra.wire.answers import Document, answer

if TYPE_CHECKING:
    from engine.contracts.books.uploads import UploadRequest
    from engine.usecases.books.accepting import Accepted, BookCall
    from engine.usecases.books.following import FollowedBook, Progress
    from engine.usecases.books.materialising import RunCall
    from engine.usecases.books.uploading import Uploads

BOOKS: Final = Query({**PERIOD, "status": TEXT, **PAGE})


def of_book(answered: Endpoint) -> Endpoint:
    """The endpoint, of whose answers the log tells about which book they are: who read one must be found."""

    def answer_told(request: Request) -> Response:
        response = answered(request)
        return replace(response, facts={**response.facts, "book_id": path_parameter(request.event, "book_id")})

    return answer_told


def start_asked(request: Request) -> "BookCall":
    """A book under its key, valid but for its objects."""
    from engine.contracts.books.start import parse_book  # noqa: PLC0415  (reads start without models)
    from engine.usecases.books.accepting import BookCall  # noqa: PLC0415

    return BookCall(request.identity.actor, request.idempotency_key(), parse_book(request.body()))


def uploads_asked(request: Request) -> "UploadRequest":
    """The files of a book."""
    from engine.contracts.books.uploads import parse_uploads  # noqa: PLC0415  (reads start without models)

    return parse_uploads(request.body())


def books_asked(request: Request) -> ListCall[BookFilter]:
    """The list of books, narrowed."""
    given = BOOKS(request.event)
    return ListCall(BookFilter(period_of(given), given.get("status")), given["limit"], given.get("cursor"))


def run_asked(request: Request) -> "RunCall":
    """A run of a book."""
    from engine.usecases.books.materialising import RunCall  # noqa: PLC0415  (reads start without models)

    return RunCall(path_parameter(request.event, "book_id"), path_parameter(request.event, "rebalance_run_id"))


def row_document(book: Book) -> Document:
    """A line of the list of books."""
    return {
        "book_id": book.book_id,
        "status": book.status,
        "created_at": book.created_at,
        "started_at": book.started_at,
        "finished_at": book.finished_at,
    }


def links_of(book_id: str) -> Document:
    """Where to go on, as paths."""
    where = f"/rebalance/books/{book_id}"
    return {"book": where, "summary": f"{where}/summary", "cancel": f"{where}/cancel", "redrive": f"{where}/redrive"}


def accepted_answer(accepted: "Accepted") -> Response:
    """202: it is recorded. Its status is PENDING, whatever became of it meanwhile, so that a replay says the same bytes."""
    book = accepted.book
    document = {"book_id": book.book_id, "status": BookStatus.PENDING, "created_at": book.created_at, "links": links_of(book.book_id)}
    headers = {"Idempotent-Replayed": "true"} if accepted.replayed else {}
    facts: dict[str, str | int] = {"book_id": book.book_id, "replayed": int(accepted.replayed)}
    return Response(202, orjson.dumps(document), headers, facts, location=f"/rebalance/books/{book.book_id}")


def book_document(found: "FollowedBook") -> Document:
    """Where a book stands, and where what it came to is fetched."""
    book = found.book
    return {
        **row_document(book),
        "actor_id": book.actor,
        "attempt": book.attempt,
        "fault": book.fault,
        "start": dict(book.document),
        "progress": None if found.progress is None else _progress(found.progress),
        "files": found.files,
        "links": links_of(book.book_id),
    }


def book_answer(found: "FollowedBook") -> Response:
    """One book."""
    return answer(book_document(found), book_status=found.book.status.value)


def _progress(progress: "Progress") -> Document:
    return {
        "chunks": {"total": progress.chunks, "done": progress.chunks - len(progress.missing), "missing": len(progress.missing)},
        "lines": {"total": progress.lines, "done": progress.lines_done},
        "lines_per_second": None if progress.rate is None else str(progress.rate),
        "seconds_left": progress.left,
    }


def uploads_answer(uploads: "Uploads") -> Response:
    """Where the files of a book may be sent."""
    document = {
        "upload_id": uploads.upload_id,
        "expires_at": uploads.expires_at,
        "manifest": list(map(_upload, uploads.manifest)),
        "shared": _upload(uploads.shared),
    }
    return answer(document, upload_id=uploads.upload_id)


def _upload(upload: Upload) -> Document:
    told = asdict(upload)
    return {"object": told["name"], "url": told["url"], "fields": told["fields"], "max_bytes": told["most"]}


def summary_answer(summary: bytes) -> Response:
    """The summary, byte for byte."""
    return Response(200, summary)


def summary_page(summary: bytes) -> Response:
    """The summary for people."""
    from infra.pages.answers import page_of_book  # noqa: PLC0415  (whoever asks for JSON waits for no templates)

    return page_of_book(summary)
