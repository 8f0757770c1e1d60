from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quiet(request: pytest.FixtureRequest) -> Iterator[None]:
    """At the desk nothing may be complained of, whatever a test does there."""
    desk = request.getfixturevalue("desk") if "desk" in request.fixturenames else None
    yield
    if desk is not None:
        desk.is_quiet()
