"""Accepted operations in memory, under the same contract as the table."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import RLock

from engine.ports.outside import Clock
from engine.ports.runs import IdTaken
from engine.records.operations import Failure, Family, Operation, OperationFilter, OperationKeyClaim, OperationStatus
from engine.records.pages import MAX_EVALUATED, Page, instant, page_from
from engine.records.runs import Span, tenant_of


@dataclass
class Kept:
    """An operation as accepted and as it is now, its documents, and who took its lease last."""

    accepted: Operation
    current: Operation
    request: bytes
    result: bytes | None = None
    owner: str | None = None


@dataclass
class MemoryOperations:
    """What the operation stores of both families share."""

    kept: dict[tuple[str, str], tuple[Family, Kept]] = field(default_factory=dict)
    claims: dict[tuple[str, Family, str], OperationKeyClaim] = field(default_factory=dict)
    tenants: set[str] = field(default_factory=set)
    lock: RLock = field(default_factory=RLock)


@dataclass(frozen=True, slots=True)
class MemoryOperation:
    """`engine.ports.operations.RecordedOperation` in one process."""

    store: "MemoryOperationStore"
    operation: Operation

    def request(self) -> bytes | None:
        return self.store.request(self.operation.tenant, self.operation.operation_id)

    def result(self) -> bytes | None:
        return self.store.result(self.operation.tenant, self.operation.operation_id)

    def result_link(self, *, seconds: int) -> str | None:  # noqa: ARG002  (memory has no address)
        return None


class MemoryOperationStore:
    """`engine.ports.operations.OperationStore` in one process."""

    def __init__(
        self,
        tables: MemoryOperations,
        *,
        clock: Clock,
        family: Family = Family.DPM,
        ttl_seconds: int | None = 86_400,
        max_evaluated: int = MAX_EVALUATED,
    ) -> None:
        self.tables = tables
        self.clock = clock
        self.family = family
        self.ttl_seconds = ttl_seconds
        self.max_evaluated = max_evaluated

    def accept(self, operation: Operation, request: bytes, claim: OperationKeyClaim | None = None) -> OperationKeyClaim | None:
        if claim is not None and operation.idempotency_key is None:
            raise ValueError("a claim needs an idempotency key")
        with self.tables.lock:
            name = tenant_of(operation.tenant), operation.operation_id
            if name in self.tables.kept:
                family, there = self.tables.kept[name]
                if (family, there.accepted, there.request) != (self.family, operation, request):
                    raise IdTaken(operation.operation_id)
                return None
            if claim is not None and operation.idempotency_key is not None:
                winner = self.claimed(operation.tenant, operation.idempotency_key)
                if winner is not None:
                    return winner
                self.tables.claims[operation.tenant, self.family, operation.idempotency_key] = claim
            self.tables.kept[name] = self.family, Kept(operation, operation, request)
            self.tables.tenants.add(operation.tenant)
            return None

    def claimed(self, tenant: str, key: str) -> OperationKeyClaim | None:
        with self.tables.lock:
            claim = self.tables.claims.get((tenant_of(tenant), self.family, key))
            return claim if claim is not None and self._visible(tenant, claim.operation_id) is not None else None

    def find(self, tenant: str, operation_id: str) -> MemoryOperation | None:
        operation = self.operation(tenant, operation_id)
        return MemoryOperation(self, operation) if operation is not None else None

    def operation(self, tenant: str, operation_id: str) -> Operation | None:
        kept = self._visible(tenant, operation_id)
        return kept.current if kept is not None else None

    def request(self, tenant: str, operation_id: str) -> bytes | None:
        kept = self._visible(tenant, operation_id)
        return kept.request if kept is not None else None

    def result(self, tenant: str, operation_id: str) -> bytes | None:
        kept = self._visible(tenant, operation_id)
        return kept.result if kept is not None else None

    def latest_by_correlation(self, tenant: str, correlation_id: str) -> MemoryOperation | None:
        found = (operation for operation in self.newest_first(tenant) if operation.correlation_id == correlation_id)
        return next((MemoryOperation(self, operation) for operation in found), None)

    def page(self, tenant: str, narrowed: OperationFilter, *, limit: int, cursor: str | None = None) -> Page[Operation]:
        rows = ((f"{instant(operation.created_at)}#{operation.operation_id}", operation.row) for operation in self.newest_first(tenant))
        return page_from(rows, narrowed.passes, lambda operation: operation.operation_id, limit, cursor, self.max_evaluated)

    def lease(self, tenant: str, operation_id: str, *, owner: str, seconds: int, take_over: bool = True) -> Operation | None:
        with self.tables.lock:
            kept, now = self._visible(tenant, operation_id), self.clock()
            if kept is None or kept.current.terminal:
                return None
            if kept.owner != owner:
                if kept.current.leased(now) or (kept.current.status is OperationStatus.RUNNING and not take_over):
                    return None
                until, attempts = now + timedelta(seconds=seconds), kept.current.attempts + 1
                kept.current = replace(kept.current, status=OperationStatus.RUNNING, started_at=now, lease_until=until, attempts=attempts)
                kept.owner = owner
            return kept.current

    def give_back(self, tenant: str, operation_id: str, *, owner: str) -> None:
        with self.tables.lock:
            kept = self._visible(tenant, operation_id)
            if kept is not None and kept.owner == owner and kept.current.status is OperationStatus.RUNNING:
                kept.current = replace(kept.current, lease_until=None, outages=kept.current.outages + 1)
                kept.owner = None

    def succeed(self, tenant: str, operation_id: str, *, owner: str, result: bytes) -> bool:
        return self._finish(tenant, operation_id, OperationStatus.SUCCEEDED, owner, result=result)

    def fail(self, tenant: str, operation_id: str, *, owner: str, failure: Failure) -> bool:
        return self._finish(tenant, operation_id, OperationStatus.FAILED, owner, failure=failure)

    def abandon(self, tenant: str, operation_id: str, failure: Failure) -> bool:
        with self.tables.lock:
            kept = self._visible(tenant, operation_id)
            if kept is None or kept.current.leased(self.clock()):
                return False
            if not kept.current.terminal:
                self._end(kept, OperationStatus.FAILED, failure)
            return kept.current.status is OperationStatus.FAILED and kept.current.failure == failure

    def sent(self, tenant: str, operation_id: str) -> None:
        with self.tables.lock:
            kept = self._visible(tenant, operation_id)
            if kept is not None and not kept.current.terminal:
                kept.current = replace(kept.current, sent_at=self.clock())

    def due(self, tenant: str, *, accepted_before: datetime, sent_before: datetime) -> tuple[str, ...]:
        waiting = (operation for operation in reversed(list(self.newest_first(tenant))))
        now = self.clock()
        return tuple(operation.operation_id for operation in waiting if operation.due(now, accepted_before, sent_before))

    def remove_expired(self, tenant: str, *, most: int) -> int:
        with self.tables.lock:
            now = self.clock()
            gone = [
                name
                for name, (family, kept) in self.tables.kept.items()
                if name[0] == tenant and family is self.family and kept.current.expired(now, self.ttl_seconds)
            ][:most]
            for name in gone:
                _, kept = self.tables.kept.pop(name)
                owner = tenant, self.family, kept.accepted.idempotency_key or ""
                if owner in self.tables.claims and self.tables.claims[owner].operation_id == name[1]:
                    del self.tables.claims[owner]
            return len(gone)

    def newest_first(self, tenant: str) -> Iterator[Operation]:
        """The tenant's visible operations of this family."""
        with self.tables.lock:
            names = [operation_id for owner, operation_id in self.tables.kept if owner == tenant_of(tenant)]
            found = [operation for name in names if (operation := self.operation(tenant, name)) is not None]
        return iter(sorted(found, key=lambda operation: (operation.created_at, operation.operation_id), reverse=True))

    def span(self, tenant: str) -> Span:
        """The oldest and the newest visible operation."""
        times = [operation.created_at for operation in self.newest_first(tenant)]
        return Span(times[-1], times[0]) if times else Span()

    def _finish(
        self,
        tenant: str,
        operation_id: str,
        status: OperationStatus,
        owner: str,
        failure: Failure | None = None,
        result: bytes | None = None,
    ) -> bool:
        with self.tables.lock:
            kept = self._visible(tenant, operation_id)
            if kept is None or kept.owner != owner:
                return False
            if kept.current.status is OperationStatus.RUNNING:
                kept.result = result
                self._end(kept, status, failure)
            return kept.current.status is status

    def _end(self, kept: Kept, status: OperationStatus, failure: Failure | None) -> None:
        kept.current = replace(kept.current, status=status, failure=failure, finished_at=self.clock(), lease_until=None)

    def _visible(self, tenant: str, operation_id: str) -> Kept | None:
        with self.tables.lock:
            family, kept = self.tables.kept.get((tenant_of(tenant), operation_id), (None, None))
            return kept if kept is not None and family is self.family and not kept.current.expired(self.clock(), self.ttl_seconds) else None
