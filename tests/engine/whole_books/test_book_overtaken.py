"""Two summaries of one book at once: wherever one comes between the other's calls, what is there in the end is one whole, of most chunks."""

import gzip
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.books import ALL_BLOCKS, ALL_ORDERS, RUNS, SUMMARY
from engine.usecases.books.chunks import DecideChunk, SharedDocuments
from engine.usecases.books.index import Cut, index_book
from engine.usecases.books.summary import Summarise
from infra.memory.books.files import MemoryBookFiles
from tests.support.books import Book, bought, simple
from tests.support.faults import Crash

LINES = [bought(f"pf_{number}", f"{number}000") for number in range(1, 7)]
LATE = 2
"""The chunk that is made while the first summary is under way."""


class Between(MemoryBookFiles):
    """Files of which something happens before the call of a number: before something is looked for, read, or written over."""

    def __init__(self, files: dict[str, bytes], at: int, act: Callable[[], None]) -> None:
        super().__init__(files)
        self.calls, self.at, self.act = 0, at, act

    def _call(self) -> None:
        self.calls += 1
        if self.calls - 1 == self.at:
            self.act()

    def has(self, name: str) -> bool:
        self._call()
        return super().has(name)

    def read(self, name: str) -> bytes:
        self._call()
        return super().read(name)

    def version(self, name: str) -> str | None:
        self._call()
        return super().version(name)


class Made:
    """A book of six chunks, merged two at a time; all are made but one."""

    def __init__(self) -> None:
        self.book = Book(simple(), LINES)
        self.files = self.book.files
        self.chunks = index_book(self.files, self.book.start, Cut(lines=1))
        for number in set(range(len(self.chunks))) - {LATE}:
            self.make(number)

    def make(self, number: int) -> None:
        DecideChunk(self.files, SharedDocuments(self.files))(self.book.start, self.chunks[number])

    def sum_up(self, at: int = -1, act: Callable[[], None] = lambda: None) -> int:
        """Sum up, something happening at a call; the number of calls."""
        files = Between(self.files.files, at, act)
        Summarise(files)(self.book.start, self.chunks)
        return files.calls

    def whole(self) -> dict[str, bytes]:
        return {name: self.files.files[self.book.start.of_whole(name)] for name in (SUMMARY, ALL_ORDERS, ALL_BLOCKS, RUNS)}


@pytest.fixture(autouse=True)
def _two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.usecases.books.merging.AT_ONCE", 2)


@pytest.fixture
def complete() -> dict[str, bytes]:
    made = Made()
    made.make(LATE)
    made.sum_up()
    return made.whole()


def dies() -> None:
    raise Crash


def told(whole: dict[str, bytes]) -> Any:
    return json.loads(whole[SUMMARY])


def test_an_earlier_summary_never_replaces_one_of_more_chunks(complete: dict[str, bytes]) -> None:
    for at in range(Made().sum_up()):
        made = Made()

        def next_attempt(made: Made = made) -> None:
            made.make(LATE)
            made.sum_up()

        made.sum_up(at, next_attempt)
        assert made.whole() == complete, at


def test_two_that_come_between_each_other_end_as_one(complete: dict[str, bytes]) -> None:
    """The later one dies on its way wherever it may, and is tried again after the earlier one has come to its end."""
    calls = Made().sum_up()
    for at in range(0, calls, 3):
        for last in range(0, calls, 3):
            made = Made()

            def next_attempt(made: Made = made, last: int = last) -> None:
                made.make(LATE)
                with pytest.raises(Crash):
                    made.sum_up(last, dies)

            made.sum_up(at, next_attempt)
            made.sum_up()
            assert made.whole() == complete, (at, last)


def test_one_that_is_overtaken_again_and_again_leaves_it_to_whoever_tries_again() -> None:
    made = Made()

    class Busy(MemoryBookFiles):
        def version(self, name: str) -> str | None:
            self.files[name] = self.files.get(name, b"") + b"x"
            return super().version(name)

    with pytest.raises(StoreUnavailable, match="BOOK_STORE_UNAVAILABLE"):
        Summarise(Busy(made.files.files))(made.book.start, made.chunks)


def test_what_a_summary_says_of_its_files_is_so(complete: dict[str, bytes]) -> None:
    files = told(complete)["files"]
    for kind, name in (("orders", ALL_ORDERS), ("blocks", ALL_BLOCKS)):
        assert files[kind]["sha256"] == sha256(gzip.decompress(complete[name])).hexdigest()


def test_nothing_that_came_between_is_left() -> None:
    made = Made()
    before = set(made.files.files)
    made.sum_up()
    assert set(made.files.files) - before == {made.book.start.of_whole(name) for name in (SUMMARY, ALL_ORDERS, ALL_BLOCKS, RUNS)}
