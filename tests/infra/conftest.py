from collections.abc import Iterator

import pytest

from tests.support.emulators import Aws, fresh


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A fresh table and bucket in this process."""
    with fresh() as made:
        yield made
