"""What every RunStore promises. Runs on memory, on moto, and (make contract-strict) on a stricter emulator."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.ports.runs import IdTaken, RunStore
from engine.records.runs import RunDocuments, RunHead
from tests.support.samples import DOCUMENTS, HEAD, START, TENANT, claim_for, run_id, scenario
from tests.support.worlds import World

LARGE = json.dumps([f"line {n} {n * 7919 % 10007}" for n in range(2000)]).encode()


def test_a_run_comes_back_as_it_was_recorded(runs: RunStore) -> None:
    assert runs.record(HEAD, DOCUMENTS, claim_for(HEAD)) is None
    assert runs.head(TENANT, HEAD.run_id) == HEAD
    assert runs.result(TENANT, HEAD.run_id) == DOCUMENTS.result
    assert runs.documents(TENANT, HEAD.run_id) == DOCUMENTS
    assert runs.claimed(TENANT, "key-1") == claim_for(HEAD)


def test_large_documents_come_back_byte_for_byte(runs: RunStore) -> None:
    large = replace(DOCUMENTS, result=LARGE, artifact=b'{"artifact_hash":"\xc3\xa9"}')
    runs.record(HEAD, large, None)
    assert runs.documents(TENANT, HEAD.run_id) == large


def test_a_head_with_nothing_optional_and_one_of_a_scenario_come_back(runs: RunStore) -> None:
    bare = replace(HEAD, idempotency_key=None, pack=None)
    part = scenario(replace(HEAD, run_id=run_id(2)), "base", "dop_1")
    for head in (bare, part):
        runs.record(head, DOCUMENTS, None)
        assert runs.head(TENANT, head.run_id) == head


def test_unknown_and_foreign_ids_are_alike(runs: RunStore) -> None:
    runs.record(HEAD, DOCUMENTS, claim_for(HEAD))
    assert runs.head(TENANT, run_id(2)) is None
    assert runs.head("bank-b", HEAD.run_id) is None
    assert runs.result("bank-b", HEAD.run_id) is None
    assert runs.documents("bank-b", HEAD.run_id) is None
    assert runs.claimed("bank-b", "key-1") is None
    assert runs.claimed(TENANT, "key-2") is None


def test_tenants_share_keys_and_ids_without_meeting(runs: RunStore) -> None:
    other = replace(HEAD, tenant="bank-b", status="BLOCKED")
    assert runs.record(HEAD, DOCUMENTS, claim_for(HEAD)) is None
    assert runs.record(other, DOCUMENTS, claim_for(other)) is None
    assert runs.head("bank-b", HEAD.run_id) == other
    assert runs.head(TENANT, HEAD.run_id) == HEAD


def test_the_second_caller_of_a_key_gets_the_first_claim_and_leaves_nothing(runs: RunStore) -> None:
    second = replace(HEAD, run_id=run_id(2), request_hash="sha256:" + "c" * 64)
    assert runs.record(HEAD, DOCUMENTS, claim_for(HEAD)) is None
    assert runs.record(second, DOCUMENTS, claim_for(second)) == claim_for(HEAD)
    assert runs.head(TENANT, second.run_id) is None
    assert runs.claimed(TENANT, "key-1") == claim_for(HEAD)


def test_recording_the_same_run_again_succeeds(runs: RunStore) -> None:
    for _ in range(2):
        assert runs.record(HEAD, DOCUMENTS, claim_for(HEAD)) is None
    assert runs.head(TENANT, HEAD.run_id) == HEAD


@pytest.mark.parametrize(
    ("head", "documents"),
    [
        (replace(HEAD, idempotency_key="key-2"), DOCUMENTS),
        (replace(HEAD, created_at=START + timedelta(microseconds=1)), DOCUMENTS),
        (HEAD, replace(DOCUMENTS, result=b'{"status":"BLOCKED"}')),
    ],
)
def test_a_run_is_never_replaced(runs: RunStore, head: RunHead, documents: RunDocuments) -> None:
    runs.record(HEAD, DOCUMENTS, claim_for(HEAD))
    with pytest.raises(IdTaken) as refusal:
        runs.record(head, documents, claim_for(head))
    assert refusal.value.run_id == HEAD.run_id
    assert runs.head(TENANT, HEAD.run_id) == HEAD
    assert runs.documents(TENANT, HEAD.run_id) == DOCUMENTS
    assert runs.claimed(TENANT, "key-2") is None


def test_of_many_callers_at_once_one_records_and_all_get_its_claim(world: World, runs: RunStore) -> None:
    heads = [replace(HEAD, run_id=run_id(number)) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda head: runs.record(head, DOCUMENTS, claim_for(head)), heads))
    assert answers.count(None) == 1
    first = heads[answers.index(None)]
    assert {answer for answer in answers if answer is not None} == {claim_for(first)}
    assert [head for head in heads if runs.head(TENANT, head.run_id) is not None] == [first]


def test_without_a_claim_the_key_stays_with_its_first_run(runs: RunStore) -> None:
    second = replace(HEAD, run_id=run_id(2))
    runs.record(HEAD, DOCUMENTS, claim_for(HEAD))
    assert runs.record(second, DOCUMENTS, None) is None
    assert runs.head(TENANT, second.run_id) == second
    assert runs.claimed(TENANT, "key-1") == claim_for(HEAD)


def test_a_claim_needs_a_key(runs: RunStore) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        runs.record(replace(HEAD, idempotency_key=None), DOCUMENTS, claim_for(HEAD))


@pytest.mark.parametrize("tenant", ["", "a#b", "a/b", "ä", "a" * 65, "a\n"])
def test_a_tenant_that_could_break_out_is_refused(runs: RunStore, tenant: str) -> None:
    with pytest.raises(ValueError, match="TENANT_INVALID"):
        runs.record(replace(HEAD, tenant=tenant), DOCUMENTS, None)
    with pytest.raises(ValueError, match="TENANT_INVALID"):
        runs.head(tenant, HEAD.run_id)


@pytest.mark.parametrize("odd", ["#", "a#b", "a/b", "%23", "\x01", "ü€😀", " ", "'\"\\", "a" * 128])
def test_odd_ids_are_kept_apart_and_come_back(runs: RunStore, odd: str) -> None:
    plain = replace(HEAD, run_id=run_id(2), correlation_id="x", idempotency_key="x", portfolio_id="x")
    head = replace(HEAD, correlation_id=odd, idempotency_key=odd, portfolio_id=odd)
    runs.record(plain, DOCUMENTS, claim_for(plain))
    assert runs.record(head, DOCUMENTS, claim_for(head)) is None
    assert runs.head(TENANT, head.run_id) == head
    assert runs.claimed(TENANT, odd) == claim_for(head)


def test_a_run_is_visible_to_the_last_microsecond_of_its_retention(world: World) -> None:
    runs = world.runs(retention_days=7)
    runs.record(HEAD, DOCUMENTS, claim_for(HEAD))
    world.clock.forward(days=7)
    assert runs.head(TENANT, HEAD.run_id) == HEAD
    assert runs.claimed(TENANT, "key-1") == claim_for(HEAD)
    world.clock.forward(microseconds=1)
    assert runs.head(TENANT, HEAD.run_id) is None
    assert runs.result(TENANT, HEAD.run_id) is None
    assert runs.documents(TENANT, HEAD.run_id) is None
    assert runs.claimed(TENANT, "key-1") is None
    assert world.runs(retention_days=0).head(TENANT, HEAD.run_id) == HEAD


def test_a_key_is_free_again_when_its_run_is_past_retention(world: World) -> None:
    runs = world.runs(retention_days=7)
    runs.record(HEAD, DOCUMENTS, claim_for(HEAD))
    world.clock.forward(days=8)
    later = replace(HEAD, run_id=run_id(2), created_at=world.clock.now)
    assert runs.record(later, DOCUMENTS, claim_for(later)) is None
    assert runs.claimed(TENANT, "key-1") == claim_for(later)


def test_retention_longer_than_time_keeps_everything(world: World) -> None:
    world.runs().record(HEAD, DOCUMENTS, None)
    assert world.runs(retention_days=10**12).head(TENANT, HEAD.run_id) == HEAD
