"""What calls about books answer."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.answers.scalars import NOW, Time
from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, WeightText, shown

BOOK = "bk_9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c"
UPLOAD = "up_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"

BookState = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
_STATE = "Where it stands: recorded, under way, over; an end lasts until the book is redriven."


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookUpload:
    """Where one file may be sent: a form POST of these fields with the file behind them as `file`."""

    object: Annotated[str, shown("Its name, for the start of a book.", f"bank-a/uploads/{UPLOAD}/manifest.jsonl")]
    url: Annotated[str, shown("Where the form goes.", "https://books.example/")]
    fields: Annotated[
        dict[str, str], shown("Fields of the form, all of them, unchanged.", {"key": f"bank-a/uploads/{UPLOAD}/manifest.jsonl"})
    ]
    max_bytes: Annotated[int, shown("Most bytes that are taken.", 5_000_000_000)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookUploadsResponse:
    """Where the files of a book may be sent; nothing is kept of what is never sent."""

    upload_id: Annotated[str, shown("Names the folder.", UPLOAD)]
    expires_at: Annotated[Time, shown("Until when the addresses hold.", NOW)]
    manifest: Annotated[list[BookUpload], shown("For each object of the manifest, in their order.")]
    shared: Annotated[BookUpload, shown("For the shared document.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookLinks:
    """Where to go on, as paths."""

    book: Annotated[str, shown("Where the book stands.", f"/rebalance/books/{BOOK}")]
    summary: Annotated[str, shown("What it came to.", f"/rebalance/books/{BOOK}/summary")]
    cancel: Annotated[str, shown("Stops it.", f"/rebalance/books/{BOOK}/cancel")]
    redrive: Annotated[str, shown("Makes what is missing.", f"/rebalance/books/{BOOK}/redrive")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookAcceptedResponse:
    """A book that is recorded: it will be run, or visibly fail."""

    book_id: Annotated[str, shown("The book; of one key it is always the same.", BOOK)]
    status: Annotated[Literal["PENDING"], shown("Always PENDING here, whatever became of it meanwhile.", "PENDING")]
    created_at: Annotated[Time, shown("When it was recorded.", NOW)]
    links: Annotated[BookLinks, shown("Where to go on.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookListItemResponse:
    """A line of the list of books."""

    book_id: Annotated[str, shown("The book.", BOOK)]
    status: Annotated[
        BookState, shown(f"{_STATE} In a list: of the ten newest that have not ended as it is now, else as it was seen last.", "SUCCEEDED")
    ]
    created_at: Annotated[Time, shown("When it was recorded.", NOW)]
    started_at: Annotated[Time | None, shown("When its last attempt began; null before.", NOW)]
    finished_at: Annotated[Time | None, shown("When that ended; null before.", NOW)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookListResponse:
    """A page of the list of books."""

    items: Annotated[list[BookListItemResponse], shown("The newest first.", [])]
    next_cursor: Annotated[str | None, shown("Where the list goes on, for `cursor`; null at its end. Opaque.", BOOK)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookStarted:
    """What started a book, defaults filled in."""

    manifest: Annotated[list[str], shown("Its objects.", [f"bank-a/uploads/{UPLOAD}/manifest.jsonl"])]
    shared: Annotated[str, shown("What all its portfolios share.", f"bank-a/uploads/{UPLOAD}/shared.json")]
    records: Annotated[Literal["NONE", "REVIEW", "ALL"], shown("Which runs are kept as runs of their own.", "REVIEW")]
    chunk_lines: Annotated[int, shown("Most portfolios of a chunk.", 250)]
    max_concurrency: Annotated[int, shown("Most chunks at once.", 100)]
    tolerated_failure_percentage: Annotated[int, shown("Share of chunks that may be lost, in percent.", 10)]
    digests: Annotated[dict[str, str], shown("Stated SHA-256 of its objects, hex.", {f"bank-a/uploads/{UPLOAD}/shared.json": "9f2c" * 16})]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookChunks:
    """Chunks of a book, of all attempts together."""

    total: Annotated[int, shown("All.", 400)]
    done: Annotated[int, shown("Those that are made.", 120)]
    missing: Annotated[int, shown("Those that are not: lost, or not begun yet.", 280)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookLines:
    """Lines of a book's manifest, without blank ones."""

    total: Annotated[int, shown("All.", 100_000)]
    done: Annotated[int, shown("Those of the chunks that are made.", 30_000)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookProgress:
    """How much of a book is made."""

    chunks: Annotated[BookChunks, shown("In chunks.")]
    lines: Annotated[BookLines, shown("In lines.")]
    lines_per_second: Annotated[
        Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]$")] | None, shown("Of the last attempt; null before its first chunk.", "812.4")
    ]
    seconds_left: Annotated[int | None, shown("What the rest takes at that rate; null where nothing runs.", 87)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookFileLinks:
    """Where the files of the whole book are fetched, for minutes; null before there are any."""

    summary: Annotated[str | None, shown("JSON.", "https://books.example/summary.json")]
    orders: Annotated[str | None, shown("Its orders, CSV in gzip.", "https://books.example/orders.csv.gz")]
    blocks: Annotated[str | None, shown("Its blocks, JSON Lines in gzip.", "https://books.example/blocks.jsonl.gz")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookStatusResponse(BookListItemResponse):
    """Where a book stands."""

    actor_id: Annotated[str, shown("Who started it; `system` where a schedule did.", "operations_1")]
    attempt: Annotated[int, shown("Number of its last attempt, from 0.", *[0])]
    fault: Annotated[
        str | None,
        shown(
            "What its last attempt failed of, as a code; `BookIncomplete` for chunks; of a refused book why, after a colon the place that is meant; null otherwise.",
            "BookIncomplete",
        ),
    ]
    start: Annotated[BookStarted, shown("What started it.")]
    progress: Annotated[BookProgress | None, shown("How much of it is made; null before it is cut into chunks.")]
    files: Annotated[BookFileLinks, shown("What it came to.")]
    links: Annotated[BookLinks, shown("Where to go on.")]


Counts = dict[str, int]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookSummaryChunks:
    """Chunks of a book when it was summed up."""

    total: Annotated[int, shown("All.", 4)]
    done: Annotated[int, shown("Those that are made.", 3)]
    missing: Annotated[list[int], shown("Numbers of those that are not.", [2])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookSummaryLines:
    """Lines of a book when it was summed up."""

    total: Annotated[int, shown("All of its manifest but blank ones; what is neither decided nor failed lies in missing chunks.", 1_000)]
    decided: Annotated[int, shown("Those with a decision.", 998)]
    failed: Annotated[int, shown("Those that could not be decided.", 2)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookFailedLine:
    """A line that could not be decided."""

    object: Annotated[str, shown("Its object.", f"bank-a/uploads/{UPLOAD}/manifest.jsonl")]
    line: Annotated[int, shown("Its number there, from 1.", 17)]
    portfolio_id: Annotated[str | None, shown("Its portfolio; null where it could not be read.", "pf_1001")]
    code: Annotated[str, shown("Why, as a code.", "REQUEST_VALIDATION_FAILED")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookInBase:
    """Portfolios of one base currency."""

    currency: Annotated[str, shown("The currency.", "USD")]
    portfolios: Annotated[int, shown("How many were decided.", 412)]
    worth: Annotated[DecimalText, shown("What they are worth.", "812345678.90")]
    traded: Annotated[DecimalText, shown("What their security orders move.", "41234567.80")]
    turnover: Annotated[WeightText | None, shown("That as a share of the worth; null where that is nothing.", "0.0508")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookDistance:
    """How far portfolios are from their targets. BLOCKED ones stay where they are: nobody makes their orders."""

    portfolios: Annotated[int, shown("How many are measured.", 998)]
    mean_before: Annotated[WeightText | None, shown("Mean before the orders; null of none.", "0.0612")]
    mean_after: Annotated[WeightText | None, shown("Mean after them.", "0.0031")]
    after: Annotated[Counts, shown("How many are at most so far afterwards; `more` are further.", {"0.005": 900, "more": 98})]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookFile:
    """A file of the whole book."""

    name: Annotated[str, shown("Its name in the bucket of books.", f"bank-a/books/{BOOK}/orders.csv.gz")]
    sha256: Annotated[str, shown("Digest of the plain bytes, hex.", "9f2c" * 16)]
    size: Annotated[int, shown("How many those are.", 123_456)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookFiles:
    """The files of the whole book."""

    orders: Annotated[BookFile, shown("Its orders, CSV.")]
    blocks: Annotated[BookFile, shown("Its blocks, JSON Lines.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookNotional:
    """Money of a block."""

    amount: Annotated[DecimalText, shown("Exact.", "182500")]
    currency: Annotated[str, shown("The instrument's.", "USD")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookBlock:
    """The orders of a book for one instrument on one side."""

    status: Annotated[str, shown("Status of the portfolios whose orders they are.", "READY")]
    instrument_id: Annotated[str, shown("The instrument.", "AAPL")]
    side: Annotated[Literal["BUY", "SELL"], shown("The side.", "BUY")]
    quantity: Annotated[DecimalText, shown("Units of all orders.", "1000")]
    notional: Annotated[BookNotional, shown("What they are worth.")]
    orders: Annotated[int, shown("How many orders.", 212)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BookSummary:
    """What a book came to. Counts and lists show the fifty most frequent at most."""

    book_id: Annotated[str, shown("The book.", BOOK)]
    engine_version: Annotated[str, shown("The version that summed it up.", "1.3.0")]
    engine_versions: Annotated[
        Counts, shown("Lines decided by each version: several where a deployment came between its chunks.", {"1.3.0": 998})
    ]
    status: Annotated[Literal["COMPLETE", "INCOMPLETE"], shown("INCOMPLETE while chunks are missing.", "COMPLETE")]
    chunks: Annotated[BookSummaryChunks, shown("In chunks.")]
    lines: Annotated[BookSummaryLines, shown("In lines.")]
    statuses: Annotated[Counts, shown("Portfolios by status.", {"READY": 900, "PENDING_REVIEW": 98})]
    gates: Annotated[Counts, shown("Portfolios by gate.", {"EXECUTION_READY": 900})]
    failures: Annotated[Counts, shown("Failed lines by code.", {"REQUEST_VALIDATION_FAILED": 2})]
    reasons: Annotated[Counts, shown("Portfolios by rule that failed.", {"SINGLE_POSITION_MAX": 61})]
    orders: Annotated[Counts, shown("Orders by kind.", {"SECURITY_TRADE": 8_121})]
    by_base_currency: Annotated[list[BookInBase], shown("Worth and turnover, by base currency.")]
    distance: Annotated[BookDistance, shown("How far from their targets.")]
    failed_lines: Annotated[list[BookFailedLine], shown("The first failed lines; all are among the results.")]
    portfolios_twice: Annotated[list[str], shown("Portfolios that several lines are about; their orders are in no file.", ["pf_1001"])]
    files: Annotated[BookFiles, shown("Its orders and blocks.")]
    largest_blocks: Annotated[list[BookBlock], shown("The blocks with the most orders.")]
    estimate: Annotated[dict[str, object], shown("What the run costs, estimated from list prices; empty where nothing is estimated.", {})]
