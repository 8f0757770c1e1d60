"""What must hold of accepted analyses: every run belongs to a scenario, and every result is what was recorded."""

import json

from engine.records.operations import Operation, OperationStatus
from engine.records.runs import RunFilter
from engine.scenarios import batch_run_id_of, scenario_run_id
from engine.usecases.accepted_batches import AcceptedBatch
from tests.simulation.chaos import Cursed
from tests.simulation.ledger import Ledger, Name
from tests.simulation.world import TENANTS, YEAR, World

MAX_DEATHS = 5
"""Attempts that may die of one operation before it is given up (dpm-service D4)."""


class Analyses(Ledger):
    """Remembers every result ever seen, too."""

    def __init__(self, world: World) -> None:
        super().__init__(world, world.stores.operations, world.ttl_seconds)
        self.results: dict[Name, bytes] = {}

    def check_runs(self) -> None:
        """Every run belongs to a scenario of an operation, once; a result never changes and holds exactly what was recorded."""
        stores = self.world.stores
        with self.world.chaos.quiet():
            visible = self.visible()
            owners: dict[Name, Name] = {}
            for (tenant, operation_id), operation in visible.items():
                scenarios = self._scenarios(operation)
                owners |= {(tenant, scenario_run_id(operation_id, name)): (tenant, operation_id) for name in scenarios}
                recorded = dict(stores.lookup.of_operation(tenant, operation_id))
                assert recorded == {name: scenario_run_id(operation_id, name) for name in recorded}
                assert set(recorded) <= scenarios
                self._check_end(operation, scenarios, recorded)
            for tenant in TENANTS:
                runs = stores.lookup.page(tenant, RunFilter(), limit=5_000).rows
                assert len({run.run_id for run in runs}) == len(runs)
                strangers = [run.run_id for run in runs if (tenant, run.run_id) not in owners]
                assert not strangers or self.world.ttl_seconds < YEAR, f"runs of no operation: {strangers}"

    def check_settled(self) -> dict[str, int]:
        """At the end: everything that still exists has ended; the counts agree. Answers how many ended how."""
        self.check()
        self.check_runs()
        ends = {"SUCCEEDED": 0, "FAILED": 0, "taken over": 0, "runs": 0}
        with self.world.chaos.quiet():
            visible = self.visible()
            for (tenant, operation_id), operation in visible.items():
                assert operation.terminal, f"{operation_id} never ended: {operation}"
                cursed = Cursed.NAME in self._scenarios(operation)
                assert not cursed or operation.status is OperationStatus.FAILED
                ends[operation.status.value] += 1
                ends["taken over"] += operation.attempts > 1
                ends["runs"] += len(self.world.stores.lookup.of_operation(tenant, operation_id))
            deaths = self.world.stores.runs.deaths.most_common(1)
            assert not deaths or deaths[0][1] <= MAX_DEATHS, f"tried on and on: {deaths}"
            for tenant in TENANTS:
                counted = {
                    str(status): n for status, n in self.world.stores.statistics.statistics(tenant).operations_by_status.items() if n
                }
                found: dict[str, int] = {}
                for (owner, _), operation in visible.items():
                    if owner == tenant:
                        found[operation.status.value] = found.get(operation.status.value, 0) + 1
                assert counted == found or self.world.ttl_seconds < YEAR, f"{tenant}: counted {counted}, found {found}"
        return ends

    def _check_end(self, operation: Operation, scenarios: set[str], recorded: dict[str, str]) -> None:
        name = operation.tenant, operation.operation_id
        if operation.status is OperationStatus.FAILED:
            assert operation.failure is not None
            assert operation.failure.code == "EXECUTION_RETRIES_EXHAUSTED", operation.failure
        if operation.status is not OperationStatus.SUCCEEDED:
            return
        result = self.world.stores.operations.result(*name)
        assert result is not None
        assert self.results.setdefault(name, result) == result, f"{name}: its result changed"
        told = json.loads(result)
        assert told["batch_run_id"] == batch_run_id_of(operation.operation_id)
        assert set(told["results"]) == set(recorded) == scenarios
        for scenario, run_id in recorded.items():
            kept = self.world.stores.runs.result(operation.tenant, run_id)
            assert kept is not None
            assert json.loads(kept) == told["results"][scenario], f"{name}: {scenario} is not the recorded run"

    def _scenarios(self, operation: Operation) -> set[str]:
        """The scenarios of an operation that can be decided."""
        document = self.world.stores.operations.request(operation.tenant, operation.operation_id)
        assert document is not None
        scenarios = AcceptedBatch.of(document).request.scenarios
        return {name for name, scenario in scenarios.items() if "nonsense" not in scenario.options}
