"""Runs in memory: the fake of the tests and the store of `IN_MEMORY`, under the same contract as the table."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock

from engine.ports.outside import Clock
from engine.ports.runs import IdTaken
from engine.records.pages import DAY_SECONDS, oldest_visible
from engine.records.reviews import ReviewDecision
from engine.records.runs import KeyClaim, RunDocuments, RunHead, tenant_of
from infra.memory.operations import MemoryOperations

RunKey = tuple[str, str]
"""Tenant and run id."""


@dataclass
class MemoryTables:
    """What the stores in memory share; `lock` makes every change whole."""

    runs: dict[RunKey, tuple[RunHead, RunDocuments]] = field(default_factory=dict)
    claims: dict[tuple[str, str], KeyClaim] = field(default_factory=dict)
    artifacts: dict[RunKey, bytes] = field(default_factory=dict)
    decisions: dict[RunKey, list[ReviewDecision]] = field(default_factory=dict)
    tenants: set[str] = field(default_factory=set)
    operations: MemoryOperations = field(default_factory=MemoryOperations)
    lock: RLock = field(default_factory=RLock)


@dataclass(frozen=True, slots=True)
class MemoryRun:
    """`engine.ports.runs.RecordedRun` in one process."""

    store: "MemoryRunStore"
    head: RunHead

    def result(self) -> bytes | None:
        return self.store.result(self.head.tenant, self.head.run_id)

    def documents(self) -> RunDocuments | None:
        return self.store.documents(self.head.tenant, self.head.run_id)


class MemoryRunStore:
    """`engine.ports.runs.RunStore` in one process."""

    def __init__(self, tables: MemoryTables, *, clock: Clock, retention_days: int = 0) -> None:
        self.tables = tables
        self.clock = clock
        self.retention_days = retention_days

    def claimed(self, tenant: str, key: str) -> KeyClaim | None:
        with self.tables.lock:
            claim = self.tables.claims.get((tenant_of(tenant), key))
            return claim if claim is not None and self.keeps(claim.created_at) else None

    def record(self, head: RunHead, documents: RunDocuments, claim: KeyClaim | None) -> KeyClaim | None:
        if claim is not None and head.idempotency_key is None:
            raise ValueError("a claim needs an idempotency key")
        with self.tables.lock:
            there = self.tables.runs.get((tenant_of(head.tenant), head.run_id))
            if there is not None:
                if there != (head, documents):
                    raise IdTaken(head.run_id)
                return None
            if claim is not None and head.idempotency_key is not None:
                winner = self.claimed(head.tenant, head.idempotency_key)
                if winner is not None:
                    return winner
                self.tables.claims[head.tenant, head.idempotency_key] = claim
            self.tables.runs[head.tenant, head.run_id] = (head, documents)
            self.tables.tenants.add(head.tenant)
            return None

    def run(self, tenant: str, run_id: str) -> MemoryRun | None:
        head = self.head(tenant, run_id)
        return MemoryRun(self, head) if head is not None else None

    def head(self, tenant: str, run_id: str) -> RunHead | None:
        run = self._visible(tenant, run_id)
        return run[0] if run is not None else None

    def result(self, tenant: str, run_id: str) -> bytes | None:
        run = self._visible(tenant, run_id)
        return run[1].result if run is not None else None

    def documents(self, tenant: str, run_id: str) -> RunDocuments | None:
        run = self._visible(tenant, run_id)
        if run is None or run[1].artifact is not None:
            return run[1] if run is not None else None
        return replace(run[1], artifact=self.tables.artifacts.get((tenant, run_id)))

    def keep_artifact(self, tenant: str, run_id: str, artifact: bytes) -> bytes | None:
        with self.tables.lock:
            documents = self.documents(tenant, run_id)
            if documents is None:
                return None
            return documents.artifact or self.tables.artifacts.setdefault((tenant, run_id), artifact)

    def keeps(self, created_at: datetime) -> bool:
        """Whether a run of this time is still visible."""
        return created_at >= oldest_visible(self.clock(), self.retention_days * DAY_SECONDS or None)

    def visible(self, tenant: str) -> list[RunHead]:
        """The tenant's runs, oldest first."""
        with self.tables.lock:
            heads = (head for (owner, _), (head, _) in self.tables.runs.items() if owner == tenant_of(tenant))
            return sorted(filter(lambda head: self.keeps(head.created_at), heads), key=lambda head: (head.created_at, head.run_id))

    def _visible(self, tenant: str, run_id: str) -> tuple[RunHead, RunDocuments] | None:
        with self.tables.lock:
            run = self.tables.runs.get((tenant_of(tenant), run_id))
            return run if run is not None and self.keeps(run[0].created_at) else None
