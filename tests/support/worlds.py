"""The stores of one adapter, in memory or on an emulator of AWS, over which a contract is tested."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from engine.ports.book_runs import BookRecords
from engine.ports.operations import OperationStore
from engine.ports.outside import WorkQueue
from engine.ports.packs import PackAdministration
from engine.ports.runs import LineageLookup, Retention, ReviewStore, RunLookup, RunStore, StatisticsLookup
from engine.records.operations import Job
from engine.records.runs import RunHead
from infra.adapters import Proposals
from infra.aws.books.records import DynamoBookRecords
from infra.aws.expressions import encoded
from infra.aws.operations.queue import SqsQueue, job_of
from infra.aws.operations.store import DynamoOperationStore
from infra.aws.packs.store import DynamoPacks
from infra.aws.payloads import Payloads
from infra.aws.proposals import items as proposal_items
from infra.aws.runs import items as run_items
from infra.aws.runs.documents import Binder
from infra.aws.runs.edges import DynamoLineage
from infra.aws.runs.lookups import DynamoRunLookup
from infra.aws.runs.retention import DynamoRetention
from infra.aws.runs.reviews import DynamoReviewStore
from infra.aws.runs.statistics import DynamoStatistics
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Backoff, Table
from infra.memory import connect
from infra.memory.books.records import MemoryBookRecords
from infra.memory.lookups import MemoryLineage, MemoryRunLookup, MemoryStatistics
from infra.memory.operations import MemoryOperations, MemoryOperationStore
from infra.memory.proposals.tables import MemoryProposals
from infra.memory.retention import MemoryRetention
from infra.memory.reviews import MemoryReviewStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from tests.support.adapters import DAY, proposals_on_aws
from tests.support.emulators import Aws
from tests.support.packs import MemoryPacks
from tests.support.proposals import Beginning
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
    memory_proposals: MemoryProposals
    new: Numbered
    memory_books: MemoryBookRecords = field(default_factory=MemoryBookRecords)

    def runs(self, retention_days: int = 0) -> RunStore:
        if self.aws is None:
            return MemoryRunStore(self.memory, clock=self.clock, retention_days=retention_days)
        return DynamoRunStore(self.table, self.payloads, clock=self.clock, retention_days=retention_days)

    def lookup(self, retention_days: int = 0, max_evaluated: int = 5_000) -> RunLookup:
        runs: Any = self.runs(retention_days)
        if self.aws is None:
            return MemoryRunLookup(runs, max_evaluated=max_evaluated)
        return DynamoRunLookup(runs, max_evaluated=max_evaluated)

    def lineage(self, retention_days: int = 0) -> LineageLookup:
        runs: Any = self.runs(retention_days)
        operations: Any = self.operations()
        return MemoryLineage(runs, operations) if self.aws is None else DynamoLineage(runs, operations)

    def statistics(self, retention_days: int = 0) -> StatisticsLookup:
        runs: Any = self.runs(retention_days)
        operations: Any = self.operations()
        return MemoryStatistics(runs, operations) if self.aws is None else DynamoStatistics(runs, operations)

    def reviews(self, retention_days: int = 0, max_evaluated: int = 5_000) -> ReviewStore:
        runs: Any = self.runs(retention_days)
        if self.aws is None:
            return MemoryReviewStore(runs, max_evaluated=max_evaluated)
        return DynamoReviewStore(runs, max_evaluated=max_evaluated)

    def retention(self, retention_days: int = 0) -> Retention:
        runs: Any = self.runs(retention_days)
        return MemoryRetention(runs, self.memory_operations) if self.aws is None else DynamoRetention(runs)

    def operations(self, **changes: Any) -> OperationStore:
        if self.aws is None:
            return MemoryOperationStore(self.memory_operations, clock=self.clock, **changes)
        return DynamoOperationStore(self.table, self.payloads, clock=self.clock, **changes)

    def books(self, max_evaluated: int = 5_000) -> BookRecords:
        if self.aws is None:
            self.memory_books.max_evaluated = max_evaluated
            return self.memory_books
        return DynamoBookRecords(self.table, max_evaluated=max_evaluated)

    def packs(self) -> PackAdministration:
        return self.memory_packs if self.aws is None else DynamoPacks(Table(self.aws.dynamodb, self.aws.packs), clock=self.clock)

    def proposals(self, key_ttl_seconds: int = DAY, max_evaluated: int = 5_000) -> Proposals:
        if self.aws is None:
            tables, operations = self.memory_proposals, self.memory_operations
            made = connect.proposals_over(tables, operations, clock=self.clock, key_ttl_seconds=key_ttl_seconds)
        else:
            made = proposals_on_aws(self.aws, self.clock, key_ttl_seconds=key_ttl_seconds)
        store: Any = made.store
        bounded = type(store)(
            *([store.tables] if self.aws is None else [store.table, store.payloads]), store.operations, max_evaluated=max_evaluated
        )
        return replace(made, store=bounded)

    def queue(self) -> tuple[WorkQueue, Callable[[], Job | None]]:
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
        runs: Any = self.runs()
        writes = [
            write
            for head in heads
            for write in run_items.run_writes(head, Binder.of(DOCUMENTS).kept(runs.payloads, head.tenant, head.run_id), None, "", 0)
        ]
        self._put(self.aws.table, [{"PutRequest": {"Item": write["Put"]["Item"]}} for write in writes if "Put" in write])

    def fill_proposals(self, beginnings: Iterable[Beginning]) -> None:
        """Keep many proposals at once, as `fill` does with runs."""
        store: Any = self.proposals().store
        if self.aws is None:
            for made in beginnings:
                assert made.kept_in(store)
            return
        kept = [
            item
            for made in beginnings
            for item in (
                proposal_items.head(made.proposal),
                store._version(made.proposal.tenant, made.version, made.artifact),
                proposal_items.event(made.proposal.tenant, made.effect.event),
                proposal_items.claim(made.proposal.tenant, made.claim),
            )
        ]
        self._put(self.aws.proposals, [{"PutRequest": {"Item": encoded(item)}} for item in kept])

    def _put(self, table: str, requests: list[Any]) -> None:
        assert self.aws is not None
        for start in range(0, len(requests), 25):
            answer = self.aws.dynamodb.batch_write_item(RequestItems={table: requests[start : start + 25]})
            assert not answer["UnprocessedItems"]

    @property
    def table(self) -> Table:
        assert self.aws is not None
        return Table(self.aws.dynamodb, self.aws.table, backoff=Backoff(sleep=lambda _: None, jitter=lambda: 1.0))

    @property
    def payloads(self) -> Payloads:
        assert self.aws is not None
        return Payloads(self.aws.s3, self.aws.bucket, inline_max_bytes=64)


def world_over(aws: Aws | None) -> World:
    """A world on this emulator, or in memory; empty when the emulator is."""
    clock = HandClock()
    return World(clock, aws, MemoryTables(), MemoryOperations(), MemoryPacks(), MemoryQueue(), MemoryProposals(), Numbered(clock))
