"""The system of template.yaml as a whole, and its command line."""

import gzip
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from engine.version import ENGINE_VERSION
from infra.local.stack import TEMPLATE, LocalStack
from infra.release import RELEASE
from infra.template import Template
from tests.support.portfolios import a_request

ROOT = TEMPLATE.parent
BODY = (ROOT / "events/first_request.json").read_bytes()
SIMULATE = "/rebalance/simulate"


def headers(key: str, **more: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Idempotency-Key": key} | more


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack.from_template() as running:
        yield running


def items(stack: LocalStack) -> int:
    return int(boto3.client("dynamodb").scan(TableName=stack.resources.attribute("RunsTable"), Select="COUNT")["Count"])


def test_a_run_is_kept_and_replayed_byte_for_byte(stack: LocalStack) -> None:
    before = items(stack)
    first = stack.request("POST", SIMULATE, headers("kept"), BODY)
    kept = items(stack)
    again = stack.request("POST", SIMULATE, headers("kept"), BODY)
    assert (first.status, first.header("Idempotent-Replayed")) == (200, None)
    assert (again.status, again.header("Idempotent-Replayed"), again.body) == (200, "true", first.body)
    assert before < kept == items(stack)


def test_of_many_equal_calls_at_once_one_makes_the_run(stack: LocalStack) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: stack.request("POST", SIMULATE, headers("race"), BODY), range(24)))
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert [answer.header("Idempotent-Replayed") for answer in answers].count(None) == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [("GET", "/rebalance", 404, None), ("POST", f"{SIMULATE}/", 404, None), ("PUT", SIMULATE, 405, "POST")],
)
def test_what_is_no_route_is_a_problem_of_ours(stack: LocalStack, method: str, path: str, status: int, allow: str | None) -> None:
    answer = stack.request(method, path, headers("x"), BODY)
    assert (answer.status, answer.header("Allow"), answer.header("Content-Type")) == (status, allow, "application/problem+json")
    assert json.loads(answer.body)["instance"] == path


def test_a_large_answer_travels_compressed_in_both_directions(stack: LocalStack) -> None:
    body = json.dumps(a_request(2000)).encode()
    plain = stack.request("POST", SIMULATE, headers("large"), body)
    sent = headers("large", **{"Accept-Encoding": "gzip", "Content-Encoding": "gzip"})
    zipped = stack.request("POST", SIMULATE, sent, gzip.compress(body, mtime=0))
    assert (plain.status, zipped.status, zipped.header("Content-Encoding")) == (200, 200, "gzip")
    assert len(plain.body) > 1_000_000
    assert gzip.decompress(zipped.body) == plain.body


def test_a_body_that_lambda_cannot_take_is_the_gateways_413(stack: LocalStack) -> None:
    answer = stack.request("POST", SIMULATE, headers("huge"), b" " * 5_000_000)  # 6.7 MB as base64
    assert (answer.status, json.loads(answer.body)["code"]) == (413, "REQUEST_TOO_LARGE")


def test_a_stack_leaves_the_environment_as_it_was(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Table: {Type: AWS::SNS::Topic}}")
    before = dict(os.environ)
    with LocalStack.from_template(template):
        assert os.environ["APP_PERSISTENCE_PROFILE"] == "LOCAL"
    assert dict(os.environ) == before


def local(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "infra.local", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603  (our own command)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_up_serves_until_it_is_told_to_stop(ending: signal.Signals) -> None:
    with local("up", "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[1]
        with urllib.request.urlopen(f"{address}/health", timeout=10) as answer:  # noqa: S310  (the address we just started)
            assert json.load(answer) == {"status": "UP", "version": RELEASE, "engine_version": ENGINE_VERSION}
        process.send_signal(ending)
        assert process.wait(timeout=20) == 0


def test_invoke_prints_the_answer_alone() -> None:
    with local("invoke", "SimulateFunction", "events/simulate.json") as process:
        printed, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(printed)["statusCode"]) == (0, 200)


def test_invoke_names_the_functions_there_are() -> None:
    with local("invoke", "Simulat", "events/simulate.json") as process:
        printed, told = process.communicate(timeout=30)
    assert (process.returncode, printed) == (1, "")
    assert ", ".join(sorted(name for name, _ in Template.load(TEMPLATE).of_type("AWS::Serverless::Function"))) in told


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/rebalance/runs/rr_1/workflow", "DPM_WORKFLOW_DISABLED"),
        ("/rebalance/lineage/rr_1", "DPM_LINEAGE_APIS_DISABLED"),
        ("/rebalance/idempotency/k/history", "DPM_IDEMPOTENCY_HISTORY_APIS_DISABLED"),
    ],
)
def test_a_fresh_deployment_keeps_closed_what_looking_around_opens(stack: LocalStack, path: str, code: str) -> None:
    assert json.loads(stack.request("GET", path).body)["code"] == code
