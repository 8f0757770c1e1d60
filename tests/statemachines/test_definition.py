"""The definition by itself: it leads somewhere, tries again what can work, and stays far below the limits of the service."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from engine.records.books import BookStart, ChunkRef
from infra.local.stack import TEMPLATE
from infra.local.state_machines import UNKNOWN, as_emulated

DEFINITION = json.loads((TEMPLATE.parent / "infra/statemachines/rebalance_book.asl.json").read_text(encoding="utf-8"))
STATE_BYTES = 256 * 1024
MAX_CHILDREN = 10_000
MAX_EVENTS = 25_000
EXPRESS_SECONDS = 300
CHUNK = DEFINITION["States"]["Chunks"]["ItemProcessor"]


def machines() -> Iterator[dict[str, Any]]:
    yield DEFINITION
    yield CHUNK


TASKS = {name: state for machine in machines() for name, state in machine["States"].items() if state["Type"] == "Task"}


@pytest.mark.parametrize("machine", [*machines()], ids=["book", "chunk"])
def test_every_state_is_reached_and_leads_somewhere(machine: dict[str, Any]) -> None:
    states, reached, ahead = machine["States"], set(), [machine["StartAt"]]
    while ahead:
        name = ahead.pop()
        reached.add(name)
        state = states[name]
        following = [state[member] for member in ("Next", "Default") if member in state]
        following += [branch["Next"] for member in ("Catch", "Choices") for branch in state.get(member, [])]
        ahead += [one for one in following if one not in reached]
        assert bool(following) is not (state.get("End", False) or state["Type"] in {"Fail", "Succeed"})
    assert reached == set(states)


@pytest.mark.parametrize("name", TASKS)
def test_what_can_never_work_is_not_tried_again_and_the_rest_at_random_times(name: str) -> None:
    retry = TASKS[name]["Retry"]
    assert retry[0] == {"ErrorEquals": ["BookRefused"], "MaxAttempts": 0}
    assert retry[-1]["ErrorEquals"] == ["States.ALL"]
    for rule in retry[1:]:
        assert rule["JitterStrategy"] == "FULL"
        assert pauses(rule)[-1] <= 64


def pauses(rule: Any) -> list[int]:
    """The longest pauses before each further attempt, in seconds; jitter makes them shorter."""
    most = rule.get("MaxDelaySeconds", EXPRESS_SECONDS)
    return [min(rule["IntervalSeconds"] * rule["BackoffRate"] ** number, most) for number in range(rule["MaxAttempts"])]


def test_an_outage_is_waited_out_longer_than_a_defect() -> None:
    _, _, outage, defect = TASKS["Decide"]["Retry"]
    assert "StoreUnavailable" in outage["ErrorEquals"]
    assert "FunctionFailed" not in outage["ErrorEquals"]
    assert (outage["MaxAttempts"], defect["MaxAttempts"]) == (6, 2)


def test_a_child_waits_an_outage_out_within_the_five_minutes_that_it_has() -> None:
    _, busy, outage, _ = TASKS["Decide"]["Retry"]
    assert pauses(outage) == [2, 4, 8, 16, 32, 60]
    assert sum(pauses(outage)) + 7 * 20 < EXPRESS_SECONDS  # 122, and seven times what a chunk may well take
    assert busy["ErrorEquals"] == ["Lambda.TooManyRequestsException"]
    assert pauses(busy) == [2, 4, 8, 16, *[30] * 6]
    assert sum(pauses(busy)) + 20 < EXPRESS_SECONDS  # 210, and what a chunk may well take: who finds no room has taken no time
    assert TASKS["Decide"]["TimeoutSeconds"] < EXPRESS_SECONDS


def test_the_largest_item_is_far_below_what_a_state_carries() -> None:
    number = 10**12
    name = "n" * 512  # the longest that a start may name
    book = BookStart("b" * 76, [name] * 100, name, "t" * 64, "REVIEW", "a" * 256, "2026-11-26T20:00:00.000000+00:00")
    chunk = ChunkRef(number, name, number, number, number, number, "0" * 64)
    assert set(CHUNK["States"]["Decide"]["Parameters"]) == {"FunctionName", "Payload.$"}
    assert set(DEFINITION["States"]["Chunks"]["ItemSelector"]) == {"book.$", "chunk.$"}
    item = json.dumps({"book": book.own().as_json(), "chunk": chunk.as_json()})
    assert len(item) < STATE_BYTES / 100
    start = json.dumps(book.as_json() | {"input": book.as_json()})
    assert len(start) < STATE_BYTES / 2


def test_a_book_fails_of_what_stopped_it_and_of_lost_chunks_by_a_name_of_ours() -> None:
    states = DEFINITION["States"]
    [caught] = states["Chunks"]["Catch"]
    assert (caught["ErrorEquals"], caught["ResultPath"]) == (["States.ALL"], "$.stopped")
    [lost] = states["WhatStoppedIt"]["Choices"]
    assert (lost["Variable"], lost["StringEquals"]) == ("$.stopped.Error", "States.ExceedToleratedFailureThreshold")
    assert states[lost["Next"]]["Error"] == "BookIncomplete"
    other = states[states["WhatStoppedIt"]["Default"]]
    assert (other["Type"], other["Error"]) == ("Fail", "BookStopped")


def test_what_children_say_is_nothing() -> None:
    assert CHUNK["States"]["Decide"]["OutputPath"] is None
    assert DEFINITION["States"]["Chunks"]["ResultPath"] is None
    assert MAX_CHILDREN * len("{}, ") < STATE_BYTES


def test_the_history_of_a_book_does_not_grow_with_it() -> None:
    events = 2  # started, ended
    for name, state in DEFINITION["States"].items():
        attempts = 1 + sum(rule["MaxAttempts"] for rule in state.get("Retry", []))
        events += 2 + (5 * attempts if name in TASKS else 3)  # entered, exited; of each attempt scheduled, started, ended, retried
    assert events < MAX_EVENTS / 100


def test_the_map_is_distributed_with_limits_that_a_start_names() -> None:
    chunks = DEFINITION["States"]["Chunks"]
    assert CHUNK["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    assert chunks["ItemReader"]["ReaderConfig"] == {"InputType": "JSON"}
    assert chunks["MaxConcurrencyPath"] == "$.plan.max_concurrency"
    assert chunks["ToleratedFailurePercentagePath"] == "$.plan.tolerated_failure_percentage"


def test_the_emulator_gets_the_definition_but_for_what_it_lacks() -> None:
    emulated = as_emulated(DEFINITION)
    assert differing(DEFINITION, emulated) == {*UNKNOWN, "ExecutionType", "IntervalSeconds", "BackoffRate"}


def differing(one: Any, other: Any, name: str = "") -> set[str]:
    """The members that are not the same in both."""
    if isinstance(one, dict):
        return {found for key in one.keys() | other.keys() for found in differing(one.get(key), other.get(key), key)}
    if isinstance(one, list):
        return {found for left, right in zip(one, other, strict=True) for found in differing(left, right, name)}
    return set() if one == other else {name}
