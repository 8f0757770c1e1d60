"""The look-ups and the review of runs as a partner meets them, over stores that the test chose and fills itself."""

import io
import json
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from urllib.parse import quote

from engine.records.runs import RunDocuments, RunHead
from infra.adapters import Adapters
from infra.api import ROUTES
from infra.http.routing import best_match
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from tests.functions.gateway import IDENTITY, Reply, event, load
from tests.functions.partner import on_aws
from tests.support.adapters import over
from tests.support.emulators import Aws
from tests.support.samples import DOCUMENTS, HandClock, Numbered

SERVICES = count(1)
OPEN = Settings(profile=Profile.PRODUCTION, closed=frozenset())
READER = IDENTITY | {"scopes": "dpm.read"}
REVIEWER = IDENTITY | {"actor": "reviewer-1", "scopes": "dpm.read dpm.review"}
FOREIGNER = IDENTITY | {"tenant": "bank-b", "scopes": "dpm.read dpm.review"}


@dataclass
class Reads:
    """Both functions over the same stores, under a clock that the test moves; all switches open unless told."""

    adapters: Adapters
    clock: HandClock
    settings: Settings = OPEN
    log: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.new = Numbered(self.clock)
        self.functions = {
            name: load(name).build(self.settings, self.adapters, logger(f"reader-{name}-{next(SERVICES)}", self.log))
            for name in ("run_lookup", "run_workflow")
        }

    def but(self, **settings: Any) -> "Reads":
        """The same stores behind functions with other settings."""
        return Reads(self.adapters, self.clock, replace(self.settings, **settings))

    def keeping(self, days: int) -> "Reads":
        """The same stores under a retention."""
        runs: Any = copy(self.adapters.runs)
        runs.retention_days = days
        return Reads(over(runs), self.clock, self.settings)

    def record(self, documents: RunDocuments = DOCUMENTS, **changes: Any) -> RunHead:
        """A recorded run, a second younger than the one before."""
        head = self.new.head(**changes)
        assert self.adapters.runs.record(head, documents, None) is None
        self.clock.forward(seconds=1)
        return head

    def get(self, path: str, authorizer: Any = READER, headers: dict[str, Any] | None = None, **query: Any) -> Reply:
        """A GET; a query parameter with a list of values is given several times, a trailing underscore is dropped."""
        many = {name.rstrip("_"): value if isinstance(value, list) else [str(value)] for name, value in query.items()}
        return self._send("GET", path, None, headers or {}, authorizer, many)

    def act(self, path: str, action: Any, authorizer: Any = REVIEWER, **headers: str) -> Reply:
        """A review action: a document, or text as it stands."""
        body = action if isinstance(action, str) else json.dumps(action)
        return self._send("POST", path, body, {"Content-Type": "application/json"} | headers, authorizer, {})

    def _send(self, method: str, path: str, body: str | None, headers: Any, authorizer: Any, query: dict[str, list[str]]) -> Reply:
        resource, parameters = routed(path)
        sent = event(body, headers, method=method, path=path, resource=resource, authorizer=authorizer)
        sent |= {
            "pathParameters": parameters or None,
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
        }
        name = "run_workflow" if "/workflow" in resource else "run_lookup"
        return Reply.of(self.functions[name](sent, None))

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def in_memory(memory: MemoryTables, clock: HandClock) -> Reads:
    return Reads(over(MemoryRunStore(memory, clock=clock)), clock)


def in_dynamodb(aws: Aws, clock: HandClock) -> Reads:
    return Reads(on_aws(aws, clock), clock)


def routed(path: str) -> tuple[str, dict[str, str]]:
    """The path template that API Gateway finds, and the parameters as they were sent."""
    match = best_match(ROUTES, path)
    assert match is not None
    return match.template, match.parameters


def refused(reply: Reply) -> tuple[int, str]:
    """Status and detail of a refusal, which has the one shape."""
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["status"] == reply.status
    assert reply.json["code"] == reply.json["detail"].partition(":")[0]
    return reply.status, reply.json["detail"]


def violations(reply: Reply) -> list[tuple[list[Any], str]]:
    assert refused(reply) == (422, "REQUEST_VALIDATION_FAILED")
    return [(error["loc"], error["type"]) for error in reply.json["errors"]]


def segment(identifier: str) -> str:
    """An identifier as a path segment."""
    return quote(identifier, safe="")
