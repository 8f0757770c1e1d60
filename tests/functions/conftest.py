from collections.abc import Iterator

import pytest

from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.system import utc_now
from tests.support.adapters import in_memory, on_aws, over
from tests.support.emulators import Aws, fresh
from tests.support.lives import Lives
from tests.support.samples import HandClock
from tests.support.service import Service, deciding, reading


@pytest.fixture
def memory() -> MemoryTables:
    return MemoryTables()


@pytest.fixture
def api(memory: MemoryTables) -> Service:
    return deciding(over(MemoryRunStore(memory, clock=utc_now)))


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A fresh table and bucket in this process."""
    with fresh() as made:
        yield made


@pytest.fixture(params=["memory", "dynamodb"])
def any_api(request: pytest.FixtureRequest) -> Service:
    made: Service = request.getfixturevalue("api") if request.param == "memory" else deciding(on_aws(request.getfixturevalue("aws")))
    return made


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def memory_reads(memory: MemoryTables, clock: HandClock) -> Service:
    return reading(in_memory(memory, clock))


@pytest.fixture(params=["memory", "dynamodb"])
def reads(request: pytest.FixtureRequest, clock: HandClock) -> Service:
    """Runs to look up and to review."""
    made: Service = (
        request.getfixturevalue("memory_reads") if request.param == "memory" else reading(on_aws(request.getfixturevalue("aws"), clock))
    )
    return made


@pytest.fixture(params=["memory", "dynamodb"])
def lives(request: pytest.FixtureRequest, clock: HandClock) -> Lives:
    """Proposals that live, over either store."""
    if request.param == "memory":
        return Lives(Service(in_memory(request.getfixturevalue("memory"), clock)))
    return Lives(Service(on_aws(request.getfixturevalue("aws"), clock)))


@pytest.fixture
def memory_lives(memory: MemoryTables, clock: HandClock) -> Lives:
    """The same in memory, for what no store decides."""
    return Lives(Service(in_memory(memory, clock)))
