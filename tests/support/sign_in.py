"""At the desk of a stack that asks everybody who they are, as API Gateway does: by its tokens, or at an issuer of the test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from infra.local.authority import ROLES
from infra.local.example import example_request
from tests.support.desk import DESK, Desk, at_desk
from tests.support.issuer import CLIENT, ISSUER, Issuer

CONFIGURED: Final = {
    "DESK_AUTHORIZE_ENDPOINT": f"{ISSUER}/authorize",
    "DESK_TOKEN_ENDPOINT": f"{ISSUER}/token",
    "DESK_CLIENT_ID": CLIENT,
    "DESK_SCOPES": "rebalance",
}
IDENTITY: Final = "document.querySelector('#identity').innerText.split('\\n')[0]"
BUTTONS: Final = "[...document.querySelectorAll('.deciding .choices button')].map(b => b.innerText)"
KEPT: Final = "[location.href, localStorage.length, sessionStorage.length, document.cookie]"


@contextmanager
def asked_who() -> Iterator[Desk]:
    """A desk where nobody is signed in."""
    with at_desk(**CONFIGURED) as desk:
        desk.stack.gateways[0].asks_everybody = True
        yield desk


def begin(desk: Desk) -> None:
    """Forget who was signed in."""
    desk.tab.go("about:blank")
    desk.shown.clear()


def token(desk: Desk, role: str, **more: Any) -> str:
    stated = next(one for one in ROLES if one.name == role)
    return desk.stack.authority.token(stated.actor, stated.scopes, **more)


def bearer(desk: Desk, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(desk, role)}"}


def a_run(desk: Desk, key: str) -> str:
    run = desk.call("POST", "/rebalance/simulate", example_request(), Idempotency_Key=key, **bearer(desk, "ADVISER"))
    return str(run["rebalance_run_id"])


def paste(desk: Desk, text: str) -> None:
    if not desk.tab.ask("Boolean(document.querySelector('#token'))"):
        desk.tab.click("#sign-in")
    desk.tab.click("#token")
    desk.tab.type(text)
    desk.tab.click("#use-token")


def signed_in(desk: Desk, actor: str) -> None:
    desk.tab.until(f"document.querySelector('#who')?.innerText.startsWith('{actor} of local, until ')")


def at_issuer(desk: Desk, **changes: Any) -> Issuer:
    """The issuer, where somebody goes from the desk."""
    issuer = replace(Issuer(lambda: token(desk, "RISK"), DESK), **changes)
    desk.tab.others = {ISSUER: issuer.site}
    return issuer
