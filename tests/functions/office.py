"""Accepted operations from end to end as a partner and the platform see them: the functions, their queue, a clock that the test moves."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from engine.records.operations import Job
from infra.adapters import Adapters
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from infra.settings.operations import ExecutionMode, OperationSettings
from tests.functions.gateway import IDENTITY, Reply, event, load
from tests.functions.portfolios import a_request
from tests.functions.reader import routed
from tests.support.adapters import over
from tests.support.queues import MemoryQueue
from tests.support.samples import HandClock

SERVICES = count(1)
MESSAGES = count(1)
ACCEPTING = Settings(profile=Profile.PRODUCTION, closed=frozenset(), operations=OperationSettings(execution_mode=ExecutionMode.ACCEPT_ONLY))
PARTNER = IDENTITY | {"scopes": "dpm.read dpm.run dpm.execute"}
FOREIGNER = PARTNER | {"tenant": "bank-b"}
WORKER_SECONDS = 120
FUNCTIONS = ("async_dispatch", "worker", "dead_letters", "run_lookup", "sweeper")


def batch(**scenarios: Any) -> dict[str, Any]:
    shared = a_request()
    del shared["options"]
    return {**shared, "scenarios": {name: {"options": options} for name, options in (scenarios or {"base": {}}).items()}}


class Call:
    """The context of a call that has so long to live."""

    def __init__(self, seconds: float = WORKER_SECONDS) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class Office:
    """The functions over the same stores and one queue; all switches open unless told."""

    adapters: Adapters
    clock: HandClock
    settings: Settings = ACCEPTING
    log: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.functions = {
            name: load(name).build(self.settings, self.adapters, logger(f"{name}-{next(SERVICES)}", self.log)) for name in FUNCTIONS
        }
        self.operations = self.adapters.operations

    def but(self, **settings: Any) -> "Office":
        """The same stores behind functions with other settings."""
        return Office(self.adapters, self.clock, replace(self.settings, **settings))

    def with_adapters(self, **adapters: Any) -> "Office":
        return Office(replace(self.adapters, **adapters), self.clock, self.settings)

    def submit(self, body: Any = None, authorizer: Any = PARTNER, **headers: str) -> Reply:
        """Post a batch; underscores in the names of headers stand for hyphens."""
        given = batch() if body is None else body
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send("async_dispatch", "POST", "/rebalance/analyze/async", sent, authorizer, given)

    def accepted(self, body: Any = None, **headers: str) -> str:
        reply = self.submit(body, **headers)
        assert reply.status == 202, reply.body
        return str(reply.json["operation_id"])

    def execute(self, operation_id: str, authorizer: Any = PARTNER) -> Reply:
        return self._send("async_dispatch", "POST", f"/rebalance/operations/{operation_id}/execute", {}, authorizer, None)

    def get(self, path: str, authorizer: Any = PARTNER, **query: Any) -> Reply:
        return self._send("run_lookup", "GET", path, {}, authorizer, None, {name.rstrip("_"): [str(v)] for name, v in query.items()})

    def status(self, operation_id: str) -> dict[str, Any]:
        reply = self.get(f"/rebalance/operations/{operation_id}")
        assert reply.status == 200, reply.body
        found: dict[str, Any] = reply.json
        return found

    def work(self, *jobs: Job, received: int = 1, seconds: float = WORKER_SECONDS) -> list[bool]:
        """Hand messages to the worker; for each, whether it is done with."""
        return self.hand("worker", [body_of(job) for job in jobs], received, seconds)

    def hand(self, function: str, bodies: list[str], received: int = 1, seconds: float = WORKER_SECONDS) -> list[bool]:
        records = [
            {"messageId": name, "receiptHandle": f"receipt-{name}", "body": body, "attributes": {"ApproximateReceiveCount": str(received)}}
            for name, body in ((f"m{next(MESSAGES)}", body) for body in bodies)
        ]
        failures = self.functions[function]({"Records": records}, Call(seconds))["batchItemFailures"]
        back = {failure["itemIdentifier"] for failure in failures}
        return [record["messageId"] not in back for record in records]

    def jobs(self) -> Iterator[Job]:
        """What waits in the queue in memory, taken out."""
        queue = self.adapters.queue
        assert isinstance(queue, MemoryQueue)
        while (job := queue.take()) is not None:
            yield job

    def sweep(self) -> dict[str, int]:
        swept: dict[str, int] = self.functions["sweeper"]({"source": "aws.events"}, Call(300))
        return swept

    def _send(self, function: str, method: str, path: str, headers: Any, authorizer: Any, body: Any, query: Any = None) -> Reply:
        resource, parameters = routed(path)
        content = json.dumps(body) if isinstance(body, dict) else body
        sent = event(content, headers, method=method, path=path, resource=resource, authorizer=authorizer)
        sent |= {"pathParameters": parameters or None, "multiValueQueryStringParameters": query or None}
        return Reply.of(self.functions[function](sent, None))

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def body_of(job: Job) -> str:
    return json.dumps({"tenant": job.tenant, "family": job.family.value, "operation_id": job.operation_id})


def in_memory(tables: MemoryTables, clock: HandClock) -> Office:
    return Office(over(MemoryRunStore(tables, clock=clock), queue=MemoryQueue()), clock)
