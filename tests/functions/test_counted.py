"""What calls and messages decide is counted on their own lines: runs, proposals, gates, orders, certificates, events, conflicts."""

from dataclasses import replace
from typing import Any

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.runs import KeyClaim, RunDocuments, RunHead
from engine.usecases.refusals import Code
from infra.memory.runs import MemoryTables
from infra.watching.metrics import METRICS, Line
from tests.support.adapters import in_memory
from tests.support.lives import COMPLIANCE, EXECUTOR, Lives, for_risk, oversold
from tests.support.portfolios import a_proposal, a_request, batch
from tests.support.queues import MemoryQueue
from tests.support.samples import HandClock
from tests.support.service import ACCEPTING, Service, deciding

COUNTED = {metric.name for metric in METRICS if metric.business}
SOLVED = {"target_method": "SOLVER"}


@pytest.fixture
def desk(clock: HandClock) -> Service:
    return Service(in_memory(MemoryTables(), clock, queue=MemoryQueue()), ACCEPTING)


def counts(line: dict[str, Any]) -> dict[str, float]:
    """What the line counts but the engine's time, which a line has when something was decided; all of it is announced."""
    found = {name: line[name] for name in COUNTED & set(line)}
    announced = {metric["Name"] for directive in line["_aws"]["CloudWatchMetrics"] for metric in directive["Metrics"]}
    assert set(found) <= announced
    assert 0 < found.pop("engine_ms", 1) < 60_000
    return found


def test_a_run_is_counted_once_by_status_gate_and_orders(api: Service) -> None:
    # 1,000 USD and a unit of each of two at 10 USD, half each: two buys. A replay decides nothing, and a conflict is one.
    api.post()
    api.post()
    api.post(a_request(3))
    made, replayed, conflict = api.lines
    assert counts(made) == {"runs_ready": 1, "run_gate_execution_ready": 1, "intents": 2}
    assert (counts(replayed), replayed["replayed"]) == ({}, 1)
    assert counts(conflict) == {"conflicts": 1}
    assert "engine_ms" not in {*replayed, *conflict}


def test_a_what_if_counts_every_scenario(desk: Service) -> None:
    # One position may weigh 10 %: the model's halves are cut to it, which leaves two smaller buys; the third scenario cannot be read.
    desk.analyze(batch(one={}, two={"enable_workflow_gates": False}, three={"nowhere": 1}))
    (line,) = desk.lines
    assert counts(line) == {"runs_ready": 2, "run_gate_execution_ready": 1, "intents": 4, "scenarios_failed": 1}


@pytest.mark.parametrize(
    ("options", "name", "ended"),
    [
        (SOLVED, "runs_ready", "solver_proven"),
        # Two may hold 10 % each, and cash at most 5 %: 80 % have nowhere to go.
        (SOLVED | {"single_position_max_weight": "0.1", "cash_band_max_weight": "0.05"}, "runs_blocked", "solver_infeasible"),
    ],
)
def test_how_the_solver_ended_is_counted(api: Service, options: dict[str, Any], name: str, ended: str) -> None:
    api.post(a_request() | {"options": options})
    (line,) = api.lines
    assert {name: 1, ended: 1}.items() <= counts(line).items()
    assert len([counted for counted in counts(line) if counted.startswith("solver_")]) == 1


class Full:
    """A store of runs that has nothing and takes nothing."""

    def claimed(self, _tenant: str, _key: str) -> None:
        return None

    def record(self, _head: RunHead, _documents: RunDocuments, _claim: KeyClaim | None) -> None:
        raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)


def test_what_was_decided_and_not_kept_took_its_time_and_counts_as_nothing(api: Service) -> None:
    runs: Any = Full()
    failing = deciding(replace(api.adapters, runs=runs))
    assert failing.post().status == 503
    (line,) = failing.lines
    assert (counts(line), line["failed"]) == ({}, 1)
    assert line["engine_ms"] > 0


def test_proposals_are_counted_by_status_and_gate(desk: Service) -> None:
    desk.propose()
    desk.propose(form="artifact")
    desk.propose(oversold(), {"Idempotency-Key": "key-2"})
    first, artifact, blocked = desk.lines
    assert counts(first) == {"proposals_ready": 1, "proposal_gate_client_consent_required": 1, "intents": 1}
    assert counts(artifact) == counts(first)  # the other form of the same key is decided again
    assert counts(blocked) == {"proposals_blocked": 1, "proposal_gate_blocked": 1, "intents": 1}  # it shows the order that nobody may give


def test_everything_that_happens_to_a_proposal_is_counted_by_its_type(desk: Service) -> None:
    lives = Lives(desk)
    opened = lives.opened(for_risk())
    lives.move(opened, "SUBMITTED_FOR_COMPLIANCE_REVIEW", "DRAFT")
    lives.move(opened, "SUBMITTED_FOR_COMPLIANCE_REVIEW", "DRAFT")  # it is no draft any more
    lives.vote(opened, "COMPLIANCE", COMPLIANCE, "COMPLIANCE_REVIEW")
    lives.add_version(opened)
    lives.move(opened, "CANCELLED", "DRAFT", EXECUTOR)  # not by this caller
    lives.move(opened, "EXPIRED", "DRAFT", EXECUTOR)
    happened = [{name: count for name, count in counts(line).items() if name.startswith("event_")} for line in desk.lines]
    assert [one for one in happened if one] == [
        {"event_created": 1},
        {"event_submitted_for_compliance_review": 1},
        {"event_compliance_approved": 1},
        {"event_new_version_created": 1},
        {"event_expired": 1},
    ]


def test_what_a_worker_decides_is_counted_on_the_line_of_its_message(desk: Service) -> None:
    desk.accepted(batch(one={}, two={}))
    Lives(desk).post("/async", {"simulate_request": a_proposal()}, Idempotency_Key="later")
    desk.work(*desk.jobs())
    runs, proposal = (line for line in desk.lines if line["message"] == Line.JOB)
    assert counts(runs) == {"runs_ready": 2, "run_gate_execution_ready": 2, "intents": 4}
    assert counts(proposal) == {"proposals_ready": 1, "proposal_gate_client_consent_required": 1, "intents": 1, "event_created": 1}
    assert {line["tenant"] for line in (runs, proposal)} == {"bank-a"}


def test_a_deployment_may_have_its_counts_by_tenant(desk: Service) -> None:
    for by_tenant in (False, True):
        watched = desk.but(metrics_by_tenant=by_tenant)
        watched.post(headers={"Idempotency-Key": f"by tenant {by_tenant}"})
        (line,) = watched.lines
        assert (["stage", "tenant"] in [directive["Dimensions"][0] for directive in line["_aws"]["CloudWatchMetrics"]]) is by_tenant
