"""The simulate function as a partner meets it, over stores that the test chose."""

import io
import json
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from engine.ports.outside import Clock
from infra.adapters import Adapters
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Backoff, Table
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from infra.system import utc_now
from tests.functions.gateway import IDENTITY, Reply, event, load
from tests.functions.portfolios import a_request, text
from tests.support.adapters import over
from tests.support.emulators import Aws

SERVICES = count(1)
PRODUCTION = Settings(profile=Profile.PRODUCTION)


@dataclass
class Api:
    """The simulate function over chosen adapters, called as a partner calls it."""

    adapters: Adapters
    settings: Settings = PRODUCTION
    log: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.handler = load("simulate").build(self.settings, self.adapters, logger(f"simulate-{next(SERVICES)}", self.log))

    def but(self, **settings: Any) -> "Api":
        """The same stores behind a function with other settings."""
        return Api(self.adapters, replace(self.settings, **settings))

    def post(self, body: Any = None, headers: dict[str, Any] | None = None, authorizer: Any = IDENTITY, **parts: Any) -> Reply:
        """Post a document (or text, or bytes in base64). A header given as None is left out."""
        sent = {"Idempotency-Key": "key-1", "Content-Type": "application/json", "Host": "api.example", **(headers or {})}
        given = a_request() if body is None else body
        content = text(given) if isinstance(given, dict | list) else given
        named = {name: value for name, value in sent.items() if value is not None}
        return Reply.of(self.handler(event(content, named, authorizer=authorizer, **parts), None))

    def send(self, proxy_event: dict[str, Any]) -> Reply:
        return Reply.of(self.handler(proxy_event, None))

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def on_aws(aws: Aws, clock: Clock = utc_now) -> Adapters:
    table = Table(aws.dynamodb, aws.table, backoff=Backoff(sleep=lambda _: None))
    return over(DynamoRunStore(table, Payloads(aws.s3, aws.bucket, inline_max_bytes=64), clock=clock))
