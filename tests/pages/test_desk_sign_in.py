"""Signing in at the desk, with a token that was pasted or at the issuer, and what is offered to whom. `make desk` tries the rest."""

from collections.abc import Iterator
from typing import Final

import pytest

from infra.http.identity import Scope
from tests.support.desk import DESK, NEEDS_BROWSER, Desk, keep
from tests.support.issuer import CLIENT, ISSUER
from tests.support.lives import PATH, for_compliance
from tests.support.sign_in import BUTTONS, IDENTITY, KEPT, a_run, asked_who, at_issuer, bearer, begin, paste, signed_in, token

pytestmark = NEEDS_BROWSER

OVER: Final = b'{"title":"Unauthorized","code":"UNAUTHORIZED","detail":"UNAUTHORIZED: identity expired"}'


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with asked_who() as desk:
        yield desk


@pytest.fixture(autouse=True)
def alone(desk: Desk) -> None:
    begin(desk)


def at_compliance(desk: Desk, key: str) -> str:
    adviser = bearer(desk, "ADVISER")
    proposal_id = str(
        desk.call("POST", PATH, {"simulate_request": for_compliance()}, Idempotency_Key=key, **adviser)["proposal"]["proposal_id"]
    )
    body = {"event_type": "SUBMITTED_FOR_COMPLIANCE_REVIEW", "expected_state": "DRAFT"}
    desk.call("POST", f"{PATH}/{proposal_id}/transitions", body, **adviser)
    return proposal_id


def test_who_is_not_known_signs_in_with_a_token_and_is_shown(desk: Desk) -> None:
    run_id = a_run(desk, "pasted")
    desk.open()
    assert desk.tab.ask(IDENTITY) == "Not signed in"
    assert desk.tab.ask("document.querySelector('#because').innerText") == "Sign in to read on."
    assert desk.tab.ask("document.querySelector('main').innerText.includes('You are not signed in')")
    desk.everybody_can_read_it()
    keep("desk-sign-in-1280.png", desk.tab.screenshot(900))
    paste(desk, "no token")
    assert desk.tab.ask("[document.querySelector('#wrong-token').innerText, document.activeElement.id]") == ["This is no token.", "token"]
    desk.tab.ask("document.querySelector('#token').value = ''")
    paste(desk, f"RISK={token(desk, 'RISK')}  # dpm.read")
    signed_in(desk, "risk-1")
    desk.tab.until(f"document.querySelector('a[href=\"#run/{run_id}\"]')")
    desk.tab.click("#who summary")
    assert "advisory.approve.risk, advisory.read, dpm.review, dpm.read" in desk.tab.ask("document.querySelector('#who').innerText")
    desk.everybody_can_read_it()
    assert desk.tab.ask(KEPT) == [DESK, 0, 0, ""]
    assert desk.tab.ask("document.querySelector('#signing').childElementCount") == 0
    desk.tab.click(f"a[href='#run/{run_id}']")
    desk.state("Waits for a review")
    desk.tab.click("#do-APPROVE")
    desk.state("Approved")
    assert "risk-1" in desk.tab.ask("document.querySelector('.history').innerText")


def test_what_a_sign_in_does_not_include_is_not_offered_and_said(desk: Desk) -> None:
    proposal_id = at_compliance(desk, "not offered")
    desk.open(f"proposal/{proposal_id}/1")
    paste(desk, token(desk, "RISK"))
    signed_in(desk, "risk-1")
    desk.state("Waits for compliance")
    assert desk.tab.ask("document.querySelector('.deciding').innerText.split('\\n').filter(Boolean)") == [
        "You may read this, not decide it",
        "“Approve for compliance”, “Ask for changes”, “Reject”: your sign-in does not include advisory.approve.compliance.",
        "“Cancel the proposal”: your sign-in does not include advisory.run.",
    ]
    desk.picture("desk-read-only-1280.png")
    desk.tab.click("#sign-out")
    paste(desk, desk.stack.authority.token("officer-1", [Scope.APPROVE, Scope.ADVISORY_READ]))
    signed_in(desk, "officer-1")
    desk.state("Waits for compliance")
    assert desk.tab.ask(BUTTONS) == ["Approve for compliance", "Ask for changes", "Reject"]
    desk.tab.click("#do-COMPLIANCE-yes")
    desk.state("Waits for the client")
    assert desk.tab.ask(BUTTONS) == []


def test_at_the_issuer_by_a_code_that_only_this_tab_can_use(desk: Desk) -> None:
    run_id, issuer = a_run(desk, "issuer"), at_issuer(desk)
    policy = desk.stack.request("GET", "/desk").header("Content-Security-Policy") or ""
    assert f"; connect-src 'self' {ISSUER}; " in policy  # and nobody else
    desk.open(f"run/{run_id}")
    paste(desk, token(desk, "RISK"))
    desk.state("Waits for a review")
    desk.reason("Read before the way to the issuer.")
    site, desk.tab.site = desk.tab.site, lambda *_: (401, [("Content-Type", "application/problem+json")], OVER)
    desk.tab.click("#do-APPROVE")
    assert desk.trouble() == ["You are not signed in, or no longer.", "401 UNAUTHORIZED: identity expired"]
    desk.tab.site = site
    assert desk.tab.ask("document.querySelector('#because').innerText").startswith("Your sign-in is over. What is open stays")
    assert desk.tab.ask("document.querySelector('#at-issuer').innerText") == "Sign in at issuer.example"
    desk.tab.click("#at-issuer")
    signed_in(desk, "risk-1")
    desk.state("Waits for a review")
    assert desk.tab.ask("document.querySelector('#reason').value") == "Read before the way to the issuer."
    assert desk.tab.ask(KEPT) == [f"{DESK}#run/{run_id}", 0, 0, ""]
    [asked], [sent] = issuer.asked, issuer.exchanged
    assert asked | {"state": "", "nonce": "", "code_challenge": ""} == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": DESK,
        "scope": "openid rebalance",
        "state": "",
        "nonce": "",
        "code_challenge": "",
        "code_challenge_method": "S256",
    }
    assert len({asked["state"], asked["nonce"], asked["code_challenge"], sent["code_verifier"]}) == 4
    assert {len(one) for one in (asked["state"], asked["nonce"], sent["code_verifier"])} == {43}
    assert set(sent) == {"grant_type", "code", "redirect_uri", "client_id", "code_verifier"}
    desk.tab.click("#do-APPROVE")
    desk.state("Approved")
