"""What anybody may see, in headless Chromium over the local stack: the landing page, the documentation, and a call tried out there with a token."""

import json
from collections.abc import Iterator, Mapping

import pytest

from infra.local.authority import ROLES
from infra.local.stack import EVERYTHING_OPEN, LocalStack
from tests.support.browser import ORIGIN, PROGRAM, Answered, Tab, browsing
from tests.support.desk import CUT, keep

pytestmark = pytest.mark.skipif(not PROGRAM, reason="no Chromium on this machine: make browser installs it")

STAGE = "/dev"
"""As on the gateway's own domain, where a stage stands before every path."""
CALL = "#operations-DPM_Run_Supportability-summary"
FILLED = """(element, text) => {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(element, text);
  element.dispatchEvent(new Event('input', {bubbles: true}));
}"""


class Reader:
    """Somebody with a browser before a stack; what the browser asks of it is written down."""

    def __init__(self, stack: LocalStack, tab: Tab) -> None:
        self.stack, self.tab = stack, tab
        self.asked: list[tuple[str, int, str | None]] = []
        tab.site = self._answered

    def _answered(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answered:
        answer = self.stack.request(method, target, headers, body)
        self.asked.append((f"{method} {target}", answer.status, headers.get("Authorization")))
        return answer.status, answer.headers, answer.body

    def open(self, path: str, width: int) -> None:
        self.asked.clear()
        self.tab.look(width)
        self.tab.go(ORIGIN + STAGE + path)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with LocalStack.from_template(variables=EVERYTHING_OPEN) as stack, browsing() as tab:
        yield Reader(stack, tab)


@pytest.fixture(autouse=True)
def quiet(reader: Reader) -> Iterator[None]:
    """Nothing is complained of, nothing asked of anybody else, and everything that is asked for is there."""
    yield
    assert (reader.tab.complaints, reader.tab.requests) == ([], [])
    assert [asked for asked in reader.asked if asked[1] != 200 or f" {STAGE}/" not in asked[0]] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_landing_page_leads_on(reader: Reader, width: int) -> None:
    reader.open("/", width)
    assert reader.tab.ask("[...document.querySelectorAll('main a')].map(a => new URL(a.href).pathname)") == [
        f"{STAGE}{path}" for path in ("/docs", "/openapi.json", "/desk", "/health")
    ]
    assert reader.tab.ask(CUT) == []
    assert reader.tab.ask("document.documentElement.scrollWidth") == width
    if width == 1280:
        keep("landing-1280.png", reader.tab.screenshot(620))


def test_a_call_is_tried_out_with_a_token(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/docs", 1280)
    tab.until("document.querySelector('.opblock')")
    keep("docs-1280.png", tab.screenshot(1100))

    operations = {operation["operationId"] for item in served(reader)["paths"].values() for operation in item.values()}
    assert tab.ask("document.querySelectorAll('.opblock').length") == len(operations) > 50

    role = next(role for role in ROLES if "dpm.read" in role.scopes)
    token = reader.stack.authority.token(role.actor, role.scopes)
    tab.click(".btn.authorize")
    tab.until("document.querySelector('.auth-container input')")
    tab.ask(f"({FILLED})(document.querySelector('.auth-container input'), {json.dumps(token)})")
    tab.click(".auth-btn-wrapper .authorize")
    tab.until("document.querySelector('.auth-container').innerText.includes('Authorized')")
    tab.click(".auth-btn-wrapper .btn-done")

    tab.click(f"{CALL} .opblock-summary-control")
    tab.click(f"{CALL} .try-out__btn")
    tab.click(f"{CALL} .execute")
    tab.until(f"document.querySelector('{CALL} .live-responses-table .response-col_status')")
    shown = tab.ask(f"document.querySelector('{CALL} .live-responses-table tbody').innerText")
    assert "200" in shown.split()[0]
    assert '"run_count": 0' in shown
    assert reader.asked[-1] == (f"GET {STAGE}/rebalance/supportability/summary", 200, f"Bearer {token}")
    tab.look(390)  # it fits a telephone, too
    assert tab.ask("document.documentElement.scrollWidth") == 390


def served(reader: Reader) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    document: dict[str, dict[str, dict[str, dict[str, str]]]] = json.loads(reader.stack.request("GET", "/openapi.json").body)
    return document
