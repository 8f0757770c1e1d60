from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.support.emulators import Aws, provision


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A fresh table and bucket in this process."""
    with mock_aws():
        yield provision(None)
