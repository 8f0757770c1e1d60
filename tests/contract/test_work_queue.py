"""What every WorkQueue promises: what was sent can be taken, whole."""

from collections.abc import Callable

import pytest

from engine.ports.outside import WorkQueue
from engine.records.operations import Family, Job
from tests.support.samples import TENANT
from tests.support.worlds import World

JOBS = [Job(TENANT, Family.DPM, "dop_1"), Job("bank-b", Family.PROPOSAL, "pop_1"), Job(TENANT, Family.DPM, "dop_2")]


@pytest.fixture
def line(world: World) -> tuple[WorkQueue, Callable[[], Job | None]]:
    return world.queue()


def test_every_job_sent_can_be_taken_once(line: tuple[WorkQueue, Callable[[], Job | None]]) -> None:
    queue, take = line
    for job in JOBS:
        queue.send(job)
    found = [take() for _ in range(4)]
    assert found[3] is None
    assert set(found[:3]) == set(JOBS)
