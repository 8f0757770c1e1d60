"""Wherever a recording or a back-fill dies, a run has its artifact or can still get it, and it is the same one."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from engine.evidence.artifacts import artifact_of
from engine.usecases.artifacts import ArtifactMode
from infra.settings.stores import StoreSettings
from tests.support.adapters import on_aws
from tests.support.emulators import Aws, everything
from tests.support.faults import Crash, Line, crash_after, crash_before, lost_acknowledgement, outage_before
from tests.support.gateway import refused
from tests.support.service import Service, proving
from tests.support.stored import documents_of, head_of


@pytest.fixture
def desk(aws: Aws) -> Service:
    return proving(on_aws(aws))


@pytest.fixture
def line(aws: Aws, desk: Service) -> Line:
    return Line(aws.dynamodb, aws.s3)


def runs_in(aws: Aws) -> list[Any]:
    return [item["run_id"]["S"] for item in everything(aws) if item["sk"]["S"] == "META"]


def composed(desk: Service, run_id: str) -> bytes:
    runs = desk.adapters.runs
    return artifact_of(head_of(runs, run_id), documents_of(runs, run_id))


RECORDING = ["GetItem", "PutObject", "TransactWriteItems"]
BACK_FILL = ["GetItem", "GetObject", "GetItem", "PutObject", "UpdateItem", "GetObject"]


def test_an_artifact_costs_no_further_call(desk: Service, line: Line) -> None:
    desk.simulate()
    assert line.calls == RECORDING
    assert len(json.loads(line.bodies[-1])["TransactItems"]) == 5


@pytest.mark.parametrize("fault", [crash_before, crash_after])
@pytest.mark.parametrize("number", range(len(RECORDING)))
def test_a_run_is_recorded_with_its_artifact_or_not_at_all(
    aws: Aws, desk: Service, line: Line, fault: Callable[..., Any], number: int
) -> None:
    line.break_at(range(number, number + 1), fault)
    with pytest.raises(Crash):
        desk.simulate(**{"Idempotency-Key": "key-1"})
    assert len(runs_in(aws)) == (fault is crash_after and number == 2)
    run_id = desk.run_id(**{"Idempotency-Key": "key-1"})
    assert runs_in(aws) == [run_id]
    assert desk.evidence(f"{run_id}/artifact").body == composed(desk, run_id) == documents_of(desk.adapters.runs, run_id).artifact


@pytest.mark.parametrize("fault", [crash_after, outage_before, lost_acknowledgement])
@pytest.mark.parametrize("number", range(len(BACK_FILL)))
def test_a_back_fill_broken_off_anywhere_is_made_good_by_the_next_reader(
    aws: Aws, desk: Service, line: Line, fault: Callable[..., Any], number: int
) -> None:
    run_id = desk.but(store=StoreSettings(artifacts=ArtifactMode.DERIVED)).run_id()
    line.break_at(range(number, number + 1), fault)
    with suppress(Crash):
        reply = desk.evidence(f"{run_id}/artifact")
        assert reply.status == 200 or refused(reply) == (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")
    line.break_at(range(0), fault)
    assert desk.evidence(f"{run_id}/artifact").body == composed(desk, run_id)
    assert documents_of(desk.adapters.runs, run_id).artifact == composed(desk, run_id)
    assert len(everything(aws)) == 5


def test_a_back_fill_makes_no_more_calls_than_are_broken_off_above(desk: Service, line: Line) -> None:
    run_id = desk.but(store=StoreSettings(artifacts=ArtifactMode.DERIVED)).run_id()
    line.break_at(range(0), crash_before)
    desk.evidence(f"{run_id}/artifact")
    assert line.calls == BACK_FILL
