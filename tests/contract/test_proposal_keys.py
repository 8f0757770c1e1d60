"""What every store of proposals' keys promises. Runs on memory, on moto, and (make contract-strict) on a stricter emulator."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.ports.proposals import ProposalKeys
from engine.records.proposals import Form, ProposalClaim
from tests.support.samples import START, TENANT
from tests.support.worlds import World

CLAIM = ProposalClaim("sha256:" + "a" * 64, 1, "corr-1", START, "1.2.0")
RESULT, ARTIFACT = b'{"status":"BLOCKED"}', b'{"artifact_id":"pa_1"}'
LARGE = json.dumps([f"line {n} {n * 7919 % 10007}" for n in range(2000)]).encode()


@pytest.fixture
def keys(world: World) -> ProposalKeys:
    return world.proposals().keys


def held(keys: ProposalKeys, key: str = "key-1", tenant: str = TENANT) -> tuple[ProposalClaim, bytes | None, bytes | None] | None:
    found = keys.find(tenant, key)
    return None if found is None else (found.claim, found.answer(Form.RESULT), found.answer(Form.ARTIFACT))


def test_a_claim_comes_back_with_its_answer_and_with_no_other(keys: ProposalKeys) -> None:
    assert keys.find(TENANT, "key-1") is None
    assert keys.claim(TENANT, "key-1", CLAIM, Form.RESULT, RESULT)
    assert held(keys) == (CLAIM, RESULT, None)
    assert keys.claim(TENANT, "key-2", CLAIM, Form.ARTIFACT, ARTIFACT)
    assert held(keys, "key-2") == (CLAIM, None, ARTIFACT)


@pytest.mark.parametrize("form", Form)
def test_large_answers_come_back_byte_for_byte(keys: ProposalKeys, form: Form) -> None:
    [other] = set(Form) - {form}
    keys.claim(TENANT, "key-1", CLAIM, form, LARGE)
    assert keys.keep(TENANT, "key-1", CLAIM, other, LARGE + b" ")
    found = keys.find(TENANT, "key-1")
    assert found is not None
    assert (found.answer(form), found.answer(other)) == (LARGE, LARGE + b" ")


def test_the_first_claim_stays(keys: ProposalKeys) -> None:
    second = replace(CLAIM, correlation_id="corr-2")
    keys.claim(TENANT, "key-1", CLAIM, Form.RESULT, RESULT)
    assert not keys.claim(TENANT, "key-1", second, Form.RESULT, b"{}")
    assert not keys.claim(TENANT, "key-1", second, Form.ARTIFACT, ARTIFACT)
    assert held(keys) == (CLAIM, RESULT, None)


def test_the_first_answer_in_a_form_stays(keys: ProposalKeys) -> None:
    keys.claim(TENANT, "key-1", CLAIM, Form.RESULT, RESULT)
    assert not keys.keep(TENANT, "key-1", CLAIM, Form.RESULT, b"{}")
    assert keys.keep(TENANT, "key-1", CLAIM, Form.ARTIFACT, ARTIFACT)
    assert not keys.keep(TENANT, "key-1", CLAIM, Form.ARTIFACT, b"{}")
    assert held(keys) == (CLAIM, RESULT, ARTIFACT)


def test_what_was_read_before_does_not_change(keys: ProposalKeys) -> None:
    keys.claim(TENANT, "key-1", CLAIM, Form.RESULT, RESULT)
    before = keys.find(TENANT, "key-1")
    keys.keep(TENANT, "key-1", CLAIM, Form.ARTIFACT, ARTIFACT)
    assert before is not None
    assert before.answer(Form.ARTIFACT) is None


def test_nothing_is_kept_under_a_key_that_is_free_or_stands_for_another_claim(keys: ProposalKeys, world: World) -> None:
    assert not keys.keep(TENANT, "key-1", CLAIM, Form.ARTIFACT, ARTIFACT)
    assert keys.find(TENANT, "key-1") is None
    world.clock.forward(seconds=1)
    later = replace(CLAIM, created_at=world.clock.now)
    keys.claim(TENANT, "key-1", later, Form.RESULT, RESULT)
    assert not keys.keep(TENANT, "key-1", CLAIM, Form.ARTIFACT, ARTIFACT)
    assert held(keys) == (later, RESULT, None)


def test_keys_are_their_tenants_own(keys: ProposalKeys) -> None:
    keys.claim(TENANT, "key-1", CLAIM, Form.RESULT, RESULT)
    assert keys.find("bank-b", "key-1") is None
    assert not keys.keep("bank-b", "key-1", CLAIM, Form.ARTIFACT, ARTIFACT)
    assert keys.claim("bank-b", "key-1", replace(CLAIM, correlation_id="b"), Form.RESULT, b"{}")
    assert held(keys) == (CLAIM, RESULT, None)


@pytest.mark.parametrize("tenant", ["", "a#b", "a/b", "ä", "a" * 65, "a\n"])
def test_a_tenant_that_could_break_out_is_refused(keys: ProposalKeys, tenant: str) -> None:
    with pytest.raises(ValueError, match="TENANT_INVALID"):
        keys.claim(tenant, "key-1", CLAIM, Form.RESULT, RESULT)
    with pytest.raises(ValueError, match="TENANT_INVALID"):
        keys.find(tenant, "key-1")


@pytest.mark.parametrize("odd", ["#", "a#b", "%23", " ", "'\"\\", "k" * 255])
def test_odd_keys_are_kept_apart(keys: ProposalKeys, odd: str) -> None:
    keys.claim(TENANT, "k", CLAIM, Form.RESULT, RESULT)
    assert keys.find(TENANT, odd) is None
    assert keys.claim(TENANT, odd, CLAIM, Form.RESULT, LARGE)
    assert (held(keys, odd), held(keys, "k")) == ((CLAIM, LARGE, None), (CLAIM, RESULT, None))


def test_of_many_claims_at_once_one_wins(keys: ProposalKeys) -> None:
    claims = [replace(CLAIM, correlation_id=f"corr-{number}") for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda claim: keys.claim(TENANT, "key-1", claim, Form.RESULT, claim.correlation_id.encode()), claims))
    assert won.count(True) == 1
    first = claims[won.index(True)]
    assert held(keys) == (first, first.correlation_id.encode(), None)


def test_of_many_answers_at_once_one_is_kept(keys: ProposalKeys) -> None:
    keys.claim(TENANT, "key-1", CLAIM, Form.RESULT, RESULT)
    answers = [f'{{"n":{number}}}'.encode() for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(lambda answer: keys.keep(TENANT, "key-1", CLAIM, Form.ARTIFACT, answer), answers))
    assert kept.count(True) == 1
    assert held(keys) == (CLAIM, RESULT, answers[kept.index(True)])


def test_a_key_stands_to_the_last_microsecond_of_its_time_and_is_free_then(world: World) -> None:
    keys = world.proposals(key_ttl_seconds=3600).keys
    keys.claim(TENANT, "key-1", CLAIM, Form.RESULT, RESULT)
    keys.keep(TENANT, "key-1", CLAIM, Form.ARTIFACT, ARTIFACT)
    world.clock.forward(hours=1)
    assert held(keys) == (CLAIM, RESULT, ARTIFACT)
    later = replace(CLAIM, created_at=world.clock.now)
    assert not keys.claim(TENANT, "key-1", later, Form.RESULT, b"{}")

    world.clock.forward(microseconds=1)
    assert keys.find(TENANT, "key-1") is None
    later = replace(CLAIM, created_at=world.clock.now)
    assert keys.claim(TENANT, "key-1", later, Form.RESULT, b"{}")
    assert held(keys) == (later, b"{}", None)
