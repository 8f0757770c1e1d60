"""The chunks of a book on several processes, which take them one by one; whoever loses its parent ends."""

import gc
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from engine.contracts.violations import InvalidRequest
from engine.records.books import BookStart, ChunkRef
from engine.usecases.books.chunks import DecideChunk, SharedDocuments
from infra.local.books.files import FolderFiles

RARELY: Final = 50_000
"""Objects between two collections: a decision makes few cycles and many objects."""


@dataclass(frozen=True, slots=True)
class Done:
    """A chunk that is kept: its lines, and how many of them failed. `fault` says why a chunk is not."""

    chunk: int
    lines: int
    failed: int
    fault: str | None = None


class WorkerLost(RuntimeError):  # noqa: N818  (named for what happened)
    """A worker ended before its work did."""


def decide_chunks(files: FolderFiles, book: BookStart, chunks: Sequence[ChunkRef], workers: int) -> Iterator[Done]:
    """Decide chunks on that many processes; each is told when it is kept. A chunk that fails harms no other."""
    context = multiprocessing.get_context("spawn")
    taken = context.Value("q", 0)
    ends: list[Connection] = []
    processes = []
    for _ in range(min(workers, len(chunks))):
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(files, book, chunks, taken, theirs), daemon=True)
        process.start()
        theirs.close()
        ends.append(mine)
        processes.append(process)
    left = len(chunks)
    try:
        while ends:
            for end in wait(ends):
                assert isinstance(end, Connection)  # noqa: S101  (only those are in the list)
                try:
                    done = end.recv()
                except EOFError:
                    ends.remove(end)
                    continue
                left -= 1
                yield done
        if left:
            raise WorkerLost("a worker ended early; run the same command again to go on")
    finally:
        for process in processes:
            process.terminate()
            process.join()


def work(files: FolderFiles, book: BookStart, chunks: Sequence[ChunkRef], taken: Any, told: Connection) -> None:
    """Take chunks until none is left, or until nobody listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the parent decides
    shared = SharedDocuments(files)
    decide = DecideChunk(files, shared)
    with suppress(InvalidRequest):  # each chunk will say it
        shared(book.shared)
    gc.freeze()  # market, shelf and models stay for good
    gc.set_threshold(RARELY)
    with suppress(BrokenPipeError):
        while (number := _next(taken)) < len(chunks):
            told.send(_decided(decide, book, chunks[number]))


def _next(taken: Any) -> int:
    with taken.get_lock():
        number = int(taken.value)
        taken.value += 1
    return number


def _decided(decide: DecideChunk, book: BookStart, chunk: ChunkRef) -> Done:
    try:
        tally = decide(book, chunk)
    except (InvalidRequest, LookupError, ValueError, OSError) as error:
        return Done(chunk.number, chunk.lines, 0, fault=str(error))
    return Done(chunk.number, tally.lines, tally.lines - tally.decided)
