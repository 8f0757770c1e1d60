"""What a simulate leaves in the table: five items, one fact each, every key under its tenant."""

from dataclasses import fields, replace

import pytest

from engine.ports.runs import RunStore
from engine.records.runs import RunHead, Source
from infra.aws import counters
from infra.aws.expressions import decoded, encoded
from infra.aws.payloads import Payloads
from infra.aws.runs import items as run_items
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from tests.benchmarks.meter import size
from tests.benchmarks.units import PACK, simulated
from tests.support.emulators import Aws, everything
from tests.support.samples import DOCUMENTS, HEAD, HandClock, claim_for, run_id, scenario

FIVE = [
    ("T#bank-a#CORR#corr-1", "RUN#2026-02-20T12:00:00.123456Z#" + run_id(1)),
    ("T#bank-a#HASH#" + HEAD.request_hash, "2026-02-20T12:00:00.123456Z#" + run_id(1)),
    ("T#bank-a#IDEM#key-1", "CLAIM"),
    ("T#bank-a#RUN#" + run_id(1), "META"),
    ("T#bank-a#STATS#", "RUNS#"),
]
HISTORY = ("T#bank-a#IDEM#key-1", "HIST#2026-02-20T12:00:00.123456Z#" + run_id(1))


@pytest.fixture
def runs(aws: Aws) -> RunStore:
    return DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket), clock=HandClock())


def keys_of(aws: Aws) -> list[tuple[str, str]]:
    return sorted((item["pk"]["S"], item["sk"]["S"]) for item in everything(aws))


def without_shard(pk: str, sk: str) -> tuple[str, str]:
    return (pk[:-1], sk[:-1]) if "#STATS#" in pk else (pk, sk)


def test_a_simulate_writes_five_items(aws: Aws, runs: RunStore) -> None:
    runs.record(HEAD, replace(DOCUMENTS, artifact=b"{}"), claim_for(HEAD))
    assert [without_shard(*key) for key in keys_of(aws)] == FIVE


@pytest.mark.parametrize("pack", ["", PACK])
def test_a_simulate_as_deployed_costs_ten_units_and_one_object(pack: str) -> None:
    """Five items of at most a kilobyte, each in a transaction at two units; META is copied into two indexes."""
    with simulated(pack=pack) as (_, _, _, bill):
        assert (bill.items, bill.write_units, bill.index_units, len(bill.puts)) == (5, 10, 2, 1)


def test_items_are_billed_by_names_and_values() -> None:
    """pk: 2 + 3 (two letters, one of two bytes); count: 5 + 2 digits in 1 + 1; known: 5 + 1; inner: 5 + 3 + (1 + 1 + 4) + (1 + 1 + 3 + 1 + 2)."""
    inner = {"M": {"a": {"B": b"1234"}, "b": {"L": [{"N": "7"}]}}}
    assert size({"pk": {"S": "ä1"}, "count": {"N": "-1200"}, "known": {"BOOL": True}, "inner": inner}) == 5 + 7 + 6 + 22


def test_with_replay_off_the_use_of_the_key_stands_in_place_of_its_claim(aws: Aws, runs: RunStore) -> None:
    runs.record(HEAD, DOCUMENTS, None)
    assert [without_shard(*key) for key in keys_of(aws)] == [HISTORY if key[1] == "CLAIM" else key for key in FIVE]


def test_an_asynchronous_scenario_writes_five_and_is_found_by_its_operation(aws: Aws, runs: RunStore) -> None:
    runs.record(scenario(HEAD, "base", "dop_1"), DOCUMENTS, None)
    assert len(keys_of(aws)) == 5
    assert ("T#bank-a#OP#dop_1", "RUN#base") in keys_of(aws)


def test_every_key_of_table_and_indexes_starts_with_its_tenant(aws: Aws, runs: RunStore) -> None:
    runs.record(HEAD, DOCUMENTS, claim_for(HEAD))
    texts = [item[name]["S"] for item in everything(aws) for name in ("pk", "gsi1pk", "gsi2pk") if name in item]
    assert len(texts) == 5 + 1 + 2
    assert {text.split("#")[1] for text in texts if not text.endswith("#TENANTS")} == {"bank-a"}
    assert [text for text in texts if text.endswith("#TENANTS")] == ["T#_system#TENANTS"]


def test_no_member_of_a_head_is_forgotten() -> None:
    samples = [HEAD, scenario(HEAD, "base", "dop_1"), replace(HEAD, source=Source.BOOK)]
    for member in fields(RunHead):
        told = {getattr(sample, member.name) for sample in samples} - {member.default}
        assert told, f"no sample says anything of {member.name}: a store could lose it unseen"
    for sample in samples:
        assert run_items.head_of(sample.tenant, decoded(encoded(run_items.meta(sample, {})))) == sample
    stored = set(run_items.meta(samples[1], {})) | set(run_items.meta(HEAD, {})) | {"tenant"}
    assert {member.name for member in fields(RunHead)} <= stored
    assert {member.name for member in fields(RunHead)} - {"tenant"} <= set(run_items.HEAD_FIELDS)


def test_counts_spread_over_32_items_and_every_attempt_draws_anew() -> None:
    used = {counters.counter_slot(run_id(number)) for number in range(1000)}
    assert used == set(range(32))
    assert {counters.counter_slot(run_id(1), attempt) for attempt in range(32)} == used
    met = [run_id(number) for number in range(1000) if counters.counter_slot(run_id(number)) == 0]
    assert len({counters.counter_slot(identifier, 1) for identifier in met}) > 8


def test_the_items_of_a_run_with_large_documents_stay_small(aws: Aws) -> None:
    runs = DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket), clock=HandClock())
    runs.record(HEAD, replace(DOCUMENTS, result=bytes(range(256)) * 4000), claim_for(HEAD))
    assert max(len(str(item)) for item in everything(aws)) < 4000
