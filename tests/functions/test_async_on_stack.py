"""The whole asynchronous path on the system of template.yaml: accepted over HTTP, carried by SQS, executed by the worker, given up at last."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from engine.ports.outside import StoreUnavailable
from engine.scenarios import scenario_run_id
from engine.usecases.refusals import Code
from infra.aws.operations.queue import SqsQueue
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from infra.local.stack import LocalStack
from tests.functions.office import Call, Office, batch
from tests.support.adapters import over
from tests.support.samples import HandClock

JSON = {"Content-Type": "application/json"}
ASYNC = "/rebalance/analyze/async"
UNAVAILABLE = Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE


@pytest.fixture(scope="module")
def stack() -> Iterator[Any]:
    with LocalStack.from_template() as running:
        yield running


def submitted(stack: Any, **headers: Any) -> Any:
    answer = stack.request("POST", ASYNC, JSON | headers, json.dumps(batch(b={"max_turnover_pct": "0"}, a={})).encode())
    assert answer.status == 202
    return answer, json.loads(answer.body)["operation_id"]


def read(stack: Any, path: Any) -> Any:
    answer = stack.request("GET", path)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def waiting(stack: Any, queue: str = "OperationsQueue") -> Any:
    asked = {"QueueUrl": stack.resources.attribute(queue), "AttributeNames": ["All"]}
    told = boto3.client("sqs").get_queue_attributes(**asked)["Attributes"]
    return int(told["ApproximateNumberOfMessages"]) + int(told["ApproximateNumberOfMessagesNotVisible"])


def test_from_acceptance_to_result_and_its_runs(stack: Any) -> None:
    answer, name = submitted(stack, **{"X-Correlation-Id": "corr-1", "Idempotency-Key": "k"})
    assert answer.header("X-Correlation-Id") == "corr-1"
    assert read(stack, f"/rebalance/operations/{name}")["status"] == "PENDING"
    assert waiting(stack) == 1
    assert stack.deliver() == 1
    told = read(stack, f"/rebalance/operations/{name}")
    assert (told["status"], list(told["result"]["results"]), waiting(stack)) == ("SUCCEEDED", ["a", "b"], 0)
    for scenario, result in told["result"]["results"].items():
        run = read(stack, f"/rebalance/runs/{scenario_run_id(name, scenario)}")
        assert (run["result"], run["operation_id"], run["scenario"]) == (result, name, scenario)
    bundle = read(stack, f"/rebalance/runs/by-operation/{name}/support-bundle?scenario=b")
    assert (bundle["run"]["scenario"], bundle["async_operation"]) == ("b", told)
    again, same = submitted(stack, **{"X-Correlation-Id": "corr-2", "Idempotency-Key": "k"})
    assert (again.body, again.header("Idempotent-Replayed"), same, waiting(stack)) == (answer.body, "true", name, 0)


def test_executed_on_demand_its_message_finds_nothing_to_do(stack: Any) -> None:
    _, name = submitted(stack)
    executed = stack.request("POST", f"/rebalance/operations/{name}/execute")
    assert (executed.status, json.loads(executed.body)["status"]) == (200, "SUCCEEDED")
    assert stack.deliver() == 1
    assert read(stack, f"/rebalance/operations/{name}") == json.loads(executed.body)


def test_a_message_that_is_no_job_ends_at_the_dead_letters(stack: Any) -> None:
    boto3.client("sqs").send_message(QueueUrl=stack.resources.attribute("OperationsQueue"), MessageBody="nonsense")
    assert stack.deliver() == 13  # twelve receipts and one as a dead letter
    assert (waiting(stack), waiting(stack, "OperationsDeadLetters")) == (0, 0)


def test_a_running_stack_executes_by_itself(stack: Any) -> None:
    with stack.polling():
        _, name = submitted(stack)
        deadline = time.monotonic() + 20
        while read(stack, f"/rebalance/operations/{name}")["status"] != "SUCCEEDED" and time.monotonic() < deadline:
            time.sleep(0.05)
    assert read(stack, f"/rebalance/operations/{name}")["status"] == "SUCCEEDED"


class Handed:
    """A function as an event source sees it; before every call some time passes."""

    def __init__(self, handler: Any, clock: Any, **passes: Any) -> None:
        self.handler, self.clock, self.passes, self.calls = handler, clock, passes, 0

    def invoke(self, event: Any) -> Any:
        self.calls += 1
        self.clock.forward(**self.passes)
        return self.handler(event, Call())


class Down(DynamoRunStore):
    """Records nothing."""

    def record(self, head: Any, documents: Any, claim: Any) -> None:
        raise StoreUnavailable(UNAVAILABLE)


def test_an_operation_that_no_delivery_gets_done_is_a_dead_letter_after_twelve_and_says_so(stack: Any) -> None:
    clock, name_of = HandClock(), stack.resources.attribute
    table, payloads = Table(boto3.client("dynamodb"), name_of("RunsTable")), Payloads(boto3.client("s3"), name_of("PayloadBucket"))
    queue = SqsQueue(boto3.client("sqs"), name_of("OperationsQueue"))
    office = Office(over(DynamoRunStore(table, payloads, clock=clock), queue=queue), clock)
    broken = office.with_adapters(runs=Down(table, payloads, clock=clock))
    # A message is seen again after six timeouts; the claim of the attempt before is over by then.
    worker = Handed(broken.functions["worker"], clock, seconds=720)
    undertaker = Handed(office.functions["dead_letters"], clock, seconds=720)
    name, sources = office.accepted(), stack.sources
    stack.sources = [
        replace(source, function=worker if source.queue_url == name_of("OperationsQueue") else undertaker) for source in sources
    ]
    stack.deliver()
    stack.sources = sources
    assert (worker.calls, undertaker.calls) == (12, 1)
    told = office.status(name)
    assert (told["status"], told["error"]["code"]) == ("FAILED", "EXECUTION_RETRIES_EXHAUSTED")
    assert (waiting(stack), waiting(stack, "OperationsDeadLetters")) == (0, 0)
