"""Addresses in headers, as the caller reaches them: before the paths of the table stands a stage, or what a custom domain maps, or nothing.

They are built from the call and are references to a path (RFC 3986, 4.2), so that they hold on every domain. Links in bodies keep the path
of the table: a replay is answered byte for byte, wherever the first call came in.
"""

from dataclasses import replace
from typing import Final
from urllib.parse import quote, urlencode

from infra.http.messages import Event, Response

LOOK_AFTER_SECONDS: Final = 2
"""After an acceptance: by then most operations have been taken from their queue."""
_IN_PATH: Final = "/%:@!$&'()*+,;=~"


def own(event: Event) -> str:
    """The path that the caller asked for, stage and mapped path included. It begins with one slash: after two would stand a host."""
    asked = str((event.get("requestContext") or {}).get("path") or event.get("path") or "/")
    return "/" + quote(asked, safe=_IN_PATH, errors="replace").lstrip("/")


def base(event: Event) -> str:
    """What stands before the paths of the table: `/prod` on the gateway's own domain, nothing on most custom ones."""
    within = str(event.get("resource") or "/").strip("/")
    segments = own(event).rstrip("/").split("/")
    return "/".join(segments[: len(segments) - len(within.split("/"))] if within else segments)


def next_page(event: Event, cursor: str) -> str:
    """The link to a list's next page: this call, its query kept, with another cursor (RFC 8288)."""
    many = event.get("multiValueQueryStringParameters") or {}
    kept = [(name, value) for name, values in many.items() if name != "cursor" for value in values or ()]
    return f'<{own(event)}?{urlencode([*kept, ("cursor", cursor)], errors="replace")}>; rel="next"'


def addressed(response: Response, event: Event) -> Response:
    """The answer with the addresses that follow from it: where what was accepted is found, and when to look; where a list goes on."""
    told = dict(response.headers)
    if response.location is not None:
        told |= {"Location": base(event) + response.location, "Retry-After": str(LOOK_AFTER_SECONDS)}
    if response.next_cursor is not None:
        told["Link"] = next_page(event, response.next_cursor)
    return replace(response, headers=told) if told != response.headers else response
