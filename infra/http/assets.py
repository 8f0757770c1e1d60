"""Files that a function carries, as answers: read when the container starts, asked for again by their digest (RFC 9110, 13.1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from infra.http.habits.keeping import held
from infra.http.headers import Headers, accepts_gzip
from infra.http.messages import JSON, Response, compressed

CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": JSON,
    ".png": "image/png",
}
PICTURES: Final = {".png"}
WORTH_GZIP: Final = 1_000
"""Bytes from which a text travels compressed to who takes it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with what every answer says of it."""

    body: bytes
    content_type: str
    headers: Mapping[str, str]
    picture: bool = False

    @classmethod
    def of(cls, path: Path, headers: Mapping[str, str]) -> "Asset":
        """The file as it is now. A browser keeps it and asks each time whether it is still the same. KeyError for a kind that we do not serve."""
        return cls.made(path.read_bytes(), path.suffix, headers)

    @classmethod
    def made(cls, body: bytes, suffix: str, headers: Mapping[str, str]) -> "Asset":
        """The same of what a file of this kind would hold."""
        told = {"Cache-Control": "no-cache", "ETag": f'"{sha256(body).hexdigest()[:32]}"', "X-Content-Type-Options": "nosniff"}
        return cls(body, CONTENT_TYPES[suffix], {**told, **headers}, picture=suffix in PICTURES)

    def answer(self, headers: Headers) -> Response:
        """200 with the file, 304 without it to who has this very file in the coding that would be sent."""
        told, body, raw = dict(self.headers), self.body, self.picture
        if len(body) > WORTH_GZIP and not raw:
            told["Vary"] = "Accept-Encoding"
            if accepts_gzip(headers):
                told |= {"Content-Encoding": "gzip", "ETag": f'{told["ETag"][:-1]}-gzip"'}
                body, raw = _compressed(body), True
        if held(headers, told["ETag"]):
            return Response(
                304, b"", headers={name: told[name] for name in told if name != "Content-Encoding"}, content_type=self.content_type
            )
        return Response(200, body, headers=told, content_type=self.content_type, raw=raw)


@cache
def _compressed(body: bytes) -> bytes:
    return compressed(body)
