"""What Lambda carries for us: proxy events in, proxy answers out (REST API, payload format 1.0).

It carries at most 6 MB either way, as one JSON document in which our body is a string: quotes, backslashes and ends of lines of the
body therefore count twice, and a gzip body counts four thirds of its size (base64).
"""

import base64
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Event = Mapping[str, Any]
ProxyAnswer = dict[str, Any]
Handler = Callable[[dict[str, Any], Any], ProxyAnswer]

JSON: Final = "application/json"
COMMON: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""What every answer says unless it says otherwise: nobody keeps it, and no browser takes it for another kind than it is (WHATWG Fetch, 3.6)."""
GZIP_FROM: Final = 1_000_000
MAX_LAMBDA_ANSWER: Final = 6 * 1024 * 1024 - 16_384  # leaves room for the status, the headers and the envelope
LOOK_UP_ROOM: Final = 12_288  # what a look-up wraps around a stored answer: ids, times, the policy pack


@dataclass(frozen=True, slots=True)
class Response:
    """An answer on its way out. `facts` is all that the log may say of it: ids, codes and counts.

    `location` is the path of the table at which what was accepted is found, `next_cursor` where a list goes on. `raw` bodies are no text,
    as a picture or what is compressed already.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)
    content_type: str = JSON
    location: str | None = None
    next_cursor: str | None = None
    raw: bool = False


def fits(body: bytes, *, gzip_accepted: bool, room: int = 0) -> bool:
    """Whether Lambda can carry this answer, and `room` bytes more, to a caller who does or does not take gzip."""
    most = MAX_LAMBDA_ANSWER - room
    return _size_as_text(body) <= most or (gzip_accepted and len(_gzipped(body)) <= most)


def proxy_answer(response: Response, *, gzip_accepted: bool) -> ProxyAnswer:
    """The answer in the gateway's form; more than 1 MB goes compressed, always in the same way, to callers who take it."""
    headers = {**COMMON, "Content-Type": response.content_type, **response.headers}
    zipped = gzip_accepted and len(response.body) > GZIP_FROM and not response.raw
    if zipped:
        varies = [name for name in headers.get("Vary", "").split(", ") if name not in {"", "Accept-Encoding"}]
        headers |= {"Content-Encoding": "gzip", "Vary": ", ".join([*varies, "Accept-Encoding"])}
    carried = _gzipped(response.body) if zipped else base64.b64encode(response.body) if response.raw else response.body
    return {"statusCode": response.status, "headers": headers, "body": carried.decode(), "isBase64Encoded": zipped or response.raw}


def compressed(body: bytes) -> bytes:
    """The body in gzip, always the same bytes."""
    return gzip.compress(body, compresslevel=6, mtime=0)


def _gzipped(body: bytes) -> bytes:
    return base64.b64encode(compressed(body))


def _size_as_text(body: bytes) -> int:
    return len(body) + sum(map(body.count, (b'"', b"\\", b"\n")))
