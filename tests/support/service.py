"""The service as a partner and the platform meet it: every function, over stores that the test chose."""

import io
import json
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from itertools import count
from threading import Lock
from typing import Any, Self

from engine.ports.operations import OperationStore
from engine.ports.outside import Clock
from engine.records.operations import Job
from engine.records.runs import RunDocuments, RunHead
from engine.usecases.artifacts import ArtifactMode
from infra.adapters import Adapters
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from infra.settings.operations import ExecutionMode, OperationSettings
from infra.settings.stores import StoreSettings
from infra.system import utc_now
from tests.support.adapters import over
from tests.support.described import described
from tests.support.gateway import IDENTITY, Reply, event, function_of, load
from tests.support.portfolios import a_proposal, a_request, batch
from tests.support.queues import MemoryQueue
from tests.support.samples import DOCUMENTS, HandClock, Numbered

SERVICES, KEYS, MESSAGES = count(1), count(1), count(1)
WORKER_SECONDS = 120

READER = IDENTITY | {"scopes": "dpm.read"}
REVIEWER = IDENTITY | {"actor": "reviewer-1", "scopes": "dpm.read dpm.review"}
PARTNER = IDENTITY | {"scopes": "dpm.read dpm.run dpm.execute"}
ADVISER = IDENTITY | {"scopes": "advisory.run"}
FOREIGNER = IDENTITY | {"tenant": "bank-b", "scopes": "dpm.read dpm.run dpm.execute dpm.review"}

PRODUCTION = Settings(profile=Profile.PRODUCTION)
OPEN = replace(PRODUCTION, closed=frozenset())
PERSISTING = replace(OPEN, store=StoreSettings(artifacts=ArtifactMode.PERSISTED))
ACCEPTING = replace(OPEN, operations=OperationSettings(execution_mode=ExecutionMode.ACCEPT_ONLY))


class Call:
    """The context of a call that has so long to live."""

    def __init__(self, seconds: float = WORKER_SECONDS) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class Service:
    """All functions over the same adapters and settings, each made when it is first called; `caller` calls unless told."""

    adapters: Adapters
    settings: Settings = OPEN
    caller: Any = field(default_factory=lambda: PARTNER)
    log: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.made: dict[str, Callable[[Any, Any], Any]] = {}
        self.making = Lock()

    def but(self, **settings: Any) -> Self:
        """The same stores behind functions with other settings."""
        return replace(self, settings=replace(self.settings, **settings), log=io.StringIO())

    def with_adapters(self, **adapters: Any) -> Self:
        return replace(self, adapters=replace(self.adapters, **adapters), log=io.StringIO())

    def keeping(self, days: int, clock: Clock | None = None) -> Self:
        """The same stores under a retention, read at another time where a clock is given."""
        runs: Any = copy(self.adapters.runs)
        runs.retention_days, runs.clock = days, clock or runs.clock
        return replace(self, adapters=replace(over(runs), clock=self.adapters.clock), log=io.StringIO())

    def function(self, name: str) -> Callable[[Any, Any], Any]:
        """A function as the runtime calls it."""
        with self.making:
            if name not in self.made:
                self.made[name] = load(name).build(self.settings, self.adapters, logger(f"{name}-{next(SERVICES)}", self.log))
        return self.made[name]

    @property
    def clock(self) -> HandClock:
        clock = self.adapters.clock
        assert isinstance(clock, HandClock)
        return clock

    @cached_property
    def new(self) -> Numbered:
        return Numbered(self.clock)

    @property
    def operations(self) -> OperationStore:
        return self.adapters.operations

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def send(self, proxy_event: dict[str, Any]) -> Reply:
        """An event to simulate, as it stands."""
        reply = Reply.of(self.function("simulate")(proxy_event, None))
        described(proxy_event["httpMethod"], proxy_event["resource"], reply.status, reply.headers, reply.body)
        return reply

    def call(
        self, method: str, path: str, body: Any, headers: Any, authorizer: Any, query: dict[str, Any] | None = None, **parts: Any
    ) -> Reply:
        """To the function that the table of calls names. A query parameter with a list of values is given several times."""
        many = {name.rstrip("_"): value if isinstance(value, list) else [str(value)] for name, value in (query or {}).items()}
        content = json.dumps(body) if isinstance(body, dict | list) else body
        function, resource, parameters = function_of(method, path)
        sent = event(content, headers, method=method, path=path, resource=resource, authorizer=authorizer, **parts)
        sent |= {
            "pathParameters": parameters or None,
            "queryStringParameters": {name: values[-1] for name, values in many.items()} or None,
            "multiValueQueryStringParameters": many or None,
        }
        reply = Reply.of(self.function(function)(sent, None))
        described(method, resource, reply.status, reply.headers, reply.body)
        return reply

    def get(self, path: str, authorizer: Any = ..., headers: dict[str, Any] | None = None, **query: Any) -> Reply:
        """A GET; an underscore at the end of a parameter's name is dropped."""
        return self.call("GET", path, None, headers or {}, self.caller if authorizer is ... else authorizer, query)

    def evidence(self, path: str, authorizer: Any = ..., headers: dict[str, Any] | None = None, **query: Any) -> Reply:
        """What there is under a run: `rr_1/artifact`."""
        return self.get(f"/rebalance/runs/{path}", authorizer, headers, **query)

    def post(self, body: Any = None, headers: dict[str, Any] | None = None, authorizer: Any = ..., **parts: Any) -> Reply:
        """Simulate a document (or text, or bytes in base64) under key-1. A header given as None is left out."""
        sent = {"Idempotency-Key": "key-1", "Content-Type": "application/json", "Host": "api.example", **(headers or {})}
        given = a_request() if body is None else body
        content = json.dumps(given) if isinstance(given, dict | list) else given
        named = {name: value for name, value in sent.items() if value is not None}
        return self.send(event(content, named, authorizer=self.caller if authorizer is ... else authorizer, **parts))

    def simulate(self, body: Any = None, **headers: str) -> Reply:
        """A new run; its key is new too unless the headers name one."""
        reply = self.post(body, {"Idempotency-Key": f"key {next(KEYS)}"} | headers)
        assert reply.status == 200, reply.body
        return reply

    def run_id(self, body: Any = None, **headers: str) -> str:
        return str(self.simulate(body, **headers).json["rebalance_run_id"])

    def propose(
        self, body: Any = None, headers: dict[str, Any] | None = None, authorizer: Any = ADVISER, *, form: str = "simulate"
    ) -> Reply:
        """Simulate a proposal (or text, or bytes in base64), or ask for its artifact, under key-1. A header given as None is left out."""
        sent = {"Idempotency-Key": "key-1", "Content-Type": "application/json", **(headers or {})}
        named = {name: value for name, value in sent.items() if value is not None}
        return self.call("POST", f"/rebalance/proposals/{form}", a_proposal() if body is None else body, named, authorizer)

    def analyze(self, body: Any, **headers: str) -> Reply:
        return self.call("POST", "/rebalance/analyze", body, {"Content-Type": "application/json"} | headers, self.caller)

    def record(self, documents: RunDocuments = DOCUMENTS, **changes: Any) -> RunHead:
        """A recorded run, a second younger than the one before."""
        head = self.new.head(**changes)
        assert self.adapters.runs.record(head, documents, None) is None
        self.clock.forward(seconds=1)
        return head

    def act(self, path: str, action: Any, authorizer: Any = REVIEWER, **headers: str) -> Reply:
        """A review action: a document, or text as it stands."""
        body = action if isinstance(action, str) else json.dumps(action)
        return self.call("POST", path, body, {"Content-Type": "application/json"} | headers, authorizer)

    def submit(self, body: Any = None, authorizer: Any = ..., **headers: str) -> Reply:
        """Post a batch; underscores in the names of headers stand for hyphens."""
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        caller = self.caller if authorizer is ... else authorizer
        return self.call("POST", "/rebalance/analyze/async", batch() if body is None else body, sent, caller)

    def accepted(self, body: Any = None, **headers: str) -> str:
        reply = self.submit(body, **headers)
        assert reply.status == 202, reply.body
        return str(reply.json["operation_id"])

    def execute(self, operation_id: str, authorizer: Any = ...) -> Reply:
        caller = self.caller if authorizer is ... else authorizer
        return self.call("POST", f"/rebalance/operations/{operation_id}/execute", None, {}, caller)

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
        failures = self.function(function)({"Records": records}, Call(seconds))["batchItemFailures"]
        failed_ids = {failure["itemIdentifier"] for failure in failures}
        return [record["messageId"] not in failed_ids for record in records]

    def jobs(self) -> Iterator[Job]:
        """What waits in the queue in memory, taken out."""
        queue = self.adapters.queue
        assert isinstance(queue, MemoryQueue)
        while (job := queue.take()) is not None:
            yield job

    def sweep(self) -> dict[str, int]:
        swept: dict[str, int] = self.function("sweeper")({"source": "aws.events"}, Call(300))
        return swept


def deciding(adapters: Adapters, settings: Settings = PRODUCTION) -> Service:
    """In production as it is delivered, called by an adviser."""
    return Service(adapters, settings, IDENTITY)


def proving(adapters: Adapters, settings: Settings = PERSISTING) -> Service:
    """With artifacts kept and everything switched on, called by an adviser."""
    return Service(adapters, settings, IDENTITY)


def reading(adapters: Adapters, settings: Settings = OPEN) -> Service:
    """With everything switched on, called by who may only read."""
    return Service(adapters, settings, READER)


def operating(adapters: Adapters, settings: Settings = ACCEPTING) -> Service:
    """With operations that wait in their queue, called by who may run and execute."""
    return Service(adapters, settings, PARTNER)


def body_of(job: Job) -> str:
    return json.dumps({"tenant": job.tenant, "family": job.family.value, "operation_id": job.operation_id})


def now_plus(**amount: float) -> Any:
    """A clock that is ahead."""
    return lambda: utc_now() + timedelta(**amount)
