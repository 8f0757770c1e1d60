"""How issuers are stated: read whole, or not at all."""

import json
from typing import Any

import pytest

from infra.settings.container import Settings
from infra.tokens.issuers import ClaimNames, Issuer, IssuersUnreadable, issuers_of

ONE: dict[str, Any] = {"issuer": "https://a.example/", "audience": "rebalance", "key_set": "https://a.example/keys"}
TWO: dict[str, Any] = {"issuer": "https://b.example/", "audience": "rebalance", "key_set": "https://b.example/keys", "tenants": ["bank-b"]}


def stated(*issuers: Any, local: bool = False) -> tuple[Issuer, ...]:
    return issuers_of(json.dumps(list(issuers)), local=local)


def test_what_one_issuer_need_not_say() -> None:
    [issuer] = stated(ONE)
    assert (issuer.algorithms, issuer.claims) == (("RS256", "ES256", "PS256"), ClaimNames())
    assert issuer.speaks_for("bank-a")


def test_nobody_is_believed_where_nobody_is_stated() -> None:
    assert issuers_of("", local=False) == issuers_of(" ", local=True) == stated() == ()
    assert Settings.from_environ({"APP_PERSISTENCE_PROFILE": "LOCAL"}).tokens.issuers == ()


def test_what_the_environment_states() -> None:
    environ = {"APP_PERSISTENCE_PROFILE": "LOCAL", "TOKEN_ISSUERS_JSON": json.dumps([ONE])}
    assert [issuer.audience for issuer in Settings.from_environ(environ).tokens.issuers] == ["rebalance"]


def test_each_of_several_issuers_speaks_for_its_own_tenants() -> None:
    first, second = stated(ONE | {"tenants": ["*"]}, TWO)
    assert (first.speaks_for("bank-b"), second.speaks_for("bank-b"), second.speaks_for("bank-a")) == (True, True, False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ('{"issuer": "x"}', "not a list"),
        ('["x"]', r"\[0\]: not an object"),
    ],
)
def test_a_text_that_is_no_list_of_issuers(text: str, why: str) -> None:
    with pytest.raises(IssuersUnreadable, match=f"^{why}$"):
        issuers_of(text, local=False)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"issuer": ""}, "[0].issuer: not a text"),
        ({"audience": None}, "[0].audience: not a text"),
        ({"audience": ["a"]}, "[0].audience: not a text"),
        ({"algorithm": "RS256"}, "[0]: algorithm is not known"),
        ({"algorithms": "RS256"}, "[0].algorithms: not a list of texts"),
        ({"tenants": []}, "[0].tenants: missing, where there are several issuers"),
        ({"claims": {"tenants": "org"}}, "[0].claims: tenants is not known"),
        ({"claims": {"tenant": ""}}, "[0].claims.tenant: not a text"),
        ({"claims": {"person_is": [True]}}, "[0].claims.person_is: not a list of texts"),
        ({"key_set": None}, "[0].key_set: not an address"),
        ({"key_set": "https:///keys"}, "[0].key_set: not an address"),
        ({"key_set": "https://user:word@a.example/keys"}, "[0].key_set: not an address"),
        ({"key_set": "https://a.example/keys#b"}, "[0].key_set: not an address"),
        ({"key_set": "https://a.example:65536/keys"}, "[0].key_set: not an address"),
        ({"key_set": "https://[::1/keys"}, "[0].key_set: not an address"),
        ({"key_set": "https://a.example/keys\r\nX: y"}, "[0].key_set: not an address"),
        ({"key_set": "http://a.example/keys"}, "[0].key_set: not https"),
        ({"key_set": "http://127.0.0.1/keys"}, "[0].key_set: not https"),
        ({"key_set": "file://localhost/etc/keys"}, "[0].key_set: not https"),
        ({"key_set": {"keys": []}}, "[0].key_set: not an address"),
    ],
)
def test_an_issuer_that_is_not_whole(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(IssuersUnreadable) as unreadable:
        stated(ONE | changes)
    assert str(unreadable.value) == why


@pytest.mark.parametrize("name", ["HS256", "none", "None", "EdDSA", "RS1", "rs256"])
def test_no_issuer_signs_by_a_shared_secret_or_by_nothing(name: str) -> None:
    with pytest.raises(IssuersUnreadable, match=f"algorithms: {name} is not one of"):
        stated(ONE | {"algorithms": ["RS256", name]})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"key_set": ONE["key_set"]}, "two issuers with one key set"),
        ({"key_set": ONE["key_set"].replace("https://a.", "HTTPS://A.")}, "two issuers with one key set"),
        ({"issuer": ONE["issuer"]}, "two issuers with one name"),
    ],
)
def test_two_issuers_are_two(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(IssuersUnreadable, match=f"^{why}$"):
        stated(ONE | {"tenants": ["bank-a"]}, TWO | changes)


def test_several_issuers_without_tenants() -> None:
    with pytest.raises(IssuersUnreadable, match=r"\[0\]\.tenants: missing"):
        stated(ONE, TWO)


@pytest.mark.parametrize("key_set", [{"keys": []}, "http://127.0.0.1:8000/keys", "http://localhost/keys", "https://a.example/keys"])
def test_on_this_machine_keys_may_lie_here(key_set: Any) -> None:
    assert stated(ONE | {"key_set": key_set}, local=True)[0].key_set == key_set


@pytest.mark.parametrize("key_set", ["http://a.example/keys", "http://10.0.0.7/keys", "ftp://127.0.0.1/keys"])
def test_elsewhere_they_may_not(key_set: str) -> None:
    with pytest.raises(IssuersUnreadable, match="not https"):
        stated(ONE | {"key_set": key_set}, local=True)
