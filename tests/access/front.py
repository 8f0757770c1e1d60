"""The door as it is deployed: the template's API asks its authorizer of everybody, and leads to functions in PRODUCTION over an emulator."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

from infra.api import Call as Route
from infra.aws.packs.store import DynamoPacks
from infra.aws.table import Table
from infra.local.functions import FunctionError
from infra.local.gateway import Answer, Gateway
from infra.observability import logger
from infra.tokens.authorizer import authorizer
from tests.support.adapters import on_aws
from tests.support.emulators import TEMPLATE, Aws
from tests.support.gateway import load
from tests.support.queues import MemoryQueue
from tests.support.samples import HandClock
from tests.support.service import ACCEPTING, Call, Service
from tests.support.tokens import World

EXAMPLES = {
    "rebalance_run_id": "rr_" + "0" * 32,
    "proposal_id": "pp_" + "0" * 32,
    "operation_id": "dop_" + "0" * 32,
    "version_no": "1",
    "asset": "desk.css",
}


def path_of(call: Route) -> str:
    """A path that leads to a call; what it names is nobody's."""
    parts = call.path.split("/")
    return "/".join(EXAMPLES.get(part[1:-1], "example") if part.startswith("{") else part for part in parts)


@dataclass
class Deployed:
    """One function as Lambda calls it: JSON in, JSON out; what it raises is an error of its kind."""

    arn: str
    handler: Any

    def invoke(self, event: Any) -> Any:
        try:
            return json.loads(json.dumps(self.handler()(json.loads(json.dumps(event)), Call())))
        except Exception as error:
            raise FunctionError(type(error).__name__, str(error)) from error


@dataclass
class Front:
    """Everybody meets the gateway; `issuers` says whose tokens are good."""

    aws: Aws
    issuers: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.service = service_over(self.aws, self.issuers.clock)
        [(_, api)] = TEMPLATE.of_type("AWS::Serverless::Api", arn_of)
        functions: list[Any] = [Deployed(arn_of(name), self._handler(function["CodeUri"])) for name, function in FUNCTIONS.items()]
        self.gateway = Gateway(api, functions, asks_everybody=True)
        (self.gate,) = self.gateway.authorizers.values()
        self.gate.clock = lambda: 0.0  # the gateway keeps what it was told for ever, unless a test forgets

    def ask(self, call: Route, token: str | None, body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> Answer:
        bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
        sent = {"Content-Type": "application/json", "Idempotency-Key": "key"} | bearer | dict(headers or {})
        return self.gateway.handle(call.method, path_of(call), list(sent.items()), body if call.method in {"POST", "PUT"} else b"")

    def said(self, call: Route, token: str | None, headers: Mapping[str, str] | None = None) -> str:
        """Status and code of the refusal; the status alone of what is none."""
        answer = self.ask(call, token, headers=headers)
        problem = answer.header("Content-Type") == "application/problem+json"
        return f"{answer.status} {json.loads(answer.body)['code']}" if problem else str(answer.status)

    @cached_property
    def verifier(self) -> Any:
        return authorizer(self.issuers.verify, logger(f"authorizer-{uuid4()}", self.service.log))

    def _handler(self, folder: str) -> Any:
        name = folder.removeprefix("functions/")
        if name == "authorizer":
            return lambda: self.verifier
        module = load(name)
        return lambda: self.service.function(name) if hasattr(module, "build") else module.handler


def service_over(aws: Aws, clock: HandClock) -> Service:
    """Every function over the tables and the bucket, all groups open, operations left to their queue."""
    packs = DynamoPacks(Table(aws.dynamodb, aws.packs), clock=clock)
    return Service(on_aws(aws, clock, packs=packs, pack_changes=packs, queue=MemoryQueue()), ACCEPTING)


def arn_of(name: str, _attribute: str = "Arn") -> str:
    return f"arn:aws:lambda:eu-central-1:123456789012:function:{name}"


FUNCTIONS = dict(TEMPLATE.of_type("AWS::Serverless::Function"))
