"""Adapters over a store of runs that a test chose."""

from functools import partial
from typing import Any

from engine.ports.outside import Clock
from engine.usecases.refusals import Code
from infra.adapters import Adapters, Proposals
from infra.aws import connect
from infra.aws.books.addresses import S3BookAddresses
from infra.aws.books.files import S3BookFiles
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Backoff, Table
from infra.memory import connect as memory
from infra.memory.books.machine import MemoryBookMachine
from infra.memory.operations import MemoryOperations
from infra.memory.proposals.tables import MemoryProposals
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.packs import EnvironmentPacks
from infra.system import utc_now
from tests.support.emulators import Aws

DAY = 86_400


def over(runs: Any, proposals: Proposals | None = None, *, operations_ttl_seconds: int = DAY, **more: Any) -> Adapters:
    """The whole composition as `connect` makes it, without policy packs and with an empty store of proposals unless told."""
    books: dict[str, Any] = {**memory.books(runs.clock)} if isinstance(runs, MemoryRunStore) else {}
    shared = {"operations_ttl_seconds": operations_ttl_seconds, "packs": EnvironmentPacks(""), **books, **more}
    if isinstance(runs, DynamoRunStore):
        return connect.over(runs, proposals or proposals_in_memory(clock=runs.clock), **shared)
    assert isinstance(runs, MemoryRunStore)
    return memory.over(runs, proposals or proposals_in_memory(runs.tables.operations, runs.clock), **shared)


def proposals_in_memory(
    operations: MemoryOperations | None = None, clock: Clock = utc_now, tables: MemoryProposals | None = None
) -> Proposals:
    """Stores of proposals that share operations with others, or have their own; empty unless told."""
    return memory.proposals_over(tables or MemoryProposals(), operations or MemoryOperations(), clock=clock, key_ttl_seconds=DAY)


def in_memory(tables: MemoryTables, clock: Clock, **more: Any) -> Adapters:
    return over(MemoryRunStore(tables, clock=clock), **more)


def on_aws(aws: Aws, clock: Clock = utc_now, **more: Any) -> Adapters:
    """Over an emulator, with documents out of line that are larger than 64 bytes."""
    table = Table(aws.dynamodb, aws.table, backoff=Backoff(sleep=lambda _: None))
    runs = DynamoRunStore(table, Payloads(aws.s3, aws.bucket, inline_max_bytes=64), clock=clock)
    return over(runs, proposals_on_aws(aws, clock), **books_on_aws(aws, clock), **more)


def books_on_aws(aws: Aws, clock: Clock) -> dict[str, Any]:
    """Books in the bucket of payloads, run when they are started: no emulator runs a state machine at the speed of tests."""
    files = partial(S3BookFiles, aws.s3, aws.bucket)
    return {
        "book_files": files,
        "book_addresses": partial(S3BookAddresses, aws.s3, aws.bucket),
        "book_machine": MemoryBookMachine(files, clock),
    }


def proposals_on_aws(aws: Aws, clock: Clock = utc_now, *, key_ttl_seconds: int = DAY, inline_max_bytes: int = 64) -> Proposals:
    """The stores of proposals on an emulator."""
    down, backoff = Code.STORE_PROPOSAL_UNAVAILABLE, Backoff(sleep=lambda _: None, jitter=lambda: 1.0)
    runs, table = (Table(aws.dynamodb, name, unavailable=down, backoff=backoff) for name in (aws.table, aws.proposals))
    payloads = Payloads(aws.s3, aws.bucket, inline_max_bytes=inline_max_bytes, unavailable=down)
    return connect.proposals_over(table, runs, payloads, clock=clock, key_ttl_seconds=key_ttl_seconds)
