"""One document over HTTPS, bounded in time and bytes; nothing that is asked for leads anywhere else."""

from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from time import monotonic
from typing import Any, Final
from urllib.request import HTTPRedirectHandler, Request, build_opener

Fetch = Callable[[str], bytes]
"""What lies at an address. OSError where it cannot be had."""

SECONDS: Final = 3.0
MAX_BYTES: Final = 256 * 1024
_PIECE: Final = 16 * 1024


class _Stay(HTTPRedirectHandler):
    """Follows nobody: a key set lies where it was said to lie."""

    def redirect_request(self, *_: Any) -> None:
        """None: the redirection is the answer, which is no document."""


_OPENER: Final = build_opener(_Stay)


def fetch(address: str, seconds: float = SECONDS) -> bytes:
    """The document at an address whose scheme the settings have checked. OSError for any other answer than a whole 200 in time."""
    ends = monotonic() + seconds
    request = Request(address, headers={"Accept": "application/json", "User-Agent": "rebalance-engine"})  # noqa: S310  (see above)
    try:
        with _OPENER.open(request, timeout=seconds) as answer:
            if answer.status != HTTPStatus.OK:
                raise OSError(f"answered {answer.status}")
            body = bytearray()
            while piece := answer.read1(_PIECE):
                body += piece
                if len(body) > MAX_BYTES or monotonic() > ends:
                    raise OSError("too large or too slow")
    except HTTPException as broken:  # an answer that is not HTTP, or ended early
        raise OSError("no whole answer") from broken
    return bytes(body)
