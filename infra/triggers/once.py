"""A function's handler is made once per container: during INIT on Lambda, so that no caller waits for it; elsewhere at the first call."""

import gc
import os
import random
from collections.abc import Callable, Collection
from threading import Lock
from typing import Final, ParamSpec, Protocol, TypeVar

from aws_lambda_powertools import Logger

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.usecases.refusals import Code, SaidInCodes
from infra.adapters import Adapters, connect
from infra.observability import log_broken_evidence, log_defect, logger
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.settings.reading import Environ

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
Made = TypeVar("Made")

YOUNG_OBJECTS: Final = 50_000
"""How many objects a call may make before the collector looks for cycles, of which a decision makes none: at the usual 700 it looks
dozens of times for nothing, which takes a tenth of a decision, and a quarter of one that is guarded and explained."""

Build = Callable[[Settings, Adapters, Logger], Made]
"""`build` of a function's module."""


class FunctionFailed(Exception):  # noqa: N818  (named for what the platform's log says)
    """How a function ends, in words that are ours alone: the platform writes them. Of a defect it is the type; the line `defect` has its places."""


class Context(Protocol):
    """What a function asks of its call."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the timeout."""


def once(make: Callable[[], Callable[Given, Answer]], environ: Environ) -> Callable[Given, Answer]:
    """The handler that `make` makes, whoever calls it first."""
    made: list[Callable[Given, Answer]] = []
    making = Lock()

    def the_handler() -> Callable[Given, Answer]:
        with making:
            if not made:
                made.append(make())
        return made[0]

    def handler(*given: Given.args, **named: Given.kwargs) -> Answer:
        return the_handler()(*given, **named)

    if "AWS_LAMBDA_RUNTIME_API" in environ:
        gc.set_threshold(YOUNG_OBJECTS)  # before the clients are loaded: nearly all that they make stays
        the_handler()
        gc.freeze()  # what INIT made lives as long as the container: no collection need look at it again
        return woken(handler)
    return handler


def woken(handler: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The handler, whose first call seeds Python's generator anew: SnapStart restores many containers from one INIT.

    What we draw ourselves comes from the machine (`infra.system`, `Backoff`); this is for the pauses of libraries, which would all be as long.
    """
    asleep = True

    def seeded(*given: Given.args, **named: Given.kwargs) -> Answer:
        nonlocal asleep
        if asleep:
            random.seed()
            asleep = False
        return handler(*given, **named)

    return seeded


def started(service: str, build: Build[Made], environ: Environ, needs: Collection[Need]) -> Made:
    """What `build` makes of the environment and its adapters. Raises Misconfigured where a guardrail for one of its needs is violated."""
    log, settings = logger(service), Settings.from_environ(environ, needs)
    for warning in settings.warnings:
        log.warning("settings", extra={"code": warning})
    return build(settings, connect(settings, needs), log)


def triggered(
    service: str, build: Build[Callable[Given, Answer]], environ: Environ = os.environ, *, needs: Collection[Need]
) -> Callable[Given, Answer]:
    """The handler of a module that a queue or a schedule calls. A violated guardrail is an error of the function, for its alarm."""
    return once(lambda: telling(started(service, build, environ, needs), logger(service)), environ)


def telling(handler: Callable[Given, Answer], log: Logger) -> Callable[Given, Answer]:
    """The handler, of whose defects the platform learns no more than their type: it writes an exception's text, which may quote clients."""

    def told(*given: Given.args, **named: Given.kwargs) -> Answer:
        try:
            return handler(*given, **named)
        except (StoreUnavailable, FunctionFailed):  # their texts are codes
            raise
        except SaidInCodes as refused:  # whose text is, too, but what it was found by names what was sent
            failed: Exception = type(refused)(str(refused))
        except EvidenceCorrupt as corrupt:
            log_broken_evidence(log, code=Code.EVIDENCE_CORRUPT, payload=corrupt.key)
            failed = FunctionFailed(type(corrupt).__qualname__)
        except Exception as defect:  # noqa: BLE001  (the outermost door)
            log_defect(log, defect)
            failed = FunctionFailed(type(defect).__qualname__)
        raise failed  # here, where nothing hangs on it any more

    return told
