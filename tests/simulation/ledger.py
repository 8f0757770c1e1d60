"""What must hold of accepted operations whatever happens, written down from outside: from the answers and from the records."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.ports.operations import OperationStore
from engine.records.operations import Operation, OperationFilter, OperationStatus
from tests.simulation.world import TENANTS, World

RANK = {OperationStatus.PENDING: 0, OperationStatus.RUNNING: 1, OperationStatus.SUCCEEDED: 2, OperationStatus.FAILED: 2}

Name = tuple[str, str]


class Ledger:
    """Remembers every operation of a family that was ever answered or seen. `ttl_seconds` None: they are kept for ever."""

    def __init__(self, world: World, operations: OperationStore, ttl_seconds: int | None) -> None:
        self.world = world
        self.operations = operations
        self.ttl_seconds = ttl_seconds
        self.seen: dict[Name, Operation] = {}
        self.promised: dict[Name, Operation] = {}
        self.keys: dict[tuple[str, str], tuple[Name, int]] = {}

    def names(self) -> list[Name]:
        return list({**self.promised, **self.seen})

    def open(self) -> list[Name]:
        """Operations that have not ended, by the records."""
        with self.world.chaos.quiet():
            return [name for name, operation in self.visible().items() if not operation.terminal]

    def answered(self, operation: Operation, key: str | None, body: int) -> None:
        """A 202 names this operation. A key that is answered again stands for the same one, as long as that exists."""
        name = operation.tenant, operation.operation_id
        self.promised.setdefault(name, operation)
        if key is not None:
            first, first_body = self.keys.get((operation.tenant, key), (name, body))
            assert first == name or self._may_be_gone(self._latest(first)), f"{key} answered {first} and {name}"
            assert first != name or first_body == body, f"{key} stands for two batches"
            self.keys[operation.tenant, key] = name, body

    def check(self) -> None:
        """After any step: nothing accepted is missing, no status moved backwards, nothing that ended changed."""
        with self.world.chaos.quiet():
            visible = self.visible()
            for name, now in visible.items():
                before = self.seen.get(name)
                if before is not None:
                    assert RANK[now.status] >= RANK[before.status], f"{name}: {before.status} became {now.status}"
                    assert now.attempts >= before.attempts, f"{name}: attempts fell"
                    assert not before.terminal or now == before, f"{name} ended twice: {before} and {now}"
                    assert replace(now, **_moving(before)) == before, f"{name}: its acceptance changed"
                self.seen[name] = now
            for name in self.names():
                if name not in visible:
                    assert self._may_be_gone(self._latest(name)), f"{name} is lost"

    def visible(self) -> dict[Name, Operation]:
        """Every operation there is: the list, and each of its rows read by its id."""
        operations, found = self.operations, {}
        for tenant in TENANTS:
            for row in operations.page(tenant, OperationFilter(), limit=5_000).rows:
                operation = operations.operation(tenant, row.operation_id)
                if operation is not None:
                    found[tenant, row.operation_id] = operation
        return found

    def _latest(self, name: Name) -> Operation:
        return self.seen.get(name) or self.promised[name]

    def _may_be_gone(self, operation: Operation) -> bool:
        """Whether its time to live can be over, as far as we know it."""
        last = operation.finished_at or operation.created_at
        return self.ttl_seconds is not None and self.world.clock.now - last > timedelta(seconds=self.ttl_seconds)


def _moving(operation: Operation) -> dict[str, Any]:
    """What of an operation may change until it ends."""
    names = ("status", "attempts", "outages", "started_at", "finished_at", "lease_until", "sent_at", "failure")
    return {name: getattr(operation, name) for name in names}
