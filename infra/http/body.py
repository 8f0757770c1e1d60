"""The request body as the partner meant it: base64 undone, gzip undone, within its limits. What it says is parsed elsewhere."""

import base64
import binascii
import zlib
from typing import Final

from engine.contracts.violations import InvalidRequest, Violation
from engine.usecases.refusals import Refused
from infra.http.headers import Event, Headers, single

PLAIN_LIMIT: Final = 5_500_000  # bytes of JSON; with the event around them they just pass Lambda's 6 MB
UNZIPPED_LIMIT: Final = 40_000_000  # bytes of JSON after gunzip

_GZIP_MAGIC: Final = b"\x1f\x8b"  # a body without it was unzipped by a gateway that left the header in place
_GZIP_FRAMES: Final = 16 + zlib.MAX_WBITS


def body_of(event: Event, headers: Headers) -> bytes:
    """The body's bytes, never empty. Refuses what is absent, too large, not JSON by its type, or coded in an unknown way.

    An unbounded body is never built: gunzip stops one byte past the limit.
    """
    raw = _sent(event)
    if not raw:
        raise _violation("missing", "Field required")
    if len(raw) > PLAIN_LIMIT:
        raise Refused("REQUEST_TOO_LARGE")
    if not _is_json(single(headers, "Content-Type")):
        raise _violation("model_attributes_type", "The body must be a JSON object, sent as application/json")
    match (single(headers, "Content-Encoding") or "identity").lower():
        case "identity":
            return raw
        case "gzip" | "x-gzip":
            return _unzipped(raw) if raw.startswith(_GZIP_MAGIC) else raw
        case _:
            raise Refused("UNSUPPORTED_CONTENT_ENCODING")


def _sent(event: Event) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")  # a lone surrogate becomes bytes that no JSON parser takes
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as broken:
        raise _violation("bytes_invalid_encoding", "The body is not valid base64") from broken


def _is_json(content_type: str | None) -> bool:
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _unzipped(raw: bytes) -> bytes:
    plain = bytearray()
    try:
        while raw:  # RFC 1952 allows several members, one after the other
            member = zlib.decompressobj(_GZIP_FRAMES)
            plain += member.decompress(raw, UNZIPPED_LIMIT + 1 - len(plain))
            if len(plain) > UNZIPPED_LIMIT:
                raise Refused("REQUEST_TOO_LARGE")
            if not member.eof:
                raise _not_gzip()
            raw = member.unused_data
    except zlib.error as broken:
        raise _not_gzip() from broken
    if not plain:
        raise _violation("missing", "Field required")
    return bytes(plain)


def _not_gzip() -> InvalidRequest:
    return _violation("bytes_invalid_encoding", "The body is not valid gzip")


def _violation(kind: str, message: str) -> InvalidRequest:
    return InvalidRequest((Violation(("body",), kind, message),))
