"""How most endpoints are made: read the request (422), pass the gates (404), ask the use case, show what it found."""

from collections.abc import Callable
from typing import TypeVar

from infra.http.door import Endpoint, Request
from infra.http.headers import Response
from infra.http.switches import Gate

Asked = TypeVar("Asked")
Found = TypeVar("Found")


def endpoint(
    scope: str,
    parse: Callable[[Request], Asked],
    do: Callable[[str, Asked], Found],
    show: Callable[[Found], Response],
    *gates: Gate,
) -> Endpoint:
    """An endpoint for callers with the scope. `do` gets the caller's tenant and what `parse` read; no store is asked before the gates."""

    def answer(request: Request) -> Response:
        asked = parse(request)
        request.require_open(*gates)
        return show(do(request.identity.tenant, asked))

    return Endpoint(scope, answer)
