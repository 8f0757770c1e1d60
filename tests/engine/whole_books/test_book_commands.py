"""`python -m engine verify --shared` and `allocate`."""

import io
import json
from pathlib import Path

import pytest

from engine.__main__ import Streams, main
from tests.support.books import Book, bought, simple


def ran(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    streams = Streams(io.BytesIO(), io.BytesIO(), io.BytesIO())
    code = main(arguments, streams)
    assert isinstance(streams.out, io.BytesIO)
    assert isinstance(streams.errors, io.BytesIO)
    return code, streams.out.getvalue().decode(), streams.errors.getvalue().decode()


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two result lines beside the shared document `s.json`."""
    book = Book(simple(), [bought("pf_1", "1000"), bought("pf_2", "2000")])
    book.run()
    (tmp_path / "s.json").write_bytes(book.shared)
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"".join(book.result_lines()))
    return path


def test_runs_of_a_book_are_verified_line_by_line(results: Path) -> None:
    code, out, _ = ran("verify", str(results), "--shared", str(results.with_name("s.json")))
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["VERIFIED", "VERIFIED"]


def test_one_line_that_differs_is_enough(results: Path) -> None:
    results.write_bytes(results.read_bytes().replace(b'"quantity":"50"', b'"quantity":"51"', 1))
    code, out, _ = ran("verify", str(results), "--shared", str(results.with_name("s.json")), "--json")
    assert code == 1
    assert [json.loads(line)["verdict"] for line in out.splitlines()] == ["DIFFERS", "VERIFIED"]


def test_lines_that_failed_are_passed_over_and_what_is_no_line_is_refused_with_its_number(tmp_path: Path) -> None:
    book = Book(simple(), [b"{", bought("pf_1", "1000")])
    book.run()
    (tmp_path / "s.json").write_bytes(book.shared)
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"".join(book.result_lines()))
    code, out, _ = ran("verify", str(path), "--shared", str(tmp_path / "s.json"))
    assert (code, [line.split()[0] for line in out.splitlines()]) == (0, ["VERIFIED"])
    path.write_bytes(path.read_bytes() + b"{}")
    code, out, errors = ran("verify", str(path), "--shared", str(tmp_path / "s.json"))
    assert (code, out, errors.split()[:2]) == (2, "", ["3.body.request", "missing"])


def test_other_shared_documents_are_refused(results: Path) -> None:
    shared = results.with_name("s.json")
    shared.write_bytes(shared.read_bytes().replace(b'"price": "10"', b'"price": "11"'))
    code, _, errors = ran("verify", str(results), "--shared", str(shared))
    assert code == 2
    assert errors.startswith("1.body.request.market_data_snapshot  BOOK_SHARED_DIFFERS")
    shared.unlink()
    assert ran("verify", str(results), "--shared", str(shared))[0] == 2


def filled(path: Path, **changes: str) -> str:
    """A block of 10 and 20 pieces with what was traded of it."""
    orders = [{"portfolio_id": f"pf_{n}", "rebalance_run_id": f"rr_{n}", "intent_id": "oi_1", "quantity": str(10 * n)} for n in (1, 2)]
    path.write_text(json.dumps({"instrument_id": "A", "side": "BUY", "orders": orders} | changes) + "\n\n")
    return str(path)


def test_a_fill_is_shared(tmp_path: Path) -> None:
    """Ten of thirty: 3 1/3 and 6 2/3, so 3 and 7."""
    code, out, _ = ran("allocate", filled(tmp_path / "f", filled="10"))
    assert code == 0
    assert [(row["portfolio_id"], row["ordered"], row["filled"]) for row in json.loads(out)["allocations"]] == [
        ("pf_1", "10", "3"),
        ("pf_2", "20", "7"),
    ]


def test_a_fill_that_is_stated_twice_is_refused(tmp_path: Path) -> None:
    path = Path(filled(tmp_path / "f", filled="10"))
    path.write_bytes(path.read_bytes().replace(b'"filled":', b'"filled": "11", "filled":'))
    code, _, errors = ran("allocate", str(path))
    assert (code, errors.split()[:2]) == (2, ["1.body.filled", "duplicate_member"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"filled": "31"}, "1.body.filled  BLOCK_FILL_OUT_OF_RANGE"),
        ({}, "1.body.filled  missing"),
        ({"filled": "1", "lot_size": "0"}, "1.body.lot_size"),
    ],
    ids=["too-much", "missing", "no-lot"],
)
def test_a_fill_that_cannot_be_is_refused_with_its_line(tmp_path: Path, changes: dict[str, str], told: str) -> None:
    code, out, errors = ran("allocate", filled(tmp_path / "f", **changes))
    assert (code, out) == (2, "")
    assert errors.startswith(told)
