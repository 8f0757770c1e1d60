"""The life of proposals at the desk, clicked through in headless Chromium over the local stack, where nobody approves a proposal of their own."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from infra.local.example import PROPOSAL
from tests.pages.test_hostile_pages import SCRIPT
from tests.support.browser import Answered
from tests.support.desk import DESKTOP, NEEDS_BROWSER, PHONE, Desk, at_desk
from tests.support.lives import PATH, for_risk

pytestmark = NEEDS_BROWSER

SAID: Final = "Read with the client file."
NAMED: Final = {"expected_state", "related_version_no", "artifact_hash"}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with at_desk(PROPOSAL_FOUR_EYES="true") as desk:
        yield desk


def for_compliance() -> Any:
    """The first proposal of the README with its scanner switched off, which counts as one that compliance must see."""
    request = json.loads(PROPOSAL.read_bytes())
    request["options"]["enable_suitability_scanner"] = False
    return request


def opened(desk: Desk, key: str, request: Any = None, by: str = "adviser-7", title: str | None = None) -> str:
    body = {"created_by": by, "simulate_request": request or for_risk(), "metadata": {"title": title}}
    return str(desk.call("POST", PATH, body, Idempotency_Key=key)["proposal"]["proposal_id"])


def moved(desk: Desk, proposal_id: str, event: str, state: str, version_no: int = 1) -> None:
    body = {"event_type": event, "expected_state": state, "related_version_no": version_no, "actor_id": "adviser-7"}
    desk.call("POST", f"{PATH}/{proposal_id}/transitions", body)


def state(desk: Desk, proposal_id: str) -> str:
    return str(desk.call("GET", f"{PATH}/{proposal_id}/lineage")["proposal"]["current_state"])


def at_risk(desk: Desk, key: str, **opening: Any) -> str:
    proposal_id = opened(desk, key, **opening)
    moved(desk, proposal_id, "SUBMITTED_FOR_RISK_REVIEW", "DRAFT")
    return proposal_id


def test_a_life_from_draft_to_execution_without_the_shortcut(desk: Desk) -> None:
    proposal_id = opened(desk, "life", for_compliance(), title="From dollars to francs")
    artifact_hash = desk.call("GET", f"{PATH}/{proposal_id}/lineage")["versions"][0]["artifact_hash"]
    desk.open()
    assert "From dollars to francs" in desk.text
    desk.tab.click(f"a[href='#proposal/{proposal_id}/1']")
    desk.state("Draft")
    assert "We propose 3 purchases" in desk.paper("document.querySelector('#client').innerText")
    desk.reason(SAID)
    desk.tab.click("#do-SUBMITTED_FOR_CLIENT_CONSENT")
    assert desk.trouble() == ["The version must be reviewed before the client is asked.", "422 GATE_REVIEW_REQUIRED"]
    desk.picture("desk-refused-1280.png")
    assert (state(desk, proposal_id), desk.tab.ask("document.querySelector('#reason').value")) == ("DRAFT", SAID)
    desk.tab.click("#do-SUBMITTED_FOR_RISK_REVIEW")
    desk.tab.until("document.querySelector('.trouble').innerText.includes('GATE_REQUIRES_COMPLIANCE_REVIEW')")
    desk.tab.click("#do-SUBMITTED_FOR_COMPLIANCE_REVIEW")
    desk.state("Waits for compliance")
    desk.reason("Suitable.")
    desk.picture("desk-proposal-1280.png")
    desk.tab.click("#do-COMPLIANCE-yes")
    desk.state("Waits for the client")
    desk.tab.click("#do-CLIENT_CONSENT-yes")
    desk.state("Ready to execute")
    desk.tab.click("#do-EXECUTION_REQUESTED")
    desk.tab.until("document.querySelector('.history').innerText.includes('Execution requested')")
    desk.tab.click("#do-EXECUTION_REQUESTED")
    assert desk.trouble()[0] == "The execution of this version has been requested already."
    desk.tab.click("#do-EXECUTED")
    desk.state("Executed")
    assert desk.tab.ask("document.querySelector('.deciding').innerText") == "Nothing to decide here"
    sent = [body for _, status, body in desk.sent() if status == 200]
    assert [(body.get("event_type") or body["approval_type"], body["expected_state"]) for body in sent] == [
        ("SUBMITTED_FOR_COMPLIANCE_REVIEW", "DRAFT"),
        ("COMPLIANCE", "COMPLIANCE_REVIEW"),
        ("CLIENT_CONSENT", "AWAITING_CLIENT_CONSENT"),
        ("EXECUTION_REQUESTED", "EXECUTION_READY"),
        ("EXECUTED", "EXECUTION_READY"),
    ]
    assert {(body["related_version_no"], body["artifact_hash"]) for body in sent} == {(1, artifact_hash)}
    assert len(set(desk.keys)) == len(desk.keys) == len(desk.sent())
    events = desk.call("GET", f"{PATH}/{proposal_id}/workflow-events")["events"]
    assert [(event["event_type"], event["reason"].get("text")) for event in events] == [
        ("CREATED", None),
        ("SUBMITTED_FOR_COMPLIANCE_REVIEW", SAID),
        ("COMPLIANCE_APPROVED", "Suitable."),
        ("CLIENT_CONSENT_RECORDED", None),
        ("EXECUTION_REQUESTED", None),
        ("EXECUTED", None),
    ]
    assert {event["actor_id"] for event in events[1:]} == {"local-user"}
    assert desk.tab.ask("document.querySelectorAll('.history li').length") == 6


def test_a_version_that_was_slipped_in_is_not_approved_and_the_reason_goes_along_to_it(desk: Desk) -> None:
    proposal_id = at_risk(desk, "slipped")
    desk.open(f"proposal/{proposal_id}")  # leads to the current version
    desk.state("Waits for risk")
    assert desk.tab.ask("location.hash") == f"#proposal/{proposal_id}/1"
    desk.reason(SAID)
    desk.call("POST", f"{PATH}/{proposal_id}/versions", {"created_by": "adviser-7", "simulate_request": for_risk()})
    moved(desk, proposal_id, "SUBMITTED_FOR_RISK_REVIEW", "DRAFT", 2)
    desk.tab.click("#do-RISK-yes")
    assert desk.trouble() == [
        "Somebody was faster: there is a newer version than the one that you read.",
        "409 STATE_CONFLICT: version mismatch",
    ]
    assert desk.tab.ask("[document.querySelector('#reason').value, document.querySelectorAll('.choices button').length]") == [SAID, 0]
    desk.tab.click(".standing .note a")
    desk.tab.until(f"location.hash === '#proposal/{proposal_id}/2' && document.querySelector('#do-RISK-yes')")
    assert desk.tab.ask("document.querySelector('#reason').value") == SAID
    desk.tab.click("#do-RISK-yes")
    desk.state("Waits for the client")
    [_, (_, status, body)] = desk.sent()
    assert (status, body["related_version_no"], set(body) >= NAMED) == (200, 2, True)


def test_who_asks_for_changes_says_which_and_a_no_ends_it(desk: Desk) -> None:
    proposal_id = at_risk(desk, "changes")
    desk.open(f"proposal/{proposal_id}/1")
    desk.tab.click("#do-CHANGES_REQUESTED")
    desk.tab.until("document.querySelector('#missing').innerText === '“Ask for changes” needs a reason.'")
    assert desk.sent() == []
    desk.tab.type("Half of it.")
    desk.tab.click("#do-CHANGES_REQUESTED")
    desk.state("Draft")
    assert "Half of it." in desk.tab.ask("document.querySelector('.history').innerText")
    desk.tab.click("#do-SUBMITTED_FOR_RISK_REVIEW")
    desk.state("Waits for risk")
    desk.reason("No.")
    desk.tab.click("#do-RISK-no")
    desk.state("Rejected")
    [approval] = desk.call("GET", f"{PATH}/{proposal_id}/approvals")["approvals"]
    assert (approval["approved"], approval["details"]) == (False, {"text": "No."})


def test_nobody_approves_their_own(desk: Desk) -> None:
    proposal_id = at_risk(desk, "own", by="local-user")
    desk.open(f"proposal/{proposal_id}/1")
    desk.reason(SAID)
    desk.tab.click("#do-RISK-yes")
    assert desk.trouble() == ["Somebody else must approve this: it is your own.", "403 FOUR_EYES_REQUIRED"]
    assert (state(desk, proposal_id), desk.tab.ask("document.querySelector('#reason').value")) == ("RISK_REVIEW", SAID)


def test_what_had_no_answer_goes_under_its_key_again(desk: Desk) -> None:
    proposal_id = at_risk(desk, "again")
    desk.open(f"proposal/{proposal_id}/1")
    site = desk.tab.site
    assert site is not None

    def lost(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answered:
        if method == "POST":
            desk.keys.append(headers["Idempotency-Key"])
            return 504, [("Content-Type", "text/plain")], b""
        return site(method, target, headers, body)

    desk.keys.clear()
    desk.tab.site = lost
    desk.tab.click("#do-RISK-yes")
    assert desk.trouble()[-1] == "504 HTTP_504"
    desk.tab.site = site
    desk.tab.click("#do-RISK-yes")
    desk.state("Waits for the client")
    assert len(desk.keys) == 2
    assert len(set(desk.keys)) == 1


def with_market(desk: Desk, text: str) -> None:
    """Choose a file of this text, and check."""
    desk.tab.ask(
        f"(given => {{ const held = new DataTransfer(); held.items.add(new File([given], 'market.json'));"
        f" document.querySelector('#market').files = held.files; }})({json.dumps(text)})"
    )
    desk.tab.click("#do-check")


def test_a_version_is_checked_against_the_market_of_now(desk: Desk) -> None:
    request = for_risk()
    proposal_id = opened(desk, "checked", request)
    desk.open(f"proposal/{proposal_id}/1")
    assert "Not checked against a later market." in desk.tab.ask("document.querySelector('.checking').innerText")
    desk.reason(SAID)
    for wrong, said in (("[1]", "This file holds no market data as JSON."), ("{", "This file holds no market data as JSON.")):
        with_market(desk, wrong)
        desk.tab.until(f"document.querySelector('#market-wrong').innerText === {json.dumps(said)}")
    assert desk.sent() == []
    market = request["market_data_snapshot"]
    with_market(desk, json.dumps(market))
    desk.tab.until("document.querySelector('.checked .state')?.innerText === 'Nothing moved that matters'")
    dearer = [row | {"price": "10.50"} for row in market["prices"]]
    with_market(desk, json.dumps({"market_data_snapshot": market | {"prices": dearer}, "tolerance": {"price": "0.01"}}))
    desk.tab.until("document.querySelector('.checked .state')?.innerText === 'It moved: make a new version'")
    shown = desk.tab.ask("document.querySelector('.checking').innerText")
    assert all(words in shown for words in ("Price moved", "I00000", "10.5", "1 earlier"))
    assert desk.tab.ask("document.querySelector('#reason').value") == SAID  # what was typed for a decision is not spent on a check
    kept = desk.call("GET", f"{PATH}/{proposal_id}/versions/1/checks")["checks"]
    assert [check["verdict"] for check in kept] == ["CLEAR", "RENEW"]
    assert [status for _, status, _ in desk.sent()] == [200, 200]
    desk.everybody_can_read_it()


def test_what_is_past_its_validity_can_be_let_expire_and_not_be_moved_on(desk: Desk) -> None:
    end = datetime.now(UTC) + timedelta(seconds=1)
    body = {"created_by": "adviser-7", "simulate_request": for_risk(), "valid_until": end.isoformat()}
    proposal_id = str(desk.call("POST", PATH, body, Idempotency_Key="ended")["proposal"]["proposal_id"])
    time.sleep(max(0, (end - datetime.now(UTC)).total_seconds()))
    desk.open(f"proposal/{proposal_id}/1")
    assert "Its validity ended" in desk.tab.ask("document.querySelector('.standing .note').innerText")
    assert desk.tab.ask("[...document.querySelectorAll('.choices button')].map(e => e.innerText)") == [
        "Cancel the proposal",
        "Let it expire",
        "Check",
    ]
    desk.tab.click("#do-EXPIRED")
    desk.state("Expired")
    assert "Nothing to decide here" in desk.tab.ask("document.querySelector('.deciding').innerText")
    assert desk.tab.ask("document.querySelector('#do-check')") is None
    desk.open()
    assert desk.tab.ask("document.querySelector('details.expired summary').innerText") == "Expired"
    assert proposal_id in desk.tab.ask("document.querySelector('details.expired').innerHTML")


def test_lists_go_on_and_can_be_narrowed(desk: Desk) -> None:
    for number in range(21):
        opened(desk, f"draft-{number}", for_risk() | {"portfolio_snapshot": for_risk()["portfolio_snapshot"] | {"portfolio_id": "pf_many"}})
    desk.open("portfolio/pf_many")
    assert desk.tab.ask("document.querySelectorAll('tbody tr').length") == 20
    desk.tab.click(".more")
    desk.tab.until("document.querySelectorAll('tbody tr').length === 21")
    assert desk.tab.ask("document.querySelector('.more')") is None
    desk.tab.ask("document.querySelector('#portfolio').select()")
    desk.tab.click("#portfolio")
    desk.tab.ask("document.querySelector('#portfolio').select()")
    desk.tab.type("pf_none")
    desk.tab.click(".search button")
    desk.tab.until("document.querySelector('main').innerText.includes('No proposal waits.')")
    assert desk.tab.ask("location.hash") == "#portfolio/pf_none"


def test_what_callers_wrote_does_nothing(desk: Desk) -> None:
    proposal_id = opened(desk, "hostile", by=SCRIPT[:128], title=SCRIPT)
    moved(desk, proposal_id, "SUBMITTED_FOR_RISK_REVIEW", "DRAFT")
    for case in ("", f"proposal/{proposal_id}/1"):
        desk.open(case)
        assert SCRIPT in desk.text
        assert desk.tab.ask("[document.scripts.length, document.images.length, document.title.endsWith('Review desk')]") == [1, 0, True]


@pytest.mark.parametrize(("case", "said"), [("proposal/pp_0", "There is no such proposal."), ("proposal/pp_0/x", "There is nothing under")])
def test_an_address_that_leads_nowhere_says_so(desk: Desk, case: str, said: str) -> None:
    desk.open(case.replace("proposal", "Proposal"))
    desk.tab.ask(f"location.hash = {json.dumps(case)}")
    desk.tab.until(f"document.querySelector('main').innerText.includes({json.dumps(said)})")


@pytest.mark.parametrize(("width", "scheme"), [(DESKTOP, "light"), (PHONE, "light"), (PHONE, "dark")])
def test_everybody_can_read_it_and_nothing_is_cut(desk: Desk, width: int, scheme: str) -> None:
    proposal_id = at_risk(desk, f"{width}{scheme}")
    for case in ("", f"proposal/{proposal_id}/1"):
        desk.open(case, width=width, scheme=scheme)
        if case:
            desk.paper("1")
            if scheme == "dark":
                desk.picture(f"desk-proposal-dark-{width}.png")
            desk.tab.click("#do-RISK-no")  # so that the missing reason is told too
        desk.everybody_can_read_it()
