from collections.abc import Iterator

import pytest

from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.system import utc_now
from tests.functions.partner import Api, on_aws
from tests.functions.reader import Reads, in_dynamodb, in_memory
from tests.support.adapters import over
from tests.support.emulators import Aws, fresh
from tests.support.samples import HandClock


@pytest.fixture
def memory() -> MemoryTables:
    return MemoryTables()


@pytest.fixture
def api(memory: MemoryTables) -> Api:
    return Api(over(MemoryRunStore(memory, clock=utc_now)))


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A fresh table and bucket in this process."""
    with fresh() as made:
        yield made


@pytest.fixture(params=["memory", "dynamodb"])
def any_api(request: pytest.FixtureRequest) -> Api:
    made: Api = request.getfixturevalue("api") if request.param == "memory" else Api(on_aws(request.getfixturevalue("aws")))
    return made


@pytest.fixture(params=["memory", "dynamodb"])
def crowded_api(any_api: Api) -> Api:
    """For many callers at once."""
    return any_api


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def memory_reads(memory: MemoryTables, clock: HandClock) -> Reads:
    return in_memory(memory, clock)


@pytest.fixture(params=["memory", "dynamodb"])
def reads(request: pytest.FixtureRequest, clock: HandClock) -> Reads:
    """Runs to look up and to review."""
    made: Reads = (
        request.getfixturevalue("memory_reads") if request.param == "memory" else in_dynamodb(request.getfixturevalue("aws"), clock)
    )
    return made
