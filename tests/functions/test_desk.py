"""The review desk as files: to anybody, under a policy that lets in nothing of others, asked for again by their digest, and without data."""

import io
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from infra.observability import logger
from tests.support.gateway import FUNCTIONS, IDENTITY, Reply, event, load, refused

DESK: Final = FUNCTIONS / "documentation" / "desk"
COLOURS: Final = Path(__file__).parents[2] / "infra/pages/templates/colours.css"
FILES: Final = {path.name: path for path in (*DESK.iterdir(), COLOURS) if path.suffix != ".html"}
KINDS: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@pytest.fixture(scope="module")
def handler() -> Any:
    return load("documentation").handler


def ask(
    handler: Any, asset: str | None = None, headers: dict[str, Any] | None = None, method: str = "GET", authorizer: Any = None
) -> Reply:
    resource, path = ("/desk", "/desk") if asset is None else ("/desk/{asset}", f"/desk/{asset}")
    sent = event(None, headers or {}, method=method, path=path, resource=resource, authorizer=authorizer)
    return Reply.of(handler(sent | {"pathParameters": None if asset is None else {"asset": asset}}, None))


def policy(reply: Reply) -> dict[str, str]:
    directives = [part.strip().partition(" ") for part in reply.headers["Content-Security-Policy"].split(";")]
    return {name: sources for name, _, sources in directives}


def test_the_page_is_anybodys_and_its_policy_lets_in_nothing_of_others(handler: Any) -> None:
    reply = ask(handler)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert policy(reply) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "style-src-elem": "'self' 'unsafe-inline'",  # of the pages in frames; attributes stay forbidden
        "connect-src": "'self'",
        "frame-src": "blob:",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert {
        name: reply.headers[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "Strict-Transport-Security", "Cache-Control")
    } == {
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=31536000",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }


def test_the_page_has_no_script_no_style_and_no_address_of_its_own_but_those_beside_it(handler: Any) -> None:
    text = ask(handler).body.decode()
    assert re.findall(r"<(?:script|style)[^>]*>(?!</)", text) == []
    assert re.search(r"\s(?:style|on\w+)=", text) is None
    assert re.findall(r'(?:src|href)="([^"]*)"', text) == ["data:,", "desk/colours.css", "desk/desk.css", "desk/desk.js", "#"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_is_served_as_it_is(handler: Any, name: str) -> None:
    reply = ask(handler, name)
    assert (reply.status, reply.headers["Content-Type"]) == (200, KINDS[FILES[name].suffix])
    assert reply.body == FILES[name].read_bytes()
    assert (reply.headers["X-Content-Type-Options"], reply.headers["Cache-Control"]) == ("nosniff", "no-cache")


@pytest.mark.parametrize("name", sorted(path.name for path in DESK.glob("*.js")))
def test_a_script_makes_no_markup_of_texts_and_no_code(name: str) -> None:
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?://", (DESK / name).read_text()) == []
    )


@pytest.mark.parametrize("asset", [None, "desk.js", "colours.css"])
def test_who_has_it_is_told_so_and_sent_nothing(handler: Any, asset: str | None) -> None:
    first = ask(handler, asset)
    tag = first.headers["ETag"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = ask(handler, asset, {"If-None-Match": held})
        assert (again.status, again.body, again.headers) == (304, b"", first.headers)
    assert ask(handler, asset, {"If-None-Match": '"other"'}) == first


def test_files_are_told_apart(handler: Any) -> None:
    tags = [ask(handler, name).headers["ETag"] for name in FILES]
    assert len(set(tags)) == len(tags) > 5


@pytest.mark.parametrize("asset", ["none.js", "desk.html", "app.py", "..%2Fapp.py", "DESK.JS", "desk.js%00"])
def test_any_other_name_is_none(handler: Any, asset: str) -> None:
    assert refused(ask(handler, asset)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_sent(handler: Any, method: str) -> None:
    reply = ask(handler, method=method)
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "authorizer", [None, IDENTITY, IDENTITY | {"scopes": ""}, IDENTITY | {"expires_at": "1"}, {"principalId": "half"}], ids=str
)
def test_who_asks_makes_no_difference(handler: Any, authorizer: Any) -> None:
    assert ask(handler, authorizer=authorizer) == ask(handler, headers={"X-Tenant-Id": "bank-b"})


STATED: Final = {
    "DESK_AUTHORIZE_ENDPOINT": "https://login.example/authorize",
    "DESK_TOKEN_ENDPOINT": "https://tokens.example:8443/token",
    "DESK_CLIENT_ID": "review-desk",
    "DESK_SCOPES": "rebalance",
}


def test_where_readers_sign_in_at_an_issuer_the_page_may_ask_its_origin_and_is_told_how() -> None:
    signing_in = load("documentation").of_variables(STATED, logger("documentation"))
    assert policy(ask(signing_in))["connect-src"] == "'self' https://tokens.example:8443"
    assert json.loads(ask(signing_in, "sign-in.json").body)["client_id"] == "review-desk"


def test_without_an_issuer_the_page_is_told_so(handler: Any) -> None:
    assert ask(handler, "sign-in.json").body == b"{}"


@pytest.mark.parametrize(("token", "said"), [("", ["DESK_SIGN_IN_UNREADABLE"]), (STATED["DESK_TOKEN_ENDPOINT"], [])])
def test_half_an_issuer_is_said_in_the_log_and_let_be(token: str, said: list[str]) -> None:
    told = io.StringIO()  # a logger of its own: those of one name share their stream
    made = load("documentation").of_variables(STATED | {"DESK_TOKEN_ENDPOINT": token}, logger(f"documentation_{len(said)}", told))
    assert [json.loads(line)["code"] for line in told.getvalue().splitlines()] == said
    assert policy(ask(made))["connect-src"] == ("'self' https://tokens.example:8443" if token else "'self'")
