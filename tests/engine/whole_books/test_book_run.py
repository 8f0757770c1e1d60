"""A book from its manifest to its summary, on files in memory."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from itertools import chain, repeat

import orjson
import pytest

from engine.books.decided import EXECUTION_ERROR
from engine.books.manifest import HELD
from engine.contracts.books.lines import MAX_LINE_BYTES
from engine.records.books import TALLIES, ChunkRef
from engine.usecases.books.chunks import DecideChunk, SharedDocuments
from engine.usecases.books.index import Cut, index_book
from engine.usecases.books.merging import AT_ONCE
from engine.usecases.books.refused import BookRefused
from engine.version import ENGINE_VERSION
from infra.memory.books.files import MemoryBookFiles
from tests.support.books import BOOK, Book, bought, line_of, simple

LINES = [bought(f"pf_{number}", f"{number}000") for number in range(1, 6)]
"""One to five thousand dollars: half of them in A at 10 is 50, 100, 150, 200 and 250 pieces."""


def test_chunks_hold_whole_lines_and_are_cut_by_lines_and_by_bytes() -> None:
    files = MemoryBookFiles({"m": b"aa\nbbb\n\ncccccccc\nd"}, block=7)
    start = Book(simple(), []).start.__class__(BOOK, ["m"], "shared.json")
    chunks = index_book(files, start, Cut(lines=2, size=8))
    assert [(chunk.start, chunk.end, chunk.first, chunk.lines) for chunk in chunks] == [
        (0, 7, 1, 2),
        (7, 8, 3, 0),
        (8, 17, 4, 1),
        (17, 18, 5, 1),
    ]  # the third line is blank
    assert b"".join(files.part("m", chunk.start, chunk.end) for chunk in chunks) == files.read("m")
    assert [ChunkRef.of(chunk.as_json()) for chunk in chunks] == chunks


def test_a_book_of_several_objects_numbers_its_chunks_on() -> None:
    files = MemoryBookFiles({"m1": b"a\nb\n", "m2": b"c\n"}, block=3)
    start = Book(simple(), []).start.__class__(BOOK, ["m1", "m2"], "shared.json")
    assert [(chunk.number, chunk.object, chunk.first) for chunk in index_book(files, start, Cut(lines=1))] == [
        (0, "m1", 1),
        (1, "m1", 2),
        (2, "m2", 1),
    ]


def test_the_summary_by_hand() -> None:
    """15,000 dollars in five portfolios; 7,500 of them are bought: 750 pieces in one block; each is half away before, none after."""
    book = Book(simple(), [*LINES, b"{"])
    summary = book.run(lines=2)
    assert summary["status"] == "COMPLETE"
    assert summary["chunks"] == {"total": 3, "done": 3, "missing": []}
    assert summary["lines"] == {"total": 6, "decided": 5, "failed": 1}
    assert summary["statuses"] == {"READY": 5}
    assert summary["failures"] == {"REQUEST_VALIDATION_FAILED": 1}
    assert summary["failed_lines"] == [{"object": "manifest.jsonl", "line": 6, "portfolio_id": None, "code": "REQUEST_VALIDATION_FAILED"}]
    [base] = summary["by_base_currency"]
    assert (base["currency"], base["portfolios"], base["turnover"]) == ("USD", 5, "0.5000")
    assert (Decimal(base["worth"]), Decimal(base["traded"])) == (Decimal(15_000), Decimal(7_500))
    assert (summary["distance"]["mean_before"], summary["distance"]["mean_after"]) == ("0.5000", "0.0000")
    assert summary["distance"]["after"] == {"0.001": 5}
    [block] = summary["largest_blocks"]
    assert (block["instrument_id"], block["side"], block["orders"], block["quantity"]) == ("A", "BUY", 5, "750")


def test_orders_and_blocks_name_every_portfolio() -> None:
    book = Book(simple(), LINES)
    book.run(lines=2)
    rows = list(csv.DictReader(io.StringIO(book.kept("orders.csv.gz").decode())))
    assert [(row["portfolio_id"], row["side"], row["quantity"], row["notional"]) for row in rows] == [
        (f"pf_{number}", "BUY", str(50 * number), str(500 * number)) for number in range(1, 6)
    ]
    [block] = map(json.loads, book.kept("blocks.jsonl.gz").splitlines())
    assert [(order["portfolio_id"], order["quantity"]) for order in block["orders"]] == [
        (f"pf_{number}", str(50 * number)) for number in range(1, 6)
    ]
    assert block["quantity"] == "750"


def test_what_a_blocked_portfolio_would_trade_is_in_no_order_file_and_in_no_sum() -> None:
    """100 pieces at 10 and a debt of 1,500: all of them sold leave 500 owed. Beside it 500 of 1,000 dollars are bought: worth 500, traded 500."""
    owing = {
        "portfolio_id": "pf_9",
        "base_currency": "USD",
        "positions": [{"instrument_id": "A", "quantity": "100"}],
        "cash_balances": [{"currency": "USD", "amount": "-1500"}],
    }
    book = Book(simple(), [LINES[0], line_of({"portfolio_snapshot": owing})])
    summary = book.run()
    assert summary["statuses"] == {"BLOCKED": 1, "READY": 1}
    blocked, ready = (json.loads(line)["result"]["distance"] for line in book.result_lines()[::-1])
    assert (ready["before"], ready["after"]) == ("0.5000", "0.0000")
    assert blocked["before"] != blocked["after"]
    stays = (Decimal("0.5") + Decimal(blocked["before"])) / 2, Decimal(blocked["before"]) / 2  # it stays as far away as it was
    assert (Decimal(summary["distance"]["mean_before"]), Decimal(summary["distance"]["mean_after"])) == stays
    assert [len(line["result"]["intents"]) for line in book.results()] == [1, 1]
    [base] = summary["by_base_currency"]
    assert (Decimal(base["worth"]), Decimal(base["traded"]), base["turnover"]) == (Decimal(500), Decimal(500), "1.0000")
    assert summary["orders"] == {"SECURITY_TRADE": 1}
    assert [row["portfolio_id"] for row in csv.DictReader(io.StringIO(book.kept("orders.csv.gz").decode()))] == ["pf_1"]
    assert [order["portfolio_id"] for line in book.kept("blocks.jsonl.gz").splitlines() for order in json.loads(line)["orders"]] == ["pf_1"]


def test_a_portfolio_that_stands_twice_is_in_no_order_file() -> None:
    """Which of its lines would hold nobody can say."""
    book = Book(simple(), [*LINES, bought("pf_2", "9000")])
    summary = book.run(lines=4)
    assert summary["portfolios_twice"] == ["pf_2"]
    rows = list(csv.DictReader(io.StringIO(book.kept("orders.csv.gz").decode())))
    assert [row["portfolio_id"] for row in rows] == ["pf_1", "pf_3", "pf_4", "pf_5"]
    [block] = map(json.loads, book.kept("blocks.jsonl.gz").splitlines())
    assert block["quantity"] == "650"  # 50 + 150 + 200 + 250
    assert len(book.results()) == 6


def test_lines_in_another_order_and_other_chunks_change_no_portfolio() -> None:
    one, other = Book(simple(), LINES), Book(simple(), LINES[::-1])
    one_told, other_told = one.run(lines=1), other.run(lines=3)
    assert sorted(one.result_lines()) == sorted(other.result_lines())
    assert one.kept("blocks.jsonl.gz") == other.kept("blocks.jsonl.gz")
    for name in ("statuses", "gates", "by_base_currency", "distance", "largest_blocks", "orders"):
        assert one_told[name] == other_told[name]


def test_how_lines_end_and_a_byte_order_mark_change_no_portfolio() -> None:
    plain, other = Book(simple(), LINES), Book(simple(), [])
    other.files.files["manifest.jsonl"] = b"\xef\xbb\xbf" + b"\r\n \r\n".join(LINES) + b"\r\n\n"
    assert plain.run()["lines"] == other.run(lines=4)["lines"] == {"total": 5, "decided": 5, "failed": 0}
    assert plain.result_lines() == other.result_lines()
    nothing = Book(simple(), []).run()
    assert (nothing["status"], nothing["lines"], nothing["largest_blocks"]) == ("COMPLETE", {"total": 0, "decided": 0, "failed": 0}, [])


def test_a_lost_chunk_is_told_and_only_it_is_made_again() -> None:
    book = Book(simple(), LINES)
    told = book.run(lines=2, without=[1])
    assert told["status"] == "INCOMPLETE"
    assert told["chunks"] == {"total": 3, "done": 2, "missing": [1]}
    before = {name: id(content) for name, content in book.files.files.items() if "/results/" in name}
    assert book.run(lines=2)["status"] == "COMPLETE"
    assert {name: id(book.files.files[name]) for name in before} == before
    whole = Book(simple(), LINES)
    whole.run(lines=2)
    assert book.files.files == whole.files.files


def test_more_chunks_than_may_be_open_are_merged_on_the_way() -> None:
    lines = [bought(f"pf_{number:03}", "1000") for number in range(AT_ONCE + 3)]
    many, few = Book(simple(), lines), Book(simple(), lines)
    many.run(lines=1)
    few.run()
    assert many.kept("blocks.jsonl.gz") == few.kept("blocks.jsonl.gz")
    assert {name.split("/")[2] for name in many.files.files if "/" in name} == {
        name.split("/")[2] for name in few.files.files if "/" in name
    }


def test_blank_lines_are_no_portfolios_wherever_they_stand() -> None:
    """Two portfolios and a bad line among blanks, the first of which has nothing but a byte order mark."""
    book = Book(simple(), [])
    book.files.files["manifest.jsonl"] = b"\xef\xbb\xbf\r\n\n" + LINES[0] + b"\n \t\n{\n" + LINES[1] + b"\n\x0b\n\n"
    assert book.run(lines=2)["lines"] == {"total": 3, "decided": 2, "failed": 1}
    assert [line["line"] for line in book.results() if "error" in line] == [5]
    left = Book(simple(), [*LINES, b"", b""]).run(lines=2, without=[1, 3])
    assert left["lines"] == {"total": 5, "decided": 3, "failed": 0}  # two are in the second chunk, none in the fourth


def test_a_manifest_that_changed_since_it_was_indexed_is_refused() -> None:
    book = Book(simple(), LINES)
    [chunk] = index_book(book.files, book.start, Cut())
    book.files.files["manifest.jsonl"] = book.files.read("manifest.jsonl").replace(b"1000", b"1001")
    with pytest.raises(BookRefused, match="BOOK_INPUT_CHANGED"):
        DecideChunk(book.files, SharedDocuments(book.files))(book.start, chunk)


def test_long_lines_and_poison_harm_no_other() -> None:
    """A line of 900 kB is decided, one of more than a million bytes is not."""
    padded = LINES[0][:-1] + b" " * 900_000 + b"}"
    far_too_long = LINES[1][:-1] + b" " * 1_000_000 + b"}"
    book = Book(simple(), [padded, far_too_long, b"\xff\xfe", b"", *LINES[2:]])
    summary = book.run(lines=3)
    assert summary["lines"] == {"total": 6, "decided": 4, "failed": 2}
    assert summary["failures"] == {"BOOK_LINE_TOO_LARGE": 1, "REQUEST_VALIDATION_FAILED": 1}
    assert EXECUTION_ERROR not in summary["failures"]


class Endless(MemoryBookFiles):
    """Files that are larger than memory may get, in blocks that are made as they are asked for."""

    def stream(self, name: str) -> Iterator[bytes]:
        return chain.from_iterable([[self.read(name)], repeat(b" " * 100_000, 300), [b"}\n" + LINES[1]]])


def test_of_a_line_that_is_too_large_no_more_is_held_than_says_so() -> None:
    """A line of thirty million bytes between two portfolios: its chunk ends with the first million, the next begins behind it."""
    files = Endless({"m": LINES[0] + b"\n{"})
    start = Book(simple(), []).start.__class__(BOOK, ["m"], "shared.json")
    tracemalloc.start()
    chunks = index_book(files, start, Cut())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * HELD
    begin, end = len(LINES[0]) + 1, len(LINES[0]) + 1 + 1 + 30_000_000 + 2
    assert [(chunk.start, chunk.end, chunk.first, chunk.lines) for chunk in chunks] == [
        (0, begin + HELD, 1, 2),
        (end, end + len(LINES[1]), 3, 1),
    ]
    assert chunks[0].sha256 == sha256(LINES[0] + b"\n{" + b" " * (HELD - 1)).hexdigest()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"], ids=["none", "lf", "crlf"])
def test_what_is_too_large_is_the_same_to_index_and_chunk(mark: bytes, end: bytes) -> None:
    """A million bytes are a line, one more is not: with their carriage return, without the mark of the first. A large blank one is none either."""
    for size, code in ((MAX_LINE_BYTES, None), (MAX_LINE_BYTES + 1, "BOOK_LINE_TOO_LARGE"), (MAX_LINE_BYTES + 9, "BOOK_LINE_TOO_LARGE")):
        returned = end.removesuffix(b"\n")
        book = Book(simple(), [])
        padded = LINES[0][:-1] + b" " * (size - len(LINES[0]) - len(returned)) + b"}"
        book.files.files["manifest.jsonl"] = mark + padded + end + (LINES[1] if end else b"")
        others = 1 if end else 0
        failed = 0 if code is None else 1
        summary = book.run()
        assert summary["lines"] == {"total": 1 + others, "decided": 1 + others - failed, "failed": failed}
        assert summary["failures"] == ({} if code is None else {code: 1})
    blank = Book(simple(), [b" " * (HELD + 5), LINES[0]])
    assert blank.run()["lines"] == {"total": 2, "decided": 1, "failed": 1}
    assert blank.results()[0]["error"]["code"] == "BOOK_LINE_TOO_LARGE"


def test_a_summary_says_which_engines_decided_how_many_lines() -> None:
    """A deployment came between the second chunk, of two portfolios, and the others: three portfolios, and a line that nobody decided."""
    book = Book(simple(), [*LINES, b"{"])
    assert book.run(lines=2)["engine_versions"] == {ENGINE_VERSION: 5}
    name = book.start.chunk(1, TALLIES)
    book.files.files[name] = orjson.dumps(orjson.loads(book.files.read(name)) | {"engine_version": "1.1.0"})
    again = book.run(lines=2)
    assert (again["engine_versions"], again["engine_version"]) == ({ENGINE_VERSION: 3, "1.1.0": 2}, ENGINE_VERSION)
