"""What a book came to as a whole: counts, sums, one file of orders, one of blocks."""

import csv
import gzip
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import partial
from operator import itemgetter
from typing import Any, BinaryIO, Final

import orjson

from engine.books.blocks import Block, blocks
from engine.books.orders import OrderRow, as_csv
from engine.books.tally import SUMS, Tally
from engine.numbers import FOUR_PLACES, ZERO, plain
from engine.ports.books import BookFiles, Overtaken
from engine.ports.outside import StoreUnavailable
from engine.records.books import ALL_BLOCKS, ALL_ORDERS, BLOCKS, ORDERS, RUNS, SUMMARY, TALLIES, BookStart, ChunkRef
from engine.usecases.books import run_index
from engine.usecases.books.chunks import KeptChunk
from engine.usecases.books.merging import block_rows_of, merged_rows, plain_lines, plain_pieces
from engine.usecases.refusals import Code
from engine.version import ENGINE_VERSION

SHOWN: Final = 50
"""Reasons and instruments that the summary lists, the most frequent first."""
RACES: Final = 3
WHOLE: Final = (ALL_ORDERS, ALL_BLOCKS, RUNS, SUMMARY)

Json = dict[str, Any]
Estimate = Callable[[Tally, int], Json]
"""What a book of that many chunks costs; the engine knows no prices."""


@dataclass(frozen=True, slots=True)
class Summarise:
    """Makes the whole of a book's chunks, also where some are missing. Summaries of the same chunks are equal byte for byte."""

    files: BookFiles
    estimate: Estimate = lambda _tally, _chunks: {}

    def __call__(self, book: BookStart, chunks: Sequence[ChunkRef]) -> Json:
        """The summary, kept as `summary.json` with `orders.csv.gz` and `blocks.jsonl.gz` beside it; each is replaced where it is there.

        Of several at once, as when an attempt that was stopped still sums up what the next one goes on with, none replaces what another one has
        written since it looked which chunks are done: it begins again, and finds as many chunks or more. So what is there in the end is the
        whole of most chunks, from whatever attempt.

        Raises EvidenceCorrupt where a file is not what its chunk's tally says, and keeps no summary then; StoreUnavailable.
        """
        for _ in range(RACES):
            versions = {name: self.files.version(book.of_whole(name)) for name in WHOLE}  # before it is looked what is done
            with suppress(Overtaken):
                return self._kept_whole(book, chunks, versions)
        raise StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE)

    def _kept_whole(self, book: BookStart, chunks: Sequence[ChunkRef], over: Mapping[str, str | None]) -> Json:
        """The summary, kept. Raises Overtaken where any of the files is not of these versions any more."""
        done, lost, failed = self._looked_at(book, chunks)
        whole, versions = Tally(), Counter[str]()
        for kept in done:
            versions[kept.engine_version] += kept.tally.decided
            whole.add(kept.tally)
        twice = {name for name, times in Counter(whole.portfolios).items() if times > 1}
        largest = _Largest()
        summary: Json = {
            "book_id": book.book_id,
            "engine_version": ENGINE_VERSION,
            "engine_versions": _counted(+versions),
            "status": "INCOMPLETE" if lost else "COMPLETE",
            "chunks": {"total": len(chunks), "done": len(done), "missing": [chunk.number for chunk in lost]},
            "lines": {
                "total": sum(chunk.lines for chunk in chunks),
                "decided": whole.decided,
                "failed": whole.lines - whole.decided,
            },
            **figures(whole),
            "failed_lines": failed[:SHOWN],
            "portfolios_twice": sorted(twice),
            "files": {
                "orders": self._kept(book.of_whole(ALL_ORDERS), over[ALL_ORDERS], self._orders(done, twice)),
                "blocks": self._kept(book.of_whole(ALL_BLOCKS), over[ALL_BLOCKS], self._blocks(done, twice, largest)),
            },
            "largest_blocks": largest.shown(),
            "estimate": self.estimate(whole, len(chunks)),
        }
        with self.files.replacing(book.of_whole(RUNS), over[RUNS]) as file:
            file.writelines(run_index.rows((kept.number, kept.runs) for kept in done))
        with self.files.replacing(book.of_whole(SUMMARY), over[SUMMARY]) as file:  # last: it tells the digests of the others
            file.write(orjson.dumps(summary, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return summary

    def _looked_at(self, book: BookStart, chunks: Sequence[ChunkRef]) -> tuple[list[KeptChunk], list[ChunkRef], list[Json]]:
        """The chunks that are done, those that are not, and the lines that failed in those that are."""
        done: list[KeptChunk] = []
        lost: list[ChunkRef] = []
        failed: list[Json] = []
        for chunk in chunks:
            if not self.files.has(book.chunk(chunk.number, TALLIES)):
                lost.append(chunk)
                continue
            kept = KeptChunk.of(self.files, book, chunk.number)
            failed += [
                {"object": chunk.object, "line": row.number, "portfolio_id": row.portfolio_id, "code": row.code}
                for row in kept.tally.failed
            ]
            done.append(kept)
        return done, lost, failed

    def _orders(self, done: Sequence[KeptChunk], twice: Collection[str]) -> Iterator[bytes]:
        """The book's orders, chunk by chunk; those of portfolios that are in the book twice are nobody's to execute."""
        yield as_csv([OrderRow._fields])
        for chunk in done:
            if not twice:
                yield from plain_pieces(self.files, chunk.packed(ORDERS))
                continue
            rows = csv.reader(line.decode() for line in plain_lines(self.files, chunk.packed(ORDERS)))
            yield as_csv(row for row in rows if row[0] not in twice)

    def _blocks(self, done: Sequence[KeptChunk], twice: Collection[str], largest: "_Largest") -> Iterator[bytes]:
        parts = [partial(block_rows_of, self.files, chunk.packed(BLOCKS)) for chunk in done]
        with self.files.aside() as aside:
            for block in blocks(merged_rows(parts, aside), twice):
                largest.meet(block)
                yield block.to_json()

    def _kept(self, name: str, over: str | None, content: Iterable[bytes]) -> Json:
        """Keep the content compressed; its name, and the digest and the size of the plain bytes."""
        digest, size = hashlib.sha256(), 0
        with self.files.replacing(name, over) as file, _packed(file) as packed:
            for piece in content:
                digest.update(piece)
                size += packed.write(piece)
        return {"name": name, "sha256": digest.hexdigest(), "size": size}


class _Largest:
    """The blocks with the most orders, of equal ones the first by status, instrument, side and currency."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, Json]] = []

    def meet(self, block: Block) -> None:
        """Take a block in if it is large enough; blocks come in ascending order."""
        self.kept.append((-len(block.parts), block.figures() | {"orders": len(block.parts)}))
        if len(self.kept) > 2 * SHOWN:
            self.kept = self._ranked()

    def _ranked(self) -> list[tuple[int, Json]]:
        return sorted(self.kept, key=itemgetter(0))[:SHOWN]

    def shown(self) -> list[Json]:
        """They, most orders first."""
        return [figures for _, figures in self._ranked()]


def _packed(file: BinaryIO) -> gzip.GzipFile:
    return gzip.GzipFile("", fileobj=file, mode="wb", compresslevel=2, mtime=0)


def figures(tally: Tally) -> Json:
    """The counts and sums of a tally as they are shown: most frequent first, ties by name."""
    return {
        "statuses": _counted(tally.statuses),
        "gates": _counted(tally.gates),
        "failures": _counted(tally.failures),
        "reasons": _counted(tally.reasons),
        "orders": _counted(tally.orders),
        "by_base_currency": [
            {
                "currency": currency,
                "portfolios": found.portfolios,
                "worth": plain(found.worth),
                "traded": plain(found.traded),
                "turnover": _ratio(found.traded, found.worth),
            }
            for currency, found in sorted(tally.bases.items())
        ],
        "distance": {
            "portfolios": tally.distances.portfolios,
            "mean_before": _ratio(tally.distances.before, Decimal(tally.distances.portfolios)),
            "mean_after": _ratio(tally.distances.after, Decimal(tally.distances.portfolios)),
            "after": _counted(tally.distances.classes),
        },
    }


def _counted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SHOWN])


def _ratio(amount: Decimal, of: Decimal) -> str | None:
    """Amount ÷ of, half-even at four places; None of nothing."""
    if of == ZERO:
        return None
    with localcontext(SUMS):
        return str((amount / of).quantize(FOUR_PLACES))
