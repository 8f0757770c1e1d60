"""Keys come and go: what is fetched when, what serves an outage, and which keys are none of ours."""

import json
from typing import Any

import pytest

from infra.tokens.key_sets import KeysUnavailable, keys_of
from infra.tokens.verification import TokenRefused
from tests.support.tokens import BANK_A, BANK_B, NOW, Partner, World, key_set, private_jwk, private_key, public_jwk

DAY = 86_400
LATE = NOW + 3 * DAY
NEW = "RSA-a2"


@pytest.fixture
def world() -> World:
    return World()


def good(world: World, key: str = BANK_A.key, of: Partner = BANK_A) -> bool:
    """Whether a token is believed that names this key and was signed by it."""
    try:
        world.verify(of.token(key=key, header={"kid": key}, exp=LATE))
    except TokenRefused:
        return False
    return True


def fetches(world: World, of: Partner = BANK_A) -> int:
    return world.shelf.asked.count(str(of.issuer.key_set))


def test_keys_are_fetched_when_a_token_needs_them_and_kept(world: World) -> None:
    assert world.shelf.asked == []
    assert all(good(world) for _ in range(20))
    assert (fetches(world), fetches(world, BANK_B)) == (1, 0)


def test_keys_are_fetched_anew_every_hour(world: World) -> None:
    good(world)
    for seconds, times in ((3_599, 1), (1, 2), (3_599, 2), (1, 3)):
        world.later(seconds=seconds)
        assert good(world)
        assert fetches(world) == times


def test_a_new_key_counts_as_soon_as_a_token_names_it(world: World) -> None:
    assert good(world)
    world.publish(BANK_A, BANK_A.key, NEW)
    world.later(seconds=60)
    assert good(world, NEW)
    assert good(world)
    assert fetches(world) == 2


def test_an_old_key_ends_when_it_is_no_longer_listed(world: World) -> None:
    assert good(world)
    world.publish(BANK_A, NEW)
    world.later(seconds=3_600)
    assert not good(world)
    assert good(world, NEW)


def test_unknown_ids_ask_an_issuer_once_a_minute_and_no_other_at_all(world: World) -> None:
    assert good(world)
    for seconds in range(0, 180, 10):
        assert not good(world, f"P256-{seconds % 30}")
        world.later(seconds=10)
    assert fetches(world) == 3  # the first, and those of the second and the third minute
    assert fetches(world, BANK_B) == 0


def test_keys_serve_a_day_of_an_outage(world: World) -> None:
    assert good(world)
    world.shelf.down = True
    world.later(seconds=DAY)
    assert good(world)
    world.later(seconds=1)
    with pytest.raises(KeysUnavailable):
        good(world)
    world.shelf.down = False
    world.later(seconds=60)
    assert good(world)


def test_an_outage_is_asked_about_once_a_minute(world: World) -> None:
    good(world)
    world.shelf.down = True
    world.later(seconds=3_600)
    for _ in range(120):
        assert good(world)
        world.later(seconds=1)
    assert fetches(world) == 3
    world.shelf.down = False
    world.later(seconds=60)
    assert good(world)
    world.later(seconds=3_599)
    assert good(world)
    assert fetches(world) == 4  # an answer holds for an hour again


@pytest.mark.parametrize(
    "document", [b"", b"<html>", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[]}', b'{"keys":[{"kty":"oct","kid":"RSA-a","k":"AQ"}]}']
)
def test_an_answer_that_lists_no_key_is_an_outage(world: World, document: bytes) -> None:
    assert good(world)
    world.shelf.documents[str(BANK_A.issuer.key_set)] = document
    world.later(seconds=3_600)
    assert good(world)
    world.later(seconds=DAY)
    with pytest.raises(KeysUnavailable):
        good(world)


def test_nobody_can_say_what_a_new_key_is_while_its_issuer_is_silent(world: World) -> None:
    assert good(world)
    world.shelf.down = True
    world.later(seconds=60)
    with pytest.raises(KeysUnavailable):
        good(world, NEW)
    assert good(world)


def test_without_any_key_nobody_can_say_and_asks_every_five_seconds(world: World) -> None:
    world.shelf.down = True
    for _ in range(11):
        with pytest.raises(KeysUnavailable):
            good(world)
        world.later(seconds=1)
    assert fetches(world) == 3  # at 0, 5 and 10 seconds
    world.shelf.down = False
    world.later(seconds=5)
    assert good(world)


def test_one_issuers_outage_is_not_anothers(world: World) -> None:
    del world.shelf.documents[str(BANK_A.issuer.key_set)]
    with pytest.raises(KeysUnavailable):
        good(world)
    assert good(world, BANK_B.key, BANK_B)


@pytest.mark.parametrize(
    "jwk",
    [
        public_jwk("RSA1024-weak", kid="RSA-a"),
        public_jwk("RSA-a", use="enc"),
        public_jwk("RSA-a", key_ops=["encrypt"]),
        public_jwk("RSA-a", key_ops=None),
        public_jwk("RSA-a", key_ops={"verify": 1}),
        public_jwk("RSA-a", kid=""),
        public_jwk("RSA-a", kid=7),
        public_jwk("RSA-a", kid="k" * 201),
        private_jwk("P256-x"),
        public_jwk("RSA-a", n="AQAB"),
        public_jwk("RSA-a", kty="rsa"),
        public_jwk("RSA-a", alg="HS256"),
        public_jwk("RSA-a", alg="ES256"),
        public_jwk("P256-x", crv="P-384"),
        public_jwk("K256-x"),
        {"kty": "oct", "kid": "RSA-a", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "RSA-a"},
        {"kty": "OKP", "crv": "Ed25519", "kid": "o", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        "RSA-a",
        None,
    ],
)
def test_keys_that_we_do_not_verify_by(jwk: Any) -> None:
    with pytest.raises(ValueError, match="no key"):
        keys_of(json.dumps({"keys": [jwk]}).encode())
    assert {kid for kid, _ in keys_of(json.dumps({"keys": [jwk, public_jwk("RSA-b")]}).encode())} == {"RSA-b"}


@pytest.mark.parametrize(
    ("jwk", "algorithms"),
    [
        (public_jwk("RSA-a"), "PS256 PS384 PS512 RS256 RS384 RS512"),
        (public_jwk("RSA-a", alg="RS256"), "RS256"),
        (public_jwk("P256-x"), "ES256"),
        (public_jwk("P384-x"), "ES384"),
    ],
)
def test_what_a_key_verifies(jwk: dict[str, Any], algorithms: str) -> None:
    assert sorted(algorithm for _, algorithm in keys_of(json.dumps({"keys": [jwk]}).encode())) == algorithms.split()


def test_of_two_keys_with_one_id_the_first_counts_for_what_both_can() -> None:
    keys = keys_of(key_set(public_jwk("RSA-a", kid="k"), public_jwk("RSA-b", kid="k"), public_jwk("P256-x", kid="k")))
    assert keys["k", "RS256"].public_numbers() == private_key("RSA-a").public_key().public_numbers()
    assert keys["k", "ES256"].public_numbers() == private_key("P256-x").public_key().public_numbers()


def test_a_key_set_has_a_bound() -> None:
    many = [public_jwk("P256-x", kid=str(number)) for number in range(101)]
    assert len(keys_of(json.dumps({"keys": many}).encode())) == 100
