"""Accepted operations in DynamoDB and S3 (RFC-0018): recorded before they are sent, leased while they run, finished once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from engine.ports.outside import StoreUnavailable
from engine.ports.runs import IdTaken
from engine.records.operations import Failure, Operation, OperationClaim, OperationStatus
from engine.records.pages import instant
from infra.aws import keys
from infra.aws.expressions import Item, Write
from infra.aws.operations import items as operation_items
from infra.aws.operations.items import operation_of
from infra.aws.operations.reads import OperationReads
from infra.aws.table import ConditionFailed

KIND: Final = "operations"
META_WRITE: Final = 0
RACES: Final = 3
"""How often an operation may change between our look at it and our change of it."""

Writes = Callable[[int], list[Write]]
"""The members of a transaction for one of its attempts."""


class DynamoOperationStore(OperationReads):
    """`engine.ports.OperationStore` on the runs table."""

    def accept(self, operation: Operation, request: bytes, claim: OperationClaim | None = None) -> OperationClaim | None:
        if claim is not None and operation.idempotency_key is None:
            raise ValueError("a claim needs an idempotency key")
        kept, expired_operation_id = self.payloads.keep(operation.tenant, KIND, operation.operation_id, request), ""
        for _ in range(RACES):
            writes = partial(operation_items.accept_writes, self.family, operation, kept, claim, expired_operation_id)
            if self.table.once(writes, partial(self._is_ours, operation, kept)):
                return None
            there = self.claim(operation.tenant, operation.idempotency_key or "")
            if there is not None and self.operation(operation.tenant, there.operation_id) is not None:
                return there
            expired_operation_id = "" if there is None else there.operation_id
        raise StoreUnavailable(self.table.unavailable)

    def lease(self, tenant: str, operation_id: str, *, owner: str, seconds: int, take_over: bool = True) -> Operation | None:
        for _ in range(RACES):
            item = self.visible(tenant, operation_id)
            if item is None:
                return None
            seen, now = operation_of(tenant, item), self.clock()
            if item.get("lease_owner") == owner and not seen.terminal:
                return seen  # ours, acknowledged late
            if seen.terminal or seen.leased(now) or (seen.status is OperationStatus.RUNNING and not take_over):
                return None
            until, attempts = now + timedelta(seconds=seconds), seen.attempts + 1
            changes = {"attempts": attempts, "started_at": instant(now), "lease_until": instant(until), "lease_owner": owner}
            with suppress(ConditionFailed):
                self.table.transact(partial(operation_items.transition_writes, self.family, seen, OperationStatus.RUNNING, changes))
                return replace(seen, status=OperationStatus.RUNNING, attempts=attempts, started_at=now, lease_until=until)
        return None

    def give_back(self, tenant: str, operation_id: str, *, owner: str) -> None:
        partition, holds = keys.operation(tenant, operation_id), "#status = :running AND lease_owner = :owner"
        changes = "SET outages = if_not_exists(outages, :none) + :one REMOVE lease_until, lease_owner"
        values = {":running": OperationStatus.RUNNING.value, ":owner": owner, ":none": 0, ":one": 1}
        with suppress(ConditionFailed):
            self.table.update(partition, keys.META, changes, holds, values, operation_items.STATUS)

    def succeed(self, tenant: str, operation_id: str, *, owner: str, result: bytes) -> bool:
        writes = self.succeeding(tenant, operation_id, owner=owner, result=result)
        return self._finished(tenant, operation_id, writes, owner, OperationStatus.SUCCEEDED)

    def succeeding(self, tenant: str, operation_id: str, *, owner: str, result: bytes) -> Writes | None:
        """What makes the operation SUCCEEDED, to stand in one transaction with its effect on this or another table.

        Refused there when `owner` does not hold the operation any more; None when that is known already.
        """
        item = self._held(tenant, operation_id, owner)
        if item is None:
            return None
        kept = item["documents"] | {"result": self.payloads.keep(tenant, KIND, operation_id, result)}
        return self._finishing(tenant, item, OperationStatus.SUCCEEDED, {"documents": kept}, owner)

    def fail(self, tenant: str, operation_id: str, *, owner: str, failure: Failure) -> bool:
        item = self._held(tenant, operation_id, owner)
        told = {"failure": asdict(failure)}
        writes = None if item is None else self._finishing(tenant, item, OperationStatus.FAILED, told, owner)
        return self._finished(tenant, operation_id, writes, owner, OperationStatus.FAILED)

    def abandon(self, tenant: str, operation_id: str, failure: Failure) -> bool:
        item = self.visible(tenant, operation_id)
        if item is None:
            return False
        seen = operation_of(tenant, item)
        if not seen.terminal and not seen.leased(self.clock()):
            with suppress(ConditionFailed):
                self.table.transact(self._finishing(tenant, item, OperationStatus.FAILED, {"failure": asdict(failure)}))
                return True
            seen = self.operation(tenant, operation_id) or seen
        return seen.status is OperationStatus.FAILED and seen.failure == failure  # ours, acknowledged late

    def sent(self, tenant: str, operation_id: str) -> None:
        known = "#status IN (:pending, :running) AND #family = :family"
        values = {":pending": "PENDING", ":running": "RUNNING", ":family": self.family.value, ":now": instant(self.clock())}
        with suppress(ConditionFailed):
            partition = keys.operation(tenant, operation_id)
            names = {**operation_items.STATUS, "#family": "family"}
            self.table.update(partition, keys.META, "SET sent_at = :now", known, values, names)

    def remove_expired(self, tenant: str, *, most: int) -> int:
        return sum(self._remove(tenant, operation_id) for operation_id in islice(self._expired(tenant), most))

    def _is_ours(self, operation: Operation, kept: Item, failed: frozenset[int]) -> bool:
        """Whether this very operation is kept already; IdTaken when another one has its id. False when its key was claimed first."""
        if META_WRITE not in failed:
            return False
        there = self.table.get(keys.operation(operation.tenant, operation.operation_id), keys.META, "record")
        if there is None or there["record"] != operation_items.meta(self.family, operation, kept)["record"]:
            raise IdTaken(operation.operation_id)
        return True

    def _held(self, tenant: str, operation_id: str, owner: str) -> Item | None:
        """META while `owner` holds the operation, even beyond the lease when nobody took it over."""
        item = self.visible(tenant, operation_id)
        return item if item is not None and item["status"] == OperationStatus.RUNNING and item.get("lease_owner") == owner else None

    def _finishing(self, tenant: str, item: Item, status: OperationStatus, told: Mapping[str, Any], owner: str = "") -> Writes:
        """The writes that end an operation in the state in which it was seen."""
        changes = {**told, "finished_at": instant(self.clock())}
        seen = operation_of(tenant, item)

        def writes(attempt: int) -> list[Write]:
            return [
                self.table.named(write) for write in operation_items.transition_writes(self.family, seen, status, changes, attempt, owner)
            ]

        return writes

    def _finished(self, tenant: str, operation_id: str, writes: Writes | None, owner: str, status: OperationStatus) -> bool:
        """Whether `owner` ended the operation so, now or in an attempt that was acknowledged late."""
        if writes is not None:
            with suppress(ConditionFailed):
                self.table.transact(writes)
                return True
        item = self.visible(tenant, operation_id)
        return item is not None and item["status"] == status and item.get("lease_owner") == owner

    def _expired(self, tenant: str) -> Iterator[str]:
        """Operations that the time index shows as past their time, oldest first in each shard."""
        now = self.clock()
        for number in range(keys.SHARDS if self.ttl_seconds is not None else 0):
            for row in self.table.indexed("GSI1", keys.operations_by_time(tenant, self.family, number)):
                if row["created_at"] >= self.alive_since(now):
                    break
                if operation_of(tenant, row).expired(now, self.ttl_seconds):
                    yield row["operation_id"]

    def _remove(self, tenant: str, operation_id: str) -> bool:
        """The records in one transaction, then the documents; should those stay behind, they are orphans."""
        item = self.table.get(keys.operation(tenant, operation_id), keys.META)
        if item is None:
            return False
        seen = operation_of(tenant, item)
        there = None if seen.idempotency_key is None else self.claim(tenant, seen.idempotency_key)
        claims = there is not None and there.operation_id == operation_id
        if not seen.expired(self.clock(), self.ttl_seconds):
            return False
        with suppress(ConditionFailed):
            self.table.transact(partial(operation_items.removal_writes, self.family, seen, claims))
            self.payloads.remove([document["key"] for document in item["documents"].values() if "key" in document])
            return True
        return False
