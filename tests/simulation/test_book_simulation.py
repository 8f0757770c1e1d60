"""A fault at every call of a night of books, and proof that what used to be wrong would be found."""

from itertools import product

import orjson
import pytest

from engine.records.book_runs import Book
from engine.records.books import BookStart
from engine.usecases.books.accepting import AcceptBook
from engine.usecases.books.merging import Packed
from tests.simulation.nights import FAULTS, Broken, Line, Night, points

DECIDING = ("engine.books.results.ENGINE_VERSION", "engine.usecases.books.chunks.ENGINE_VERSION")


def play(monkeypatch: pytest.MonkeyPatch, fault: str, at: int, records: str = "NONE") -> None:
    """One night with one fault; where no runs are recorded, a deployment comes with it."""
    with monkeypatch.context() as patch:

        def deployed() -> None:
            for name in DECIDING:
                patch.setattr(name, "9.9.9")

        Night(Line(fault, at, deployed if records == "NONE" else lambda: None), records).play()


@pytest.mark.parametrize(("fault", "records"), [*((fault, "NONE") for fault in FAULTS), ("crash after", "ALL")])
def test_a_night_comes_to_its_end_whatever_call_fails(monkeypatch: pytest.MonkeyPatch, fault: str, records: str) -> None:
    calls = points(records)
    assert {"keep", "move", "start", "has", "part", "state"} | ({"record"} if records == "ALL" else set()) <= set(calls)
    for at, name in enumerate(calls):
        try:
            play(monkeypatch, fault, at, records)
        except Exception as error:
            raise AssertionError(f"{fault} call {at}, {name}") from error


def start_before_record(self: AcceptBook, book: Book, _: list[str]) -> Book:
    """What whoever accepted a book did once."""
    self.files_of(book.tenant).keep(book.start.first(), orjson.dumps(book.start.as_json()))
    return self.records.keep(book)


def one_name(self: BookStart, number: int, kind: str, _: str = "") -> str:
    """Files of a chunk by its number alone, as they were named once."""
    return f"{self.folder}/{kind}/{number:06}"


def found(monkeypatch: pytest.MonkeyPatch) -> str | None:
    """What any single fault shows to be wrong."""
    for fault, at in product(FAULTS, range(len(points("NONE")))):
        try:
            play(monkeypatch, fault, at)
        except Broken as broken:
            return str(broken)
    return None


def test_a_key_that_is_poisoned_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AcceptBook, "_recorded", start_before_record)
    assert found(monkeypatch) == "FAILED BOOK_ID_TAKEN"


def test_two_releases_in_one_chunk_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BookStart, "chunk", one_name)
    monkeypatch.setattr("engine.usecases.books.chunks.Packed", lambda name, _=None: Packed(name))  # when nobody looked at digests
    assert "is not what its tally says" in str(found(monkeypatch))
