"""Answers that never change: their reader may keep them, and asks for them again by their digest (RFC 9110, 13.1.2; RFC 8246).

Whether a copy is still the same is said only to who may have the answer itself: identity, scope and look-up come first.
"""

from dataclasses import replace
from hashlib import sha256
from typing import Final

from infra.http.headers import Headers, accepts_gzip
from infra.http.messages import GZIP_FROM, Response

SECONDS: Final = 86_400
"""So long a copy is not asked about. What never changes is still removed some day, and a reader can lose the right to read it."""
KEPT: Final = f"private, max-age={SECONDS}, immutable"
VARY: Final = "Accept, Authorization"
OK: Final = 200
NOT_MODIFIED: Final = 304


def held(headers: Headers, tag: str) -> bool:
    """Whether the caller says that it has what is tagged so; a weak tag is enough for that, and `*` is any."""
    given = {part.strip().removeprefix("W/") for line in headers.get("if-none-match", ()) for part in line.split(",")}
    return not given.isdisjoint({tag, "*"})


def kept(response: Response, headers: Headers) -> Response:
    """The answer with leave to keep it; 304 and no body to who has it. What is no answer, or says itself how it is kept, stays as it is."""
    if response.status != OK or "Cache-Control" in response.headers:
        return response
    large = len(response.body) > GZIP_FROM
    coding = "-gzip" if large and accepts_gzip(headers) else ""  # as strong tags tell apart
    tag = f'"{sha256(response.body).hexdigest()}{coding}"'
    told = {**response.headers, "ETag": tag, "Cache-Control": KEPT, "Vary": f"{VARY}, Accept-Encoding" if large else VARY}
    if held(headers, tag):
        return replace(response, status=NOT_MODIFIED, body=b"", headers=told)
    return replace(response, headers=told)
