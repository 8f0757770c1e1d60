"""The review desk in a browser, over the whole local stack: what a person sees and does there."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from infra.local.stack import EVERYTHING_OPEN, LocalStack
from tests.support.browser import AXE, ORIGIN, PROGRAM, Answered, Tab, browsing

NEEDS_BROWSER: Final = pytest.mark.skipif(not PROGRAM, reason="no Chromium on this machine: make browser installs it")
DESK: Final = f"{ORIGIN}/desk"
DESKTOP, PHONE = 1280, 390
TAB, ENTER = ("Tab", 9), ("Enter", 13)
ADDRESSES: Final = ("/desk", "/rebalance/")
CHECKED: Final = (
    "axe.run({iframes: false, resultTypes: ['violations']})"
    ".then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 200))]))"
)
CUT: Final = """[...document.querySelectorAll('body *')].filter(e => e.getClientRects().length
  && e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('thead')).map(e => e.outerHTML.slice(0, 120))"""


def keep(name: str, content: bytes) -> None:
    """A picture for docs/images, where it is asked for."""
    if folder := os.environ.get("IMAGES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / name).write_bytes(content)


@contextmanager
def at_desk(**variables: str) -> "Iterator[Desk]":
    """A person at the desk of a stack of their own, until the end of the block."""
    with LocalStack.from_template(variables=EVERYTHING_OPEN | variables) as stack, browsing() as tab:
        yield Desk(stack, tab)


class Desk:
    """A person at the desk of a stack; what the browser asks of it is written down."""

    def __init__(self, stack: LocalStack, tab: Tab) -> None:
        self.stack, self.tab = stack, tab
        self.asked: list[tuple[str, str, int, Any]] = []
        self.shown: list[str | None] = []
        """What calls of the API were authorized by, in their order."""
        self.keys: list[str] = []
        """The idempotency keys that were sent."""
        tab.site = self._answered

    def _answered(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answered:
        answer = self.stack.request(method, target, headers, body)
        if target.startswith("/rebalance/"):
            self.shown.append(next((value for name, value in headers.items() if name.lower() == "authorization"), None))
        self.keys += [value for name, value in headers.items() if name.lower() == "idempotency-key"]
        self.asked.append((method, target, answer.status, json.loads(body) if body else None))
        return answer.status, answer.headers, answer.body

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The API, as somebody else calls it."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self.stack.request(method, path, sent, content)
        assert answer.status < 300, answer.body
        return json.loads(answer.body)

    def open(self, case: str = "", *, width: int = 1280, scheme: str = "light") -> None:
        """Open the desk, or a case by its bookmark, afresh."""
        self.asked.clear()
        self.tab.look(width, scheme)
        self.tab.go(f"{DESK}#{case}" if case else DESK)
        self.tab.until("document.querySelector('h1') && !document.querySelector('[aria-busy=true]')")
        if case.startswith(("run/", "proposal/")):
            self.tab.until("document.querySelector('iframe, .paper .problem') && document.querySelector('.state, .trouble .problem')")

    @property
    def text(self) -> str:
        return str(self.tab.ask("document.querySelector('main').innerText"))

    def state(self, word: str) -> None:
        """The case stands so, or comes to."""
        self.tab.until(f"document.querySelector('.state')?.innerText === {json.dumps(word)}")

    def trouble(self) -> list[str]:
        """What went wrong, in words and by code, once it is told; it has the focus."""
        self.tab.until("document.activeElement.matches('.trouble .problem')")
        told: list[str] = self.tab.ask("[...document.querySelectorAll('.trouble .problem > *')].map(e => e.innerText)")
        return told

    def reason(self, text: str) -> None:
        """Type a reason."""
        self.tab.click("#reason")
        self.tab.type(text)

    def paper(self, expression: str) -> Any:
        """The value of an expression in the page that is framed."""
        patience = 100
        while not self.tab.frames or not self.tab.frames[-1].ask(
            "document.readyState === 'complete' && Boolean(document.querySelector('.verdict'))"
        ):
            self.tab.ask("new Promise(done => setTimeout(done, 50))")
            patience -= 1
            assert patience, self.text
        return self.tab.frames[-1].ask(expression)

    def picture(self, name: str) -> None:
        """Keep what is on the screen, once the frame is painted: of frames without scripts nothing tells when."""
        self.paper("1")
        self.tab.ask("new Promise(done => setTimeout(done, 300))")
        keep(name, self.tab.screenshot(900))

    def sent(self) -> list[tuple[str, int, Any]]:
        """What was posted: address, status and body."""
        return [(target, status, body) for method, target, status, body in self.asked if method == "POST"]

    def is_quiet(self) -> None:
        """Nothing was complained of but answers that refuse, and nothing was asked of anybody else."""
        complaints = [one for one in map(json.loads, self.tab.complaints) if one.get("entry", {}).get("source") != "network"]
        assert (complaints, self.tab.requests) == ([], [])
        assert [target for _, target, _, _ in self.asked if not target.startswith(ADDRESSES)] == []

    def everybody_can_read_it(self) -> None:
        """Nothing is cut, and no rule of accessibility is broken that matters."""
        assert self.tab.ask("document.documentElement.scrollWidth <= innerWidth")
        assert self.tab.ask(CUT) == []
        if not AXE.exists():
            pytest.skip("no axe-core on this machine: make browser installs it")
        self.tab.ask(AXE.read_text())
        found: list[list[Any]] = self.tab.ask(CHECKED)
        assert [one for one in found if one[0] in {"serious", "critical"}] == []
