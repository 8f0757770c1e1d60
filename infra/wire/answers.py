"""What the calls have in common: parameters in the path, documents and pages as answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from engine.records.pages import Page, Row
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import path_parameter

Document = dict[str, Any]


def nothing(_: Request) -> None:
    """Endpoints without parameters."""


def segment(name: str) -> Callable[[Request], str]:
    """Endpoints whose only parameter is in the path."""
    return lambda request: path_parameter(request.event, name)


def answer(document: Document, **facts: str | int) -> Response:
    """200 with a JSON document; `facts` go to the log. Times are UTC with microseconds, which are dropped when zero."""
    return Response(200, orjson.dumps(document), facts=facts)


def page_answer(shown: Callable[[Row], Document]) -> Callable[[Page[Row]], Response]:
    """A list's page, its rows shown one by one."""

    def answered(page: Page[Row]) -> Response:
        document = {"items": list(map(shown, page.rows)), "next_cursor": page.next_cursor}
        return replace(answer(document, rows=len(page.rows)), next_cursor=page.next_cursor)

    return answered
