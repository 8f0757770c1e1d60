"""Runs in DynamoDB and S3 (RFC-0016, RFC-0017): documents first, then everything that points at them in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from engine.ports.outside import Clock, EvidenceCorrupt, StoreUnavailable
from engine.ports.runs import IdTaken
from engine.records.pages import DAY_SECONDS, instant, oldest_visible
from engine.records.runs import KeyClaim, RunDocuments, RunHead
from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.payloads import Payloads
from infra.aws.runs import items as run_items
from infra.aws.runs.documents import KIND, Binder, Kept
from infra.aws.table import ConditionFailed, Table

Read = TypeVar("Read")

META_WRITE: Final = 0
"""Position of META in the transaction."""

RACES: Final = 3
"""How often a claim may vanish (by retention) between our refusal and our look at it."""


@dataclass(frozen=True, slots=True)
class DynamoRun:
    """`engine.ports.runs.RecordedRun`: META as it was read."""

    store: "DynamoRunStore"
    head: RunHead
    kept: Kept

    def result(self) -> bytes | None:
        return self._unless_gone(self.kept.result)

    def documents(self) -> RunDocuments | None:
        return self._unless_gone(self.kept.all)

    def _unless_gone(self, read: Callable[[], Read]) -> Read | None:
        """What is read; None where it is missing because retention took the run out since."""
        try:
            return read()
        except EvidenceCorrupt:
            if self.store.head(self.head.tenant, self.head.run_id) is None:
                return None
            raise


class DynamoRunStore:
    """`engine.ports.runs.RunStore` on one table and one bucket."""

    def __init__(self, table: Table, payloads: Payloads, *, clock: Clock, retention_days: int = 0) -> None:
        self.table = table
        self.payloads = payloads
        self.clock = clock
        self.retention_days = retention_days

    def claimed(self, tenant: str, key: str) -> KeyClaim | None:
        item = self.table.get(keys.idempotency(tenant, key), keys.CLAIM)
        return run_items.claim_of(item) if item is not None and item["created_at"] >= self.oldest_visible() else None

    def record(self, head: RunHead, documents: RunDocuments, claim: KeyClaim | None) -> KeyClaim | None:
        if claim is not None and head.idempotency_key is None:
            raise ValueError("a claim needs an idempotency key")
        told = Binder.of(documents).kept(self.payloads, head.tenant, head.run_id)
        is_ours = partial(self._is_ours, head, documents.result)
        for _ in range(RACES):
            if self.table.once(partial(run_items.run_writes, head, told, claim, self.oldest_visible()), is_ours):
                return None
            winner = self.claimed(head.tenant, head.idempotency_key or "")
            if winner is not None:
                return winner
        raise StoreUnavailable(self.table.unavailable)

    def head(self, tenant: str, run_id: str) -> RunHead | None:
        item = self._visible(tenant, run_id, *run_items.HEAD_FIELDS)
        return run_items.head_of(tenant, item) if item is not None else None

    def run(self, tenant: str, run_id: str) -> DynamoRun | None:
        item = self._visible(tenant, run_id, *run_items.HEAD_FIELDS, "documents")
        return DynamoRun(self, run_items.head_of(tenant, item), self.kept(tenant, run_id, item)) if item is not None else None

    def result(self, tenant: str, run_id: str) -> bytes | None:
        run = self.run(tenant, run_id)
        return run.result() if run is not None else None

    def documents(self, tenant: str, run_id: str) -> RunDocuments | None:
        run = self.run(tenant, run_id)
        return run.documents() if run is not None else None

    def keep_artifact(self, tenant: str, run_id: str, artifact: bytes) -> bytes | None:
        if self._visible(tenant, run_id, "created_at", "deleting") is None:
            return None
        try:
            item = self.table.update(
                keys.run(tenant, run_id),
                keys.META,
                "SET documents.artifact = :artifact",
                "attribute_exists(pk) AND attribute_not_exists(deleting)"
                " AND attribute_not_exists(documents.artifact) AND attribute_not_exists(documents.spans.artifact)",
                {":artifact": self.payloads.keep(tenant, KIND, run_id, artifact)},
            )
        except ConditionFailed:
            documents = self.documents(tenant, run_id)
            return documents.artifact if documents is not None else None
        return self.payloads.read(item["documents"]["artifact"])

    def kept(self, tenant: str, run_id: str, item: Item) -> Kept:
        """The documents that META tells of."""
        return Kept(self.payloads, tenant, run_id, item.get("documents", {}))

    def _is_ours(self, head: RunHead, result: bytes, failed: frozenset[int]) -> bool:
        """Whether this very run is recorded already; IdTaken when another run has its id. False when its key was claimed first."""
        if META_WRITE not in failed:
            return False
        there = self.table.get(keys.run(head.tenant, head.run_id), keys.META, *run_items.HEAD_FIELDS, "documents")
        if there is None or run_items.head_of(head.tenant, there) != head or not self.kept(head.tenant, head.run_id, there).proves(result):
            raise IdTaken(head.run_id)
        return True

    def _visible(self, tenant: str, run_id: str, *fields: str) -> Item | None:
        item = self.table.get(keys.run(tenant, run_id), keys.META, *fields)
        return item if item is not None and "deleting" not in item and item["created_at"] >= self.oldest_visible() else None

    def oldest_visible(self) -> str:
        """The oldest time, as text, of a run that is still visible."""
        return instant(oldest_visible(self.clock(), self.retention_days * DAY_SECONDS or None))
