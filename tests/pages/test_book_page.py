"""The page of a book: every figure is a value of the summary at its place."""

import json
import re
from typing import Any

import pytest

from engine.books.tally import Tally
from engine.report.books.page import book_page
from infra.book_costs import BookCost
from infra.pages.render import render
from tests.pages.shown import expected, read
from tests.pages.test_figures import OWN_WORDS
from tests.support.books import Book, bought, simple

HOSTILE = "<script>alert(1)</script>"


def night(without: tuple[int, ...] = (), **options: Any) -> dict[str, Any]:
    """Two portfolios that buy, one that stands twice, a line that is none."""
    lines = [bought("pf_1", "1000"), bought("pf_2", "2000"), bought(HOSTILE, "10"), bought(HOSTILE, "10"), b"{}", bought("pf_3", "5")]
    summary = Book(simple(**options), lines).run(lines=1, without=without)
    estimate = BookCost("NONE", frozenset())(Tally(lines=6), 6)
    read_again: dict[str, Any] = json.loads(json.dumps(summary | {"estimate": estimate}))
    return read_again


@pytest.mark.parametrize("without", [(), (0, 3)], ids=["whole", "incomplete"])
def test_every_figure_of_a_book_shows_the_value_at_its_place(without: tuple[int, ...]) -> None:
    document = night(without)
    markup = read(render(book_page(document)))
    assert len(markup.figures) > 20
    assert [(one, expected(one, document)) for one in markup.figures if one.text != expected(one, document)] == []
    assert [text for text in markup.beside if re.search(r"\d", OWN_WORDS.sub("", text))] == []


def test_what_is_next_follows_from_what_is_missing() -> None:
    def told(**changes: Any) -> str:
        return str(book_page(night(**changes)).verdict.next_step)

    assert told(without=(0, 3)) == "Next: redrive the book; 2 of its chunks are missing."
    assert told().startswith("Next: correct the lines that failed")
    document = night() | {"lines": {"total": 1, "decided": 1, "failed": 0}}
    assert str(book_page(document).verdict.next_step).startswith("Next: hand the orders on")


def test_a_hostile_name_stays_a_name() -> None:
    shown = render(book_page(night())).decode()
    assert HOSTILE not in shown
    assert "&lt;script&gt;" in shown
