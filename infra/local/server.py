"""The API on a local port: HTTP/1.1 with kept connections; nothing that a client sends, or keeps back, may harm the server."""

import io
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.errors import MultipartInvariantViolationDefect, StartBoundaryNotFoundDefect
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic
from typing import Any, Final

from infra.local.addresses import named_here, object_at
from infra.local.gateway import MAX_BODY, Answer
from infra.local.stack import LocalStack

MAX_DRAINED: Final = 64 * 1024 * 1024  # bytes of an oversize body that are read and dropped, so that the client can read the 413
CHUNK: Final = 64 * 1024
REQUEST_SECONDS: Final = 60
"""From one answer until the next request has come in whole, and again until its answer has gone out."""
_HEXADECIMAL: Final = re.compile(rb"[0-9A-Fa-f]{1,16}")
_DECIMAL: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
_OF_A_BODY: Final = (StartBoundaryNotFoundDefect, MultipartInvariantViolationDefect)
"""What the parser of headers misses of a form, whose parts come after them."""
_LINE_ENDS: Final = (b"\r\n", b"\n")


class _Unreadable(Exception):  # noqa: N818  (an answer, not a defect)
    """The request's body cannot be read as HTTP frames it."""


class _Line(io.RawIOBase):
    """A client's connection, bounded in time as a whole: a byte a minute is no progress."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection, self._seconds = connection, seconds
        self.renew()

    def renew(self) -> None:
        """Start the time anew."""
        self._deadline = monotonic() + self._seconds

    def readable(self) -> bool:
        """As io asks."""
        return True

    def writable(self) -> bool:
        """As io asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """What has come in, or `TimeoutError`."""
        self._wait_no_longer()
        return self._connection.recv_into(buffer)

    def write(self, data: Any) -> int:
        """Send what goes out at once, or `TimeoutError`."""
        self._wait_no_longer()
        return self._connection.send(data)

    def _wait_no_longer(self) -> None:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "local"
    sys_version = ""
    disable_nagle_algorithm = True
    stack: LocalStack
    request_seconds: float

    def __getattr__(self, name: str) -> Any:
        """Any method is the gateway's to answer, which says what a path takes instead."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def setup(self) -> None:
        """Bound both ways of the connection by one deadline; head and body of an answer leave in one packet."""
        super().setup()
        self._line = _Line(self.connection, self.request_seconds)
        self.rfile, self.wfile = io.BufferedReader(self._line), io.BufferedWriter(self._line)

    def handle_one_request(self) -> None:
        """One request and its answer; a client that is too slow for either is left."""
        self._line.renew()
        super().handle_one_request()

    def answer(self) -> None:
        """Read the request whole, hand it to the gateway, send the answer."""
        try:
            body = self._body()
        except _Unreadable as error:
            self.send_error(HTTPStatus.BAD_REQUEST, str(error))
            return
        given = self.headers.items()
        stored = object_at(self.command, self.path, given, body, self.stack.buckets)
        if stored is not None:
            self._send(stored)
            return
        answer = self.stack.gateways[0].handle(self.command, self.path, given, body, self.client_address[0])
        self._send(named_here(answer, self.headers.get("Host", "127.0.0.1")))

    def handle_expect_100(self) -> bool:
        """Tell the client at once that it may send its body."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def _body(self) -> bytes:
        """The body, at most one byte past the gateway's limit; the rest of a larger one is dropped.

        Where it ends must have one reading (RFC 9112, 6.3): what has two is refused, and the connection with it.
        """
        defects = [defect for defect in self.headers.defects if not isinstance(defect, _OF_A_BODY)]
        if defects or any("\n" in value or "\r" in value for value in self.headers.values()):
            raise _Unreadable("a header line is malformed")
        codings, lengths = self.headers.get_all("Transfer-Encoding", []), set(self.headers.get_all("Content-Length", []))
        if codings:
            if lengths or self.request_version < "HTTP/1.1" or [coding.lower() for coding in codings] != ["chunked"]:
                raise _Unreadable("Transfer-Encoding is chunked, alone and without Content-Length")
            return self._chunked()
        if not lengths:
            return b""
        if len(lengths) > 1:
            raise _Unreadable("Content-Length has two values")
        text = lengths.pop()
        if not _DECIMAL.fullmatch(text):
            raise _Unreadable("Content-Length is not a number")
        length = int(text)
        body = self._read(min(length, MAX_BODY + 1))
        self._drop(length - len(body))
        return body

    def _chunked(self) -> bytes:
        """RFC 9112, 7.1; extensions and trailers are ignored."""
        body = bytearray()
        while True:
            size_text = self.rfile.readline(CHUNK).partition(b";")[0].strip()
            if not _HEXADECIMAL.fullmatch(size_text):
                raise _Unreadable("chunk size is not a number")
            if (size := int(size_text, 16)) == 0:
                break
            kept = self._read(min(size, max(0, MAX_BODY + 1 - len(body))))
            body += kept
            self._drop(size - len(kept))
            if self.rfile.readline(CHUNK) not in _LINE_ENDS:
                raise _Unreadable("a chunk is longer than its size")
        while self.rfile.readline(CHUNK).strip():
            pass
        return bytes(body)

    def _read(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            raise _Unreadable("the body ended early")
        return body

    def _drop(self, length: int) -> None:
        if length <= 0:
            return
        self.close_connection = True
        left = min(length, MAX_DRAINED)
        while left > 0 and (piece := self.rfile.read(min(left, CHUNK))):
            left -= len(piece)

    def _send(self, answer: Answer) -> None:
        self._line.renew()
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name.replace("\r", "").replace("\n", ""), value.replace("\r", "").replace("\n", ""))
        self.send_header("Date", self.date_time_string())
        if answer.status != HTTPStatus.NOT_MODIFIED:  # whose length is that of the answer that was kept
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002  (the base's signature)
        """What the server refuses before the gateway sees it, as a problem; the connection ends."""
        self.close_connection, self.request_version = True, self.protocol_version  # a line that did not parse left HTTP/0.9
        status = HTTPStatus(code)
        problem = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": message or status.phrase,
            "code": status.name,
        }
        self._send(Answer(status.value, [("Content-Type", "application/problem+json")], json.dumps(problem).encode()))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base's signature)
        """Say nothing; the functions log their calls."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event."""


@contextmanager
def serving(stack: LocalStack, port: int = 0, request_seconds: float = REQUEST_SECONDS) -> Iterator[str]:
    """Serve the stack's API on 127.0.0.1 and give the address; port 0 takes a free one. Ends with the `with`."""
    given = {"stack": stack, "request_seconds": request_seconds}
    handler = type("Handler", (_Handler,), given)
    with _Server(("127.0.0.1", port), handler) as server:
        acceptor = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="http", daemon=True)
        acceptor.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            acceptor.join()
