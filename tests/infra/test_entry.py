"""A module's handler: built once, whoever comes first; a container that may not serve says why, every time."""

import gc
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from infra.adapters import Adapters, connect
from infra.http.door import entry
from infra.http.messages import Handler, Response, proxy_answer
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.once import triggered

ROOT = Path(__file__).parents[2]
ASK = (
    "import sys, json; sys.path[:0] = ['functions/simulate', '.']; import app; [print(json.dumps(app.handler({}, None))) for _ in range(2)]"
)


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "PERSISTENCE_PROFILE_REQUIRES_DPM_STORE"),
        ({"DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB"}, "PERSISTENCE_PROFILE_REQUIRES_DPM_STORE_TABLE"),
        ({"APP_PERSISTENCE_PROFILE": "LOCAL", "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}, "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA"),
    ],
)
def test_a_violated_guardrail_answers_every_call(environ: dict[str, Any], code: str) -> None:
    done = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=environ, capture_output=True, text=True, check=True)  # noqa: S603  (our own command)
    answers = [json.loads(line) for line in done.stdout.splitlines() if "statusCode" in line]
    assert [answer["statusCode"] for answer in answers] == [503, 503]
    assert answers[0]["headers"]["Content-Type"] == "application/problem+json"
    assert json.loads(answers[0]["body"])["detail"] == code


def test_a_handler_is_built_once() -> None:
    built = []
    together = Barrier(8)

    def build(_settings: Settings, _adapters: Adapters, _log: Any) -> Callable[..., Any]:
        built.append(1)
        return lambda _event, _context: proxy_answer(Response(200, b"{}"), gzip_accepted=False)

    environ = {"APP_PERSISTENCE_PROFILE": "LOCAL"}
    handler = entry("entry-once", build, environ, needs=(Need.RUNS,))

    def call() -> None:
        together.wait()
        assert handler({}, None)["statusCode"] == 200

    callers = [Thread(target=call) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert built == [1]


def test_a_function_is_refused_only_for_what_it_needs() -> None:
    def build(_settings: Settings, adapters: Adapters, _log: Logger) -> Handler:
        return lambda _event, _context: proxy_answer(Response(200, b"{}"), gzip_accepted=False)

    def status(*needs: Need) -> int:
        return int(entry(f"needs-{len(needs)}", build, {}, needs=needs)({}, None)["statusCode"])

    assert (status(), status(Need.RUNS)) == (200, 503)


def test_who_needs_nothing_has_nothing() -> None:
    adapters = connect(Settings(), ())
    with pytest.raises(NotImplementedError, match="claimed"):
        adapters.runs.claimed("bank-a", "key-1")
    assert adapters.clock().tzinfo is not None


@pytest.mark.parametrize(("environ", "before_the_first_call"), [({}, 0), ({"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}, 1)])
def test_on_lambda_a_handler_is_built_during_init(environ: dict[str, str], before_the_first_call: int) -> None:
    built: list[int] = []

    def build(_settings: Settings, _adapters: Adapters, _log: Logger) -> Callable[[str, str], str]:
        built.append(1)
        return lambda event, context: event + context

    usual = gc.get_threshold()
    try:
        handler = triggered("entry-init", build, {"APP_PERSISTENCE_PROFILE": "LOCAL"} | environ, needs=())
        assert len(built) == before_the_first_call
        assert (gc.get_threshold()[0] > usual[0]) == bool(environ)
        assert [handler("a", "b"), handler("c", "d")] == ["ab", "cd"]
        assert len(built) == 1
    finally:
        gc.unfreeze()  # what INIT does to a container, it does to the tests' process
        gc.set_threshold(*usual)
