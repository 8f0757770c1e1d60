from collections.abc import Iterator

import pytest

from engine.ports.runs import RunStore
from tests.support.emulators import emulator, provision
from tests.support.worlds import World, world_over


@pytest.fixture(scope="module")  # not for the session: other modules start emulators of their own
def endpoint() -> Iterator[str | None]:
    with emulator() as address:
        yield address


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> World:
    return world_of(request)


@pytest.fixture(params=["memory", "dynamodb"], scope="module")
def shared_world(request: pytest.FixtureRequest) -> World:
    """For what the tests of a module only read."""
    return world_of(request)


def world_of(request: pytest.FixtureRequest) -> World:
    return world_over(provision(request.getfixturevalue("endpoint")) if request.param == "dynamodb" else None)


@pytest.fixture
def runs(world: World) -> RunStore:
    return world.runs()
