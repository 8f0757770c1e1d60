"""All functions over stores in memory, with a clock that stands still and ids that are counted: what they answer is the same every time."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Final

from engine.policy_packs import PolicyPack
from engine.ports.packs import Removal
from infra.adapters import Adapters
from infra.api import CALLS, Call
from infra.http.identity import Identity, Scope
from infra.local.functions import load
from infra.memory import connect
from infra.memory.books.machine import MemoryBookMachine
from infra.memory.operations import MemoryOperations
from infra.memory.proposals.tables import MemoryProposals
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.openapi.schemas import Json
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from infra.settings.operations import DAY, ExecutionMode, OperationSettings
from infra.settings.packs import PackSettings

FUNCTIONS: Final = Path(__file__).parents[2] / "functions"
BEGIN: Final = datetime(2026, 3, 31, 22, 0, 0, 123456, tzinfo=UTC)
TENANT: Final = "bank-a"
OPEN: Final = Settings(
    profile=Profile.PRODUCTION,
    closed=frozenset(),
    packs=PackSettings(enabled=True),
    operations=OperationSettings(execution_mode=ExecutionMode.ACCEPT_ONLY),
)
CALL_OF: Final[Mapping[str, Call]] = {call.id: call for call in CALLS}


@dataclass
class Clock:
    """Moves when it is told."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        """The same until it is moved."""
        return self.now

    def tick(self) -> None:
        """A second later."""
        self.now += timedelta(seconds=1)


@dataclass
class Ids:
    """`engine.ports.outside.Ids`, counted."""

    drawn: "count[int]" = field(default_factory=lambda: count(1))

    def __call__(self, prefix: str) -> str:
        """The next."""
        return f"{prefix}_019d461e36fb7000a000{next(self.drawn):012x}"


@dataclass
class Packs:
    """`engine.ports.packs.PackAdministration` for one tenant; nobody else changes what it holds."""

    kept: dict[str, PolicyPack] = field(default_factory=dict)

    def pack(self, tenant: str, policy_pack_id: str) -> PolicyPack | None:
        """One pack."""
        del tenant
        return self.kept.get(policy_pack_id)

    def packs(self, tenant: str) -> tuple[PolicyPack, ...]:
        """All packs by id."""
        del tenant
        return tuple(self.kept[name] for name in sorted(self.kept))

    def put(self, tenant: str, pack: PolicyPack, *, expected: int | None, actor: str) -> PolicyPack | None:
        """The pack at its next revision."""
        del tenant, expected, actor
        before = self.kept.get(pack.policy_pack_id)
        made = PolicyPack(pack.policy_pack_id, pack.content, 1 if before is None else before.revision + 1)
        self.kept[pack.policy_pack_id] = made
        return made

    def remove(self, tenant: str, policy_pack_id: str, *, expected: int | None, actor: str) -> Removal:
        """Whether there was such a pack."""
        del tenant, expected, actor
        return Removal.NOTHING_THERE if self.kept.pop(policy_pack_id, None) is None else Removal.REMOVED


@dataclass(frozen=True)
class Told:
    """What a call was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The document that it holds."""
        return json.loads(self.body)


@dataclass
class Service:
    """The functions, each made when it is first called."""

    clock: Clock = field(default_factory=Clock)

    @cached_property
    def adapters(self) -> Adapters:
        """Empty stores."""
        runs, ids, packs = MemoryRunStore(MemoryTables(), clock=self.clock), Ids(), Packs()
        proposals = connect.proposals_over(MemoryProposals(), MemoryOperations(), clock=self.clock, key_ttl_seconds=DAY)
        books = connect.books(self.clock)
        made = connect.over(runs, proposals, operations_ttl_seconds=DAY, packs=packs, pack_changes=packs, **books)
        return replace(made, ids=ids, clock=self.clock)

    @property
    def book_machine(self) -> MemoryBookMachine:
        """The executions of books, which a story may have fail."""
        runs = self.adapters.book_machine
        assert isinstance(runs, MemoryBookMachine)  # noqa: S101  (made above)
        return runs

    @cached_property
    def _handlers(self) -> dict[str, Callable[[Any, Any], Json]]:
        return {}

    def call(
        self,
        call: Call,
        path: Mapping[str, str],
        *,
        actor: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Told:
        """One call by an actor of the tenant who may do everything, a second after the one before."""
        self.clock.tick()
        event = {
            "resource": call.path,
            "path": call.path.format(**path),
            "httpMethod": call.method,
            "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
            "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()},
            "pathParameters": dict(path),
            "requestContext": {"authorizer": self._identity(actor).as_context()},
            "body": None if body is None else body.decode(),
            "isBase64Encoded": False,
        }
        answer = self._function(call.function)(event, None)
        return Told(answer["statusCode"], answer["headers"], answer["body"].encode())

    def _identity(self, actor: str) -> Identity:
        return Identity(TENANT, actor, person=True, scopes=frozenset(Scope), expires_at=self.clock.now + timedelta(hours=1))

    def _function(self, name: str) -> Callable[[Any, Any], Json]:
        if name not in self._handlers:
            module = load(FUNCTIONS / name / "app.py")
            built = getattr(module, "build", None)
            self._handlers[name] = module.handler if built is None else built(OPEN, self.adapters, logger(f"example-{name}", io.StringIO()))
        return self._handlers[name]
