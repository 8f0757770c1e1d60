"""A fetch is bounded in time and bytes, and goes nowhere but where it was sent."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from infra.tokens.fetching import MAX_BYTES, fetch


class Shelf(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        bodies = {"/keys": b'{"keys":[]}', "/most": b"x" * MAX_BYTES, "/more": b"x" * (MAX_BYTES + 1)}
        match self.path:
            case "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "/keys")
                self.end_headers()
            case "/slow":
                self.send_response(200)
                self.end_headers()
                for _ in range(40):
                    self.wfile.write(b" ")
                    time.sleep(0.02)
            case "/silent":
                time.sleep(0.5)
            case "/nonsense":
                self.wfile.write(b"nonsense\r\n\r\n")
            case _:
                self.send_response(200 if self.path in bodies else 404)
                self.end_headers()
                self.wfile.write(bodies.get(self.path, b"{}"))

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no event."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with Server(("127.0.0.1", 0), Shelf) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_document(address: str) -> None:
    assert fetch(f"{address}/keys") == b'{"keys":[]}'
    assert len(fetch(f"{address}/most")) == MAX_BYTES


@pytest.mark.parametrize("path", ["/elsewhere", "/more", "/nowhere", "/nonsense"])
def test_any_other_answer_is_none(address: str, path: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011  (the promise is the type)
        fetch(address + path)


@pytest.mark.parametrize("path", ["/slow", "/silent"])
def test_nobody_is_waited_for_longer_than_told(address: str, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(OSError):  # noqa: PT011  (as above)
        fetch(address + path, seconds=0.1)
    assert time.monotonic() - began < 0.4


def test_nobody_there(address: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011  (as above)
        fetch("http://127.0.0.1:9/keys")
