"""How every endpoint is made: read the request (422), ask the use case, show what it found."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from engine.ports.outside import Clock
from engine.usecases.refusals import Code, Refused
from infra.api import CALLS, Call
from infra.http import headers
from infra.http.accept import prefers_html
from infra.http.body import body_of
from infra.http.headers import Headers, accepts_gzip
from infra.http.identity import Identity
from infra.http.messages import LOOK_UP_ROOM, Event, Response, fits

DECIDING: Final = timedelta(seconds=25)
"""Of the 29 that the gateway waits, what deciding may take; the rest is for recording."""

Asked = TypeVar("Asked")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Request:
    """A verified caller's call. Its parts are read when an endpoint asks for them, and refused when they are wrong."""

    call: Call
    identity: Identity
    headers: Headers
    event: Event
    clock: Clock
    started: datetime

    def in_time(self) -> bool:
        """Whether recording may still begin: a late run must not be recorded while its caller is told of a timeout (dpm-service 17.10)."""
        return self.clock() - self.started <= DECIDING

    def idempotency_key(self) -> str:
        """The key, required."""
        return headers.idempotency_key(self.headers)

    def optional_idempotency_key(self) -> str | None:
        """The key, where one is given."""
        return headers.optional_idempotency_key(self.headers)

    def correlation_id(self) -> str | None:
        """The caller's correlation id, where one is given."""
        return headers.correlation_id(self.headers)

    def policy_pack_id(self) -> str:
        """The policy pack that the caller asks for; empty when none."""
        return headers.policy_pack_id(self.headers)

    def body(self) -> bytes:
        """The bytes of the JSON body, within the call's limits."""
        return body_of(self.event, self.headers, self.call.body)

    def prefers_page(self) -> bool:
        """Whether the call offers a page and the caller would rather have it than JSON."""
        return self.call.page and prefers_html(self.headers)

    def fits(self, answer: bytes) -> bool:
        """Whether this answer can reach the caller, now and when it is looked up later."""
        return fits(answer, gzip_accepted=accepts_gzip(self.headers), room=LOOK_UP_ROOM)


Endpoint = Callable[[Request], Response]
"""Answers a request of a caller who may make it, in a group that is switched on."""


def refusing(function: str, code: Code) -> dict[str, Endpoint]:
    """Endpoints for all calls of a function that refuse them by a code."""

    def refuse(_: Request) -> Response:
        raise Refused(code)

    return {call.id: refuse for call in CALLS if call.function == function}


def endpoint(
    asked: Callable[[Request], Asked],
    do: Callable[[str, Asked], Found],
    shown: Callable[[Found], Response],
    page: Callable[[Found], Response] | None = None,
) -> Endpoint:
    """The endpoint that reads with `asked`, does for the caller's tenant what was asked, and answers with what is `shown` of it.

    Where there is a `page`, who prefers one gets it, and every answer says that this was decided by `Accept`.
    """

    def answer(request: Request) -> Response:
        found = do(request.identity.tenant, asked(request))
        if page is None:
            return shown(found)
        response = page(found) if request.prefers_page() else shown(found)
        return replace(response, headers={**response.headers, "Vary": "Accept"})

    return answer
