"""Adapters over a store of runs that a test chose."""

from typing import Any

from engine.ports.outside import Clock
from engine.ports.proposals import ProposalKeys
from engine.usecases.refusals import Code
from infra.adapters import Adapters
from infra.aws import connect
from infra.aws.payloads import Payloads
from infra.aws.proposals.claims import DynamoProposalKeys
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Backoff, Table
from infra.memory import connect as memory
from infra.memory.proposals.claims import MemoryProposalKeys, MemoryProposals
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.packs import EnvironmentPacks
from infra.system import utc_now
from tests.support.emulators import Aws

DAY = 86_400


def over(runs: Any, proposals: ProposalKeys | None = None, *, operations_ttl_seconds: int = DAY, **more: Any) -> Adapters:
    """The whole composition as `connect` makes it, without policy packs and with an empty store of proposals unless told."""
    shared = {"operations_ttl_seconds": operations_ttl_seconds, "packs": EnvironmentPacks(""), **more}
    proposals = proposals or MemoryProposalKeys(MemoryProposals(), clock=runs.clock, ttl_seconds=DAY)
    if isinstance(runs, DynamoRunStore):
        return connect.over(runs, proposals, **shared)
    assert isinstance(runs, MemoryRunStore)
    return memory.over(runs, proposals, **shared)


def in_memory(tables: MemoryTables, clock: Clock, **more: Any) -> Adapters:
    return over(MemoryRunStore(tables, clock=clock), **more)


def on_aws(aws: Aws, clock: Clock = utc_now, **more: Any) -> Adapters:
    """Over an emulator, with documents out of line that are larger than 64 bytes."""
    table = Table(aws.dynamodb, aws.table, backoff=Backoff(sleep=lambda _: None))
    return over(DynamoRunStore(table, Payloads(aws.s3, aws.bucket, inline_max_bytes=64), clock=clock), proposal_keys(aws, clock), **more)


def proposal_keys(aws: Aws, clock: Clock = utc_now, *, ttl_seconds: int = DAY, inline_max_bytes: int = 64) -> DynamoProposalKeys:
    """The keys of proposals on an emulator."""
    down = Code.STORE_PROPOSAL_UNAVAILABLE
    table = Table(aws.dynamodb, aws.proposals, unavailable=down, backoff=Backoff(sleep=lambda _: None, jitter=lambda: 1.0))
    payloads = Payloads(aws.s3, aws.bucket, inline_max_bytes=inline_max_bytes, unavailable=down)
    return DynamoProposalKeys(table, payloads, clock=clock, ttl_seconds=ttl_seconds)
