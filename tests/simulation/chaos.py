"""What can happen at any call over a port: nothing, an outage, a death, a lost acknowledgement, or that the world goes on meanwhile."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import Any

from engine.ports.outside import StoreUnavailable
from engine.ports.proposals import SIMILAR
from engine.usecases.refusals import Code
from tests.support.faults import Crash, refused

UNAVAILABLE = Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE
FAULTS = ("crash before", "crash after", "outage before", "outage after", "meanwhile")
LINE_FAULTS = (*FAULTS, "throttle", "conflict", "lost acknowledgement")
"""At the line to AWS there are three more, which an adapter mends by itself: it asks again."""

DEEPEST = 2
"""Actors inside a pause of an actor inside a pause of an actor."""

Deliver = Callable[[], Any]


class Chaos:
    """Draws what happens at a call. `meanwhile` lets other actors act while the caller waits, `turn` those who race with it."""

    def __init__(
        self,
        random: Random,
        rate: float,
        faults: tuple[str, ...],
        *,
        meanwhile: Callable[[], None],
        told: Callable[[str], None],
        turn: Callable[[], None],
    ) -> None:
        self.random = random
        self.turn = turn
        self.rate = rate
        self.faults = faults
        self.meanwhile = meanwhile
        self.told = told
        self.depth = 0
        self.silent = 0
        self.drawn: dict[str, int] = dict.fromkeys(faults, 0)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing happens in here: for checks, and for the end."""
        self.silent += 1
        try:
            yield
        finally:
            self.silent -= 1

    def over_a_port(self, name: str, deliver: Deliver) -> Any:
        """A call of a store or a queue."""
        match self._draw(name):
            case "crash before":
                raise Crash
            case "outage before":
                raise StoreUnavailable(UNAVAILABLE)
            case "crash after":
                deliver()
                raise Crash
            case "outage after":
                deliver()
                raise StoreUnavailable(UNAVAILABLE)
        return deliver()

    def over_the_line(self, deliver: Deliver) -> Any:
        """A request to AWS, as a fault of `tests.support.faults`: None lets it pass. A refusal that does not pass is an outage."""
        match self._draw("line"):
            case "crash before":
                raise Crash
            case "outage before":
                refused("AccessDenied")(deliver)
            case "crash after":
                deliver()
                raise Crash
            case "outage after":
                deliver()
                refused("AccessDenied")(deliver)
            case "throttle":
                refused("ThrottlingException")(deliver)
            case "conflict":
                refused("TransactionCanceledException", "None", "TransactionConflict")(deliver)
            case "lost acknowledgement":
                deliver()
                refused("InternalServerError")(deliver)
        return None

    def _draw(self, name: str) -> str:
        if self.silent:
            return ""
        self.turn()
        if self.random.random() >= self.rate:
            return ""
        fault = self.random.choice(self.faults)
        if fault == "meanwhile" and self.depth >= DEEPEST:
            return ""
        self.drawn[fault] += 1
        self.told(f"{fault} {name}")
        if fault == "meanwhile":
            self.depth += 1
            try:
                self.meanwhile()
            finally:
                self.depth -= 1
        return fault


class Unreliable:
    """Any port, its calls left to chaos."""

    def __init__(self, target: Any, chaos: Chaos) -> None:
        self._target = target
        self._chaos = chaos

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        return lambda *given, **named: self._chaos.over_a_port(name, lambda: method(*given, **named))


class Lagging:
    """A store of proposals whose indexes are behind now and then: they answer what they answered the last time."""

    SHARE = 0.3

    def __init__(self, target: Any, chaos: Chaos) -> None:
        self._target = target
        self._chaos = chaos
        self._before: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def ended(self, at: datetime, *, most: int) -> Any:
        return self._late("ended", self._target.ended(at, most=most))

    def like(self, tenant: str, portfolio_id: str, trades_digest: str, *, most: int = SIMILAR) -> Any:
        now = self._target.like(tenant, portfolio_id, trades_digest, most=most)
        return self._late(f"like {tenant} {portfolio_id} {trades_digest}", now)

    def _late(self, asked: str, now: Any) -> Any:
        before, self._before[asked] = self._before.get(asked, now), now
        return now if self._chaos.silent or self._chaos.random.random() >= self.SHARE else before


class Cursed:
    """A run store that takes down whoever records a scenario of this name, always."""

    NAME = "cursed"

    def __init__(self, target: Any) -> None:
        self._target = target
        self.deaths: Counter[tuple[str, str]] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def record(self, head: Any, documents: Any, claim: Any) -> Any:
        if head.batch is not None and head.batch.scenario == self.NAME:
            self.deaths[head.tenant, head.run_id] += 1
            raise Crash
        return self._target.record(head, documents, claim)
