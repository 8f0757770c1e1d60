"""What stands at the API's own address: what this is, and where to go on. Nobody is asked who they are, so it tells nothing of anybody."""

from html import escape
from string import Template
from typing import Final

import orjson

from engine.version import ENGINE_VERSION
from infra.http.endpoints import Endpoint, Request, endpoint
from infra.http.habits.addresses import base
from infra.http.messages import Response
from infra.release import RELEASE

TITLE: Final = "Private Banking Rebalance API"
SAYS: Final = (
    "Which orders bring a portfolio back to its mandate, what an adviser's proposal comes to, and who must look at either "
    "before it is executed: decided deterministically, recorded, and proved again whenever somebody asks."
)
PLACES: Final = {"documentation": "/docs", "openapi": "/openapi.json", "desk": "/desk", "health": "/health"}
POLICY: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def landing(template: str) -> Endpoint:
    """The API in a few words and its links, as the caller reaches them; for people as a page made of `template`."""

    def shown(root: str) -> Response:
        links = {name: root + path for name, path in PLACES.items()}
        document = {"title": TITLE, "description": SAYS, "version": RELEASE, "engine_version": ENGINE_VERSION, "links": links}
        return Response(200, orjson.dumps(document))

    def page(root: str) -> Response:
        words = {"title": TITLE, "says": SAYS, "release": RELEASE, "engine": ENGINE_VERSION, "root": root}
        text = Template(template).substitute({name: escape(word) for name, word in words.items()})
        return Response(200, text.encode(), headers=POLICY, content_type="text/html; charset=utf-8")

    return endpoint(_root, lambda _tenant, root: root, shown, page)


def health(_: Request) -> Response:
    """Whether the deployed API answers, and as which release; no store is asked."""
    return Response(200, orjson.dumps({"status": "UP", "version": RELEASE, "engine_version": ENGINE_VERSION}))


def _root(request: Request) -> str:
    return base(request.event)
