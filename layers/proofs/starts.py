"""`python -m layers.proofs.starts [FOLDER]`: every function starts from what was built, as Lambda starts it, and answers its events.

Each runs in a process of its own under the runtime interface emulator: layers unpacked in their order, its code as its task's root, the
environment of the template in profile PRODUCTION with every group open, documents in the bucket. AWS is moto behind a socket here.
Needs a Python 3.13 on the machine: without one nothing is proved, which is told, and is a failure where CI is set.
"""

import gzip
import json
import platform
import re
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from infra.http.identity import Scope
from infra.local.stack import EVERYTHING_OPEN, LocalStack
from layers.bare import Unproved, proved
from layers.emulated import endpoint
from layers.key_server import key_server
from layers.opts import Opts
from layers.rie import Container, container, copied
from tests.infra.test_events import RESULTS, TRIGGERS, Fails, event_of, trigger_of
from tests.support.portfolios import a_request

PARAMETERS: Final = {"InlinePayloadMaxBytes": "0"}
FIRST: Final = ("SimulateFunction", "AsyncDispatchFunction")
"""What they leave is what the others are asked about the second time."""

THEN_THERE: Final = frozenset({"artifact", "execute_operation", "support_bundle", "verification"})
"""Events about a run or an operation that is none at first, and is there the second time."""

ANSWER: Final = 600
"""How much is told of an answer that proves nothing."""

IDS: Final = re.compile(r"\b(rr|dop)_[0-9a-f]{32}\b")
TOO_LARGE: Final = 8_000
"""Positions of a portfolio whose plain answer, of a kilobyte each, passes the 6 MB that Lambda takes."""

TOO_LONG: Final = 8_000
"""Positions of a portfolio that nobody solves within a second of a start."""


@dataclass(slots=True)
class Starts:
    """Containers of the built functions, and what they left for each other."""

    python: str
    stack: LocalStack
    address: str
    opts: Opts
    keys: Mapping[str, str]
    caller: Mapping[str, Any] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def started(self, name: str, timeout: float | None = None) -> Iterator[Container]:
        """A new container of a function."""
        function, task = self.stack.functions[name], self.opts.room / name
        if not task.exists():
            copied(function.folder, task)
        environ = {
            **function.environment,
            **(self.keys if "TOKEN_ISSUERS_JSON" in function.environment else {}),
            "APP_PERSISTENCE_PROFILE": "PRODUCTION",
            "AWS_ENDPOINT_URL": self.address,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        }
        with container(self.python, self.opts.of(self.stack.template, name), task, environ, timeout=timeout or function.timeout) as running:
            yield running

    def again(self, event: Any) -> Any:
        """The event about what is there by now."""
        return json.loads(IDS.sub(lambda found: self.left.get(found[1], found[0]), json.dumps(event)))


def prove(python: str, built: Path) -> str:
    """Start and ask them all, then try the limits. The table is printed as it grows."""
    if platform.system() != "Linux":
        return "NOT PROVED, the runtime interface emulator runs on Linux only"
    built = built.resolve()
    with ExitStack() as opened:
        stack = opened.enter_context(LocalStack.from_template(built / "template.yaml", PARAMETERS, EVERYTHING_OPEN))
        opts = opened.enter_context(Opts.made(built))
        keys = opened.enter_context(key_server(stack.authority, opts.room))
        starts = Starts(python, stack, opened.enter_context(endpoint()), opts, keys)
        _row("function", "event", "cold ms", "next ms", "answer, and about what is there")
        events = {name: [event for event in RESULTS if TRIGGERS[trigger_of(event_of(event))] == name] for name in stack.functions}
        starts.caller = _verified(starts)
        for name in (*FIRST, *(name for name in stack.functions if name not in FIRST)):
            _answers(starts, name, events[name])
        _keeps_to_six_megabytes(starts)
        _ends_in_time(starts)
        wrote_nothing(starts.opts.trees.values())
    return f"all {len(stack.functions)} functions start from what was built and answer their events; sizes and times are kept"


def _row(function: str, event: str, cold: str, following: str, answer: str) -> None:
    print(f"{function:26}{event:22}{cold:>9}{following:>9}  {answer}", flush=True)  # noqa: T201  (a command line prints)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f}"


def _verified(starts: Starts) -> Mapping[str, Any]:
    """Somebody who may do everything, as the built authorizer hands them on: their token is verified with keys that it fetches."""
    token = starts.stack.authority.token("local-user", Scope)
    event = event_of("authorizer") | {"authorizationToken": f"Bearer {token}"}
    with starts.started("AuthorizerFunction") as function:
        answer, cold = function.invoke(event)
        _, following = function.invoke(event)
    context: Mapping[str, Any] = json.loads(answer).get("context", {})
    if (context.get("tenant"), context.get("actor")) != ("local", "local-user"):
        raise Unproved(f"a token of the issuer: {answer[:ANSWER]}")
    _row("AuthorizerFunction", "a token", _ms(cold), _ms(following), "verified with fetched keys")
    return context


def _answers(starts: Starts, name: str, events: Sequence[str]) -> None:
    """One function: its first event starts it, each comes a second time about what is there by then."""
    if not events:
        raise Unproved(f"{name}: no event")
    with starts.started(name) as function:
        for number, event_name in enumerate(events):
            event = event_of(event_name)
            if "requestContext" in event:
                event["requestContext"]["authorizer"] = starts.caller
            first, cold = function.invoke(event)
            told = answered(event_name, first, RESULTS[event_name])
            for found in IDS.finditer(first):
                starts.left.setdefault(found[1], found[0])
            second, following = function.invoke(starts.again(event))
            again = _status(event_name, second)
            if event_name in THEN_THERE and again != "200":
                raise Unproved(f"{event_name}: {second[:ANSWER]}")
            _row(name, event_name, "-" if number else _ms(cold), _ms(following), f"{told}, {again}")


def answered(name: str, answer: str, expected: Any) -> str:
    """The answer in a word. Unproved where it is not what the tests of the events expect."""
    told = _read(name, answer)
    if isinstance(expected, Fails):
        word, right = str(told.get("errorMessage")), told.get("errorMessage") == expected.text
    elif isinstance(expected, str):
        word = str(json.loads(told.get("body") or "{}").get("code"))
        right = word == expected
    elif isinstance(expected, int):
        word, right = str(told.get("statusCode", "swept")), told.get("statusCode", told.get("failed")) == expected
    else:
        word, right = "done", told == expected
    if not right:
        raise Unproved(f"{name}: {answer[:ANSWER]}")
    return word


def _read(name: str, answer: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(answer)
    except ValueError:  # what the emulator says of a function that gave no answer
        raise Unproved(f"{name}: {answer[:ANSWER]}") from None
    return told


def _status(name: str, answer: str) -> str:
    """How a second answer ended. Unproved for a failure."""
    told = _read(name, answer)
    expected = RESULTS.get(name)
    failed = "errorMessage" in told and not (isinstance(expected, Fails) and told["errorMessage"] == expected.text)
    if told.get("statusCode", 200) >= 500 or failed:  # noqa: PLR2004  (a failure of the server)
        raise Unproved(f"{name}: {answer[:ANSWER]}")
    return str(told.get("statusCode", "done" if "errorMessage" not in told else "refused"))


def _simulation(caller: Mapping[str, Any], key: str, request: Any, **headers: str) -> dict[str, Any]:
    """A call of simulate, its request compressed."""
    event: dict[str, Any] = event_of("simulate")
    sent = {**{name: value for name, value in event["headers"].items() if name != "Accept-Encoding"}, "Idempotency-Key": key}
    sent |= {"Content-Encoding": "gzip", **headers}
    return event | {
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "body": b64encode(gzip.compress(json.dumps(request).encode(), compresslevel=1)).decode(),
        "isBase64Encoded": True,
        "requestContext": event["requestContext"] | {"authorizer": caller},
    }


def _keeps_to_six_megabytes(starts: Starts) -> None:
    """An answer that passes Lambda's limit is refused by us, who say so, and travels compressed to who takes that."""
    large = a_request(TOO_LARGE)
    with starts.started("SimulateFunction") as function:
        plain, _ = function.invoke(_simulation(starts.caller, "plain", large))
        packed, seconds = function.invoke(_simulation(starts.caller, "packed", large, **{"Accept-Encoding": "gzip"}))
    told = json.loads(plain)
    if (told.get("statusCode"), json.loads(told.get("body") or "{}").get("code")) != (413, "RESPONSE_TOO_LARGE"):
        raise Unproved(f"an answer past the limit: {plain[:ANSWER]}")
    if _status("an answer that fits when compressed", packed) != "200":
        raise Unproved(f"an answer that fits when compressed: {packed[:ANSWER]}")
    _row(
        "SimulateFunction",
        f"{TOO_LARGE:,} positions",
        "-",
        _ms(seconds),
        f"413 RESPONSE_TOO_LARGE; compressed 200 in {len(packed):,} bytes",
    )


def _ends_in_time(starts: Starts) -> None:
    """A function that takes too long is ended by the runtime; the same call is served where there is time."""
    call = _simulation(starts.caller, "late", a_request(TOO_LONG) | {"options": {"target_method": "SOLVER"}}, **{"Accept-Encoding": "gzip"})
    with starts.started("SimulateFunction", timeout=1) as function:
        late, seconds = function.invoke(call)
    if late != "Task timed out after 1.00 seconds":
        raise Unproved(f"a timeout of a second: {late[:ANSWER]}")
    with starts.started("SimulateFunction") as function:
        following, patient = function.invoke(call)
    if _status("after a timeout", following) != "200":
        raise Unproved(f"after a timeout: {following[:ANSWER]}")
    _row(
        "SimulateFunction",
        "solved in a second?",
        _ms(seconds),
        _ms(patient),
        "ended by its timeout; 200 under the same key where there is time",
    )


def wrote_nothing(opts: Any) -> None:
    """Byte code is shipped for everything that was imported, or Python would have written it where it may."""
    for opt in opts:
        missing = [str(path) for path in opt.rglob("*.pyc") if path.stat().st_nlink == 1]
        if missing:
            raise Unproved(f"byte code made at the start: {', '.join(missing[:5])}")


if __name__ == "__main__":
    sys.exit(proved("starts", prove, sys.argv[1:]))
