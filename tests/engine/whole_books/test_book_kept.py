"""What a chunk keeps: a tally and files that agree, whichever releases were at it, and digests that somebody looks at."""

import gzip
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import pytest

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.records.book_runs import Book as BookRecord
from engine.records.books import BLOCKS, ORDERS, RESULTS, TALLIES, ChunkRef
from engine.usecases.artifacts import ArtifactMode
from engine.usecases.books.chunks import DecideChunk, KeptChunk, Record, SharedDocuments
from engine.usecases.books.index import Cut, index_book
from engine.usecases.books.materialising import MaterialiseRun, RunCall
from engine.usecases.books.merging import AT_A_TIME, Packed, plain_lines
from engine.usecases.books.recording import RecordRuns
from engine.usecases.books.refused import BookRefused
from engine.usecases.books.summary import Summarise
from engine.usecases.refusals import Code
from engine.version import ENGINE_VERSION
from infra.memory.books.files import MemoryBookFiles
from infra.memory.runs import MemoryRunStore, MemoryTables
from tests.support.books import Book, bought, simple

KINDS = (RESULTS, ORDERS, BLOCKS)
LINES = [bought("pf_1", "1000"), bought("pf_2", "2000")]


@dataclass
class Broken(MemoryBookFiles):
    """Files of which no tally, and none of `lost`, is ever kept."""

    lost: frozenset[str] = frozenset()

    def keep(self, name: str, content: bytes) -> None:
        if f"/{TALLIES}/" in name or any(f"/{kind}/" in name for kind in self.lost):
            raise StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE)
        super().keep(name, content)


def night(files: MemoryBookFiles | None = None) -> tuple[Book, ChunkRef]:
    book = Book(simple(), LINES, files or MemoryBookFiles())
    [chunk] = index_book(book.files, book.start, Cut())
    return book, chunk


def decide(book: Book, chunk: ChunkRef, record: Record | None = None) -> None:
    DecideChunk(book.files, SharedDocuments(book.files), record)(book.start, chunk)


def decided_before(monkeypatch: pytest.MonkeyPatch, book: Book, chunk: ChunkRef, lost: str) -> Book:
    """The book after an earlier release decided its chunk, and died before its tally, or before it kept files of a kind."""
    broken = Broken(book.files.files, lost=frozenset({lost} if lost else ()))
    with monkeypatch.context() as patch:
        for module in ("engine.books.results", "engine.usecases.books.chunks"):
            patch.setattr(f"{module}.ENGINE_VERSION", "1.1.0")
        with pytest.raises(StoreUnavailable):
            decide(Book(book.shared, book.lines, broken), chunk)
    return book


@pytest.mark.parametrize("lost", ["", BLOCKS, ORDERS])
def test_a_chunk_is_of_one_release_although_another_one_began_it(monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    book, chunk = night()
    decide(decided_before(monkeypatch, book, chunk, lost), chunk)
    kept = KeptChunk.of(book.files, book.start, 0)
    assert kept.engine_version == ENGINE_VERSION
    for kind in KINDS:
        name, sha256 = kept.packed(kind)
        assert hashlib.sha256(gzip.decompress(book.files.read(name))).hexdigest() == sha256
    results = gzip.decompress(book.files.read(kept.packed(RESULTS).name)).splitlines()
    assert [orjson.loads(line)["engine_version"] for line in results] == [ENGINE_VERSION] * 2
    assert len([name for name in book.files.files if "/results/" in name]) == 2  # what was lost stays, and nobody names it
    assert Summarise(book.files)(book.start, [chunk])["engine_versions"] == {ENGINE_VERSION: 2}


def test_a_run_that_another_release_recorded_refuses_its_chunk() -> None:
    """A reviewer may have approved it: what is executed must not be another decision."""
    book, chunk = night()
    book.start = replace(book.start, tenant="bank-a", records="ALL", created_at="2026-11-26T20:00:00+00:00")
    runs = MemoryRunStore(MemoryTables(), clock=lambda: datetime(2026, 11, 26, 20, tzinfo=UTC))
    record = RecordRuns(runs, ArtifactMode.DERIVED, ())
    decide(book, chunk, record)
    tally = book.start.chunk(0, TALLIES)
    del book.files.files[tally]
    decide(book, chunk, record)  # by the same release it is the same run
    del book.files.files[tally]
    for run, (head, documents) in runs.tables.runs.items():
        runs.tables.runs[run] = replace(head, engine_version="1.1.0"), documents
    with pytest.raises(BookRefused, match=r"^BOOK_ENGINE_CHANGED$"):
        decide(book, chunk, record)
    assert not book.files.has(tally)


SPOILED: Final = ("another", "no gzip", "half", "gone", "without its end", "followed by a byte", "followed by another")


def spoiled(book: Book, kind: str, how: str) -> str:
    """The name of a file of the book's chunk that is not what its tally says."""
    name = KeptChunk.of(book.files, book.start, 0).packed(kind).name
    content = book.files.read(name)
    if how == "gone":
        del book.files.files[name]
    else:
        changed = {
            "another": gzip.compress(gzip.decompress(content)[:-2] + b"0\n"),
            "no gzip": b"zz",
            "half": content[: len(content) // 2],
            "without its end": content[:-3],
            "followed by a byte": content + b"x",
            "followed by another": content + gzip.compress(b""),
        }
        book.files.files[name] = changed[how]
    return name


@pytest.mark.parametrize("how", SPOILED)
@pytest.mark.parametrize("kind", [ORDERS, BLOCKS])
def test_what_is_merged_is_what_the_tallies_say(kind: str, how: str) -> None:
    book, chunk = night()
    decide(book, chunk)
    name = spoiled(book, kind, how)
    with pytest.raises(EvidenceCorrupt) as corrupt:
        Summarise(book.files)(book.start, [chunk])
    assert corrupt.value.key == name
    assert not book.files.has(book.start.of_whole("summary.json"))


def test_the_lines_of_a_large_file_end_where_something_follows_it() -> None:
    """What does not fit at once is asked for again until it is there, and what follows the end never is."""
    files = MemoryBookFiles(
        {"bank-a/f": gzip.compress(b"x" * (3 * AT_A_TIME)) + b"and more", "bank-a/g": gzip.compress(b"x" * (3 * AT_A_TIME))}
    )
    assert b"".join(plain_lines(files, Packed("bank-a/g"))) == b"x" * (3 * AT_A_TIME)
    with pytest.raises(EvidenceCorrupt, match=r"^bank-a/f$"):
        list(plain_lines(files, Packed("bank-a/f")))


def run_whole() -> Book:
    book = Book(simple(), LINES)
    book.start = replace(book.start, tenant="bank-a")
    book.run()
    return book


def materialise(book: Book) -> Any:
    document = {"manifest": [], "shared": "", "records": "NONE"}
    known = BookRecord("bank-a", book.start.book_id, "operations-1", datetime(2026, 11, 26, tzinfo=UTC), document, ())
    runs = MemoryRunStore(MemoryTables(), clock=lambda: datetime(2026, 11, 26, 20, tzinfo=UTC))
    door = MaterialiseRun(lambda *_: known, lambda _: book.files, lambda *_: book.shared_book(), runs, ArtifactMode.DERIVED)
    return door("bank-a", RunCall(book.start.book_id, KeptChunk.of(book.files, book.start, 0).runs[0]))


@pytest.mark.parametrize("how", SPOILED)
def test_a_line_is_evidence_where_its_results_are_what_the_tally_says(how: str) -> None:
    book = run_whole()
    assert materialise(book).head.portfolio_id == "pf_1"
    name = spoiled(book, RESULTS, how)
    with pytest.raises(EvidenceCorrupt) as corrupt:
        materialise(book)
    assert corrupt.value.key == name


def test_a_defect_of_ours_is_no_broken_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that our own code lacks is a KeyError, which a shared document that is gone raises too."""
    book = run_whole()

    def defect(*_: Any, **__: Any) -> Any:
        raise KeyError("ours")

    monkeypatch.setattr("engine.usecases.books.recording.run_of_line", defect)
    with pytest.raises(KeyError, match="ours"):
        materialise(book)
