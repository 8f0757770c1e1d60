"""The door of functions that a schedule calls: nobody waits for an answer, so a failure is an error of the function, for its alarm."""

import os
from collections.abc import Callable, Collection
from threading import Lock
from typing import Any, Protocol

from aws_lambda_powertools import Logger

from infra.adapters import Adapters, connect
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.settings.reading import Environ


class Context(Protocol):
    """What a scheduled function asks of its call."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the timeout."""


Scheduled = Callable[[Any, Context], dict[str, int]]
Build = Callable[[Settings, Adapters, Logger], Scheduled]


def scheduled(service: str, build: Build, environ: Environ = os.environ, *, needs: Collection[Need]) -> Scheduled:
    """The handler of a module, built at its first call. Raises Misconfigured for an environment that violates a guardrail for one of its needs."""
    built: list[Scheduled] = []
    building = Lock()

    def handler(event: Any, context: Context) -> dict[str, int]:
        with building:
            if not built:
                settings = Settings.from_environ(environ, needs)
                built.append(build(settings, connect(settings, needs), logger(service)))
        return built[0](event, context)

    return handler
