"""Runs that release 1.2 recorded: found, read, replayed, listed and removed beside those of today."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.ports.outside import EvidenceCorrupt
from engine.ports.runs import IdTaken
from engine.records.edges import EdgeType
from engine.records.runs import RunDocuments, RunFilter, RunHead, Span, Statistics
from tests.support import version_1
from tests.support.emulators import Aws, everything
from tests.support.samples import HEAD, START, TENANT, claim_for, run_id
from tests.support.worlds import World, world_over

LARGE = RunDocuments(b'{"status":"READY"}' * 9, bytes(range(200)), b"{}", bytes(range(250)))
"""Result and options are small enough for META in version 1, request and artifact lie in the bucket."""

YOUNG = replace(HEAD, run_id=run_id(2), created_at=START + timedelta(days=5))


@pytest.fixture
def world(aws: Aws) -> World:
    return world_over(aws)


def old(world: World, head: RunHead = HEAD, documents: RunDocuments = LARGE, *, claimed: bool = True) -> None:
    runs: Any = world.runs()
    version_1.recorded(runs, head, documents, claim_for(head) if claimed else None)


def objects(aws: Aws) -> list[str]:
    return [stored["Key"] for stored in aws.s3.list_objects_v2(Bucket=aws.bucket).get("Contents", [])]


def test_it_is_found_and_read_as_it_was_recorded(world: World, aws: Aws) -> None:
    old(world)
    assert len(everything(aws)) == 6
    assert len(objects(aws)) == 2
    runs, lookup = world.runs(), world.lookup()
    assert (runs.head(TENANT, HEAD.run_id), runs.claimed(TENANT, "key-1")) == (HEAD, claim_for(HEAD))
    assert (runs.result(TENANT, HEAD.run_id), runs.documents(TENANT, HEAD.run_id)) == (LARGE.result, LARGE)
    for found in (*lookup.by_correlation(TENANT, "corr-1"), lookup.latest_by_hash(TENANT, HEAD.request_hash)):
        assert found is not None
        assert (found.head, found.result(), found.documents()) == (HEAD, LARGE.result, LARGE)
    mapped = lookup.mapping(TENANT, "key-1")
    assert mapped is not None
    assert lookup.history(TENANT, "key-1") == (mapped,)
    assert mapped.run_id == HEAD.run_id
    assert [edge.edge_type for edge in world.lineage().edges(TENANT, "key-1").rows] == [EdgeType.IDEMPOTENCY_TO_RUN]


def test_its_documents_are_proved_by_their_own_digests(world: World, aws: Aws) -> None:
    old(world)
    for name in objects(aws):
        body = aws.s3.get_object(Bucket=aws.bucket, Key=name)["Body"].read()
        aws.s3.put_object(Bucket=aws.bucket, Key=name, Body=b"forged")
        with pytest.raises(EvidenceCorrupt) as corrupt:
            world.runs().documents(TENANT, HEAD.run_id)
        assert corrupt.value.key == name
        aws.s3.put_object(Bucket=aws.bucket, Key=name, Body=body)
    assert world.runs().documents(TENANT, HEAD.run_id) == LARGE


def test_its_key_is_claimed_for_those_of_today(world: World, aws: Aws) -> None:
    old(world)
    assert world.runs().record(YOUNG, LARGE, claim_for(YOUNG)) == claim_for(HEAD)
    assert world.runs().head(TENANT, YOUNG.run_id) is None
    assert len(everything(aws)) == 6


def test_recorded_again_by_todays_release_it_is_the_same_run_and_no_other(world: World, aws: Aws) -> None:
    old(world)
    assert world.runs().record(HEAD, LARGE, claim_for(HEAD)) is None
    for head, documents in ((replace(HEAD, status="BLOCKED"), LARGE), (HEAD, replace(LARGE, result=b"{}"))):
        with pytest.raises(IdTaken):
            world.runs().record(head, documents, None)
    assert len(everything(aws)) == 6
    assert world.runs().documents(TENANT, HEAD.run_id) == LARGE


def test_it_gets_an_artifact_once(world: World) -> None:
    old(world, documents=replace(LARGE, artifact=None))
    runs = world.runs()
    assert runs.keep_artifact(TENANT, HEAD.run_id, b'{"n":1}') == b'{"n":1}'
    assert runs.keep_artifact(TENANT, HEAD.run_id, b'{"n":2}') == b'{"n":1}'
    assert runs.documents(TENANT, HEAD.run_id) == replace(LARGE, artifact=b'{"n":1}')
    old(world, replace(HEAD, run_id=run_id(3), idempotency_key="key-3"))
    assert runs.keep_artifact(TENANT, run_id(3), b'{"n":2}') == LARGE.artifact


def test_uses_of_a_key_of_both_versions_are_told_in_order(world: World) -> None:
    old(world)
    without_replay = [replace(HEAD, run_id=run_id(n), created_at=START + timedelta(seconds=n)) for n in (3, 2)]
    for head in without_replay:
        assert world.runs().record(head, LARGE, None) is None
    lookup = world.lookup()
    assert [use.run_id for use in lookup.history(TENANT, "key-1")] == [run_id(1), run_id(2), run_id(3)]
    newest = lookup.mapping(TENANT, "key-1")
    assert newest is not None
    assert newest.run_id == run_id(3)
    assert [edge.target for edge in world.lineage().edges(TENANT, "key-1").rows] == [run_id(1), run_id(2), run_id(3)]


def test_lists_show_both_versions_in_one_order(world: World) -> None:
    old(world)
    world.runs().record(replace(YOUNG, idempotency_key="key-2"), LARGE, None)
    for narrowed in (RunFilter(), RunFilter(portfolio_id="pf_1"), RunFilter(request_hash=HEAD.request_hash), RunFilter(status="READY")):
        assert [row.run_id for row in world.lookup().page(TENANT, narrowed, limit=5).rows] == [YOUNG.run_id, HEAD.run_id]


def test_past_retention_its_key_is_taken_over_and_the_sweep_leaves_nothing_of_it(world: World, aws: Aws) -> None:
    old(world)
    world.clock.forward(days=8)
    later = replace(HEAD, run_id=run_id(2), created_at=world.clock.now)
    assert world.runs(7).record(later, LARGE, claim_for(later)) is None
    assert world.runs(7).claimed(TENANT, "key-1") == claim_for(later)
    assert [use.run_id for use in world.lookup(7).history(TENANT, "key-1")] == [later.run_id]
    assert world.retention(7).remove_runs(TENANT, most=10) == 1
    assert not [item for item in everything(aws) if HEAD.run_id in item["pk"]["S"] + item["sk"]["S"]]
    assert {name.split("/")[2] for name in objects(aws)} == {later.run_id}
    assert world.runs(7).documents(TENANT, later.run_id) == LARGE
    assert world.statistics(7).statistics(TENANT) == Statistics({"READY": 1}, {}, {}, {}, 2, Span(later.created_at, later.created_at))


def test_the_sweep_removes_its_claim_with_it(world: World, aws: Aws) -> None:
    old(world)
    world.clock.forward(days=8)
    assert world.retention(7).remove_runs(TENANT, most=10) == 1
    assert world.runs(0).claimed(TENANT, "key-1") is None
    assert world.lookup(0).history(TENANT, "key-1") == ()
    assert objects(aws) == []
