"""Accepted operations in DynamoDB and S3 (RFC-0018): recorded before they are sent, leased while they run, finished once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from engine.ports.outside import Clock, StoreUnavailable
from engine.ports.runs import IdTaken
from engine.records.operations import Failure, Family, Operation, OperationFilter, OperationKeyClaim, OperationStatus
from engine.records.pages import MAX_EVALUATED, POSITION_MARK, Page, instant, position_of
from infra.aws import keys
from infra.aws.expressions import Item, Write
from infra.aws.operations import items as operation_items
from infra.aws.operations.items import operation_of
from infra.aws.operations.lists import OperationLists
from infra.aws.operations.recorded import DynamoOperation
from infra.aws.payloads import Payloads
from infra.aws.table import ConditionFailed, Table

KIND: Final = "operations"
META_WRITE: Final = 0
RACES: Final = 3
"""How often an operation may change between our look at it and our change of it."""

Writes = Callable[[int], list[Write]]
"""The members of a transaction for one of its attempts."""


class DynamoOperationStore:
    """`engine.ports.operations.OperationStore` on the runs table. `ttl_seconds` None = operations of this family never expire."""

    def __init__(
        self,
        table: Table,
        payloads: Payloads,
        *,
        clock: Clock,
        family: Family = Family.DPM,
        ttl_seconds: int | None = 86_400,
        max_evaluated: int = MAX_EVALUATED,
    ) -> None:
        self.table = table
        self.payloads = payloads
        self.clock = clock
        self.family = family
        self.ttl_seconds = ttl_seconds
        self.lists = OperationLists(table, clock, family, ttl_seconds, max_evaluated)

    def accept(self, operation: Operation, request: bytes, claim: OperationKeyClaim | None = None) -> OperationKeyClaim | None:
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

    def claimed(self, tenant: str, key: str) -> OperationKeyClaim | None:
        there = self.claim(tenant, key)
        return there if there is not None and self.operation(tenant, there.operation_id) is not None else None

    def operation(self, tenant: str, operation_id: str) -> Operation | None:
        item = self.visible(tenant, operation_id)
        return operation_of(tenant, item) if item is not None else None

    def find(self, tenant: str, operation_id: str) -> DynamoOperation | None:
        item = self.visible(tenant, operation_id)
        return self._recorded(tenant, item) if item is not None else None

    def request(self, tenant: str, operation_id: str) -> bytes | None:
        found = self.find(tenant, operation_id)
        return found.request() if found is not None else None

    def result(self, tenant: str, operation_id: str) -> bytes | None:
        found = self.find(tenant, operation_id)
        return found.result() if found is not None else None

    def latest_by_correlation(self, tenant: str, correlation_id: str) -> DynamoOperation | None:
        return next(self.of_correlation(tenant, correlation_id), None)

    def of_correlation(self, tenant: str, correlation_id: str, *, newest_first: bool = True) -> Iterator[DynamoOperation]:
        """The visible operations of a correlation id by (`created_at`, id), read on demand."""
        partition = keys.operation_correlation(tenant, self.family, correlation_id)
        for row in self.table.rows(partition, ScanIndexForward=not newest_first):
            found = self.find(tenant, row["operation_id"])
            if found is not None:
                yield found

    def page(self, tenant: str, narrowed: OperationFilter, *, limit: int, cursor: str | None = None) -> Page[Operation]:
        before = None if cursor is None else self._before(tenant, narrowed, cursor)
        return Page() if cursor is not None and before is None else self.lists.page(tenant, narrowed, limit, before)

    def due(self, tenant: str, *, accepted_before: datetime, sent_before: datetime) -> tuple[str, ...]:
        now = self.clock()
        waiting = self.lists.open(tenant)
        return tuple(operation.operation_id for operation in waiting if operation.due(now, accepted_before, sent_before))

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
        return sum(self._remove(tenant, operation_id) for operation_id in islice(self.lists.expired(tenant), most))

    def exists(self, tenant: str, operation_id: str) -> bool:
        """Whether the operation's record is there, visible or not: it owns its documents."""
        return self.table.has(keys.operation(tenant, operation_id), keys.META)

    def claim(self, tenant: str, key: str) -> OperationKeyClaim | None:
        """What a key's claim names, whether or not that is visible."""
        item = self.table.get(keys.operation_key(tenant, self.family, key), keys.CLAIM)
        return OperationKeyClaim(item["request_hash"], item["operation_id"]) if item is not None else None

    def visible(self, tenant: str, operation_id: str) -> Item | None:
        """META of an operation of this family that is not expired."""
        item = self.table.get(keys.operation(tenant, operation_id), keys.META)
        if item is None or item["family"] != self.family:
            return None
        return None if operation_of(tenant, item).expired(self.clock(), self.ttl_seconds) else item

    def _recorded(self, tenant: str, item: Item) -> DynamoOperation:
        operation = operation_of(tenant, item)
        return DynamoOperation(operation, item["documents"], self.payloads, lambda: self.visible(tenant, operation.operation_id) is None)

    def _before(self, tenant: str, narrowed: OperationFilter, cursor: str) -> str | None:
        """The sort key that the page starts below; None where the cursor names no row of this list."""
        if cursor.startswith(POSITION_MARK):
            return position_of(cursor)
        found = self.operation(tenant, cursor)
        return keys.at(found.created_at, found.operation_id) if found is not None and narrowed.passes(found) else None

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
