"""Lists of accepted operations (RFC-0018, RFC-0023), by indexes and pointers: what callers page through and what the sweeper looks for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.ports.outside import Clock
from engine.records.operations import Family, Operation, OperationFilter
from engine.records.pages import FIRST, Page, instant, oldest_visible
from engine.records.runs import Span
from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.listing import MIN_CHUNK, Found, Range, Walk, newest, page_of
from infra.aws.operations.items import operation_of
from infra.aws.table import MAX_BATCH_KEYS, MAX_PARTITION_BYTES, Table

ALIVE: Final = "(finished_at >= :alive OR (attribute_not_exists(finished_at) AND (created_at >= :alive OR lease_until >= :now)))"
"""`Operation.expired`, negated, in the table's words."""

LISTED: Final = (
    *("family", "operation_id", "operation_type", "correlation_id", "created_at", "status"),
    *("started_at", "finished_at", "lease_until", "sent_at"),
)
"""The attributes of META that a list shows or judges by."""

FEW: Final = 20


@dataclass(frozen=True, slots=True)
class OperationLists:
    """The lists of one family; `ttl_seconds` None = its operations never expire."""

    table: Table
    clock: Clock
    family: Family
    ttl_seconds: int | None
    max_evaluated: int

    def page(self, tenant: str, narrowed: OperationFilter, limit: int, before: str | None) -> Page[Operation]:
        """Operations below the sort key `before`, newest first; as `engine.ports.operations.OperationStore.page` wants them."""
        within = Range.of(narrowed.period, FIRST, before)
        if narrowed.correlation_id is not None:
            partition = keys.operation_correlation(tenant, self.family, narrowed.correlation_id)
            found = self._pointed_at(tenant, Walk(None, [partition], within), narrowed, limit + 1)
        else:
            found = newest(self.table, self._walk(tenant, narrowed, within), limit + 1, self.max_evaluated)
        return page_of(found, limit, lambda item: operation_of(tenant, item).row, "operation_id")

    def open(self, tenant: str) -> Iterator[Operation]:
        """What is not terminal and not expired, oldest first."""
        now = self.clock()
        waiting = (operation_of(tenant, row) for row in self.table.indexed("GSI2", keys.open_operations(tenant, self.family)))
        return (operation for operation in waiting if not operation.expired(now, self.ttl_seconds))

    def expired(self, tenant: str) -> Iterator[str]:
        """Ids that the time index shows as past their time, oldest first in each shard."""
        now = self.clock()
        oldest = instant(oldest_visible(now, self.ttl_seconds))
        for number in range(keys.SHARDS if self.ttl_seconds is not None else 0):
            for row in self.table.indexed("GSI1", keys.operations_by_time(tenant, self.family, number)):
                if row["created_at"] >= oldest:
                    break
                if operation_of(tenant, row).expired(now, self.ttl_seconds):
                    yield row["operation_id"]

    def span(self, tenant: str) -> Span:
        """The oldest and the newest visible operation."""
        return Span(min(self._ends(tenant, forward=True), default=None), max(self._ends(tenant, forward=False), default=None))

    def _ends(self, tenant: str, *, forward: bool) -> Iterator[datetime]:
        """The first visible operation of every shard, from its oldest or its newest end."""
        now = self.clock()
        for number in range(keys.SHARDS):
            partition = keys.operations_by_time(tenant, self.family, number)
            for row in self.table.indexed("GSI1", partition, ScanIndexForward=forward, Limit=FEW):
                found = operation_of(tenant, row)
                if not found.expired(now, self.ttl_seconds):
                    yield found.created_at
                    break

    def _walk(self, tenant: str, narrowed: OperationFilter, within: Range) -> Walk:
        now = self.clock()
        wanted = {"operation_type": narrowed.operation_type, "status": narrowed.status}
        return Walk(
            "GSI1",
            [keys.operations_by_time(tenant, self.family, number) for number in range(keys.SHARDS)],
            within,
            equal={name: value for name, value in wanted.items() if value is not None},
            also=ALIVE,
            also_values={":now": instant(now), ":alive": instant(oldest_visible(now, self.ttl_seconds))},
        )

    def _pointed_at(self, tenant: str, pointers: Walk, narrowed: OperationFilter, wanted: int) -> Found:
        """Up to `wanted` operations in the order of their pointers, read consistently; looks at no more pointers than a list may."""
        (partition,) = pointers.partitions
        if len(partition) > MAX_PARTITION_BYTES or pointers.within.empty:
            return Found([], None)
        found: list[Item] = []
        following: dict[str, Any] = {}
        chunk, left = max(MIN_CHUNK, wanted), self.max_evaluated
        while True:
            answer = self.table.query(pointers.request(partition, min(chunk, MAX_BATCH_KEYS, left)) | following)
            found += self._listed(tenant, [row["operation_id"]["S"] for row in answer["Items"]], narrowed)
            last, left = answer.get("LastEvaluatedKey"), left - len(answer["Items"])
            if not last or len(found) >= wanted:
                return Found(found[:wanted], None)
            if left <= 0:
                return Found(found, str(last["sk"]["S"]))
            following, chunk = {"ExclusiveStartKey": last}, MAX_BATCH_KEYS

    def _listed(self, tenant: str, operation_ids: Sequence[str], narrowed: OperationFilter) -> list[Item]:
        """What the list shows of those of these operations that are visible and that the filter lets pass, in their order."""
        now = self.clock()
        items = self.table.get_all([(keys.operation(tenant, name), keys.META) for name in operation_ids], *LISTED)
        there = {item["operation_id"]: item for item in items}
        listed = []
        for item in (there[name] for name in operation_ids if name in there):
            operation = operation_of(tenant, item)
            if item["family"] == self.family and narrowed.passes(operation) and not operation.expired(now, self.ttl_seconds):
                listed.append(item)
        return listed
