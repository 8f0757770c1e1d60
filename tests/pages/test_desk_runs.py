"""The review of runs at the desk, clicked through in headless Chromium over the local stack."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.local.example import example_request
from infra.pages.answers import SAFE
from tests.pages.test_hostile_pages import SCRIPT
from tests.support.browser import ORIGIN, Answered
from tests.support.desk import DESKTOP, ENTER, NEEDS_BROWSER, PHONE, TAB, Desk, at_desk

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


def a_run(desk: Desk, key: str, portfolio: str | None = None) -> str:
    """A run that asks for a review, as the example portfolio's does."""
    request: Any = json.loads(example_request())
    if portfolio is not None:
        request["portfolio_snapshot"]["portfolio_id"] = portfolio
    run = desk.call("POST", "/rebalance/simulate", request, Idempotency_Key=key)
    assert run["status"] == "PENDING_REVIEW"
    return str(run["rebalance_run_id"])


def review(desk: Desk, run_id: str) -> Any:
    return desk.call("GET", f"/rebalance/runs/{run_id}/workflow")


def test_a_run_is_found_read_and_approved(desk: Desk) -> None:
    run_id = a_run(desk, "approved")
    desk.open()
    desk.tab.click(f"a[href='#run/{run_id}']")
    desk.state("Waits for a review")
    assert desk.paper("[document.scripts.length, getComputedStyle(document.querySelector('.verdict')).borderLeftWidth]") == [0, "6px"]
    assert desk.paper("document.querySelector('meta[http-equiv]').content") == SAFE["Content-Security-Policy"]
    assert "30 orders and 4 currency deals" in desk.paper("document.querySelector('h1').innerText")
    assert desk.tab.ask("document.querySelector('#identity').innerText").startswith("Local: nobody is asked who they are")
    desk.reason("Read with the adviser: the model is right.")
    desk.picture("desk-run-1280.png")
    desk.tab.click("#do-APPROVE")
    desk.state("Approved")
    assert desk.tab.ask(
        "[document.activeElement.id, document.querySelector('#told').innerText, document.querySelector('#reason').value]"
    ) == [
        "stands",
        "Approved.",
        "",
    ]
    said = "Read with the adviser: the model is right."
    assert desk.sent() == [
        (f"/rebalance/runs/{run_id}/workflow/actions", 200, {"action": "APPROVE", "reason_code": "REVIEW_APPROVED", "comment": said})
    ]
    latest = review(desk, run_id)["latest_decision"]
    assert (latest["action"], latest["comment"], latest["actor_id"]) == ("APPROVE", said, "local-user")
    assert said in desk.tab.ask("document.querySelector('.history').innerText")
    desk.tab.click("nav a")
    desk.tab.until("document.querySelector('details')")
    assert desk.tab.ask(f"Boolean(document.querySelector('details').querySelector('a[href=\"#run/{run_id}\"]'))")


def test_changes_and_rejections_need_a_reason_and_may_have_a_code(desk: Desk) -> None:
    run_id = a_run(desk, "changed")
    desk.open(f"run/{run_id}")
    desk.tab.click("#do-REJECT")
    desk.tab.until("document.querySelector('#missing').innerText === '“Reject” needs a reason.'")
    assert desk.tab.ask("[document.activeElement.id, document.activeElement.getAttribute('aria-invalid')]") == ["reason", "true"]
    assert desk.sent() == []
    desk.tab.type("Too much technology.")
    desk.tab.click("#code")
    desk.tab.type("MANDATE")
    desk.tab.click("#do-REQUEST_CHANGES")
    desk.tab.until("document.querySelector('.history').innerText.includes('Too much technology.')")
    assert review(desk, run_id)["latest_decision"]["reason_code"] == "MANDATE"
    desk.state("Waits for a review")
    desk.reason("Still too much.")
    desk.tab.click("#do-REJECT")
    desk.state("Rejected")
    assert desk.tab.ask("[...document.querySelectorAll('.choices button')].map(b => b.innerText)") == ["Ask for changes"]


def test_a_code_that_is_none_is_refused_in_words_and_both_texts_stay(desk: Desk) -> None:
    desk.open(f"run/{a_run(desk, 'code')}")
    desk.reason("Fine.")
    desk.tab.click("#code")
    desk.tab.type("not a code")
    desk.tab.click("#do-APPROVE")
    first, place, code = desk.trouble()
    assert (first, code) == ("The request is not valid.", "422 REQUEST_VALIDATION_FAILED")
    assert place.startswith("body.reason_code: ")
    assert desk.tab.ask("['#reason', '#code'].map(e => document.querySelector(e).value)") == ["Fine.", "not a code"]


def test_who_comes_second_is_told_and_keeps_what_was_typed(desk: Desk) -> None:
    run_id = a_run(desk, "second")
    desk.open(f"run/{run_id}")
    desk.reason("My reason.")
    desk.call("POST", f"/rebalance/runs/{run_id}/workflow/actions", {"action": "APPROVE", "reason_code": "FASTER", "actor_id": "somebody"})
    desk.tab.click("#do-APPROVE")
    assert desk.trouble() == [
        "Somebody was faster: the review no longer stands where you saw it.",
        "409 DPM_WORKFLOW_INVALID_TRANSITION",
    ]
    desk.state("Approved")
    assert desk.tab.ask("document.querySelector('#reason').value") == "My reason."
    assert "somebody" in desk.tab.ask("document.querySelector('.history').innerText")


def test_an_outage_is_told_and_the_reason_is_still_there_when_it_is_over(desk: Desk) -> None:
    run_id = a_run(desk, "outage")
    desk.open(f"run/{run_id}")
    desk.reason("Once more.")
    site, desk.tab.site = desk.tab.site, lambda *_: (503, [("Content-Type", "application/json")], b'{"message":"Service Unavailable"}')
    desk.tab.click("#do-APPROVE")
    assert desk.trouble()[-1] == "503 NO_ANSWER"
    desk.tab.site = site
    desk.tab.click("#do-APPROVE")
    desk.state("Approved")
    assert review(desk, run_id)["latest_decision"]["comment"] == "Once more."


def test_a_stage_in_front_of_the_addresses_does_not_matter(desk: Desk) -> None:
    run_id, site, asked = a_run(desk, "stage"), desk.tab.site, []

    def deployed(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answered:
        assert site is not None
        asked.append(target)
        return site(method, target.removeprefix("/prod"), headers, body)

    desk.tab.site = deployed
    desk.tab.go(f"{ORIGIN}/prod/desk#run/{run_id}")
    desk.state("Waits for a review")
    desk.tab.click("#do-APPROVE")
    desk.state("Approved")
    desk.tab.site = site
    assert [target for target in asked if not target.startswith("/prod/")] == []


def test_the_keyboard_suffices(desk: Desk) -> None:
    run_id = a_run(desk, "keys", "pf_keys")
    desk.open("portfolio/pf_keys")

    def to(there: str) -> None:
        for _ in range(60):
            if desk.tab.ask(f"document.activeElement.matches({json.dumps(there)})"):
                return
            desk.tab.press(*TAB)
            desk.tab.ask("new Promise(done => setTimeout(done, 60))")  # out of a frame the focus comes from another process
        raise AssertionError(there)

    to(f"a[href='#run/{run_id}']")
    desk.tab.press(*ENTER)
    desk.tab.until("document.activeElement.matches('h1') && document.querySelector('#reason')")
    desk.paper("1")
    to("iframe")  # which the arrow keys then scroll
    to("#reason")
    desk.tab.type("Without a mouse.")
    to("#do-APPROVE")
    assert desk.tab.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    desk.tab.press(*ENTER)
    desk.state("Approved")


def test_what_callers_wrote_does_nothing(desk: Desk) -> None:
    run_id = a_run(desk, "hostile", SCRIPT)
    desk.call("POST", f"/rebalance/runs/{run_id}/workflow/actions", {"action": "REQUEST_CHANGES", "reason_code": "X", "comment": SCRIPT})
    desk.open()
    assert SCRIPT in desk.text
    desk.open(f"run/{run_id}", width=PHONE)
    assert SCRIPT in desk.text
    assert desk.tab.ask("[document.scripts.length, document.images.length, document.title]") == [1, 0, f"Run {run_id} · Review desk"]
    assert desk.paper("[document.scripts.length, document.images.length]") == [0, 0]


@pytest.mark.parametrize(
    ("case", "said"), [("run/rr_0", "There is no such run."), ("nothing", "There is nothing under"), ("run/%", "not one")]
)
def test_an_address_that_leads_nowhere_says_so(desk: Desk, case: str, said: str) -> None:
    desk.tab.go("about:blank")
    desk.tab.look(DESKTOP)
    desk.tab.go(f"{ORIGIN}/desk#{case}")
    desk.tab.until(f"document.querySelector('main').innerText.includes({json.dumps(said)})")


@pytest.mark.parametrize(("width", "scheme"), [(DESKTOP, "light"), (PHONE, "light"), (PHONE, "dark")])
def test_everybody_can_read_it_and_nothing_is_cut(desk: Desk, width: int, scheme: str) -> None:
    run_id = a_run(desk, f"{width}{scheme}")
    for case in ("", f"run/{run_id}"):
        desk.open(case, width=width, scheme=scheme)
        if case:
            desk.paper("1")
            desk.tab.click("#do-REJECT")  # so that the missing reason is told too
        desk.everybody_can_read_it()
