"""State machines for tests: functions that fail as they are told, executions from start to end."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3

from infra.local.functions import Function, FunctionError

ALWAYS = 1_000


@dataclass
class Failing:
    """A function of a stack that fails first: `faults` says by the number of a chunk (-1 for none) how often, and of what. Counts its calls.

    `answer` is what it says in place of members of its answer.
    """

    function: Function
    faults: dict[int, tuple[int, str]] = field(default_factory=dict)
    calls: Counter[int] = field(default_factory=Counter)
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.function.name

    def invoke(self, event: Any) -> Any:
        number = event["chunk"]["number"] if "chunk" in event else -1
        self.calls[number] += 1
        times, kind = self.faults.get(number, (0, ""))
        if self.calls[number] <= times:
            raise FunctionError(kind, "made by the test")
        return {**self.function.invoke(event), **self.answer}


@dataclass(frozen=True)
class Execution:
    """How an execution ended, and what it went through."""

    status: str
    output: Any
    error: str | None
    states: Sequence[str]
    events: int
    cause: str | None = None


def run(machine: str, name: str, order: Any, seconds: float = 30) -> Execution:
    """An execution from start to end."""
    client = boto3.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine, name=name, input=json.dumps(order))["executionArn"]
    told = until(lambda: client.describe_execution(executionArn=arn), lambda told: told["status"] != "RUNNING", seconds)
    events = client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
    output = json.loads(told["output"]) if "output" in told else None
    return Execution(told["status"], output, told.get("error"), entered, len(events), told.get("cause"))


def until(ask: Callable[[], Any], enough: Callable[[Any], bool], seconds: float) -> Any:
    """The first answer that is enough, or the last one in time."""
    end = time.monotonic() + seconds
    while not enough(answer := ask()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer
