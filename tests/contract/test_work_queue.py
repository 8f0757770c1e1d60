"""What every WorkQueue promises: what was sent can be taken, whole."""

import pytest

from engine.records.operations import Family, Job
from tests.support.samples import TENANT

JOBS = [Job(TENANT, Family.DPM, "dop_1"), Job("bank-b", Family.PROPOSAL, "pop_1"), Job(TENANT, Family.DPM, "dop_2")]


@pytest.fixture
def line(world):
    return world.queue()


def test_every_job_sent_can_be_taken_once(line):
    queue, take = line
    for job in JOBS:
        queue.send(job)
    found = [take() for _ in range(4)]
    assert found[3] is None
    assert {job.operation_id: job for job in found[:3]} == {job.operation_id: job for job in JOBS}
