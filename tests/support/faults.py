"""Faults at the line to AWS: a botocore `before-send` hook that loses requests, loses acknowledgements, or refuses.

Botocore asks every hook before it sends, moto's own included: raising here means that the request never arrived; answering here means
that moto carried it out and the caller sees our answer instead.
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from moto.core.models import botocore_stubber

Deliver = Callable[[], Any]
Fault = Callable[[Deliver], Any]


class Crash(BaseException):
    """The process dies here: no `except Exception` sees it."""


class Body:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self) -> Any:
        yield self.content


class Line:
    """Counts the calls of the clients; at the numbers in `at` (from 0) the fault happens instead."""

    def __init__(self, *clients: Any) -> None:
        self.calls: list[str] = []
        self.bodies: list[Any] = []
        self.at = range(0)
        self.fault: Fault = crash_before
        for client in clients:
            client.meta.events.register_first("before-send.*.*", self._send)

    def break_at(self, at: range, fault: Fault) -> None:
        """From now on, counting anew."""
        self.calls, self.bodies, self.at, self.fault = [], [], at, fault

    def _send(self, request: Any, event_name: str, **_: Any) -> Any:
        number = len(self.calls)
        self.calls.append(event_name.rpartition(".")[2])
        self.bodies.append(request.body)
        return self.fault(lambda: botocore_stubber(event_name, request)) if number in self.at else None


def crash_before(_: Deliver) -> Any:
    raise Crash


def crash_after(deliver: Deliver) -> Any:
    deliver()
    raise Crash


def outage_before(_: Deliver) -> Any:
    raise EndpointConnectionError(endpoint_url="https://test")


def outage_after(deliver: Deliver) -> Any:
    deliver()
    raise ReadTimeoutError(endpoint_url="https://test")


def lost_acknowledgement(_: Deliver) -> Any:
    """Carried out by moto all the same; the SDK sees a 500 and sends the request again."""
    body = {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "made by the test"}
    return AWSResponse("https://test", 500, {"Content-Type": "application/x-amz-json-1.0"}, Body(json.dumps(body).encode()))


def refused(code: str, *reasons: str) -> Fault:
    """Refused by the service with this code, nothing carried out."""
    answer: dict[str, Any] = {"Error": {"Code": code, "Message": "made by the test"}}
    if reasons:
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]

    def refuse(_: Deliver) -> Any:
        raise ClientError(answer, "Test")

    return refuse
