"""Headless Chromium over its debugging pipe: one process, no driver, and no network: every page is handed to it, with its headers,
or asked of a site that answers in this process."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final

PROGRAM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or ""
AXE: Final = Path(__file__).parents[2] / ".venv/browser/node_modules/axe-core/axe.min.js"
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
    "--remote-debugging-pipe",
)
ORIGIN: Final = "https://desk.example"
ADDRESS: Final = f"{ORIGIN}/page"
PATIENCE_SECONDS: Final = 20

Json = dict[str, Any]
Answered = tuple[int, Sequence[tuple[str, str]], bytes]
Site = Callable[[str, str, Mapping[str, str], bytes], Answered]
"""Answers method, target, headers and body of a request to our origin with status, headers and body."""


@dataclass
class Tab:
    """A window of the browser, with everything that it complained of and every address that it asked for besides its page's."""

    pipe: "Pipe"
    session: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    page: tuple[Mapping[str, str], bytes] = ({}, b"")
    site: Site | None = None
    others: dict[str, Site] = field(default_factory=dict)
    """Sites by their origins that answer in this process too; everybody else does not."""
    frames: list["Tab"] = field(default_factory=list)
    """Frames that have a process of their own, the newest last; what they complain of and ask for is the tab's."""

    def call(self, method: str, **parameters: Any) -> Json:
        """One command of the DevTools protocol."""
        return self.pipe.call(method, parameters, self)

    def show(self, headers: Mapping[str, str], body: bytes, *, width: int, scheme: str = "light") -> None:
        """Load the page as if a server had answered it, in a window of this width that prefers this colour scheme."""
        self.page = headers, body
        self.look(width, scheme)
        self.go(ADDRESS)

    def look(self, width: int, scheme: str = "light") -> None:
        """Make the window so wide, and let it prefer this colour scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def go(self, address: str) -> None:
        """Load an address as if it were typed in."""
        self.loaded = False
        self.call("Page.navigate", url="about:blank")
        while not self.loaded:
            self.pipe.hear()
        self.loaded = False
        self.call("Page.navigate", url=address)
        while not self.loaded:
            self.pipe.hear()

    def ask(self, expression: str) -> Any:
        """The value of an expression, awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, expression: str) -> Any:
        """The value of an expression once it is true of the page."""
        patience = monotonic() + PATIENCE_SECONDS
        while not (found := self.ask(f"(found => found instanceof Node || found)({expression})")):
            assert monotonic() < patience, (expression, self.ask("document.body.innerText"), self.complaints)
        return found

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of an element that is there, or comes."""
        box = f"document.querySelector({json.dumps(selector)})"
        self.until(f"{box} && !{box}.disabled")
        before, after = self.ask("scrollY"), self.ask(f"({box}.scrollIntoView({{block: 'center'}}), scrollY)")
        if before != after:  # until it is painted, a frame's own process still gets what is pressed where the frame was
            self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))")
        x, y = self.ask(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({box}.getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press and release a key."""
        text = {"Enter": "\r"}.get(key)
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def screenshot(self, height: int) -> bytes:
        """The page's first pixels, of this height at most, as PNG."""
        width, whole = self.ask("[innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, whole), "scale": 1}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"])

    def printed(self) -> bytes:
        """The page as PDF, as a printer gets it."""
        self.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "light"}])
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    def heard(self, method: str, told: Json) -> None:
        """What the browser says by itself."""
        match method:
            case "Fetch.requestPaused":
                self._answer(told)
            case "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded":
                self.complaints.append(json.dumps(told))
            case "Page.loadEventFired":
                self.loaded = True
            case "Target.attachedToTarget":
                self._framed(told["sessionId"])
            case "Target.detachedFromTarget":
                self.frames = [frame for frame in self.frames if frame.session != told["sessionId"]]

    def _framed(self, session: str) -> None:
        frame = self.pipe.tabs[session] = Tab(self.pipe, session, self.complaints, self.requests)
        self.frames.append(frame)
        for domain in ("Page", "Runtime", "Log"):
            self.pipe.tell(f"{domain}.enable", {}, session)
        self.pipe.tell("Fetch.enable", {"patterns": [{"urlPattern": "*"}]}, session)
        self.pipe.tell("Runtime.runIfWaitingForDebugger", {}, session)

    def _answer(self, told: Json) -> None:
        for origin, site in ({ORIGIN: self.site} | self.others).items():
            if site and told["request"]["url"].startswith(f"{origin}/"):
                self._served(told, origin, site)
                return
        if told["request"]["url"] != ADDRESS:
            self.requests.append(told["request"]["url"])
            self.pipe.tell("Fetch.failRequest", {"requestId": told["requestId"], "errorReason": "AccessDenied"}, self.session)
            return
        headers, body = self.page
        answer = {
            "requestId": told["requestId"],
            "responseCode": 200,
            "responseHeaders": [{"name": name, "value": value} for name, value in headers.items()],
            "body": base64.b64encode(body).decode(),
        }
        self.pipe.tell("Fetch.fulfillRequest", answer, self.session)

    def _served(self, told: Json, origin: str, site: Site) -> None:
        """The request as the site answers it."""
        asked = told["request"]
        sent = b"".join(base64.b64decode(entry["bytes"]) for entry in asked.get("postDataEntries", ()))
        status, headers, body = site(asked["method"], asked["url"].removeprefix(origin).partition("#")[0], asked["headers"], sent)
        answer = {
            "requestId": told["requestId"],
            "responseCode": status,
            "responseHeaders": [{"name": name, "value": value} for name, value in headers],
            "body": base64.b64encode(body).decode(),
        }
        self.pipe.tell("Fetch.fulfillRequest", answer, self.session)


class Pipe:
    """The two ends of the debugging pipe: one JSON document after the other, a zero byte behind each."""

    def __init__(self, to: int, of: int) -> None:
        self.to, self.of = to, os.fdopen(of, "rb", buffering=0)
        self.numbers, self.rest = count(1), b""
        self.tabs: dict[str, Tab] = {}
        self.answers: dict[int, Json] = {}

    def tell(self, method: str, parameters: Json, session: str = "") -> int:
        """Send a command; its number."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data) :]
        return number

    def call(self, method: str, parameters: Json, tab: Tab | None = None) -> Json:
        """Send a command and wait for its answer; what is heard meanwhile goes to its tab."""
        number = self.tell(method, parameters, tab.session if tab else "")
        while number not in self.answers:
            self.hear()
        answer = self.answers.pop(number)
        assert "error" not in answer, (method, answer["error"])
        result: Json = answer["result"]
        return result

    def hear(self) -> None:
        """Take the next message."""
        while b"\0" not in self.rest:
            more = self.of.read(1 << 20)
            assert more, "the browser has gone"
            self.rest += more
        message, _, self.rest = self.rest.partition(b"\0")
        said = json.loads(message)
        if "id" in said:
            self.answers[said["id"]] = said
        elif tab := self.tabs.get(said.get("sessionId", "")):
            tab.heard(said["method"], said.get("params", {}))


@contextmanager
def browsing() -> Iterator[Tab]:
    """A fresh browser with one empty tab, until the end of the block."""
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [PROGRAM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        moved = f'exec 3<&{to_read} 4>&{from_write} && exec "$@"'
        process = subprocess.Popen(  # noqa: S603  (the browser of this machine)
            ["/bin/bash", "-c", moved, "browser", *command],
            pass_fds=(to_read, from_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(from_write)
        pipe = Pipe(to_write, from_read)
        try:
            target = pipe.call("Target.createTarget", {"url": "about:blank"})["targetId"]
            session = pipe.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
            tab = pipe.tabs[session] = Tab(pipe, session)
            for domain in ("Page", "Runtime", "Log"):
                tab.call(f"{domain}.enable")
            tab.call("Fetch.enable", patterns=[{"urlPattern": "*"}])
            tab.call("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
            yield tab
            pipe.call("Browser.close", {})
        finally:
            process.terminate()
            process.wait()
            os.close(to_write)
            pipe.of.close()
