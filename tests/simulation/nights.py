"""A night of one book with one fault in it: a caller, a state machine that tries again, a sweeper, and a redrive of what was lost.

Nothing is drawn: the fault happens at the call of a port whose number is given, while a book is accepted, a chunk decided or a book redriven.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import orjson

from engine.contracts.books.start import parse_book
from engine.ports.outside import StoreUnavailable
from engine.records.book_runs import Book, BookStatus, Execution
from engine.records.books import BLOCKS, ORDERS, RESULTS, TALLIES, BookStart, ChunkRef
from engine.usecases.artifacts import ArtifactMode
from engine.usecases.books.accepting import AcceptBook, BookCall, RoomForBooks, book_id_of
from engine.usecases.books.beginning import AsRecorded, BeginAttempt, BeginWaiting, KeepBegun, SeeBook, SeeRunning
from engine.usecases.books.chunks import DecideChunk, KeptChunk, SharedDocuments
from engine.usecases.books.following import FollowBook, RedriveBook
from engine.usecases.books.index import kept_index, listed_chunks
from engine.usecases.books.packs import PackOfBook
from engine.usecases.books.recording import RecordRuns
from engine.usecases.books.refused import BookRefused
from engine.usecases.books.starting import PrepareBook
from engine.usecases.books.summary import Summarise
from engine.usecases.refusals import Code, Refused
from infra.memory.books.addresses import MemoryBookAddresses
from infra.memory.books.files import MemoryBookFiles
from infra.memory.books.machine import NO_PACKS
from infra.memory.books.records import MemoryBookRecords
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.wire.book_machine import asked_of_machine
from tests.support.books import bought, simple
from tests.support.faults import Crash

TENANT: Final = "bank-a"
KEY: Final = "night-1"
MANIFEST, SHARED = f"{TENANT}/uploads/m", f"{TENANT}/uploads/s"
FILES: Final = {MANIFEST: bought("pf_1", "1000") + b"\n" + bought("pf_2", "2000"), SHARED: simple()}
EVENING: Final = datetime(2026, 11, 26, 20, tzinfo=UTC)
LOST: Final = 1
"""The chunk that no attempt but the last makes."""
FAULTS: Final = ("outage before", "crash after")
"""Nobody here does anything in an outage but leave: a crash before a call leaves what an outage leaves."""


class Broken(AssertionError):  # noqa: N818  (named for what happened)
    """Something that must always hold did not."""


@dataclass
class Line:
    """The ports' calls, counted while it listens: at number `at` the fault happens, once, and `then` follows."""

    fault: str = ""
    at: int = -1
    then: Callable[[], None] = lambda: None
    calls: list[str] = field(default_factory=list)
    listens: bool = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        self.listens = True
        try:
            yield
        finally:
            self.listens = False

    def to(self, target: Any) -> Any:
        """The port behind this line."""
        line = self

        class Port:
            def __getattr__(self, name: str) -> Any:
                return lambda *given, **named: line.over(name, lambda: getattr(target, name)(*given, **named))

        return Port()

    def over(self, name: str, deliver: Callable[[], Any]) -> Any:
        if not self.listens:
            return deliver()
        self.calls.append(name)
        if len(self.calls) - 1 != self.at:
            return deliver()
        self.then()
        kind, when = self.fault.split()
        if when == "after":
            deliver()
        raise Crash if kind == "crash" else StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE)


@dataclass
class Machine:
    """Executions that wait until they are run."""

    clock: Callable[[], datetime]
    orders: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)

    def start(self, execution: str, document: Mapping[str, Any]) -> None:
        if execution not in self.orders:
            self.orders[execution], self.executions[execution] = document, Execution(BookStatus.RUNNING, self.clock())

    def state(self, execution: str) -> Execution | None:
        return self.executions.get(execution)

    def stop(self, execution: str) -> None:
        raise Broken(f"nobody cancelled {execution}")


class Night:
    """The book, whoever has to do with it, and what must hold in the morning."""

    def __init__(self, line: Line, records: str = "NONE") -> None:
        self.line, self.records_asked, self.now = line, records, EVENING
        self.files, self.records = MemoryBookFiles(dict(FILES)), MemoryBookRecords()
        self.runs = MemoryRunStore(MemoryTables(), clock=lambda: EVENING)
        self.machine = Machine(self.clock)
        record = RecordRuns(line.to(self.runs), ArtifactMode.DERIVED, ())
        files, rows, machine = line.to(self.files), line.to(self.records), line.to(self.machine)
        begin = BeginAttempt(rows, machine, self.clock)
        follow = FollowBook(rows, machine, lambda _: files, lambda _: MemoryBookAddresses(self.files), self.clock)
        room = RoomForBooks(follow, 1)
        self.accept = AcceptBook(rows, lambda _: files, begin, self.clock, room)
        self.redrive = RedriveBook(follow, begin, room)
        self.decide = DecideChunk(files, SharedDocuments(self.files), record)
        self.see = SeeBook(self.records, self.machine, self.clock)
        self.sweep = (
            BeginWaiting(self.records, BeginAttempt(self.records, self.machine, self.clock), self.clock),
            SeeRunning(self.records, self.see),
        )

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def play(self) -> None:
        """The night from the first call to the morning."""
        self.started()
        self.run({LOST})
        self.swept()
        self.redriven()
        self.swept()
        self.run(set())
        self.swept()
        self.hold()

    def started(self) -> None:
        """The caller; where nobody answers, it comes back with another document under its key, and where that is refused with the first."""
        if not self.asked():
            try:
                self.asked(digests={SHARED: sha256(FILES[SHARED]).hexdigest()})
            except Refused as refused:
                if refused.code is not Code.IDEMPOTENCY_KEY_CONFLICT:
                    raise
                self.asked()

    def asked(self, **members: Any) -> bool:
        body = {"manifest": [MANIFEST], "shared": SHARED, "records": self.records_asked, "chunk_lines": 1} | members
        with suppress(Crash, StoreUnavailable), self.line.listening():
            self.accept(TENANT, BookCall("operations-1", KEY, parse_book(orjson.dumps(body))))
            return True
        return False

    def redriven(self) -> None:
        """The same caller in the morning, until it is told that the book is under way."""
        for _ in range(3):
            try:
                with suppress(Crash, StoreUnavailable), self.line.listening():
                    self.redrive(TENANT, self.book.book_id)
            except Refused as refused:
                if refused.code in {Code.BOOK_UNDER_WAY, Code.BOOK_COMPLETE}:  # complete where only the acknowledgement was lost
                    return
                raise
        raise Broken("a redrive that comes to nothing")

    def swept(self) -> None:
        """The sweeper, a quarter of an hour later."""
        self.now += timedelta(minutes=15)
        for chore in self.sweep:
            chore(9)

    def run(self, lost: set[int]) -> None:
        """The state machine, over every execution that was started."""
        for execution, state in list(self.machine.executions.items()):
            if state.status is BookStatus.RUNNING:
                self.machine.executions[execution] = self._ran(execution, state.started_at, lost)

    def _ran(self, execution: str, begun: datetime, lost: set[int]) -> Execution:
        asked = asked_of_machine({"input": self.machine.orders[execution], "execution": execution, "started": begun.isoformat()})
        try:
            prepare = PrepareBook(lambda _: self.files, PackOfBook(NO_PACKS), AsRecorded(self.records))
            prepared = prepare(asked.book, asked.attempt, asked.chunk_lines)
            KeepBegun(self.records, self.see)(asked.record(prepared.book, execution, self.clock()))
        except BookRefused as refused:
            return Execution(BookStatus.FAILED, begun, self.clock(), str(refused))
        for chunk in listed_chunks(self.files, prepared.todo):
            for _ in range(1 if chunk.number in lost else 3):
                with suppress(Crash, StoreUnavailable), self.line.listening():
                    if chunk.number in lost:
                        self._dies_at_its_tally(prepared.book, chunk)
                    self.decide(prepared.book, chunk)
                    break
        whole = Summarise(self.files)(prepared.book, kept_index(self.files, prepared.book))
        status = BookStatus.SUCCEEDED if whole["status"] == "COMPLETE" else BookStatus.FAILED
        return Execution(status, begun, self.clock(), None if status is BookStatus.SUCCEEDED else "BookIncomplete")

    def _dies_at_its_tally(self, book: BookStart, chunk: ChunkRef) -> None:
        """A chunk of which everything is kept but that it is done."""
        self.decide(book, chunk)
        del self.files.files[book.chunk(chunk.number, TALLIES)]
        raise Crash

    @property
    def book(self) -> Book:
        found = self.records.book(TENANT, book_id_of(TENANT, KEY))
        if found is None:
            raise Broken("a key that stands for no book")
        return found

    def hold(self) -> None:
        """No key poisoned, no line lost, tally and files of a chunk of one mind, runs of who asked for them, as the results tell them."""
        book = self.book
        if (book.status, book.fault) != (BookStatus.SUCCEEDED, None):
            raise Broken(f"{book.status} {book.fault}")
        start = orjson.loads(self.files.read(book.start.first()))
        if (start["actor"], start["created_at"]) != (book.actor, book.created_at.isoformat()):
            raise Broken("a start of somebody else")
        summary = orjson.loads(self.files.read(book.start.of_whole("summary.json")))
        if summary["lines"] != {"total": 2, "decided": 2, "failed": 0}:
            raise Broken(f"lines {summary['lines']}")
        for chunk in kept_index(self.files, book.start):
            self._agree(KeptChunk.of(self.files, book.start, chunk.number))

    def _agree(self, kept: KeptChunk) -> None:
        for kind in (RESULTS, ORDERS, BLOCKS):
            name = kept.packed(kind).name
            if sha256(gzip.decompress(self.files.read(name))).hexdigest() != kept.digests[kind]:
                raise Broken(f"{name} is not what its tally says")
        lines = [orjson.loads(line) for line in gzip.decompress(self.files.read(kept.packed(RESULTS).name)).splitlines()]
        if {line["engine_version"] for line in lines} != {kept.engine_version}:
            raise Broken("two releases in one chunk")
        for line in lines:
            told = self.runs.result(TENANT, line["rebalance_run_id"])
            if (None if told is None else orjson.loads(told)) != (line["result"] if self.records_asked == "ALL" else None):
                raise Broken("a run that is not what its line tells")


def points(records: str) -> list[str]:
    """The calls of a night in which nothing happens: where a fault may."""
    line = Line()
    Night(line, records).play()
    return line.calls
