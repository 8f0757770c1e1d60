"""Which form of an answer a caller would rather have (RFC 9110, 12.5.1)."""

import re
from collections.abc import Mapping
from typing import Final

from infra.http.headers import Headers

HTML: Final = "text/html"
JSON: Final = "application/json"

_WEIGHT: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def prefers_html(headers: Headers) -> bool:
    """Whether HTML weighs more than JSON. Equal weights, no header and whatever names neither are JSON's."""
    weights = _weights(",".join(headers.get("accept", ())))
    return _weight(HTML, weights) > _weight(JSON, weights)


def _weight(media_type: str, weights: Mapping[str, float]) -> float:
    """What the most specific of the ranges that hold it says."""
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((weights[one] for one in ranges if one in weights), 0.0)


def _weights(accept: str) -> dict[str, float]:
    """Ranges with their weights, 1 where none is given; one that is no weight counts as none at all. Other parameters are not looked at."""
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        media_range, *parameters = (text.strip() for text in part.split(";"))
        given = [value.strip() for name, _, value in (one.partition("=") for one in parameters) if name.strip() == "q"]
        weight = given[0] if given else "1"
        found[media_range] = max(found.get(media_range, 0.0), float(weight) if _WEIGHT.fullmatch(weight) else 0.0)
    return found
