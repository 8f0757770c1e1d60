"""Reading accepted operations (RFC-0018): consistently from their records, but for the list and what waits for the sweeper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.ports.outside import Clock, EvidenceCorrupt
from engine.records.operations import Family, Operation, OperationClaim, OperationFilter, alive_since
from engine.records.pages import FIRST, MAX_EVALUATED, ON, Page, instant, place_of
from engine.records.runs import Span
from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.listing import MIN_CHUNK, Found, Range, Walk, newest, page_of
from infra.aws.operations.items import operation_of
from infra.aws.payloads import Payloads
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
class DynamoOperation:
    """`engine.ports.operations.RecordedOperation`: META as it was read."""

    store: "OperationReads"
    operation: Operation
    kept: Item

    def request(self) -> bytes | None:
        return self._document("request")

    def result(self) -> bytes | None:
        return self._document("result")

    def result_link(self, *, seconds: int) -> str | None:
        return self.store.payloads.link(self.kept["result"], seconds) if "result" in self.kept else None

    def _document(self, kind: str) -> bytes | None:
        """One document; None where there is none, or where it is missing because the operation was taken out since."""
        if kind not in self.kept:
            return None
        try:
            return self.store.payloads.read(self.kept[kind])
        except EvidenceCorrupt:
            if self.store.visible(self.operation.tenant, self.operation.operation_id) is None:
                return None
            raise


class OperationReads:
    """The reading half of `engine.ports.OperationStore`. `ttl_seconds` None = operations of this family never expire."""

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
        self.max_evaluated = max_evaluated

    def claimed(self, tenant: str, key: str) -> OperationClaim | None:
        there = self.claim(tenant, key)
        return there if there is not None and self.operation(tenant, there.operation_id) is not None else None

    def operation(self, tenant: str, operation_id: str) -> Operation | None:
        item = self.visible(tenant, operation_id)
        return operation_of(tenant, item) if item is not None else None

    def find(self, tenant: str, operation_id: str) -> DynamoOperation | None:
        item = self.visible(tenant, operation_id)
        return DynamoOperation(self, operation_of(tenant, item), item["documents"]) if item is not None else None

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
        before = None if cursor is None else self._place(tenant, narrowed, cursor)
        if cursor is not None and before is None:
            return Page()
        within = Range.of(narrowed.period, FIRST, before)
        if narrowed.correlation_id is not None:
            partition = keys.operation_correlation(tenant, self.family, narrowed.correlation_id)
            found = self._pointed_at(tenant, Walk(None, [partition], within), narrowed, limit + 1)
        else:
            found = newest(self.table, self._walk(tenant, narrowed, within), limit + 1, self.max_evaluated)
        return page_of(found, limit, lambda item: operation_of(tenant, item).row, "operation_id")

    def due(self, tenant: str, *, accepted_before: datetime, sent_before: datetime) -> tuple[str, ...]:
        now = self.clock()
        rows = self.table.indexed("GSI2", keys.open_operations(tenant, self.family))
        waiting = [operation_of(tenant, row) for row in rows]
        return tuple(
            operation.operation_id
            for operation in waiting
            if operation.due(now, accepted_before, sent_before) and not operation.expired(now, self.ttl_seconds)
        )

    def exists(self, tenant: str, operation_id: str) -> bool:
        """Whether the operation's record is there, visible or not: it owns its documents."""
        return self.table.get(keys.operation(tenant, operation_id), keys.META, "pk") is not None

    def claim(self, tenant: str, key: str) -> OperationClaim | None:
        """What a key's claim names, whether or not that is visible."""
        item = self.table.get(keys.operation_key(tenant, self.family, key), keys.CLAIM)
        return OperationClaim(item["request_hash"], item["operation_id"]) if item is not None else None

    def visible(self, tenant: str, operation_id: str) -> Item | None:
        """META of an operation of this family that is not expired."""
        item = self.table.get(keys.operation(tenant, operation_id), keys.META)
        if item is None or item["family"] != self.family:
            return None
        return None if operation_of(tenant, item).expired(self.clock(), self.ttl_seconds) else item

    def alive_since(self, now: datetime) -> str:
        """The oldest time, as text, of an operation that is not expired."""
        return instant(alive_since(now, self.ttl_seconds))

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
            also_values={":now": instant(now), ":alive": self.alive_since(now)},
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

    def _place(self, tenant: str, narrowed: OperationFilter, cursor: str) -> str | None:
        """The sort key that the page starts below; None where the cursor names no row of this list."""
        if cursor.startswith(ON):
            return place_of(cursor)
        found = self.operation(tenant, cursor)
        return keys.at(found.created_at, found.operation_id) if found is not None and narrowed.passes(found) else None
