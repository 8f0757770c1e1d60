"""Adapters over a store of runs that a test chose."""

from typing import Any

from engine.ports.outside import Clock
from infra.adapters import Adapters
from infra.aws import connect
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Backoff, Table
from infra.memory import connect as memory
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.packs import EnvironmentPacks
from infra.system import utc_now
from tests.support.emulators import Aws

DAY = 86_400


def over(runs: Any, *, operations_ttl_seconds: int = DAY, **more: Any) -> Adapters:
    """The whole composition as `connect` makes it, without policy packs unless told."""
    shared = {"operations_ttl_seconds": operations_ttl_seconds, "packs": EnvironmentPacks(""), **more}
    if isinstance(runs, DynamoRunStore):
        return connect.over(runs, **shared)
    assert isinstance(runs, MemoryRunStore)
    return memory.over(runs, **shared)


def in_memory(tables: MemoryTables, clock: Clock, **more: Any) -> Adapters:
    return over(MemoryRunStore(tables, clock=clock), **more)


def on_aws(aws: Aws, clock: Clock = utc_now, **more: Any) -> Adapters:
    """Over an emulator, with documents out of line that are larger than 64 bytes."""
    table = Table(aws.dynamodb, aws.table, backoff=Backoff(sleep=lambda _: None))
    return over(DynamoRunStore(table, Payloads(aws.s3, aws.bucket, inline_max_bytes=64), clock=clock), **more)
