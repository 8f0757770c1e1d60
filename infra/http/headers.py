"""What the API's doors speak: proxy events in, proxy answers out (REST API, payload format 1.0).

Lambda carries at most 6 MB either way, as one JSON document in which our body is a string: quotes and backslashes of the
body therefore count twice, and a gzip body counts four thirds of its size (base64).
"""

import base64
import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.contracts.violations import InvalidRequest, Violation

Event = Mapping[str, Any]
ProxyAnswer = dict[str, Any]
Handler = Callable[[dict[str, Any], Any], ProxyAnswer]
Headers = Mapping[str, tuple[str, ...]]

NO_CORRELATION: Final = "c_none"
GZIP_FROM: Final = 1_000_000
LAMBDA_ANSWER_LIMIT: Final = 6 * 1024 * 1024 - 16_384  # leaves room for the status, the headers and the envelope
LOOK_UP_ROOM: Final = 12_288  # what a look-up wraps around a stored answer: ids, times, the policy pack
JSON: Final = "application/json"

_LONGEST_HEADER: Final = 255
_PRINTABLE_WITHOUT_SLASH: Final = re.compile(r"[ -.0-~]+")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer on its way out. `facts` is all that the log may say of it: ids, codes and counts."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)
    content_type: str = JSON


def headers_of(event: Event) -> Headers:
    """All values of every header by lower-case name, each once, without surrounding blanks."""
    many = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    found: dict[str, list[str]] = {}
    for name, values in many.items():
        kept = found.setdefault(name.lower(), [])
        kept.extend(value for value in (str(given).strip(" \t") for given in values or ()) if value not in kept)
    return {name: tuple(values) for name, values in found.items()}


def single(headers: Headers, name: str) -> str | None:
    """The value of a header that may be given once, None without it; differing values are a violation."""
    values = headers.get(name.lower(), ())
    if len(values) > 1:
        raise _violation(name, "multiple_values", "The header may be given once only")
    return values[0] if values else None


def idempotency_key(headers: Headers) -> str:
    """The caller's key: 1 to 255 printable ASCII characters, not blank, without a slash (dpm-service S2)."""
    value = single(headers, "Idempotency-Key")
    if value is None:
        raise _violation("Idempotency-Key", "missing", "Field required")
    return _bounded("Idempotency-Key", value)


def optional_idempotency_key(headers: Headers) -> str | None:
    """The caller's key where one is given, within the same bounds."""
    return None if single(headers, "Idempotency-Key") is None else idempotency_key(headers)


def correlation_id(headers: Headers) -> str:
    """The caller's correlation id, within the bounds of a key; `c_none` when absent or empty."""
    return _bounded("X-Correlation-Id", value) if (value := single(headers, "X-Correlation-Id")) else NO_CORRELATION


def policy_pack_id(headers: Headers) -> str:
    """The pack that the caller asks for, trimmed; empty when none."""
    return single(headers, "X-Policy-Pack-Id") or ""


def _bounded(name: str, value: str) -> str:
    if not value:
        raise _violation(name, "string_too_short", "The header may not be blank")
    if len(value) > _LONGEST_HEADER:
        raise _violation(name, "string_too_long", f"The header may have at most {_LONGEST_HEADER} characters")
    if not _PRINTABLE_WITHOUT_SLASH.fullmatch(value):
        raise _violation(name, "string_pattern_mismatch", "The header may hold printable ASCII characters other than '/'")
    return value


def _violation(name: str, kind: str, message: str) -> InvalidRequest:
    return InvalidRequest((Violation(("header", name), kind, message),))


def accepts_gzip(headers: Headers) -> bool:
    """Whether the caller takes gzip (RFC 9110, 12.5.3): named, or by `*`, and not with weight zero."""
    weights: dict[str, bool] = {}
    for part in ",".join(headers.get("accept-encoding", ())).split(","):
        coding, _, parameters = part.partition(";")
        weight = parameters.replace(" ", "").lower()
        weights[coding.strip().lower()] = not re.fullmatch(r"q=0(\.0*)?", weight)
    return weights.get("gzip", weights.get("*", False))


def fits(body: bytes, *, gzip_accepted: bool, room: int = 0) -> bool:
    """Whether Lambda can carry this answer, and `room` bytes more, to a caller who does or does not take gzip."""
    most = LAMBDA_ANSWER_LIMIT - room
    return _size_as_text(body) <= most or (gzip_accepted and len(_gzipped(body)) <= most)


def proxy_answer(response: Response, *, gzip_accepted: bool) -> ProxyAnswer:
    """The answer in the gateway's form; more than 1 MB goes compressed, always in the same way, to callers who take it."""
    headers = {"Content-Type": response.content_type, "Cache-Control": "no-store", **response.headers}
    zipped = gzip_accepted and len(response.body) > GZIP_FROM
    if zipped:
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return {
        "statusCode": response.status,
        "headers": headers,
        "body": (_gzipped(response.body) if zipped else response.body).decode(),
        "isBase64Encoded": zipped,
    }


def _gzipped(body: bytes) -> bytes:
    return base64.b64encode(gzip.compress(body, compresslevel=6, mtime=0))


def _size_as_text(body: bytes) -> int:
    return len(body) + body.count(b'"') + body.count(b"\\")
