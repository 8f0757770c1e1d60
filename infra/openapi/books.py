"""What the examples of the document tell of books: two portfolios, a line that is none, and a run that becomes one of its own."""

import json
from collections.abc import Callable
from typing import Any, Final

from engine.ports.books import BookFiles
from engine.records.books import BookStart
from engine.usecases.books.chunks import KeptChunk
from infra.memory.books.machine import MemoryBookMachine
from infra.openapi.schemas import Json

OPERATIONS: Final = "operations_1"


def told_of_books(day: Callable[..., Any], files: BookFiles, runs: MemoryBookMachine, request: Json) -> None:
    """A book over the market and the model of a request: offered, uploaded, started, followed, summed up."""
    offered = day("book_uploads", "offered", "Two addresses, one bound to a digest", {"shared": {"sha256": "9f2c" * 16}}, actor=OPERATIONS)
    start = {"manifest": [row["object"] for row in offered["manifest"]], "shared": offered["shared"]["object"], "records": "NONE"}
    day("book_start", "too_early", "Nothing has been uploaded yet", start, actor=OPERATIONS, key="night-1")
    files.keep(start["manifest"][0], b"\n".join([_line(request, "pf_1001"), _line(request, "pf_1002"), b'{"model_id": "balanced"}']))
    files.keep(start["shared"], _shared(request))
    accepted = day("book_start", "accepted", "Accepted: it will be run", start, actor=OPERATIONS, key="night-1")
    day("book_start", "another", "The key stands for another book", {**start, "chunk_lines": 100}, actor=OPERATIONS, key="night-1")
    book = {"book_id": accepted["book_id"]}
    day("book", "done", "Two portfolios decided, a line failed", path=book)
    day("book", "unknown", "There is no such book", path={"book_id": "bk_0"})
    day("books", "one_book", "One book")
    day("book_summary", "complete", "What the book came to", path=book)
    day("book_cancel", "ended", "It has ended already, and stays as it is", actor=OPERATIONS, path=book)
    day("book_redrive", "complete", "It lacks nothing", actor=OPERATIONS, path=book)
    _redriven(day, runs, start)
    run = {"rebalance_run_id": KeptChunk.of(files, BookStart(accepted["book_id"], [], "", "bank-a"), 0).runs[0]}
    day("book_run", "recorded", "A run of its own", actor=OPERATIONS, path=book | run)
    day("book_run", "none", "The book has no such run", actor=OPERATIONS, path=book | {"rebalance_run_id": "rr_0"})


def _redriven(day: Callable[..., Any], runs: MemoryBookMachine, start: Json) -> None:
    """A second night, whose only chunk is lost at first."""
    runs.lost = frozenset({0})
    lost = day("book_start", "accepted", "Accepted: it will be run", start, actor=OPERATIONS, key="night-2")
    book = {"book_id": lost["book_id"]}
    day("book", "lost", "Its only chunk was lost", path=book)
    runs.lost = frozenset()
    day("book_redrive", "again", "The missing chunk is made", actor=OPERATIONS, path=book)


def _line(request: Json, portfolio_id: str) -> bytes:
    return json.dumps(
        {"portfolio_snapshot": {**request["portfolio_snapshot"], "portfolio_id": portfolio_id}, "model_id": "balanced"}
    ).encode()


def _shared(request: Json) -> bytes:
    parts = {name: request[name] for name in ("market_data_snapshot", "shelf_entries", "options")}
    return json.dumps({**parts, "models": {"balanced": request["model_portfolio"]}}).encode()
