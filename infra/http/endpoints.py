"""How most endpoints are made: read the request (422), pass the switches (404), ask the use case, show what it found."""

from collections.abc import Callable
from typing import TypeVar

from infra.http.door import Endpoint, Request
from infra.http.headers import Response
from infra.http.identity import Scope
from infra.http.switches import Switch

Asked = TypeVar("Asked")
Found = TypeVar("Found")


def endpoint(
    scope: Scope,
    parse: Callable[[Request], Asked],
    do: Callable[[str, Asked], Found],
    show: Callable[[Found], Response],
    *switches: Switch,
) -> Endpoint:
    """An endpoint for callers with the scope. `do` gets the caller's tenant and what `parse` read; no store is asked before the switches."""

    def answer(request: Request) -> Response:
        asked = parse(request)
        request.require_open(*switches)
        return show(do(request.identity.tenant, asked))

    return Endpoint(scope, answer)
