"""What every store promises about counts and about runs past their time."""

from dataclasses import replace
from typing import Any

from engine.records.pages import Page
from engine.records.reviews import Action, DecisionFilter
from engine.records.runs import RunFilter, RunHead, Span, Statistics
from tests.contract.test_reviews import append_all, decided
from tests.support.samples import DOCUMENTS, HEAD, START, TENANT, claim_for, run_id, scenario
from tests.support.worlds import World

NOTHING = Statistics({}, {}, {}, {}, 0)


def record(world: World, **changes: Any) -> RunHead:
    head = world.new.head(**changes)
    assert world.runs().record(head, DOCUMENTS, None) is None
    world.clock.forward(seconds=1)
    return head


def sweep(world: World, days: int = 7, tenant: str = TENANT, most: int = 100) -> int:
    return world.retention(days).remove_runs(tenant, most=most)


def test_an_empty_store_counts_nothing(world: World) -> None:
    assert world.statistics().statistics(TENANT) == NOTHING
    assert world.retention().tenants() == ()


def test_counts_follow_what_is_recorded(world: World) -> None:
    first = record(world)
    world.runs().record(first, DOCUMENTS, None)  # again: no effect
    record(world, status="BLOCKED", idempotency_key=None)
    last = scenario(world.new.head(), "base", "dop_1")
    world.runs().record(last, DOCUMENTS, None)
    append_all(world.reviews(), [decided(1), decided(2, action=Action.APPROVE, reason_code="OK#1"), decided(3)])
    assert world.statistics().statistics(TENANT) == Statistics(
        runs_by_status={"READY": 2, "BLOCKED": 1},
        operations_by_status={},
        decisions_by_action={"REQUEST_CHANGES": 2, "APPROVE": 1},
        decisions_by_reason={"MORE_CASH": 2, "OK#1": 1},
        edges=5,
        runs=Span(START, last.created_at),
    )
    assert world.statistics().statistics("bank-b") == NOTHING
    record(world, tenant="bank-b")
    assert world.retention().tenants() == (TENANT, "bank-b")


def test_the_sweep_leaves_nothing_of_an_expired_run_and_all_of_a_younger(world: World) -> None:
    old = world.new.head()
    world.runs().record(old, replace(DOCUMENTS, artifact=b"{}" * 5000), claim_for(old))
    append_all(world.reviews(), [decided(n) for n in range(50)])
    world.clock.forward(days=5)
    young = record(world)
    world.clock.forward(days=3)

    assert sweep(world) == 1
    assert sweep(world) == 0
    for days in (0, 7):  # no setting brings it back
        assert world.runs(days).head(TENANT, old.run_id) is None
        assert world.runs(days).claimed(TENANT, "key-1") is None
        assert world.reviews(days).history(TENANT, old.run_id) == ()
        assert world.reviews(days).page(TENANT, DecisionFilter(), limit=5) == Page()
        assert tuple(run.head for run in world.lookup(days).by_correlation(TENANT, "corr-1")) == (young,)
        assert [use.run_id for use in world.lookup(days).history(TENANT, "key-1")] == [young.run_id]
        assert [row.run_id for row in world.lookup(days).page(TENANT, RunFilter(), limit=5).rows] == [young.run_id]
        assert len(world.lineage(days).edges(TENANT, "corr-1").rows) == 1
        assert world.statistics(days).statistics(TENANT) == Statistics(
            {"READY": 1}, {}, {}, {}, 2, Span(young.created_at, young.created_at)
        )


def test_a_claim_taken_over_by_a_younger_run_stays(world: World) -> None:
    old = world.new.head()
    world.runs(7).record(old, DOCUMENTS, claim_for(old))
    world.clock.forward(days=8)
    young = world.new.head()
    assert world.runs(7).record(young, DOCUMENTS, claim_for(young)) is None
    assert sweep(world) == 1
    assert world.runs(7).claimed(TENANT, "key-1") == claim_for(young)


def test_a_sweep_takes_no_more_than_it_is_told_and_no_other_tenants(world: World) -> None:
    for _ in range(5):
        record(world)
    record(world, tenant="bank-b")
    world.clock.forward(days=8)
    assert [sweep(world, most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert world.runs().head("bank-b", run_id(6)) is not None
    assert sweep(world, days=0, tenant="bank-b") == 0
    assert sweep(world, tenant="bank-b") == 1


def test_an_artifact_is_kept_once(world: World) -> None:
    runs = world.runs()
    runs.record(HEAD, DOCUMENTS, None)
    assert runs.keep_artifact(TENANT, HEAD.run_id, b'{"n":1}') == b'{"n":1}'
    assert runs.keep_artifact(TENANT, HEAD.run_id, b'{"n":2}') == b'{"n":1}'
    assert runs.documents(TENANT, HEAD.run_id) == replace(DOCUMENTS, artifact=b'{"n":1}')
    assert runs.keep_artifact(TENANT, run_id(2), b"{}") is None
    assert runs.keep_artifact("bank-b", HEAD.run_id, b"{}") is None
    assert runs.record(HEAD, DOCUMENTS, None) is None
    made = replace(HEAD, run_id=run_id(3))
    runs.record(made, replace(DOCUMENTS, artifact=b"own"), None)
    assert runs.keep_artifact(TENANT, made.run_id, b"other") == b"own"
