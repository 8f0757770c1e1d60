from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from engine.records.operations import Job
from engine.records.runs import RunHead
from infra.aws.operations.queue import SqsQueue, job_of
from infra.aws.operations.store import DynamoOperationStore
from infra.aws.packs.store import DynamoPacks
from infra.aws.payloads import Payloads
from infra.aws.runs import items as run_items
from infra.aws.runs.edges import DynamoLineage
from infra.aws.runs.lookups import DynamoRunLookup
from infra.aws.runs.retention import DynamoRetention
from infra.aws.runs.reviews import DynamoReviewStore
from infra.aws.runs.statistics import DynamoStatistics
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Backoff, Table
from infra.memory.lookups import MemoryLineage, MemoryRunLookup, MemoryStatistics
from infra.memory.operations import MemoryOperations, MemoryOperationStore
from infra.memory.retention import MemoryRetention
from infra.memory.reviews import MemoryReviewStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from tests.support.emulators import Aws, emulator, provision
from tests.support.packs import MemoryPacks
from tests.support.queues import MemoryQueue
from tests.support.samples import DOCUMENTS, HandClock, Numbered


@dataclass
class World:
    """The stores of one adapter over one set of tables, with a clock that the test moves."""

    clock: HandClock
    aws: Aws | None
    memory: MemoryTables
    memory_operations: MemoryOperations
    memory_packs: MemoryPacks
    memory_queue: MemoryQueue
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

    def packs(self) -> Any:
        return self.memory_packs if self.aws is None else DynamoPacks(Table(self.aws.dynamodb, self.aws.packs), clock=self.clock)

    def queue(self) -> tuple[Any, Callable[[], Job | None]]:
        """The queue, and how a worker would take a job from it."""
        if self.aws is None:
            return self.memory_queue, self.memory_queue.take
        sqs, url = self.aws.queue()

        def take() -> Job | None:
            for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                return job_of(message["Body"])
            return None

        return SqsQueue(sqs, url), take

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


@pytest.fixture(scope="module")  # not for the session: other modules start emulators of their own
def endpoint() -> Iterator[str | None]:
    with emulator() as address:
        yield address


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> World:
    return world_over(request)


@pytest.fixture(params=["memory", "dynamodb"], scope="module")
def shared_world(request: pytest.FixtureRequest) -> World:
    """For what the tests of a module only read."""
    return world_over(request)


def world_over(request: pytest.FixtureRequest) -> World:
    aws = provision(request.getfixturevalue("endpoint")) if request.param == "dynamodb" else None
    clock = HandClock()
    return World(clock, aws, MemoryTables(), MemoryOperations(), MemoryPacks(), MemoryQueue(), Numbered(clock))


@pytest.fixture
def runs(world: World) -> Any:
    return world.runs()
