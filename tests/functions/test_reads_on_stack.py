"""The whole template: what simulate answered is found, listed, linked, counted and reviewed over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.stack import TEMPLATE, LocalStack
from tests.support.portfolios import a_request

ROOT = TEMPLATE.parent
OPENED = {"WorkflowEnabled": "true", "LineageApisEnabled": "true", "IdempotencyHistoryApisEnabled": "true"}
KEY = "50% of a+b?"
SENT = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Any]:
    with LocalStack.from_template(parameters=OPENED) as running:
        yield running


@pytest.fixture(scope="module")
def simulated(stack: Any) -> Any:
    """A run that asks for a review."""
    body = json.dumps(a_request() | {"options": {"single_position_max_weight": "0.3"}}).encode()
    answer = stack.request("POST", "/rebalance/simulate", SENT | {"Idempotency-Key": KEY, "X-Correlation-Id": "desk 7"}, body)
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "PENDING_REVIEW")
    return answer


def get(stack: Any, target: Any) -> Any:
    answer = stack.request("GET", target)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def test_a_simulated_run_is_found_in_every_way(stack: Any, simulated: Any) -> None:
    result = json.loads(simulated.body)
    run_id, request_hash = result["rebalance_run_id"], result["lineage"]["request_hash"]
    for target in (
        run_id,
        "by-correlation/desk%207",
        f"by-request-hash/{request_hash}",
        f"by-request-hash/{request_hash.replace(':', '%3A')}",
    ):
        answer = stack.request("GET", f"/rebalance/runs/{target}")
        assert answer.status == 200, target
        assert answer.body.endswith(b'"result":' + simulated.body + b"}")
    key = "50%25%20of%20a%2Bb%3F"
    assert get(stack, f"/rebalance/runs/idempotency/{key}")["rebalance_run_id"] == run_id
    assert [use["rebalance_run_id"] for use in get(stack, f"/rebalance/idempotency/{key}/history")["history"]] == [run_id]
    assert [edge["edge_type"] for edge in get(stack, f"/rebalance/lineage/{run_id}")["edges"]] == [
        "IDEMPOTENCY_TO_RUN",
        "CORRELATION_TO_RUN",
    ]
    assert [edge["target_entity_id"] for edge in get(stack, f"/rebalance/lineage/{key}")["edges"]] == [run_id]
    created_at = get(stack, f"/rebalance/runs/{run_id}")["created_at"]
    assert created_at.endswith("+00:00")
    bound = created_at.replace("+", "%2B")
    [row] = get(stack, f"/rebalance/runs?from={bound}&to={bound}&portfolio_id=pf_1&status=PENDING_REVIEW&request_hash={request_hash}")[
        "items"
    ]
    assert row["rebalance_run_id"] == run_id
    unencoded = stack.request("GET", f"/rebalance/runs?from={created_at}")
    assert (unencoded.status, json.loads(unencoded.body)["errors"][0]["loc"]) == (422, ["query", "from"])
    assert get(stack, "/rebalance/supportability/summary")["run_status_counts"] == {"PENDING_REVIEW": 1}


def test_a_simulated_run_is_reviewed(stack: Any, simulated: Any) -> None:
    run_id = json.loads(simulated.body)["rebalance_run_id"]
    path = f"/rebalance/runs/{run_id}/workflow"
    assert get(stack, path)["workflow_status"] == "PENDING_REVIEW"
    body = json.dumps({"action": "APPROVE", "reason_code": "REVIEW_APPROVED", "actor_id": "reviewer-9"}).encode()
    approved = stack.request("POST", f"{path}/actions", SENT, body)
    assert (approved.status, json.loads(approved.body)["workflow_status"]) == (200, "APPROVED")
    again = stack.request("POST", f"{path}/actions", SENT, body)
    assert (again.status, json.loads(again.body)["code"]) == (409, "DPM_WORKFLOW_INVALID_TRANSITION")
    [decision] = get(stack, "/rebalance/workflow/decisions/by-correlation/desk%207")["decisions"]
    assert get(stack, f"/rebalance/workflow/decisions?rebalance_run_id={run_id}")["items"] == [decision]
    assert decision["actor_id"] == "reviewer-9"
    assert get(stack, "/rebalance/supportability/summary")["workflow_action_counts"] == {"APPROVE": 1}
    assert json.loads(simulated.body) == get(stack, f"/rebalance/runs/{run_id}")["result"]  # a review changes no run


@pytest.mark.parametrize(
    ("method", "target", "status", "allow"),
    [
        ("POST", "/rebalance/runs", 405, "GET, HEAD"),
        ("DELETE", "/rebalance/runs/rr_1", 405, "GET, HEAD"),
        ("GET", "/rebalance/runs/rr_1/workflow/actions", 405, "POST"),
        ("GET", "/rebalance/runs/", 404, None),
        ("GET", "/rebalance/runs/rr_1/", 404, None),
        ("GET", "/rebalance/runs/by-correlation/a%2Fb", 404, None),
        ("GET", "/rebalance/runs/by-correlation/a/b", 404, None),
        ("GET", "/rebalance/runs/by-correlation", 404, None),
    ],
)
def test_routes_that_do_not_exist_and_methods_that_they_do_not_take(
    stack: Any, method: str, target: str, status: int, allow: str | None
) -> None:
    answer = stack.request(method, target)
    assert (answer.status, answer.header("Allow")) == (status, allow)
    assert answer.header("Content-Type") == "application/problem+json"


def invoked(function: Any, event: Any, **environ: Any) -> Any:
    command = [sys.executable, "-m", "infra.local", "invoke", function, f"events/{event}.json"]
    outer = {name: value for name, value in os.environ.items() if not name.startswith("DPM_")}  # without the stack's of this module
    done = subprocess.run(command, cwd=ROOT, env=outer | environ, capture_output=True, text=True, check=True)  # noqa: S603  (our own command)
    answer = json.loads(done.stdout)
    return answer["statusCode"], json.loads(answer["body"])


def test_the_command_line_opens_every_group_and_the_callers_environment_closes_them() -> None:
    assert invoked("RunWorkflow", "run_workflow")[1]["code"] == "DPM_RUN_NOT_FOUND"
    assert invoked("RunWorkflow", "run_workflow", DPM_WORKFLOW_ENABLED="false")[1]["code"] == "DPM_WORKFLOW_DISABLED"
