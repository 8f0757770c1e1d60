"""What a simulate leaves in the table: six items, one fact each, every key under its tenant."""

from dataclasses import replace

import pytest

from infra.aws.dynamodb import Table
from infra.aws.payloads import Payloads
from infra.aws.runs import DynamoRunStore
from tests.contract.emulators import everything
from tests.contract.samples import DOCUMENTS, HEAD, HandClock, claim_for, run_id, scenario

SIX = [
    ("T#bank-a#CORR#corr-1", "RUN#2026-02-20T12:00:00.123456Z#" + run_id(1)),
    ("T#bank-a#HASH#" + HEAD.request_hash, "2026-02-20T12:00:00.123456Z#" + run_id(1)),
    ("T#bank-a#IDEM#key-1", "CLAIM"),
    ("T#bank-a#IDEM#key-1", "HIST#2026-02-20T12:00:00.123456Z#" + run_id(1)),
    ("T#bank-a#RUN#" + run_id(1), "META"),
    ("T#bank-a#STATS#", "RUNS"),
]


@pytest.fixture
def runs(aws):
    return DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket), clock=HandClock())


def keys_of(aws) -> list[tuple[str, str]]:
    return sorted((item["pk"]["S"], item["sk"]["S"]) for item in everything(aws))


def without_shard(pk: str) -> str:
    return pk[:-1] if "#STATS#" in pk else pk


def test_a_simulate_writes_six_items(aws, runs):
    runs.record(HEAD, replace(DOCUMENTS, artifact=b"{}"), claim_for(HEAD))
    assert [(without_shard(pk), sk) for pk, sk in keys_of(aws)] == SIX


def test_with_replay_off_it_writes_five(aws, runs):
    runs.record(HEAD, DOCUMENTS, None)
    assert [(without_shard(pk), sk) for pk, sk in keys_of(aws)] == [key for key in SIX if key[1] != "CLAIM"]


def test_an_asynchronous_scenario_writes_five_and_is_found_by_its_operation(aws, runs):
    runs.record(scenario(HEAD, "base", "dop_1"), DOCUMENTS, None)
    assert len(keys_of(aws)) == 5
    assert ("T#bank-a#OP#dop_1", "RUN#base") in keys_of(aws)


def test_every_key_of_table_and_indexes_starts_with_its_tenant(aws, runs):
    runs.record(HEAD, DOCUMENTS, claim_for(HEAD))
    texts = [item[name]["S"] for item in everything(aws) for name in ("pk", "gsi1pk", "gsi2pk") if name in item]
    assert len(texts) == 6 + 1 + 2
    assert {text.split("#")[1] for text in texts if not text.endswith("#TENANTS")} == {"bank-a"}
    assert [text for text in texts if text.endswith("#TENANTS")] == ["T#_system#TENANTS"]


def test_the_items_of_a_run_with_large_documents_stay_small(aws):
    runs = DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket), clock=HandClock())
    runs.record(HEAD, replace(DOCUMENTS, result=bytes(range(256)) * 4000), claim_for(HEAD))
    assert max(len(str(item)) for item in everything(aws)) < 4000
