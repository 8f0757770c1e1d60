"""Sign-ins at the desk that end, and answers of issuers that sign nobody in: by `make desk`, since it takes a browser half a minute."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest

from infra.http.identity import Scope
from infra.local.authority import Authority
from tests.support.desk import DESK, DESKTOP, NEEDS_BROWSER, PHONE, Desk
from tests.support.issuer import Asked
from tests.support.sign_in import IDENTITY, KEPT, a_run, asked_who, at_issuer, begin, paste, signed_in, token

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with asked_who() as desk:
        yield desk


@pytest.fixture(autouse=True)
def alone(desk: Desk) -> None:
    begin(desk)


def test_when_a_sign_in_ends_what_is_open_stays_and_goes_on_under_the_next(desk: Desk) -> None:
    run_id = a_run(desk, "ended")
    desk.open(f"run/{run_id}")
    paste(desk, token(desk, "RISK", lasts=timedelta(seconds=3)))
    signed_in(desk, "risk-1")
    desk.state("Waits for a review")
    desk.reason("Read twice.")
    desk.tab.until("document.querySelector('#because')")
    assert desk.tab.ask("[document.querySelector('#because').innerText, document.querySelector('#reason').value]") == [
        "Your sign-in is over. What is open stays: sign in again and go on.",
        "Read twice.",
    ]
    desk.shown.clear()
    desk.tab.click("#do-APPROVE")
    assert desk.trouble() == ["You are not signed in, or no longer.", "401 UNAUTHORIZED"]
    assert set(desk.shown) == {None}
    paste(desk, token(desk, "RISK"))
    signed_in(desk, "risk-1")
    desk.tab.until("document.querySelector('#do-APPROVE') && document.querySelector('#reason').value === 'Read twice.'")
    desk.tab.click("#do-APPROVE")
    desk.state("Approved")


def test_a_token_that_the_api_refuses_ends_the_sign_in(desk: Desk) -> None:
    desk.open()
    paste(desk, Authority().token("risk-1", [Scope.READ]))
    desk.tab.until("document.querySelector('#because')?.innerText.startsWith('Your sign-in is over.')")
    assert desk.tab.ask(IDENTITY) == "Signed out"
    paste(desk, token(desk, "RISK", lasts=timedelta(seconds=-90)))
    desk.tab.until("document.querySelector('#wrong-token').innerText === 'This token is over.'")


def test_who_signs_out_leaves_nothing_to_who_comes_next(desk: Desk) -> None:
    run_id = a_run(desk, "left")
    desk.open(f"run/{run_id}")
    paste(desk, token(desk, "RISK"))
    desk.state("Waits for a review")
    desk.reason("Mine.")
    desk.shown.clear()
    desk.tab.click("#sign-out")
    desk.tab.until("document.querySelector('#because') && document.querySelector('.trouble .problem')")
    assert set(desk.shown) == {None}
    assert desk.tab.ask("[document.querySelector('iframe'), document.querySelector('#reason')]") == [None, None]
    paste(desk, token(desk, "COMPLIANCE"))
    signed_in(desk, "compliance-1")
    desk.state("Waits for a review")
    assert desk.tab.ask("document.querySelector('#reason').value") == ""


def other_state(_: Asked, answer: Asked) -> Asked:
    return answer | {"state": "x" * 43}


def no_code(asked: Asked, _: Asked) -> Asked:
    return {"error": "access_denied", "state": asked["state"]}


def other_code(_: Asked, answer: Asked) -> Asked:
    return answer | {"code": "code-of-somebody-else"}


STRANGE: Final = "The issuer answered another sign-in than this one."


@pytest.mark.parametrize(
    ("changes", "said", "exchanges"),
    [
        ({"redirect": other_state}, "This answer belongs to no sign-in that began here.", 0),
        ({"redirect": no_code}, "The issuer let nobody in: access_denied.", 0),
        ({"redirect": other_code}, "The issuer gave no token.", 1),
        ({"claims": lambda claims: claims | {"nonce": "another"}}, STRANGE, 1),
        ({"claims": lambda claims: claims | {"aud": "another-client"}}, STRANGE, 1),
        ({"claims": lambda claims: {}}, STRANGE, 1),
        ({"token": lambda: "opaque"}, "This is no token.", 1),
    ],
)
def test_an_answer_that_is_not_to_this_sign_in_signs_nobody_in(desk: Desk, changes: dict[str, Any], said: str, exchanges: int) -> None:
    issuer = at_issuer(desk, **changes)
    desk.open()
    desk.tab.click("#at-issuer")
    desk.tab.until(f"document.querySelector('#because')?.innerText === {json.dumps(said)}")
    assert (desk.tab.ask(IDENTITY), len(issuer.exchanged)) == ("Not signed in", exchanges)
    assert desk.tab.ask(KEPT)[:3] == [DESK, 0, 0]


def test_an_answer_that_nobody_asked_for_is_not_sent_on(desk: Desk) -> None:
    issuer = at_issuer(desk)
    desk.tab.go(f"{DESK}?code=stolen&state={'x' * 43}")
    desk.tab.until("document.querySelector('#because')?.innerText === 'This answer belongs to no sign-in that began here.'")
    assert (issuer.exchanged, desk.tab.ask(KEPT)[0]) == ([], DESK)


def test_who_turns_back_on_the_way_leaves_nothing_in_the_tab(desk: Desk) -> None:
    desk.open()
    desk.tab.ask("sessionStorage.setItem('desk.signing-in', JSON.stringify({state: 's', verifier: 'v', typed: {texts: [], by: ''}}))")
    begin(desk)
    desk.open()
    assert desk.tab.ask(KEPT) == [DESK, 0, 0, ""]


@pytest.mark.parametrize(("width", "scheme"), [(DESKTOP, "dark"), (PHONE, "light")])
def test_everybody_can_read_it(desk: Desk, width: int, scheme: str) -> None:
    desk.open(width=width, scheme=scheme)
    desk.everybody_can_read_it()
    paste(desk, token(desk, "ADMINISTRATOR"))
    signed_in(desk, "administrator-1")
    desk.tab.click("#who summary")
    desk.everybody_can_read_it()
