"""Artifact, bundle, verification and sweep as the template deploys them: over HTTP, from simulate to the offline proof."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from engine.evidence.verification import Verdict, verify_file
from infra.local.stack import TEMPLATE, LocalStack
from tests.support.portfolios import a_request

ROOT = TEMPLATE.parent
SENT = {"Content-Type": "application/json", "Idempotency-Key": "key-1", "X-Correlation-Id": "desk 7"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Any]:
    with LocalStack.from_template(parameters={"RunRetentionDays": "1", "BookRetentionDays": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def run(stack: Any) -> Any:
    made = stack.request("POST", "/rebalance/simulate", SENT, json.dumps(a_request()).encode())
    assert made.status == 200
    return f"/rebalance/runs/{json.loads(made.body)['rebalance_run_id']}"


def get(stack: Any, path: Any) -> Any:
    answer = stack.request("GET", path)
    assert answer.status == 200, answer.body
    return answer.body


def test_a_run_is_proven_by_the_service_and_without_it(stack: Any, run: Any) -> None:
    assert json.loads(get(stack, f"{run}/verification"))["verdict"] == "VERIFIED"
    artifact = get(stack, f"{run}/artifact")
    assert verify_file(artifact).verdict is Verdict.VERIFIED
    for path in (run, "/rebalance/runs/by-correlation/desk%207", "/rebalance/runs/idempotency/key-1"):
        bundle = get(stack, f"{path}/support-bundle")
        assert artifact in bundle
        assert verify_file(bundle).verdict is Verdict.VERIFIED
    assert verify_file(get(stack, f"{run}/support-bundle?include_artifact=no&include_idempotency_history=0")).verdict is Verdict.VERIFIED


def test_the_artifact_lies_with_its_run_from_the_start(stack: Any, run: Any) -> None:
    listed = boto3.client("s3").list_objects_v2(Bucket=stack.resources.attribute("PayloadBucket"))
    table = boto3.client("dynamodb").scan(TableName=stack.resources.attribute("RunsTable"))["Items"]
    [meta] = [item for item in table if item["sk"]["S"] == "META"]
    assert set(meta["documents"]["M"]["spans"]["M"]) == {"result", "request", "options", "artifact"}
    assert listed["KeyCount"] == ("gz" not in meta["documents"]["M"])


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("POST", "/artifact", 405, "GET, HEAD"),
        ("DELETE", "/support-bundle", 405, "GET, HEAD"),
        ("PUT", "/verification", 405, "GET, HEAD"),
        ("GET", "/artifact/", 404, None),
        ("GET", "/artifact/x", 404, None),
    ],
)
def test_other_methods_and_other_paths(stack: Any, run: Any, method: str, path: str, status: int, allow: str | None) -> None:
    answer = stack.request(method, run + path)
    assert (answer.status, answer.header("Allow")) == (status, allow)


def test_the_schedule_sweeps(stack: Any, run: Any) -> None:
    swept = stack.fire("Sweeper")
    assert (swept["runs_removed"], swept["unfinished"], swept["failed"]) == (0, 0, 0)
    assert json.loads(get(stack, f"{run}/verification"))["verdict"] == "VERIFIED"
