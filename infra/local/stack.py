"""The whole system in one process: the template's resources in moto, its functions called as they are deployed, its routes served."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from moto import mock_aws

from infra.http.switches import Switch
from infra.local.authority import Authority
from infra.local.dynamodb import SerialDynamoDB
from infra.local.functions import Function
from infra.local.gateway import Answer, Gateway, Pairs
from infra.local.lambdas import HandlerLambda
from infra.local.queues import deliver_batch, event_sources
from infra.local.resources import Resources
from infra.template import ACCOUNT, REGION, Template, TemplateError

TEMPLATE: Final = Path(__file__).parents[2] / "template.yaml"
EMULATOR: Final[Any] = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
ALWAYS: Final = {
    "APP_PERSISTENCE_PROFILE": "LOCAL",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_EC2_METADATA_DISABLED": "true",
}
NEVER: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_EXECUTION_ENV", "AWS_LAMBDA_RUNTIME_API")
POLL_SECONDS: Final = 0.2
EVERYTHING_OPEN: Final = {switch.variable: "true" for switch in Switch} | {"DPM_POLICY_PACKS_ENABLED": "true"}
"""For people who look around: every group of endpoints answers. Without it a stack opens what a fresh deployment opens."""


class LocalStack:
    """A running system, from `with` to its end. One at a time in a process: handlers share the process environment."""

    def __init__(self, template: Template, variables: Mapping[str, str] | None = None) -> None:
        self.template = template
        self.authority = Authority()
        self.variables = {"TOKEN_ISSUERS_JSON": self.authority.issuers} | dict(variables or {})
        self.resources = Resources(template)
        self.functions: dict[str, Function] = {}
        self._closing = ExitStack()

    @classmethod
    def from_template(
        cls, path: Path = TEMPLATE, parameters: Mapping[str, str] | None = None, variables: Mapping[str, str] | None = None
    ) -> Self:
        """The system that a template describes, with other values for some of the variables that its functions declare."""
        return cls(Template.load(path, parameters), variables)

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(_environment(ALWAYS))
            opening.enter_context(mock_aws(config=EMULATOR))
            SerialDynamoDB.install(REGION, ACCOUNT)
            self.resources.make()
            self.functions = dict(self._functions())
            opening.enter_context(_environment(self._variables()))
            HandlerLambda.install(REGION, ACCOUNT, {function.name: function for function in self.functions.values()})
            self.sources = [source for name, function in self.functions.items() for source in event_sources(function, self._events(name))]
            self.gateways = [
                Gateway(api, self.functions.values()) for _, api in self.template.of_type("AWS::Serverless::Api", self.resources.attribute)
            ]
            self._closing = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.__exit__(kind, error, trace)

    @property
    def buckets(self) -> list[str]:
        """The names of its buckets."""
        return [self.resources.attribute(name) for name, _ in self.template.of_type("AWS::S3::Bucket")]

    def request(self, method: str, target: str, headers: Mapping[str, str] | Pairs = (), body: bytes = b"") -> Answer:
        """One HTTP request to the API, without a socket. `target` is path and query as they stand in a request line."""
        pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
        return self.gateways[0].handle(method, target, pairs, body)

    def invoke(self, name: str, event: Any) -> Any:
        """Call a function by its name in the template, with or without `Function` at the end. KeyError for an unknown one."""
        return self.functions[name if name in self.functions else f"{name}Function"].invoke(event)

    def fire(self, name: str) -> Any:
        """Call a function as its schedule does."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        envelope = {"version": "0", "id": str(uuid4()), "account": ACCOUNT, "region": REGION, "time": now, "resources": []}
        return self.invoke(name, envelope | {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})

    def deliver(self, *, retry_now: bool = True) -> int:
        """Deliver queue messages until none is visible; how many deliveries that took.

        With `retry_now` a failed message comes back at once, so that in the end it is done or in the dead-letter queue.
        """
        total = 0
        while delivered := sum(deliver_batch(source, retry_now=retry_now) for source in self.sources):
            total += delivered
        return total

    @contextmanager
    def polling(self) -> Iterator[None]:
        """Deliver queue messages in the background; failed ones come back after the queue's visibility timeout."""
        stop = Event()

        def poll() -> None:
            while not stop.wait(POLL_SECONDS):
                self.deliver(retry_now=False)

        poller = Thread(target=poll, name="event-sources", daemon=True)
        if self.sources:
            poller.start()
        try:
            yield
        finally:
            stop.set()
            if self.sources:
                poller.join()

    def _functions(self) -> Iterator[tuple[str, Function]]:
        for name, properties in self.template.of_type("AWS::Serverless::Function", self.resources.attribute):
            yield (
                name,
                Function(
                    name=self.resources.attribute(name),
                    arn=self.resources.attribute(name, "Arn"),
                    folder=self.template.folder / properties["CodeUri"],
                    handler=properties["Handler"],
                    timeout=properties.get("Timeout", 3),
                    memory=properties.get("MemorySize", 128),
                    environment=self._chosen(name) | ALWAYS,
                ),
            )

    def _chosen(self, name: str) -> dict[str, str]:
        """A function's variables. As with `sam local`, the caller's own environment wins, but not where a variable names a resource."""
        wanted = self.variables | os.environ
        declared = self.template.properties(name).get("Environment", {}).get("Variables", {})
        resolved = self.template.properties(name, self.resources.attribute).get("Environment", {}).get("Variables", {})
        return {key: str(value if isinstance(declared[key], dict) else wanted.get(key, value)) for key, value in resolved.items()}

    def _variables(self) -> dict[str, str]:
        """The environment of all functions together: they share one process, so they may not disagree."""
        together: dict[str, str] = {}
        for function in self.functions.values():
            for key, value in function.environment.items():
                if together.setdefault(key, value) != value:
                    raise TemplateError(f"functions disagree on {key}; put it into Globals")
        return together

    def _events(self, name: str) -> dict[str, Any]:
        events = self.template.properties(name, self.resources.attribute).get("Events", {})
        return dict(events)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables, and unset those that would lead out of the emulator; put everything back at the end."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name in NEVER or name.startswith("AWS_ENDPOINT_URL")]:
        del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
