"""moto behind a socket on 127.0.0.1: AWS for functions in processes of their own, over what this process holds in its emulator."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest
from moto.core.models import botocore_stubber

_SCOPE: Final = re.compile(r"Credential=[^/]+/[0-9]+/([^/]+)/([^/]+)/aws4_request")
"""Which region and service a signed request is for; its host is ours."""


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer is written in two pieces, and the second would wait 40 ms for the first to be heard of

    def _serve(self) -> None:
        scope = _SCOPE.search(self.headers.get("Authorization", ""))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, answer = (403, {}, b"") if scope is None else _asked(self, f"{scope[2]}.{scope[1]}", body)
        content = answer.encode() if isinstance(answer, str) else answer
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection", "date", "server"}:
                self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if self.command != "HEAD" else b"")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815  (the names that http.server asks for)

    def log_message(self, *_: Any) -> None:
        """Nothing: a proof prints its table only."""


def _asked(door: BaseHTTPRequestHandler, host: str, body: bytes) -> tuple[int, dict[str, Any], bytes | str]:
    url = f"https://{host}.amazonaws.com{door.path}"
    request = AWSPreparedRequest(door.command, url, {**door.headers, "Host": f"{host}.amazonaws.com"}, body, stream_output=False)
    status, headers, answer = botocore_stubber.process_request(request) or (404, {}, b"")
    return int(status), headers, answer


@contextmanager
def endpoint() -> Iterator[str]:
    """Its address, while the block lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Door) as server:
        serving = Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            serving.join()
