from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from infra.aws.dynamodb import Backoff, Table
from infra.aws.payloads import Payloads
from infra.aws.runs import DynamoRunStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from tests.contract.emulators import Aws, emulator, provision
from tests.contract.samples import HandClock, Numbered


@dataclass
class World:
    """The stores of one adapter over one set of tables, with a clock that the test moves."""

    clock: HandClock
    aws: Aws | None
    memory: MemoryTables

    @property
    def new(self) -> Numbered:
        return Numbered(self.clock)

    def runs(self, retention_days: int = 0) -> Any:
        if self.aws is None:
            return MemoryRunStore(self.memory, clock=self.clock, retention_days=retention_days)
        return DynamoRunStore(self.table, self.payloads, clock=self.clock, retention_days=retention_days)

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
    return World(HandClock(), aws, MemoryTables())


@pytest.fixture
def runs(world: World) -> Any:
    return world.runs()
