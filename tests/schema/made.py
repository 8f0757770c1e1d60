"""Things to ask about: a run, operations and a proposal, made of the document's own examples, under the names that its examples use."""

import json
from typing import Any, Final

from infra.local.stack import LocalStack

KEY: Final = "key-1"
CORRELATION: Final = "corr-1"


def made(stack: LocalStack, token: str) -> dict[str, dict[str, Any]]:
    """By chapter of the paths, what there is by the parameters that name it."""
    document = json.loads(stack.request("GET", "/openapi.json").body)

    def post(path: str, example: str) -> Any:
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"][example]
        sent = document["components"]["examples"][body["$ref"].rpartition("/")[2]] if "$ref" in body else body
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": KEY, "X-Correlation-Id": CORRELATION}
        answer = stack.request("POST", path, {**headers, "Content-Type": "application/json"}, json.dumps(sent["value"]).encode())
        assert answer.status in {200, 202}, answer.body
        return json.loads(answer.body)

    run = post("/rebalance/simulate", "pending_review")
    operation = post("/rebalance/analyze/async", "accepted")
    proposal = post("/rebalance/proposals", "opened")
    later = post("/rebalance/proposals/async", "accepted")
    return {
        "runs": {
            "rebalance_run_id": run["rebalance_run_id"],
            "request_hash": run["lineage"]["request_hash"],
            "operation_id": operation["operation_id"],
        },
        "proposals": {"proposal_id": proposal["proposal"]["proposal_id"], "operation_id": later["operation_id"]},
    }
