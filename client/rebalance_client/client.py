"""The API over HTTP: typed calls that may be repeated, operations that are waited for."""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from rebalance_client.answers import NOT_MODIFIED, Answer, Problem, Unreachable, Unsendable
from rebalance_client.generated import wire
from rebalance_client.generated.operations import Operations

AGAIN: Final = frozenset({429, 500, 502, 503, 504})
KEY: Final = "Idempotency-Key"
ENDED: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
STALLED: Final = 120.0
GZIP_FROM: Final = 16_384
"""Bytes of a body from which it is sent compressed: a gateway takes 4.7 MB of what arrives."""


class StillRunning(Exception):  # noqa: N818  (named for what is so)
    """The operation has not ended in the time that its caller had; it goes on."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long: `attempts` in all, pauses that double from `first` up to `longest` seconds, each drawn at random below that.

    What the service asks for by Retry-After is waited for instead, up to `longest`.
    """

    attempts: int = 5
    first: float = 0.2
    longest: float = 20.0

    def pause(self, attempt: int, retry_after: str | None, chance: Callable[[], float]) -> float:
        """Seconds before the attempt after this one, counted from 0."""
        with suppress(TypeError, ValueError):
            return min(self.longest, max(0.0, float(retry_after)))  # type: ignore[arg-type]  # None is no number
        drawn: float = chance() * min(self.longest, self.first * 2.0**attempt)
        return drawn


class Client(Operations):
    """The API at a base address, a stage's path included. `token` is the token, or is asked for it at each call, so that it may be renewed.

    Calls that read, and calls under an idempotency key, are repeated on outages and throttling, always under the same key; `new_key`
    draws one. Others are sent once. Decimals of a body are sent as texts, with all their digits. Raises Problem, Unreachable, Unsendable.
    """

    def __init__(
        self,
        base: str,
        *,
        token: str | Callable[[], str | None] | None = None,
        patience: Patience = Patience(),
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._base = base.rstrip("/")
        self._private = _private(self._base)
        self._token = token if callable(token) else lambda: token
        self._patience, self._sleep, self._chance = patience, sleep, chance
        self._http = http or httpx.Client(timeout=httpx.Timeout(35.0, connect=5.0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.close()

    @staticmethod
    def new_key() -> str:
        """An idempotency key that nobody has used."""
        return str(uuid4())

    def simulate_once(self, request: wire.RebalanceRequest, *, key: str | None = None) -> Answer[wire.RebalanceResult]:
        """`simulate` under a key that is drawn where none is given: whatever happens on the way, one run."""
        return self.simulate(request, idempotency_key=key or self.new_key())

    def wait_for(self, operation_id: str, *, seconds: float = 300.0) -> Answer[wire.DpmAsyncOperationStatusResponse]:
        """An accepted what-if once it has SUCCEEDED or FAILED. Raises StillRunning."""
        return self._ended(lambda: self.operation(operation_id), seconds)

    def wait_for_proposal(self, operation_id: str, *, seconds: float = 300.0) -> Answer[wire.ProposalAsyncOperationStatusResponse]:
        """An accepted operation on a proposal once it has SUCCEEDED or FAILED. Raises StillRunning."""
        return self._ended(lambda: self.proposal_operation(operation_id), seconds)

    def upload(self, offered: wire.BookUpload, file: Path) -> None:
        """Send a file to where `book_uploads` offered to take it; the token is not sent along. Raises Problem, Unreachable, Unsendable.

        However long the whole takes, it is given up where nothing moves for `STALLED` seconds.
        """
        if not _private(offered["url"]):
            raise Unsendable(f"{offered['url']} would carry {file.name} in plain text")
        try:
            with file.open("rb") as content:
                answer = self._http.post(
                    offered["url"],
                    data=offered["fields"],
                    files={"file": (file.name, content)},
                    timeout=httpx.Timeout(STALLED, connect=5.0),
                )
        except httpx.RequestError as error:
            raise Unreachable(f"{offered['url']}: {error}") from error
        except OSError as error:
            raise Unsendable(f"{file}: {error.strerror}") from error
        if not answer.is_success:
            raise Problem(answer.status_code, {"detail": f"{file.name} was not taken"})

    def wait_for_book(
        self, book_id: str, *, seconds: float = 86_400.0, told: Callable[[wire.BookStatusResponse], None] = lambda _: None
    ) -> Answer[wire.BookStatusResponse]:
        """A started book once it has ended; `told` is shown every look on the way. Raises StillRunning."""

        def look() -> Answer[Any]:
            found = self.book(book_id)
            told(found.value)
            return found

        return self._ended(look, seconds)

    def pages(self, ask: Callable[[str | None], Answer[Any]]) -> Iterator[Any]:
        """Every row of a list, or edge of a lineage, page by page: `pages(lambda cursor: client.runs(cursor=cursor))`."""
        cursor: str | None = None
        while True:
            page = ask(cursor).value
            yield from page["items"] if "items" in page else page["edges"]
            cursor = page["next_cursor"]
            if not cursor:
                return

    def _ended(self, ask: Callable[[], Answer[Any]], seconds: float) -> Answer[Any]:
        waited, attempt = 0.0, 0
        while True:
            found = ask()
            if found.value["status"] in ENDED:
                return found
            if waited >= seconds:
                raise StillRunning(found.value.get("operation_id") or found.value["book_id"])
            pause = min(self._patience.pause(attempt, found.headers.get("retry-after"), lambda: 1.0), seconds - waited)
            self._sleep(pause)
            waited, attempt = waited + pause, attempt + 1

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: Any = None,
    ) -> Answer[Any]:
        given = {name: value for name, value in (headers or {}).items() if value is not None}
        asked = {name: _spelt(value) for name, value in (query or {}).items() if value is not None}
        content = None if body is None else _content(body)
        repeatable = method == "GET" or KEY in given
        attempts = self._patience.attempts if repeatable else 1
        for attempt in range(attempts):
            answer = self._attempt(method, path, asked, given, content)
            if isinstance(answer, httpx.Response) and answer.status_code not in AGAIN:
                return _read(answer)
            if attempt + 1 < attempts:
                wished = answer.headers.get("Retry-After") if isinstance(answer, httpx.Response) else None
                self._sleep(self._patience.pause(attempt, wished, self._chance))
        if isinstance(answer, httpx.Response):
            return _read(answer)
        raise Unreachable(f"{method} {self._base}{path}: no answer in {attempts} attempts: {answer}")

    def _attempt(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], content: tuple[bytes, dict[str, str]] | None
    ) -> httpx.Response | httpx.RequestError:
        """What was answered, or what came between. Raises Unsendable for what no attempt would send."""
        sent = {"Accept": "application/json", **headers}
        if token := self._token():
            if not self._private:
                raise Unsendable(f"{self._base} would carry the token in plain text")
            sent["Authorization"] = f"Bearer {token}"
        if unfit := [name for name, value in sent.items() if not (value.isascii() and value.isprintable())]:
            raise Unsendable(f"{', '.join(unfit)} has characters that no header takes")
        body, coded = content or (None, {})
        try:
            return self._http.request(method, self._base + path, params=query, headers=sent | coded, content=body)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Unsendable(f"{self._base} is not a valid API address: {error}") from error
        except httpx.RequestError as error:
            return error


def _private(address: str) -> bool:
    """Whether nobody on the way can read what is sent to an address."""
    return not address.lower().startswith("http://") or _this_machine(address)


def _this_machine(address: str) -> bool:
    """Whether an address leads to this machine alone."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _content(body: Any) -> tuple[bytes, dict[str, str]]:
    """A body as bytes, with what the headers say of it. Bytes are sent as they are."""
    text = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":"), ensure_ascii=False, default=_exact).encode()
    headers = {"Content-Type": "application/json"}
    if len(text) < GZIP_FROM:
        return text, headers
    import gzip  # noqa: PLC0415  (large bodies only)

    return gzip.compress(text, mtime=0), headers | {"Content-Encoding": "gzip"}


def _exact(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")  # the contract takes no exponents
    raise TypeError(f"{type(value).__name__} is no JSON")


def _spelt(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(answer: httpx.Response) -> Answer[Any]:
    """The answer, decimals as the texts they are. Raises Problem."""
    try:
        document = json.loads(answer.content) if answer.content else None
    except ValueError:
        document = None
    if not answer.is_success and answer.status_code != NOT_MODIFIED:
        told = document if isinstance(document, dict) else {}
        raise Problem(answer.status_code, told)
    return Answer(document, answer.status_code, {name.lower(): value for name, value in answer.headers.items()})
