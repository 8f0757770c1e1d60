"""HTTP/1.1 as RFC 9112 frames it: where a request ends has one reading and a deadline, or the connection ends."""

import json
import socket
from collections.abc import Iterator
from time import monotonic
from urllib.parse import SplitResult, urlsplit

import pytest

from infra.local.server import serving
from infra.local.stack import LocalStack
from tests.support.local_stacks import system, to

ECHO = """
import json

def handler(event, context):
    if event["path"] == "/kept":
        return {"statusCode": 304, "body": ""}
    return {"statusCode": 200, "body": json.dumps({"path": event["path"], "body": event["body"]})}
"""
TEMPLATE = f"""
Globals: {{Function: {{Handler: app.handler, Timeout: 9}}}}
Resources:
  EchoFunction: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: echo}}}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      DefinitionBody: {{paths: {{"/{{proxy+}}": {{post: {to("EchoFunction")}}}}}}}
"""
SECONDS = 0.6
"""That the server of these tests waits for a request."""
NEXT = b"POST /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with system(tmp_path_factory.mktemp("server"), TEMPLATE, {"echo": ECHO}) as running:
        yield running


@pytest.fixture(scope="module")
def address(stack: LocalStack) -> Iterator[SplitResult]:
    with serving(stack) as url:
        yield urlsplit(url)


@pytest.fixture(scope="module")
def hasty(stack: LocalStack) -> Iterator[SplitResult]:
    with serving(stack, request_seconds=SECONDS) as url:
        yield urlsplit(url)


def opened(address: SplitResult) -> socket.socket:
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=10)


def answers(address: SplitResult, sent: bytes) -> bytes:
    """All that comes back before the server closes, or after we sent all."""
    with opened(address) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65_536), b""))


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "Content-Length: 2, 3\r\n\r\n{}",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "Content-Length : 2\r\n\r\n{}",
        "Transfer-Encoding:\r\n chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "Content-Length: +2\r\n\r\n{}",
        "Content-Length: \u0662\r\n\r\n{}",
        f"Content-Length: {'9' * 5_000}\r\n\r\n{{}}",
        "no colon\r\nContent-Length: 2\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}more\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    ],
)
def test_a_body_with_two_readings_ends_the_connection(address: SplitResult, framing: str) -> None:
    came = answers(address, b"POST /some HTTP/1.1\r\nHost: x\r\n" + framing.encode() + NEXT)
    assert came.startswith(b"HTTP/1.1 400 ")
    assert came.count(b"HTTP/1.1") == 1
    assert b"smuggled" not in came


def test_http_1_0_knows_no_chunks(address: SplitResult) -> None:
    came = answers(address, b"POST /some HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
    assert came.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 2\r\n\r\n{}",
        b"content-length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"Transfer-Encoding: Chunked\r\n\r\n1;ext=1\r\n{\r\n01\r\n}\r\n0\r\nTrailer: x\r\n\r\n",
    ],
)
def test_a_body_with_one_reading_is_followed_by_the_next_request(address: SplitResult, framing: bytes) -> None:
    came = answers(address, b"POST /some HTTP/1.1\r\nHost: x\r\n" + framing + NEXT)
    first, second = (json.loads(part.partition(b"\r\n\r\n")[2]) for part in came.split(b"HTTP/1.1 200 OK")[1:])
    assert first == {"path": "/some", "body": "{}"}
    assert second == {"path": "/smuggled", "body": None}


@pytest.mark.parametrize(
    "sent",
    [
        b"P",
        b"POST /some HTTP/1.1\r\nX-Slow: ",
        b"POST /some HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
        b"POST /some HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
    ],
    ids=["line", "header", "body", "chunk"],
)
def test_a_byte_now_and_then_holds_no_connection(hasty: SplitResult, sent: bytes) -> None:
    with opened(hasty) as line:
        line.sendall(sent)
        line.settimeout(SECONDS / 10)
        started = monotonic()
        while monotonic() - started < 10:
            try:
                line.sendall(b"a")
                if not line.recv(100):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("the server still waits")


def test_each_request_has_the_whole_time(hasty: SplitResult) -> None:
    """Three requests on one connection, each with a pause of half the time: together they take longer than one may."""
    with opened(hasty) as line:
        for _ in range(3):
            line.sendall(b"POST /some HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
            line.settimeout(SECONDS / 2)
            with pytest.raises(TimeoutError):
                line.recv(1)
            line.settimeout(10)
            line.sendall(b"}")
            assert line.recv(65_536).startswith(b"HTTP/1.1 200 OK")


def test_what_was_kept_is_told_without_a_length_and_the_next_answer_follows(address: SplitResult) -> None:
    came = answers(address, b"POST /kept HTTP/1.1\r\nHost: x\r\n\r\nPOST /next HTTP/1.1\r\nHost: x\r\n\r\n")
    kept, _, following = came.partition(b"\r\n\r\n")
    assert kept.startswith(b"HTTP/1.1 304 ")
    assert b"content-length" not in kept.lower()
    assert following.startswith(b"HTTP/1.1 200 ")
