"""Retention in memory: what is past its time is dropped; documents lie with their runs, so none can be without an owner."""

from infra.memory.operations import MemoryOperations
from infra.memory.runs import MemoryRunStore


class MemoryRetention:
    """`engine.ports.runs.Retention` in one process."""

    def __init__(self, runs: MemoryRunStore, *operations: MemoryOperations) -> None:
        self.runs = runs
        self.operations = operations
        self.tables = runs.tables

    def tenants(self) -> tuple[str, ...]:
        return tuple(sorted(self.tables.tenants.union(*(accepted.tenants for accepted in self.operations))))

    def remove_runs(self, tenant: str, *, most: int) -> int:
        with self.tables.lock:
            expired = [name for name, (head, _) in self.tables.runs.items() if name[0] == tenant and not self.runs.keeps(head.created_at)][
                :most
            ]
            for name in expired:
                head, _ = self.tables.runs.pop(name)
                self.tables.artifacts.pop(name, None)
                self.tables.decisions.pop(name, None)
                claim = self.tables.claims.get((tenant, head.idempotency_key or ""))
                if claim is not None and claim.run_id == head.run_id:
                    del self.tables.claims[tenant, head.idempotency_key or ""]
            return len(expired)

    def remove_orphans(self, *, most: int) -> int:  # noqa: ARG002  (there is nothing to look at)
        return 0
