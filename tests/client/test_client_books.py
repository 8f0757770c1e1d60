"""A book from its files to its summary, against the very functions; uploads go to a store that this test keeps."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from rebalance_client import Client
from rebalance_client.answers import BookFailed, Problem, Unreachable, Unsendable
from rebalance_client.books import rate_of, run_book, show_book, show_summary
from rich.console import Console

from infra.memory.runs import MemoryRunStore, MemoryTables
from tests.support.adapters import over
from tests.support.books import bought, simple
from tests.support.samples import HandClock
from tests.support.service import PARTNER, Service

API, STORE = "https://api.example", "https://books.example/"


@pytest.fixture
def service() -> Service:
    clock = HandClock()
    return Service(over(MemoryRunStore(MemoryTables(), clock=clock)), caller=PARTNER)


def client_over(service: Service, *, taken: int = 204) -> Client:
    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) == STORE:
            assert "Authorization" not in request.headers
            form = request.read().split(b"\r\n")
            key = form[next(n for n, line in enumerate(form) if line.endswith(b'name="key"')) + 2].decode()
            content = form[next(n for n, line in enumerate(form) if b'name="file"' in line) + 3]
            if taken == 204:
                service.adapters.book_files("bank-a").keep(key, content)
            return httpx.Response(taken)
        reply = service.call(request.method, request.url.path, request.read() or None, dict(request.headers), PARTNER)
        return httpx.Response(reply.status, headers=reply.headers, content=reply.body)

    return Client(API, token="t", http=httpx.Client(transport=httpx.MockTransport(answer)), sleep=lambda _: None)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    manifest, shared = tmp_path / "lines.jsonl", tmp_path / "shared.json"
    manifest.write_bytes(b"\n".join([bought("pf_1", "1000"), bought("pf_2", "2000"), b"{}"]))
    shared.write_bytes(simple())
    return manifest, shared


def test_a_book_is_uploaded_started_followed_and_shown(service: Service, files: tuple[Path, Path]) -> None:
    looks: list[Any] = []
    summary = run_book(client_over(service), *files, key="night", records="NONE", told=looks.append).value
    assert [look["status"] for look in looks] == ["SUCCEEDED"]
    assert summary["lines"] == {"total": 3, "decided": 2, "failed": 1}
    console = Console(record=True, width=120)
    show_summary(console, json.loads(json.dumps(summary)))
    shown = console.export_text()
    assert "COMPLETE  2 decided, 1 failed" in shown
    assert "1,500.00 USD" in shown  # 500 of the first and 1,000 of the second, in a share at 10
    console = Console(record=True, width=120)
    show_book(console, looks[0])
    assert "SUCCEEDED" in (told := console.export_text())
    assert "3 of 3 lines" in told


def test_a_book_that_came_to_nothing_says_why(service: Service, files: tuple[Path, Path]) -> None:
    files[1].write_bytes(b"{}")
    looks: list[Any] = []
    with pytest.raises(BookFailed, match=r"^bk_\w+ FAILED: BOOK_SHARED_INVALID: missing at \w+"):
        run_book(client_over(service), *files, key="night", records="NONE", told=looks.append)
    console = Console(record=True, width=120)
    show_book(console, looks[-1])
    assert "BOOK_SHARED_INVALID: missing at" in console.export_text()


def test_the_same_files_under_the_same_key_are_one_book(service: Service, files: tuple[Path, Path]) -> None:
    first, again = (run_book(client_over(service), *files, key="night", records="NONE", told=lambda _: None).value for _ in range(2))
    assert again == first
    assert len(service.get("/rebalance/books").json["items"]) == 1
    files[0].write_bytes(bought("pf_3", "1000"))
    with pytest.raises(Problem) as refused:
        run_book(client_over(service), *files, key="night", records="NONE", told=lambda _: None)
    assert refused.value.code == "IDEMPOTENCY_KEY_CONFLICT"


def test_no_file_is_sent_where_others_can_read_it(files: tuple[Path, Path]) -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    client = Client(API, http=httpx.Client(transport=httpx.MockTransport(nobody)))
    with pytest.raises(Unsendable, match="plain text"):
        client.upload({"object": "x", "url": STORE.replace("https", "http"), "fields": {}, "max_bytes": 1}, files[0])


def test_an_upload_that_stands_still_is_given_up(files: tuple[Path, Path]) -> None:
    waits: list[Any] = []

    def taken(request: httpx.Request) -> httpx.Response:
        waits.append(request.extensions["timeout"])
        return httpx.Response(204)

    client = Client(API, http=httpx.Client(transport=httpx.MockTransport(taken)))
    client.upload({"object": "x", "url": STORE, "fields": {}, "max_bytes": 1}, files[0])
    assert [(wait["read"], wait["write"]) for wait in waits] == [(120.0, 120.0)]


def test_a_file_that_the_store_does_not_take_starts_nothing(service: Service, files: tuple[Path, Path]) -> None:
    with pytest.raises(Problem) as refused:
        run_book(client_over(service, taken=403), *files, key="night", records="NONE", told=lambda _: None)
    assert refused.value.status == 403
    assert service.get("/rebalance/books").json["items"] == []


def test_a_store_that_is_down_is_told(service: Service, files: tuple[Path, Path]) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    client = Client(API, http=httpx.Client(transport=httpx.MockTransport(down)), sleep=lambda _: None)
    with pytest.raises(Unreachable, match=r"books\.example"):
        client.upload({"object": "x", "url": STORE, "fields": {}, "max_bytes": 1}, files[0])


@pytest.mark.parametrize(
    ("rate", "left", "text"),
    [("812.4", 87, "812.4/s, 1:27 left"), ("0.5", None, "0.5/s"), (None, None, "")],  # 87 s are 1 min 27 s
)
def test_rate_and_time_left_in_a_line(rate: str | None, left: int | None, text: str) -> None:
    assert rate_of({"lines_per_second": rate, "seconds_left": left}) == text
