"""What answers say in their headers."""

from collections.abc import Iterable, Mapping
from typing import Final

from infra.openapi.schemas import Json

HEADERS: Final[Mapping[str, tuple[str, str]]] = {
    "Accept-Encoding": ("The content coding that the call takes.", "gzip"),
    "Cache-Control": (
        "`no-store`, or how long a copy may be kept: a day, privately, of what never changes.",
        "private, max-age=86400, immutable",
    ),
    "Deprecation": ("Reserved: since when a call is deprecated (RFC 9745). No call is.", "@1798761600"),
    "ETag": ("The entity tag of what is shown.", '"3"'),
    "Idempotent-Replayed": ("`true` where an earlier call under the same key was given this answer; absent otherwise.", "true"),
    "Link": ("The next page, where there is one.", '</rebalance/runs?limit=50&cursor=rr_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8>; rel="next"'),
    "Location": (
        "Where the operation is looked up, as this deployment is reached.",
        "/rebalance/operations/dop_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8",
    ),
    "Retry-After": ("Seconds after which to ask again.", "1"),
    "Vary": ("What of a request the answer depends on.", "Accept, Authorization"),
    "WWW-Authenticate": ("How to authenticate.", "Bearer"),
    "X-Correlation-Id": (
        "The caller's correlation id, or what stands in its place; `c_none` where none was sent that could be one.",
        "corr-1",
    ),
    "X-Evidence-Omitted": (
        "`true` where a version's own evidence is left out because the answer would be too large; absent otherwise.",
        "true",
    ),
}


def headers_of(names: Iterable[str]) -> Json:
    """The headers of these names."""
    return {name: {"description": HEADERS[name][0], "schema": {"type": "string"}, "example": HEADERS[name][1]} for name in names}
