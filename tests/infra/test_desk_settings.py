"""How the desk's readers sign in, as the environment states it: all of it and well-formed, or not at all."""

from typing import Final

import pytest

from infra.settings.desk import SignIn, unreadable

STATED: Final = {
    "DESK_AUTHORIZE_ENDPOINT": "https://login.example/oauth2/authorize?prompt=login",
    "DESK_TOKEN_ENDPOINT": "https://tokens.example:8443/oauth2/token",
    "DESK_CLIENT_ID": "review-desk",
    "DESK_SCOPES": " rebalance  openid profile ",
}


def test_what_is_stated_whole_is_told_to_the_page() -> None:
    found = SignIn.from_environ(STATED)
    assert found is not None
    assert (found.scopes, found.origin) == ("openid rebalance profile", "https://tokens.example:8443")
    assert found.document() == (
        b'{"authorize":"https://login.example/oauth2/authorize?prompt=login","token":"https://tokens.example:8443/oauth2/token",'
        b'"client_id":"review-desk","scopes":"openid rebalance profile"}'
    )
    assert not unreadable(STATED)


def test_without_it_tokens_are_pasted_and_nothing_is_wrong() -> None:
    assert SignIn.from_environ({}) is None
    assert not unreadable({"DESK_SCOPES": "profile", "DESK_CLIENT_ID": " "})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DESK_AUTHORIZE_ENDPOINT", ""),
        ("DESK_CLIENT_ID", ""),
        ("DESK_CLIENT_ID", "review desk"),
        ("DESK_TOKEN_ENDPOINT", "http://tokens.example/token"),
        ("DESK_TOKEN_ENDPOINT", "http://127.0.0.1:9000/token"),
        ("DESK_TOKEN_ENDPOINT", "https://tokens.example"),
        ("DESK_TOKEN_ENDPOINT", "https://tokens.example; script-src */token"),
        ("DESK_TOKEN_ENDPOINT", "https://user@tokens.example/token"),
        ("DESK_TOKEN_ENDPOINT", "https://*/token"),
        ("DESK_TOKEN_ENDPOINT", "https://tokens.example/to ken"),
        ("DESK_AUTHORIZE_ENDPOINT", "javascript:alert(1)"),
    ],
)
def test_half_of_it_or_an_address_that_is_none_is_nothing_and_said(name: str, value: str) -> None:
    stated = STATED | {name: value}
    assert SignIn.from_environ(stated) is None
    assert unreadable(stated)


def test_an_issuer_on_this_machine_will_do_for_the_local_profile() -> None:
    local = {"APP_PERSISTENCE_PROFILE": "LOCAL"} | STATED | {"DESK_TOKEN_ENDPOINT": "http://127.0.0.1:9000/token"}
    found = SignIn.from_environ(local)
    assert found is not None
    assert found.origin == "http://127.0.0.1:9000"
    assert SignIn.from_environ(local | {"DESK_TOKEN_ENDPOINT": "http://tokens.example/token"}) is None
