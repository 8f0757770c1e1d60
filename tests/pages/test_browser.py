"""Pages in headless Chromium: nothing is complained of or asked for, nothing is cut, everybody can read them, printing opens what is folded.

`make browser` installs Chromium and the accessibility checker. With IMAGES set the screenshots are kept there (`make images`).
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from engine.report.books.page import book_page
from engine.report.proposal_page import proposal_page
from engine.report.run_page import run_page
from infra.http.messages import Response
from infra.pages.answers import page_answer
from tests.pages.decided import PROPOSALS, artifact, proposal
from tests.pages.test_book_page import night
from tests.pages.test_hostile_pages import SCRIPT, TURNED, hostile
from tests.support.browser import AXE, PROGRAM, Tab, browsing

pytestmark = pytest.mark.skipif(not PROGRAM, reason="no Chromium on this machine: make browser installs it")

DESKTOP, PHONE = 1280, 390
KEPT: Final = {DESKTOP: 1400, PHONE: 1400}
"""Pixels of a screenshot that are kept, by width."""
CHECKED: Final = (
    "axe.run({resultTypes: ['violations']}).then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 200))]))"
)
CUT: Final = """[...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, svg, .sr, thead') && e.getClientRects().length
  && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))"""
UNPRINTED: Final = "[...document.querySelectorAll('details td')].filter(e => !e.checkVisibility({contentVisibilityAuto: true})).length"


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browsing() as opened:
        yield opened


def answer(document: bytes) -> Response:
    found = json.loads(document)
    return page_answer(run_page(found) if "rebalance_run_id" in found else proposal_page(found))


def document(name: str) -> bytes:
    return proposal(name) if name in PROPOSALS else artifact(name)


def open_page(tab: Tab, document: bytes, width: int, scheme: str = "light") -> None:
    page = answer(document)
    tab.show({"Content-Type": page.content_type, **page.headers}, page.body, width=width, scheme=scheme)


def keep(name: str, content: bytes) -> None:
    if folder := os.environ.get("IMAGES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / name).write_bytes(content)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", ["ready", "review", "blocked", "proposal", "proposal-blocked"])
def test_a_page_is_whole_and_quiet(tab: Tab, name: str, width: int) -> None:
    open_page(tab, document(name), width)
    assert tab.ask("document.querySelectorAll('h1').length") == 1
    assert tab.ask("document.documentElement.scrollWidth") == width
    assert tab.ask(CUT) == []
    keep(f"{name if name in PROPOSALS else f'run-{name}'}-{width}.png", tab.screenshot(KEPT[width]))
    assert (tab.complaints, tab.requests) == ([], [])


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_page_of_a_book_is_whole_and_quiet(tab: Tab, width: int) -> None:
    page = page_answer(book_page(night()))
    tab.show({"Content-Type": page.content_type, **page.headers}, page.body, width=width, scheme="light")
    assert tab.ask("document.documentElement.scrollWidth") == width
    assert tab.ask(CUT) == []
    keep(f"book-{width}.png", tab.screenshot(KEPT[width]))
    assert (tab.complaints, tab.requests) == ([], [])


def test_what_is_folded_is_printed(tab: Tab) -> None:
    open_page(tab, artifact("review"), DESKTOP)
    cells = tab.ask("document.querySelectorAll('details td').length")
    assert tab.ask(UNPRINTED) == cells > 100
    printed = tab.printed()
    assert printed.startswith(b"%PDF-")
    assert tab.ask(UNPRINTED) == 0
    assert (tab.complaints, tab.requests) == ([], [])


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("review", DESKTOP, "light"),
        ("review", PHONE, "dark"),
        ("blocked", PHONE, "light"),
        ("proposal", DESKTOP, "light"),
        ("proposal-blocked", PHONE, "light"),
    ],
)
def test_the_accessibility_checker_finds_nothing_serious(tab: Tab, name: str, width: int, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core on this machine: make browser installs it")
    open_page(tab, document(name), width, scheme)
    if scheme == "dark":
        keep(f"run-{name}-dark-{width}.png", tab.screenshot(KEPT[width]))
    tab.ask(AXE.read_text())
    found: list[list[Any]] = tab.ask(CHECKED)
    assert [one for one in found if one[0] in {"serious", "critical"}] == []


@pytest.mark.parametrize("name", [SCRIPT, TURNED], ids=["script", "turned"])
def test_a_hostile_name_does_nothing(tab: Tab, name: str) -> None:
    open_page(tab, hostile(name), PHONE)
    assert tab.ask("[document.scripts.length, document.images.length, document.title.startsWith('Discretionary rebalance · ')]") == [
        0,
        0,
        True,
    ]
    assert tab.ask("document.documentElement.scrollWidth") == PHONE
    assert (tab.complaints, tab.requests) == ([], [])


def test_a_page_that_asks_or_fails_would_be_noticed(tab: Tab) -> None:
    """What the other tests rely on: with nothing forbidden, a picture and a broken script are heard of."""
    tab.show({"Content-Type": "text/html"}, b"<img src=https://elsewhere.example/x><script>throw Error('broken')</script>", width=PHONE)
    assert tab.requests == ["https://elsewhere.example/x"]
    assert any("broken" in one for one in tab.complaints)
    tab.requests.clear()
    tab.complaints.clear()
