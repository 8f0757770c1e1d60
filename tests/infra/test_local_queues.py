"""Queue, worker and dead-letter queue of a small system, driven by its template alone."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local.functions import FunctionError
from infra.local.stack import LocalStack
from infra.template import TemplateError
from tests.support.local_stacks import system

WORKER = """
import json, os
import boto3

def handler(event, context):
    failures = []
    for record in event["Records"]:
        assert record["eventSource"] == "aws:sqs" and record["eventSourceARN"].endswith("-Queue")
        if record["body"] == "crash":
            raise RuntimeError("crash")
        if record["body"].startswith("bad"):
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        count = record["attributes"]["ApproximateReceiveCount"]
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": record["body"]}, "n": {"N": count}})
    return {"batchItemFailures": failures}
"""
UNDERTAKER = (
    WORKER.replace('endswith("-Queue")', 'endswith("-Dead")')
    .replace('record["body"].startswith("bad")', "False")
    .replace('if record["body"] == "crash"', "if False")
    .replace('{"S": record["body"]}', '{"S": "dead:" + record["body"]}')
)
TICK = """
def handler(event, context):
    if event.get("source") != "aws.events":
        raise ValueError("not a schedule")
    return {"kind": event["detail-type"]}
"""
TEMPLATE = """
Globals:
  Function: {Handler: app.handler, Timeout: 1, Environment: {Variables: {TABLE: !Ref Table}}}
Resources:
  WorkerFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: worker
      Events:
        Work: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 4, FunctionResponseTypes: [ReportBatchItemFailures]}}
  UndertakerFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: undertaker
      Events: {Letters: {Type: SQS, Properties: {Queue: !GetAtt Dead.Arn}}}
  TickFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: tick, Events: {Often: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}}}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: 6, RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}
  Dead: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
"""
HANDLERS = {"worker": WORKER, "undertaker": UNDERTAKER, "tick": TICK}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    with system(tmp_path, TEMPLATE, HANDLERS) as running:
        yield running


def send(stack: LocalStack, *bodies: str) -> None:
    for body in bodies:
        boto3.client("sqs").send_message(QueueUrl=stack.resources.attribute("Queue"), MessageBody=body)


def done(stack: LocalStack) -> dict[str, Any]:
    items = boto3.client("dynamodb").scan(TableName=stack.resources.attribute("Table"))["Items"]
    return {item["pk"]["S"]: int(item["n"]["N"]) for item in items}


def test_messages_reach_the_function_and_are_gone(stack: LocalStack) -> None:
    send(stack, *(f"m{n}" for n in range(9)))
    assert stack.deliver() == 9
    assert done(stack) == {f"m{n}": 1 for n in range(9)}
    assert stack.deliver() == 0


def test_only_failed_messages_return_and_end_as_dead_letters(stack: LocalStack) -> None:
    send(stack, "bad1", "good")
    assert stack.deliver() == 5  # both once, the bad one twice more, then its dead letter
    assert done(stack) == {"good": 1, "dead:bad1": 4}


def test_a_crash_returns_the_whole_batch(stack: LocalStack, capsys: pytest.CaptureFixture[str]) -> None:
    send(stack, "good", "crash")
    stack.deliver()
    assert done(stack)["dead:crash"] == 4
    assert "RuntimeError: crash" in capsys.readouterr().err


def test_without_hurry_a_failed_message_waits_for_its_visibility_timeout(stack: LocalStack) -> None:
    send(stack, "bad1")
    assert stack.deliver(retry_now=False) == 1
    assert stack.deliver(retry_now=False) == 0


def test_the_poller_delivers_by_itself(stack: LocalStack) -> None:
    with stack.polling():
        send(stack, "m1")
        deadline = time.monotonic() + 10
        while "m1" not in done(stack) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert done(stack) == {"m1": 1}


def test_a_schedule_is_fired_by_hand(stack: LocalStack) -> None:
    assert stack.fire("Tick") == {"kind": "Scheduled Event"}
    with pytest.raises(FunctionError, match="not a schedule"):
        stack.invoke("TickFunction", {})


def test_functions_that_disagree_on_a_variable_cannot_share_a_process(tmp_path: Path) -> None:
    text = TEMPLATE.replace("CodeUri: tick,", "CodeUri: tick, Environment: {Variables: {TABLE: other}},")
    with pytest.raises(TemplateError, match="functions disagree on TABLE"), system(tmp_path, text, HANDLERS):
        pass


def test_a_state_machine_calls_functions_and_sees_their_failures(tmp_path: Path) -> None:
    states = {
        "StartAt": "Call",
        "States": {
            "Call": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "${Tick}", "Payload.$": "$"},
                "OutputPath": "$.Payload",
                "Catch": [{"ErrorEquals": ["ValueError"], "Next": "Caught"}],
                "End": True,
            },
            "Caught": {"Type": "Pass", "Result": {"kind": "caught"}, "End": True},
        },
    }
    (tmp_path / "machine.json").write_text(json.dumps(states))
    machine = """
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.json, DefinitionSubstitutions: {Tick: !GetAtt TickFunction.Arn}}
"""
    with system(tmp_path, TEMPLATE + machine, HANDLERS) as stack:
        client = boto3.client("stepfunctions")

        def outcome(name: Any, payload: Any) -> Any:
            given = {"stateMachineArn": stack.resources.attribute("Machine"), "name": name, "input": json.dumps(payload)}
            arn = client.start_execution(**given)["executionArn"]
            deadline = time.monotonic() + 20
            while (told := client.describe_execution(executionArn=arn))["status"] == "RUNNING" and time.monotonic() < deadline:
                time.sleep(0.05)
            return told["status"], json.loads(told.get("output", "null"))

        assert outcome("good", {"source": "aws.events", "detail-type": "Tick"}) == ("SUCCEEDED", {"kind": "Tick"})
        assert outcome("bad", {}) == ("SUCCEEDED", {"kind": "caught"})
