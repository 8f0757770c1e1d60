"""How fast the local stack's worker drains a queue of accepted operations: HTTP to SQS to DynamoDB, all emulated in this process."""

import contextlib
import io
import json
import sys
import time

from infra.local.queues import deliver_batch
from infra.local.stack import LocalStack
from tests.benchmarks.portfolios import portfolio_request

OPERATIONS, SCENARIOS, POSITIONS = 200, 2, 10
LEAST_PER_SECOND = 10.0
"""The emulator sets the pace; what this guards against is work that grows with the number of operations there are."""

MOST_SLOWER = 2.0
"""The last fifty against the first fifty."""


def main() -> bool:
    """Print the rate; True when the promise holds."""
    shared = json.loads(portfolio_request(POSITIONS))
    options = shared.pop("options")
    body = json.dumps({**shared, "scenarios": {f"s{n}": {"options": options} for n in range(SCENARIOS)}}).encode()
    with contextlib.redirect_stdout(io.StringIO()), LocalStack.from_template() as stack:
        [source] = [source for source in stack.sources if source.queue_url == stack.resources.attribute("OperationsQueue")]
        stack.sources = [source]
        start = time.process_time()
        names = [accepted(stack, body) for _ in range(OPERATIONS)]
        accepting = time.process_time() - start
        laps = [drained(stack) for _ in range(OPERATIONS)]
        statuses = {status(stack, name) for name in names}
        left = drained(stack)
    first, last = sum(laps[:50]), sum(laps[-50:])
    rate = OPERATIONS / sum(laps)
    print(
        f"{OPERATIONS} operations of {SCENARIOS} scenarios, {POSITIONS} positions: accepted {OPERATIONS / accepting:.0f} a second, "
        f"drained {rate:.0f} a second (at least {LEAST_PER_SECOND:.0f}), the last fifty {last / first:.1f} × the first (at most {MOST_SLOWER})"
    )
    return statuses == {"SUCCEEDED"} and left == 0 and rate >= LEAST_PER_SECOND and last / first <= MOST_SLOWER


def accepted(stack: LocalStack, body: bytes) -> str:
    """The id of a new operation."""
    answer = stack.request("POST", "/rebalance/analyze/async", {"Content-Type": "application/json"}, body)
    return str(json.loads(answer.body)["operation_id"])


def drained(stack: LocalStack) -> float:
    """Seconds of the processor that one delivery took, all of it in this process; 0 when nothing waits."""
    start = time.process_time()
    return time.process_time() - start if deliver_batch(stack.sources[0]) else 0.0


def status(stack: LocalStack, name: str) -> str:
    """Where an operation stands."""
    return str(json.loads(stack.request("GET", f"/rebalance/operations/{name}").body)["status"])


if __name__ == "__main__":
    sys.exit(not main())
