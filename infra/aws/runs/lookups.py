"""Finding runs by what points at them (RFC-0016, RFC-0023). Pointers are read consistently; lists run on the time index."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from engine.records.pages import MAX_EVALUATED, POSITION_MARK, Page, position_of
from engine.records.runs import KeyUse, RunFilter, RunRow
from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.listing import Range, Walk, newest, page_of
from infra.aws.runs import items as run_items
from infra.aws.runs import uses
from infra.aws.runs.store import DynamoRun, DynamoRunStore

SHARED: Final = 2
"""This many runs under one correlation id are enough to know that it does not name one."""


class DynamoRunLookup:
    """`engine.ports.runs.RunLookup` on the runs table."""

    def __init__(self, runs: DynamoRunStore, *, max_evaluated: int = MAX_EVALUATED) -> None:
        self.runs = runs
        self.table = runs.table
        self.max_evaluated = max_evaluated

    def by_correlation(self, tenant: str, correlation_id: str) -> tuple[DynamoRun, ...]:
        pointers = [
            pointer
            for partition in keys.correlations(tenant, correlation_id)
            for pointer in islice(self._newest_first(partition, keys.RUN_PREFIX), SHARED)
        ]
        pointers.sort(key=lambda pointer: str(pointer["sk"]), reverse=True)
        return tuple(run for pointer in pointers[:SHARED] if (run := self.runs.run(tenant, pointer["run_id"])) is not None)

    def latest_by_hash(self, tenant: str, request_hash: str) -> DynamoRun | None:
        for pointer in self._newest_first(keys.request_hash(tenant, request_hash)):
            return self.runs.run(tenant, pointer["run_id"])
        return None

    def of_operation(self, tenant: str, operation_id: str) -> Mapping[str, str]:
        rows = self.table.rows(keys.operation(tenant, operation_id), keys.RUN_PREFIX)
        return dict(sorted((row["scenario"], row["run_id"]) for row in rows if row["created_at"] >= self.runs.oldest_visible()))

    def mapping(self, tenant: str, key: str) -> KeyUse | None:
        use = uses.newest(self.table, tenant, key)
        return run_items.use_of(use) if use is not None and use["created_at"] >= self.runs.oldest_visible() else None

    def history(self, tenant: str, key: str) -> tuple[KeyUse, ...]:
        found = uses.oldest_first(self.table, tenant, key)
        return tuple(run_items.use_of(use) for use in found if use["created_at"] >= self.runs.oldest_visible())

    def page(self, tenant: str, narrowed: RunFilter, *, limit: int, cursor: str | None = None) -> Page[RunRow]:
        before = None if cursor is None else self._before(tenant, narrowed, cursor)
        if cursor is not None and before is None:
            return Page()
        walk = self._walk(tenant, narrowed, Range.of(narrowed.period, self.runs.oldest_visible(), before))
        return page_of(newest(self.table, walk, limit + 1, self.max_evaluated), limit, run_items.row_of, "run_id")

    def _walk(self, tenant: str, narrowed: RunFilter, within: Range) -> Walk:
        """By request hash or by portfolio where one is given, else by time; what remains is for the filter."""
        equal = {"status": narrowed.status, "portfolio_id": narrowed.portfolio_id}
        if narrowed.request_hash is not None:
            index, partitions = None, [keys.request_hash(tenant, narrowed.request_hash)]
        elif narrowed.portfolio_id is not None:
            index, partitions = "GSI2", [keys.portfolio(tenant, narrowed.portfolio_id)]
            del equal["portfolio_id"]
        else:
            index, partitions = "GSI1", [keys.runs_by_time(tenant, number) for number in range(keys.SHARDS)]
        return Walk(index, partitions, within, {name: value for name, value in equal.items() if value is not None})

    def _before(self, tenant: str, narrowed: RunFilter, cursor: str) -> str | None:
        """The sort key that the page starts below; None where the cursor names no row of this list."""
        if cursor.startswith(POSITION_MARK):
            return position_of(cursor)
        head = self.runs.head(tenant, cursor)
        return keys.at(head.created_at, head.run_id) if head is not None and narrowed.passes(head) else None

    def _newest_first(self, partition: str, prefix: str = "") -> Iterator[Item]:
        """The visible pointers of a partition."""
        for row in self.table.rows(partition, prefix, ScanIndexForward=False, Limit=SHARED):
            if row["created_at"] < self.runs.oldest_visible():
                return
            yield row
