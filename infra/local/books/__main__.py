"""`python -m infra.local.books`: run (a book on this machine's cores), demo (a generated book, then run)."""

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import orjson

from engine.books.shared import SharedBook
from engine.contracts.books.start import USUAL_CHUNK_LINES
from engine.contracts.violations import InvalidRequest
from engine.ports.outside import EvidenceCorrupt
from engine.records.books import BEGUN, SHARED, TALLIES, BookStart
from engine.usecases.books.index import Cut, index_book
from engine.usecases.books.summary import Summarise
from engine.version import ENGINE_VERSION
from infra.book_costs import BookCost
from infra.local.books.demo import PRICES, write_demo
from infra.local.books.files import BookBusy, FolderFiles, alone, clear_unfinished
from infra.local.books.shown import Progress, show_refusal, show_summary
from infra.local.books.workers import WorkerLost, decide_chunks

MANIFEST: Final = "manifest.jsonl"
INTERRUPTED: Final = 130
REFUSED: Final = 2
FAILED: Final = 1


def run(arguments: argparse.Namespace) -> int:
    """Run a book, or go on where it was left. 0 where every chunk is kept, 1 where some are not, 2 where there is no such book to run."""
    for path in (arguments.manifest, arguments.shared):
        if not path.is_file():
            return _refused(f"{path}: no such file")
    files = FolderFiles(arguments.out, {MANIFEST: arguments.manifest, SHARED: arguments.shared})
    try:
        SharedBook.of(files.read(SHARED))
    except InvalidRequest as refused:
        show_refusal(refused)
        return REFUSED
    content = _content_of(files)
    book = BookStart(arguments.book_id or f"bk_{content[:32]}", [MANIFEST], SHARED)
    try:
        with alone(arguments.out / book.folder):
            files.keep(book.of_whole(BEGUN), content.encode())
            if files.read(book.of_whole(BEGUN)) != content.encode():
                return _refused(f"{book.book_id} was begun with other files or another engine; give another --book-id")
            return _run_alone(arguments, files, book)
    except BookBusy:
        return _refused(f"Another run is at {book.book_id}")


def _run_alone(arguments: argparse.Namespace, files: FolderFiles, book: BookStart) -> int:
    clear_unfinished(arguments.out / book.folder)
    chunks = index_book(files, book, Cut(lines=arguments.chunk_lines))
    kept = [chunk for chunk in chunks if files.has(book.chunk(chunk.number, TALLIES))]
    left = [chunk for chunk in chunks if chunk not in kept]
    with Progress(sum(chunk.lines for chunk in chunks), sum(chunk.lines for chunk in kept)) as progress:
        try:
            for done in decide_chunks(files, book, left, arguments.workers):
                progress.advance(done)
        except KeyboardInterrupt:
            progress.say("Stopped. The same command goes on where this one was.")
            return INTERRUPTED
        except WorkerLost as lost:
            progress.say(str(lost))
            return FAILED
    summary = Summarise(files, BookCost(book.records, ()))(book, chunks)
    if arguments.json:
        sys.stdout.buffer.write(orjson.dumps(summary, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        show_summary(summary, arguments.out / book.folder, progress.seconds, progress.decided, arguments.workers)
    return 0 if summary["status"] == "COMPLETE" else FAILED


def demo(arguments: argparse.Namespace) -> int:
    """Generate a realistic book, then run it."""
    arguments.manifest, arguments.shared = write_demo(
        arguments.out / f"demo-{arguments.portfolios}-{arguments.prices}", arguments.portfolios, arguments.prices
    )
    return run(arguments)


def _refused(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return REFUSED


def _content_of(files: FolderFiles) -> str:
    """A digest of all that decides a book: the same input goes on where it was left, another one or another engine is another book."""
    digest = hashlib.sha256(ENGINE_VERSION.encode())
    for name in (SHARED, MANIFEST):
        digest.update(b"\n")
        for block in files.stream(name):
            digest.update(block)
    return digest.hexdigest()


def main(given: Sequence[str]) -> int:
    """Parse the command line and run the command."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.books", description="Run a book of portfolios on this machine.")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("run", help="decide every portfolio of a manifest; the same command goes on after Ctrl-C")
    one.add_argument("manifest", type=Path, help="JSON Lines, a portfolio a line")
    one.add_argument("shared", type=Path, help="market data, models, shelf, options and policy pack as JSON")
    one.set_defaults(command=run)
    example = commands.add_parser("demo", help="the same with a generated book")
    example.add_argument("--portfolios", type=int, default=2_000)
    example.add_argument("--prices", type=int, default=PRICES, help="instruments that are priced (default: %(default)s)")
    example.set_defaults(command=demo)
    for command in (one, example):
        command.add_argument("--out", type=Path, default=Path("build/books"), help="where results are kept (default: %(default)s)")
        command.add_argument("--book-id", default="", help="default: by content")
        command.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
        command.add_argument("--chunk-lines", type=int, default=USUAL_CHUNK_LINES, help="portfolios of a chunk (default: %(default)s)")
        command.add_argument("--json", action="store_true", help="print the summary as JSON")
    arguments = parser.parse_args(given)
    try:
        return int(arguments.command(arguments))
    except OSError as error:
        sys.stderr.write(f"{error.filename or arguments.out}: {error.strerror}\n")
        return FAILED
    except EvidenceCorrupt as corrupt:
        sys.stderr.write(f"{arguments.out / corrupt.key} is not what was kept there; give another --book-id\n")
        return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
