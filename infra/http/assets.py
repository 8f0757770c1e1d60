"""Files that a function carries, as answers: read when the container starts, asked for again by their digest (RFC 9110, 13.1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from infra.http.headers import Headers
from infra.http.messages import Response

CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with what every answer says of it."""

    body: bytes
    content_type: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, path: Path, headers: Mapping[str, str]) -> "Asset":
        """The file as it is now. A browser keeps it and asks each time whether it is still the same. KeyError for a kind that we do not serve."""
        body = path.read_bytes()
        told = {"Cache-Control": "no-cache", "ETag": f'"{sha256(body).hexdigest()[:32]}"', "X-Content-Type-Options": "nosniff"}
        return cls(body, CONTENT_TYPES[path.suffix], {**told, **headers})

    def answer(self, headers: Headers) -> Response:
        """200 with the file, 304 without it to who has this very file."""
        held = {tag.strip().removeprefix("W/") for line in headers.get("if-none-match", ()) for tag in line.split(",")}
        if held & {self.headers["ETag"], "*"}:
            return Response(304, b"", headers=self.headers, content_type=self.content_type)
        return Response(200, self.body, headers=self.headers, content_type=self.content_type)
