"""A run that leaves between two looks at it was never there for the caller."""

import pytest

from engine.usecases.lookup import FindRun, ReadRuns
from engine.usecases.refusals import Refused
from infra.memory.runs import MemoryRunStore, MemoryTables
from tests.support.adapters import over
from tests.support.samples import DOCUMENTS, HEAD, TENANT, HandClock


class Leaving(MemoryRunStore):
    """Time passes between the look at a run's head and the look at its result."""

    clock: HandClock

    def result(self, tenant: str, run_id: str) -> bytes | None:
        self.clock.forward(days=8)
        return super().result(tenant, run_id)


def test_a_run_that_expires_while_it_is_looked_up_is_not_found() -> None:
    runs = Leaving(MemoryTables(), clock=HandClock(), retention_days=7)
    runs.record(HEAD, DOCUMENTS, None)
    views = over(runs, operations_ttl_seconds=1)
    look_up = ReadRuns(FindRun(runs, views.lookup), views.lineage, views.statistics)
    with pytest.raises(Refused, match="DPM_RUN_NOT_FOUND"):
        look_up.run(TENANT, HEAD.run_id)
