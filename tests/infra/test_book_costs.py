"""What a book is estimated to cost: counts that were counted, times prices that are stated."""

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.books.tally import Tally
from engine.records.books import BookStart, ChunkRef
from engine.usecases.books.chunks import DecideChunk, SharedDocuments
from engine.usecases.books.index import kept_index
from engine.usecases.books.packs import PackOfBook
from engine.usecases.books.starting import PrepareBook
from engine.usecases.books.summary import Summarise
from infra.aws.books.files import S3BookFiles
from infra.book_costs import STATED, BookCost
from infra.memory.books.machine import NO_PACKS
from infra.prices import PRICES
from tests.support.books import bought, simple
from tests.support.emulators import fresh
from tests.support.faults import Line

TALLY = Tally(lines=1_000, statuses=Counter(READY=900, PENDING_REVIEW=80, BLOCKED=10), result_bytes=50_000_000)
PRICED = replace(
    PRICES,
    lambda_request=Decimal(1),
    lambda_gigabyte_second=Decimal(0),
    transition=Decimal(10),
    express_request=Decimal(0),
    express_gigabyte_second=Decimal(0),
    put=Decimal(100),
    get=Decimal(0),
    write_unit=Decimal(1_000),
    log_gigabyte=Decimal(0),
)


def amounts(records: str, prices: Any = PRICED) -> dict[str, Decimal]:
    told = BookCost(records, {"PENDING_REVIEW"}, prices)(TALLY, 4)
    return {part["part"]: Decimal(part["amount"]) for part in told["parts"]}


@pytest.mark.parametrize(("records", "recorded"), [("NONE", 0), ("REVIEW", 80), ("ALL", 990)])
def test_each_part_is_what_is_used_times_its_price(records: str, recorded: int) -> None:
    assert amounts(records) == {
        "Lambda": 4 + 2,  # four chunks, index and summary
        "Step Functions": 10 * (5 + 4),  # five states of the parent, and four children
        "S3": 100 * (9 + 4 * 4 + recorded),
        "DynamoDB": 1_000 * (4 + 10 * recorded),
        "Logs": 0,
    }


def test_seconds_are_of_portfolios_chunks_and_records() -> None:
    used = BookCost("ALL", ()).used(Decimal(1_000), Decimal(4), Decimal(990))
    chunks = Decimal(1000) * Decimal("0.003") + 4 * Decimal("0.6") + 990 * Decimal("0.06")  # 64.8
    assert used["Step Functions"]["express_gigabyte_second"] == chunks * Decimal("0.0625")
    assert used["Lambda"]["lambda_gigabyte_second"] == (chunks + Decimal("0.5")) * Decimal(1769) / 1024


def test_the_whole_is_the_sum_of_its_parts_and_told_by_the_thousand() -> None:
    told = BookCost("NONE", ())(replace(TALLY, lines=2_000), 8)
    parts = sum(Decimal(part["amount"]) for part in told["parts"])
    assert abs(Decimal(told["total"]) - parts) <= Decimal("0.000005")  # five parts, each rounded
    assert abs(Decimal(told["thousand_portfolios"]) * 2 - Decimal(told["total"])) <= Decimal("0.000001")
    # 50 MB packed to 9 MB, at 0.023 a gigabyte and month
    assert told["month"] == "0.000207"


def test_a_book_of_nothing_has_no_price_by_the_thousand() -> None:
    assert BookCost("NONE", ())(Tally(), 0)["thousand_portfolios"] is None


def test_what_is_put_and_got_is_what_the_steps_put_and_get() -> None:
    with fresh() as aws:
        files = S3BookFiles(aws.s3, aws.bucket, "bank-a")
        files.keep("bank-a/m", b"\n".join(bought(f"pf_{number}", "1000") for number in range(3)))
        files.keep("bank-a/s", simple())
        line = Line(aws.s3)
        prepared = PrepareBook(lambda _: files, PackOfBook(NO_PACKS))(
            BookStart("bk_1", ["bank-a/m"], "bank-a/s", "bank-a", created_at="2026-11-26"), 0, 1
        )
        todo = [ChunkRef.of(told) for told in json.loads(files.read(prepared.todo))]  # as the map does
        for chunk in todo:
            DecideChunk(files, SharedDocuments(files))(prepared.book, chunk)
        Summarise(files)(prepared.book, kept_index(files, prepared.book))
        called = Counter(line.calls)
    assert len(todo) == 3
    assert called["PutObject"] == STATED.puts + 3 * STATED.puts_a_chunk
    assert called["GetObject"] + called["HeadObject"] == STATED.gets + 3 * STATED.gets_a_chunk
