"""Runs made by simulate and analyze, and their evidence as a partner reads it, over stores that the test chose."""

import io
import json
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from engine.usecases.artifacts import ArtifactMode
from infra.adapters import Adapters
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from infra.settings.stores import StoreSettings
from infra.system import utc_now
from tests.functions.gateway import IDENTITY, Reply, event, load
from tests.functions.portfolios import a_request
from tests.functions.reader import routed
from tests.support.adapters import over

SERVICES = count(1)
KEYS = count(1)
SETTINGS = Settings(profile=Profile.PRODUCTION, store=StoreSettings(artifacts=ArtifactMode.PERSISTED), closed=frozenset())
FOREIGNER = IDENTITY | {"tenant": "bank-b"}


@dataclass
class Desk:
    """The functions that make runs and those that prove them; all switches open and artifacts kept unless told."""

    adapters: Adapters
    settings: Settings = SETTINGS
    log: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.functions = {
            name: load(name).build(self.settings, self.adapters, logger(f"evidence-{name}-{next(SERVICES)}", self.log))
            for name in ("simulate", "analyze", "artifact", "verification")
        }

    def but(self, **settings: Any) -> "Desk":
        """The same stores behind functions with other settings."""
        return Desk(self.adapters, replace(self.settings, **settings))

    def keeping(self, days: int, clock: Any) -> "Desk":
        """The same stores under a retention, read at another time."""
        runs: Any = copy(self.adapters.runs)
        runs.retention_days, runs.clock = days, clock
        return Desk(replace(over(runs), clock=self.adapters.clock), self.settings)

    def simulate(self, body: Any = None, **headers: str) -> Reply:
        """A new run; its key is new too unless the headers name one."""
        sent = {"Idempotency-Key": f"key {next(KEYS)}", "Content-Type": "application/json"} | headers
        content = json.dumps(a_request() if body is None else body)
        reply = Reply.of(self.functions["simulate"](event(content, sent, authorizer=IDENTITY), None))
        assert reply.status == 200, reply.body
        return reply

    def run_id(self, body: Any = None, **headers: str) -> str:
        return str(self.simulate(body, **headers).json["rebalance_run_id"])

    def analyze(self, body: Any, **headers: str) -> Reply:
        sent = {"Content-Type": "application/json"} | headers
        call = event(json.dumps(body), sent, path="/rebalance/analyze", authorizer=IDENTITY)
        return Reply.of(self.functions["analyze"](call, None))

    def get(self, path: str, authorizer: Any = IDENTITY, headers: dict[str, Any] | None = None, **query: Any) -> Reply:
        many = {name: value if isinstance(value, list) else [str(value)] for name, value in query.items()}
        resource, parameters = routed(f"/rebalance/runs/{path}")
        sent = event(None, headers or {}, method="GET", path=f"/rebalance/runs/{path}", resource=resource, authorizer=authorizer)
        sent |= {
            "pathParameters": parameters or None,
            "queryStringParameters": {name: values[-1] for name, values in many.items()} or None,
            "multiValueQueryStringParameters": many or None,
        }
        return Reply.of(self.functions["verification" if resource.endswith("/verification") else "artifact"](sent, None))

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def now_plus(**amount: float) -> Any:
    """A clock that is ahead."""
    return lambda: utc_now() + timedelta(**amount)
