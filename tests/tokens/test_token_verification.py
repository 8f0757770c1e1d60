"""Which tokens are believed, and who they are: by hand-made issuers, each with a key of its own."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.http.identity import Identity
from infra.tokens.verification import MAX_TOKEN_LENGTH, Reason, TokenRefused
from tests.support.tokens import (
    AUDIENCE,
    BANK_A,
    BANK_B,
    DESK,
    NOW,
    World,
    by_shared_secret,
    encoded,
    public_jwk,
    public_pem,
    unsigned,
)

HEADER = {"kid": BANK_A.key}


@pytest.fixture
def world() -> World:
    return World()


def reason(world: World, token: str) -> str:
    with pytest.raises(TokenRefused) as refused:
        world.verify(token)
    return refused.value.reason.removeprefix("TOKEN_")


def test_a_good_token_is_its_caller(world: World) -> None:
    verified = world.verify(BANK_A.token())
    ends = datetime(2026, 2, 20, 12, 11, tzinfo=UTC)  # ten minutes, and the minute that clocks may differ
    assert verified.identity == Identity("bank-a", "adviser-7", person=True, scopes=frozenset({"dpm.run", "dpm.read"}), expires_at=ends)
    assert verified.usage_key == "c21eb9bf8ae659a9e14fe4ee47dfeb9e2c56af8d865ad3e3edf26107919c2e59"  # printf bank-a | sha256sum
    assert Identity.of_context(verified.identity.as_context()) == verified.identity


@pytest.mark.parametrize(("seconds", "good"), [(659, True), (659.876543, True), (659.876544, False), (100_000, False)])
def test_a_token_ends_a_minute_after_its_end(world: World, seconds: float, good: bool) -> None:
    token = BANK_A.token()
    world.later(seconds=seconds)
    if good:
        assert world.verify(token).usage_key
    else:
        assert reason(world, token) == "EXPIRED"


@pytest.mark.parametrize("ends", [253402300739, 253402300799])  # 9999-12-31 23:58:59, and the last second that there is
def test_a_token_for_ever_ends_with_the_calendar(world: World, ends: int) -> None:
    assert world.verify(BANK_A.token(exp=ends)).identity.as_context()["expires_at"] == "253402300799"
    assert reason(world, BANK_A.token(nbf=ends)) == "NOT_YET_VALID"


@pytest.mark.parametrize("claim", ["nbf", "iat"])
@pytest.mark.parametrize(("seconds", "good"), [(60, True), (61, False)])
def test_a_token_begins_a_minute_before_its_beginning(world: World, claim: str, seconds: int, good: bool) -> None:
    world.clock.now = world.clock.now.replace(microsecond=0)
    token = BANK_A.token(**{claim: NOW + seconds})
    if good:
        assert world.verify(token).usage_key
    else:
        assert reason(world, token) == "NOT_YET_VALID"


@pytest.mark.parametrize("claim", ["nbf", "iat", "person", "scope"])
def test_what_a_token_may_leave_out(world: World, claim: str) -> None:
    assert world.verify(BANK_A.token(**{claim: ...})).usage_key


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": ...}, "CLAIM_INVALID"),
        ({"aud": ...}, "CLAIM_INVALID"),
        ({"sub": ...}, "CLAIM_INVALID"),
        ({"iss": ...}, "ISSUER_UNKNOWN"),
        ({"tenant": ...}, "IDENTITY_INVALID"),
        ({"iss": "https://nobody.example/"}, "ISSUER_UNKNOWN"),
        ({"iss": ["https://bank-a.example/"]}, "ISSUER_UNKNOWN"),
        ({"iss": "https://bank-a.example"}, "ISSUER_UNKNOWN"),
        ({"aud": "another"}, "AUDIENCE_INVALID"),
        ({"aud": ["another", "one more"]}, "AUDIENCE_INVALID"),
        ({"aud": {"rebalance": 1}}, "AUDIENCE_INVALID"),
        ({"exp": "2100-01-01"}, "CLAIM_INVALID"),
        ({"exp": True}, "CLAIM_INVALID"),
        ({"exp": None}, "CLAIM_INVALID"),
        ({"exp": 10**18}, "CLAIM_INVALID"),
        ({"exp": 10**400}, "CLAIM_INVALID"),
        ({"exp": float("inf")}, "CLAIM_INVALID"),
        ({"nbf": float("nan")}, "CLAIM_INVALID"),
        ({"nbf": -(10**400)}, "CLAIM_INVALID"),
        ({"iat": "now"}, "CLAIM_INVALID"),
        ({"sub": 7}, "CLAIM_INVALID"),
        ({"sub": ""}, "IDENTITY_INVALID"),
        ({"sub": "a\nb"}, "IDENTITY_INVALID"),
        ({"sub": "a" * 129}, "IDENTITY_INVALID"),
        ({"sub": "system"}, "IDENTITY_INVALID"),
        ({"sub": "System"}, "IDENTITY_INVALID"),
        ({"tenant": "bank-b"}, "TENANT_NOT_ALLOWED"),
        ({"tenant": ["bank-a"]}, "IDENTITY_INVALID"),
        ({"scope": 7}, "CLAIM_INVALID"),
        ({"scope": [["dpm.run"]]}, "CLAIM_INVALID"),
    ],
)
def test_a_claim_that_does_not_hold(world: World, changes: dict[str, Any], why: str) -> None:
    assert reason(world, BANK_A.token(**changes)) == why


@pytest.mark.parametrize("tenant", ["", ".", "..", "T#bank-b", "bank-a#RUN", "bank-a/runs", "_system", "bank a", "b" * 65, "bänk"])
def test_who_speaks_for_all_speaks_for_no_name_of_ours(world: World, tenant: str) -> None:
    assert reason(world, DESK.token(org=tenant, uid="adviser-7")) == "IDENTITY_INVALID"


def test_an_audience_among_several(world: World) -> None:
    assert world.verify(BANK_A.token(aud=["another", AUDIENCE])).usage_key


@pytest.mark.parametrize(
    ("said", "person"), [(True, True), ("true", True), (False, False), ("user", False), (1, False), (None, False), ([True], False)]
)
def test_who_is_a_person(world: World, said: Any, person: bool) -> None:
    assert world.verify(BANK_A.token(person=said)).identity.person is person


@pytest.mark.parametrize("said", ["dpm.run unknown.scope dpm.run", ["dpm.run", "unknown.scope"], "  dpm.run "])
def test_scopes_as_text_or_list_without_those_of_others(world: World, said: Any) -> None:
    assert world.verify(BANK_A.token(scope=said)).identity.scopes == frozenset({"dpm.run"})


@pytest.mark.parametrize("said", [..., "", [], "openid profile", "DPM.RUN", "mine\u00a0dpm.run", "mine\tdpm.run"])
def test_a_token_without_a_scope_of_ours_is_good_and_opens_nothing(world: World, said: Any) -> None:
    assert world.verify(BANK_A.token(scope=said)).identity.scopes == frozenset()


def test_claims_by_an_issuers_own_names(world: World) -> None:
    names = {"org": "bank-c", "uid": "ada", "idtyp": "user", "scp": ["advisory.run"], "plan": "k" * 20}
    verified = world.verify(DESK.token(sub="b0f1", tenant="bank-a", person=False, scope="dpm.admin", **names))
    identity = verified.identity
    assert (identity.tenant, identity.actor, identity.person, identity.scopes) == ("bank-c", "ada", True, frozenset({"advisory.run"}))
    assert verified.usage_key == "k" * 20
    assert not world.verify(DESK.token(**(names | {"idtyp": "app"}))).identity.person
    for plan in ("k" * 19, "k" * 129, 7):
        assert reason(world, DESK.token(**(names | {"plan": plan}))) == "CLAIM_INVALID"


def test_nobody_spends_what_another_tenant_may_ask(world: World) -> None:
    names = {"org": "bank-c", "uid": "ada", "idtyp": "user", "scp": []}
    own, others = (hashlib.sha256(tenant).hexdigest() for tenant in (b"bank-c", b"bank-a"))
    assert reason(world, DESK.token(plan=others, **names)) == "CLAIM_INVALID"
    assert world.verify(DESK.token(plan=own, **names)).usage_key == own


def unread(header: Any, claims: Any) -> str:
    """A token of which nothing but its shape is right."""
    return f"{encoded(header)}.{encoded(claims)}.x"


SIGNED = HEADER | {"alg": "RS256"}
DEEP = b'{"a":' + b"[" * 2500 + b"]" * 2500 + b"}"
LONG = b'{"exp":' + b"9" * 5000 + b"}"


@pytest.mark.parametrize("token", ["a", "a.b", "a.b.c", "a.b.c.d", "é.b.c", "\ud800.b.c", "..", unread([1], {}), unread(b"{" * 50, {})])
def test_what_is_no_token(world: World, token: str) -> None:
    assert reason(world, token) == "MALFORMED"
    assert world.shelf.asked == []


@pytest.mark.parametrize("claims", [[1], DEEP, LONG, b"[" * 3000, b"{}{}", b'{"iss":"\xff"}'])
def test_claims_that_cannot_be_read(world: World, claims: Any) -> None:
    assert reason(world, unread(SIGNED, claims)) == "MALFORMED"
    assert world.shelf.asked == []


def test_a_token_has_bounds(world: World) -> None:
    assert reason(world, "") == "MISSING"
    room = MAX_TOKEN_LENGTH - len(BANK_A.token(note=""))
    assert world.verify(BANK_A.token(note="n" * (room * 3 // 4 - 2))).usage_key
    assert reason(world, BANK_A.token(note="n" * room)) == "TOO_LONG"


def test_a_changed_token(world: World) -> None:
    header, _, signature = BANK_A.token().split(".")
    assert reason(world, f"{header}.{encoded(BANK_A.claims(scope='dpm.admin'))}.{signature}") == "SIGNATURE_INVALID"
    assert reason(world, f"{BANK_A.token().rpartition('.')[0]}.") == "SIGNATURE_INVALID"


# Key confusion (RFC 8725, 3.1, 3.2)


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
def test_nobodys_signature(world: World, name: str) -> None:
    assert reason(world, unsigned(BANK_A.claims(), **HEADER, alg=name)) == "ALGORITHM_NOT_ALLOWED"


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("secret", [public_pem(BANK_A.key), json.dumps(public_jwk(BANK_A.key)).encode(), b""])
def test_a_public_key_as_a_shared_secret(world: World, algorithm: str, secret: bytes) -> None:
    assert reason(world, by_shared_secret(BANK_A.claims(), secret, **HEADER, alg=algorithm)) == "ALGORITHM_NOT_ALLOWED"


def test_a_shared_secret_under_an_allowed_name(world: World) -> None:
    assert reason(world, by_shared_secret(BANK_A.claims(), public_pem(BANK_A.key), **HEADER, alg="RS256")) == "SIGNATURE_INVALID"


@pytest.mark.parametrize("algorithm", ["RS512", "PS384", "EdDSA", "ES256K", "RS1"])
def test_an_algorithm_that_the_issuer_does_not_use(world: World, algorithm: str) -> None:
    _, claims, signature = BANK_A.token().split(".")
    assert reason(world, f"{encoded(HEADER | {'alg': algorithm})}.{claims}.{signature}") == "ALGORITHM_NOT_ALLOWED"


def test_a_key_verifies_algorithms_of_its_own_type(world: World) -> None:
    assert world.verify(BANK_A.token(algorithm="PS256")).usage_key
    assert reason(world, BANK_A.token(key="P256-x", algorithm="ES256")) == "KEY_UNKNOWN"  # the id is that of an RSA key


# Whose key


def test_one_issuers_key_verifies_nobody_elses_token(world: World) -> None:
    assert world.verify(BANK_B.token()).usage_key
    assert reason(world, BANK_B.token(key=BANK_A.key, header={"kid": BANK_A.key})) == "KEY_UNKNOWN"
    assert reason(world, BANK_B.token(key=BANK_A.key)) == "SIGNATURE_INVALID"
    world.publish(BANK_B, public_jwk(BANK_B.key, kid=BANK_A.key))  # the same id for another key
    world.later(seconds=60)
    assert reason(world, BANK_B.token(key=BANK_A.key, header={"kid": BANK_A.key}, exp=NOW + 900)) == "SIGNATURE_INVALID"
    assert world.verify(BANK_A.token(exp=NOW + 900)).usage_key


@pytest.mark.parametrize("brought", ["jku", "x5u", "jwk", "x5c"])
def test_keys_that_a_token_brings_along_are_not_looked_at(world: World, brought: str) -> None:
    address = "https://mallory.example/keys"
    world.shelf.documents[address] = json.dumps({"keys": [public_jwk("RSA-m")]}).encode()
    value = {"jku": address, "x5u": address, "jwk": public_jwk("RSA-m"), "x5c": ["MIIB"]}[brought]
    assert reason(world, BANK_A.token(key="RSA-m", header={brought: value})) == "SIGNATURE_INVALID"
    assert reason(world, BANK_A.token(key="RSA-m", header={brought: value, "kid": "RSA-m"})) == "KEY_UNKNOWN"
    assert world.verify(BANK_A.token(header={brought: value})).identity.tenant == "bank-a"
    assert set(world.shelf.asked) == {BANK_A.issuer.key_set}


@pytest.mark.parametrize("header", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"crit": ["b64"], "b64": True}])
def test_what_a_token_calls_critical_we_do_not_know(world: World, header: dict[str, Any]) -> None:
    assert reason(world, BANK_A.token(header=header)) in {"HEADER_NOT_ALLOWED", "MALFORMED"}


@pytest.mark.parametrize(
    ("kind", "good"), [("JWT", True), ("at+jwt", True), ("application/at+jwt", True), ("logout+jwt", False), (7, False)]
)
def test_tokens_for_other_purposes(world: World, kind: Any, good: bool) -> None:
    token = BANK_A.token(header={"typ": kind})
    if good:
        assert world.verify(token).usage_key
    else:
        assert reason(world, token) == "HEADER_NOT_ALLOWED"


@pytest.mark.parametrize("kid", [..., "", 7, "k" * 201])
def test_a_token_names_its_key(world: World, kid: Any) -> None:
    token = BANK_A.token(header={"kid": kid})
    assert reason(world, token) in {"KEY_UNKNOWN", "MALFORMED"}
    assert world.shelf.asked == []


def test_reasons_are_codes() -> None:
    assert all(str(one).startswith("TOKEN_") and str(one).isupper() for one in Reason)
