"""Pages as answers: nothing in them may load, run or frame anything."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from engine.report.books.page import book_page
from engine.report.proposal_page import proposal_page
from engine.report.rows import Page
from engine.report.run_page import run_page
from engine.report.version_page import version_page
from infra.http.messages import Response
from infra.pages.render import render

HTML: Final = "text/html; charset=utf-8"
SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}


def page_answer(page: Page, **facts: str) -> Response:
    """200 with a page; `facts` go to the log."""
    return Response(200, render(page), headers=SAFE, facts=facts, content_type=HTML)


def page_of_run(document: bytes, run_id: str) -> Response:
    """The page of a run, of its look-up or its artifact as JSON shows them."""
    return page_answer(run_page(orjson.loads(document)), run_id=run_id)


def page_of_book(summary: bytes) -> Response:
    """The page of a book, of its summary."""
    shown = orjson.loads(summary)
    return page_answer(book_page(shown), book_id=shown["book_id"])


def page_of_version(document: Mapping[str, Any]) -> Response:
    """The page of a version of a proposal, with all that happened; each part as its own call answers it."""
    shown = orjson.loads(orjson.dumps(document))
    return page_answer(version_page(shown), proposal_id=shown["proposal"]["proposal_id"])


def page_of_proposal(artifact: bytes, proposal_run_id: str) -> Response:
    """The page of a proposal's artifact."""
    return page_answer(proposal_page(orjson.loads(artifact)), proposal_run_id=proposal_run_id)
