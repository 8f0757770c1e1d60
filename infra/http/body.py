"""The request body as the partner meant it: base64 undone, gzip undone, within its limits. What it says is parsed elsewhere."""

import base64
import binascii
import zlib
from typing import Final, NamedTuple

from engine.contracts.received.members import refuse_duplicates
from engine.contracts.received.values import MOST_VALUES, values_at_most
from engine.contracts.violations import InvalidRequest, Violation
from engine.usecases.refusals import Code, Refused
from infra.http.headers import Headers, single
from infra.http.messages import Event

GZIP_MEMBERS: Final = 16
"""Of one body. Each costs a copy of what follows it, so their number bounds the work by the body's size."""


class BodyLimits(NamedTuple):
    """What a body may be at most, so that no body needs more memory or time than its function has.

    `plain` are bytes as sent: API Gateway hands every body over in base64, of which Lambda takes 6 MB. `unzipped` are bytes
    after gunzip, 0 where gzip is not taken. `values` are counted as `engine.contracts.received.values` says.
    """

    plain: int = 4_700_000
    unzipped: int = 40_000_000
    values: int = MOST_VALUES


class CodingRefused(Refused):
    """A content coding that the call does not take; `taken` is the one that it does."""

    def __init__(self, taken: str) -> None:
        super().__init__(Code.UNSUPPORTED_CONTENT_ENCODING)
        self.taken = taken


NO_BODY: Final = BodyLimits(plain=0, unzipped=0, values=0)
"""Of a call that takes none."""
SNAPSHOTS: Final = BodyLimits()
"""Of a portfolio with its market, in 1,769 MB: 10,000 rows of every list, each with all its members and eight lots, have 920,000 values."""
PACK: Final = BodyLimits(plain=1_000_000, unzipped=0, values=50_000)
"""Of a policy pack, in 512 MB: 500 groups have 1,000 values."""
ACTION: Final = BodyLimits(plain=64_000, unzipped=0, values=10_000)
"""Of a reviewer's action; a comment may be all commas."""

COMMAND: Final = BodyLimits(plain=256_000, unzipped=0, values=40_000)
"""Of a command on a proposal: a reason may have 64 KB, and what is above that is told so."""

_GZIP_MAGIC: Final = b"\x1f\x8b"  # a body without it was unzipped by a gateway that left the header in place
_GZIP_FRAMES: Final = 16 + zlib.MAX_WBITS
_GZIP_NAMES: Final = ("gzip", "x-gzip")


def body_of(event: Event, headers: Headers, limits: BodyLimits) -> bytes:
    """The body's bytes, never empty. Refuses what is absent, too large, not JSON by its type, coded in an unknown way, or ambiguous.

    An unbounded body is never built: gunzip stops one byte past the limit.
    """
    raw = _sent(event)
    if not raw:
        raise _violation("missing", "Field required")
    if len(raw) > limits.plain:
        raise Refused(Code.REQUEST_TOO_LARGE)
    if not _is_json(single(headers, "Content-Type")):
        raise _violation("model_attributes_type", "The body must be a JSON object, sent as application/json")
    body = _decoded(raw, (single(headers, "Content-Encoding") or "identity").lower(), limits.unzipped)
    if values_at_most(body) > limits.values:
        raise Refused(Code.REQUEST_TOO_LARGE)
    refuse_duplicates(body)
    return body


def _decoded(raw: bytes, coding: str, unzipped_limit: int) -> bytes:
    if coding == "identity":
        return raw
    if coding not in _GZIP_NAMES or not unzipped_limit:
        raise CodingRefused("gzip" if unzipped_limit else "identity")
    return _unzipped(raw, unzipped_limit) if raw.startswith(_GZIP_MAGIC) else raw


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


def _unzipped(raw: bytes, limit: int) -> bytes:
    """RFC 1952 allows several members, one after the other."""
    parts, room = [], limit
    try:
        for _ in range(GZIP_MEMBERS):
            member = zlib.decompressobj(_GZIP_FRAMES)
            parts.append(member.decompress(raw, room + 1))
            room -= len(parts[-1])
            if room < 0:
                raise Refused(Code.REQUEST_TOO_LARGE)
            if not member.eof:
                raise _violation("bytes_invalid_encoding", "The body is not valid gzip")
            raw = member.unused_data
            if not raw:
                break
        else:
            raise _violation("bytes_invalid_encoding", f"The body has more than {GZIP_MEMBERS} gzip members")
    except zlib.error as broken:
        raise _violation("bytes_invalid_encoding", "The body is not valid gzip") from broken
    plain = b"".join(parts)
    if not plain:
        raise _violation("missing", "Field required")
    return plain


def _violation(kind: str, message: str) -> InvalidRequest:
    return InvalidRequest((Violation(("body",), kind, message),))
