"""Books for tests: a request as a line of a book, files in memory, a book run from front to end."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.books.shared import SharedBook
from engine.records.books import RESULTS, BookStart
from engine.usecases.books.chunks import DecideChunk, SharedDocuments
from engine.usecases.books.index import Cut, index_book
from engine.usecases.books.summary import Summarise
from infra.memory.books.files import MemoryBookFiles

BOOK = "bk_1"
MODEL = "model"


def shared_of(request: dict[str, Any], **more: Any) -> bytes:
    """The part of a request that a book shares; its options are everybody's."""
    parts = {name: request[name] for name in ("market_data_snapshot", "shelf_entries", "options")}
    return json.dumps(parts | {"models": {MODEL: request["model_portfolio"]}} | more).encode()


def line_of(request: dict[str, Any], **more: Any) -> bytes:
    """A request's own part as a line."""
    return json.dumps({"portfolio_snapshot": request["portfolio_snapshot"], "model_id": MODEL} | more).encode()


def bought(portfolio_id: str, cash: str, **more: Any) -> bytes:
    """A line whose portfolio holds nothing but so many dollars."""
    portfolio = {"portfolio_id": portfolio_id, "base_currency": "USD", "cash_balances": [{"currency": "USD", "amount": cash}]}
    return line_of({"portfolio_snapshot": portfolio}, **more)


def simple(**options: Any) -> bytes:
    """A shared document with one share at 10 dollars, of which the model wants half the worth."""
    return json.dumps(
        {
            "market_data_snapshot": {"prices": [{"instrument_id": "A", "price": "10", "currency": "USD"}], "fx_rates": []},
            "models": {MODEL: {"targets": [{"instrument_id": "A", "weight": "0.5"}]}},
            "shelf_entries": [{"instrument_id": "A", "status": "APPROVED"}],
            "options": options,
        }
    ).encode()


@dataclass
class Book:
    """A book in memory, run chunk by chunk."""

    shared: bytes
    lines: Sequence[bytes]
    files: MemoryBookFiles = field(default_factory=MemoryBookFiles)

    def __post_init__(self) -> None:
        self.files.files |= {"shared.json": self.shared, "manifest.jsonl": b"\n".join(self.lines)}
        self.start = BookStart(BOOK, ["manifest.jsonl"], "shared.json")

    def run(self, lines: int = 100, without: Sequence[int] = ()) -> dict[str, Any]:
        """The summary of all chunks but some."""
        chunks = index_book(self.files, self.start, Cut(lines=lines))
        decide = DecideChunk(self.files, SharedDocuments(self.files))
        for chunk in chunks:
            if chunk.number not in without:
                decide(self.start, chunk)
        return Summarise(self.files)(self.start, chunks)

    def results(self) -> list[dict[str, Any]]:
        """Every result line."""
        return [json.loads(line) for line in self.result_lines()]

    def result_lines(self) -> list[bytes]:
        """Every result line, as it is kept."""
        names = sorted(name for name in self.files.files if name.startswith(f"{self.start.folder}/{RESULTS}/"))
        return [line for name in names for line in gzip.decompress(self.files.read(name)).splitlines(keepends=True)]

    def kept(self, name: str) -> bytes:
        """A compressed file of the whole book, as it was before."""
        return gzip.decompress(self.files.read(self.start.of_whole(name)))

    def shared_book(self) -> SharedBook:
        return SharedBook.of(self.shared)
