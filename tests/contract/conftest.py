from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from engine.records import RunHead
from infra.aws import run_items
from infra.aws.dynamodb import Backoff, Table
from infra.aws.lineage import DynamoLineage
from infra.aws.lookups import DynamoRunLookup
from infra.aws.operations import DynamoOperationStore
from infra.aws.payloads import Payloads
from infra.aws.retention import DynamoRetention
from infra.aws.reviews import DynamoReviewStore
from infra.aws.runs import DynamoRunStore
from infra.aws.statistics import DynamoStatistics
from infra.memory.lookups import MemoryLineage, MemoryRunLookup, MemoryStatistics
from infra.memory.operations import MemoryOperations, MemoryOperationStore
from infra.memory.retention import MemoryRetention
from infra.memory.reviews import MemoryReviewStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from tests.contract.emulators import Aws, emulator, provision
from tests.contract.samples import DOCUMENTS, HandClock, Numbered


@dataclass
class World:
    """The stores of one adapter over one set of tables, with a clock that the test moves."""

    clock: HandClock
    aws: Aws | None
    memory: MemoryTables
    memory_operations: MemoryOperations
    new: Numbered

    def runs(self, retention_days: int = 0) -> Any:
        if self.aws is None:
            return MemoryRunStore(self.memory, clock=self.clock, retention_days=retention_days)
        return DynamoRunStore(self.table, self.payloads, clock=self.clock, retention_days=retention_days)

    def lookup(self, retention_days: int = 0, evaluated_most: int = 5_000) -> Any:
        runs = self.runs(retention_days)
        return (MemoryRunLookup if self.aws is None else DynamoRunLookup)(runs, evaluated_most=evaluated_most)

    def lineage(self, retention_days: int = 0) -> Any:
        return (MemoryLineage if self.aws is None else DynamoLineage)(self.runs(retention_days), self.operations())

    def statistics(self, retention_days: int = 0) -> Any:
        return (MemoryStatistics if self.aws is None else DynamoStatistics)(self.runs(retention_days), self.operations())

    def reviews(self, retention_days: int = 0, evaluated_most: int = 5_000) -> Any:
        runs = self.runs(retention_days)
        return (MemoryReviewStore if self.aws is None else DynamoReviewStore)(runs, evaluated_most=evaluated_most)

    def retention(self, retention_days: int = 0) -> Any:
        if self.aws is None:
            return MemoryRetention(self.runs(retention_days), self.memory_operations)
        return DynamoRetention(self.runs(retention_days))

    def operations(self, **changes: Any) -> Any:
        if self.aws is None:
            return MemoryOperationStore(self.memory_operations, clock=self.clock, **changes)
        return DynamoOperationStore(self.table, self.payloads, clock=self.clock, **changes)

    def fill(self, heads: Iterable[RunHead]) -> None:
        """Record many runs at once; a thousand transactions would take an emulator minutes."""
        if self.aws is None:
            for head in heads:
                self.runs().record(head, DOCUMENTS, None)
            return
        runs = self.runs()
        writes = [write for head in heads for write in run_items.run_writes(head, runs._keep(head, DOCUMENTS), None, "", 0)]
        requests = [{"PutRequest": {"Item": write["Put"]["Item"]}} for write in writes if "Put" in write]
        for start in range(0, len(requests), 25):
            answer = self.aws.dynamodb.batch_write_item(RequestItems={self.aws.table: requests[start : start + 25]})
            assert not answer["UnprocessedItems"]

    @property
    def table(self) -> Table:
        assert self.aws is not None
        return Table(self.aws.dynamodb, self.aws.table, backoff=Backoff(sleep=lambda _: None, jitter=lambda: 1.0))

    @property
    def payloads(self) -> Payloads:
        assert self.aws is not None
        return Payloads(self.aws.s3, self.aws.bucket, inline_max_bytes=64)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str | None]:
    with emulator() as address:
        yield address


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> World:
    aws = provision(request.getfixturevalue("endpoint")) if request.param == "dynamodb" else None
    clock = HandClock()
    return World(clock, aws, MemoryTables(), MemoryOperations(), Numbered(clock))


@pytest.fixture
def runs(world: World) -> Any:
    return world.runs()
