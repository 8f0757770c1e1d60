"""The functions of books behind the gateway, with a manifest of five portfolios and a shared document uploaded."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

from engine.ports.outside import StoreUnavailable
from engine.records.books import RESULTS, BookStart
from engine.usecases.books.chunks import KeptChunk
from engine.usecases.refusals import Code
from infra.memory.books.machine import MemoryBookMachine
from tests.support.adapters import in_memory, on_aws
from tests.support.books import bought, simple
from tests.support.emulators import fresh
from tests.support.gateway import Reply
from tests.support.samples import HandClock
from tests.support.service import OPEN, PARTNER, Service

FOLDER = "bank-a/uploads/up_1"
START: dict[str, Any] = {"manifest": [f"{FOLDER}/manifest.jsonl"], "shared": f"{FOLDER}/shared.json", "chunk_lines": 2}
LINES = [bought(f"pf_{number}", "1000") for number in range(1, 6)]


def books_on(store: str, request: Any, clock: HandClock) -> Iterator[Service]:
    """Five portfolios of 1,000 dollars, of which the model wants half in a share at 10 dollars: each buys 50."""
    if store == "memory":
        yield uploaded(Service(in_memory(request.getfixturevalue("memory"), clock), OPEN, PARTNER))
    else:
        with fresh() as aws:
            yield uploaded(Service(on_aws(aws, clock), OPEN, PARTNER))


def uploaded(service: Service, lines: list[bytes] = LINES) -> Service:
    files = service.adapters.book_files("bank-a")
    files.keep(START["manifest"][0], b"\n".join(lines))
    files.keep(START["shared"], simple())
    return service


def machine(service: Service) -> MemoryBookMachine:
    runs = service.adapters.book_machine
    assert isinstance(runs, MemoryBookMachine)
    return runs


def start(service: Service, body: Any = None, key: str | None = "night-1", caller: Any = PARTNER) -> Reply:
    sent = {"Content-Type": "application/json"} | ({} if key is None else {"Idempotency-Key": key})
    return service.call("POST", "/rebalance/books", START if body is None else body, sent, caller)


def post(service: Service, path: str, caller: Any = PARTNER) -> Reply:
    return service.call("POST", f"/rebalance/books/{path}", None, {}, caller)


def book(service: Service, book_id: str) -> Any:
    reply = service.get(f"/rebalance/books/{book_id}")
    assert reply.status == 200, reply.body
    return reply.json


def first_line(service: Service, book_id: str) -> Any:
    return json.loads(gzip.decompress(service.adapters.book_files("bank-a").read(results(service, book_id))).splitlines()[0])


def results(service: Service, book_id: str) -> str:
    """The name of the results of its first chunk."""
    book = BookStart(book_id, [], "", "bank-a")
    return KeptChunk.of(service.adapters.book_files("bank-a"), book, 0).packed(RESULTS).name


class DownOnce:
    """Records that are down when a book is to be kept: before they keep it, or after, when nobody hears of it."""

    def __init__(self, records: Any, *, after: bool) -> None:
        self.records, self.after = records, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.records, name)

    def keep(self, kept: Any) -> Any:
        if self.after:
            self.records.keep(kept)
        raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)


class Lost:
    """A machine that can be looked at and not be started."""

    def __init__(self, runs: MemoryBookMachine) -> None:
        self.state, self.stop = runs.state, runs.stop

    def start(self, execution: str, document: Any) -> None:
        raise StoreUnavailable(Code.BOOK_MACHINE_UNAVAILABLE)
