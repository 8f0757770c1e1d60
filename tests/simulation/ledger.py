"""What must hold of accepted operations whatever happens, written down from outside: from the answers and from the records."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.records.operations import Operation, OperationFilter, OperationStatus
from engine.records.runs import RunFilter
from engine.scenarios import batch_run_id_of, scenario_run_id
from engine.usecases.accepted_batches import AcceptedBatch
from tests.simulation.chaos import Cursed
from tests.simulation.world import TENANTS, World

RANK = {OperationStatus.PENDING: 0, OperationStatus.RUNNING: 1, OperationStatus.SUCCEEDED: 2, OperationStatus.FAILED: 2}
MAX_DEATHS = 5
"""Attempts that may die of one operation before it is given up (dpm-service D4)."""

Name = tuple[str, str]


class Ledger:
    """Remembers every operation ever answered or seen, and every run ever seen."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: dict[Name, Operation] = {}
        self.promised: dict[Name, Operation] = {}
        self.keys: dict[tuple[str, str], tuple[Name, int]] = {}
        self.results: dict[Name, bytes] = {}

    def names(self) -> list[Name]:
        return list({**self.promised, **self.seen})

    def open(self) -> list[Name]:
        """Operations that have not ended, by the records."""
        with self.world.chaos.quiet():
            return [name for name, operation in self._visible().items() if not operation.terminal]

    def answered(self, operation: Operation, key: str | None, body: int) -> None:
        """A 202 names this operation. A key that is answered again stands for the same one, as long as that exists."""
        name = operation.tenant, operation.operation_id
        self.promised.setdefault(name, operation)
        if key is not None:
            first, first_body = self.keys.get((operation.tenant, key), (name, body))
            assert first == name or self._may_be_gone(self._latest(first)), f"{key} answered {first} and {name}"
            assert first != name or first_body == body, f"{key} stands for two batches"
            self.keys[operation.tenant, key] = name, body

    def check(self) -> None:
        """After any step: nothing accepted is missing, no status moved backwards, nothing that ended changed."""
        with self.world.chaos.quiet():
            visible = self._visible()
            for name, now in visible.items():
                before = self.seen.get(name)
                if before is not None:
                    assert RANK[now.status] >= RANK[before.status], f"{name}: {before.status} became {now.status}"
                    assert now.attempts >= before.attempts, f"{name}: attempts fell"
                    assert not before.terminal or now == before, f"{name} ended twice: {before} and {now}"
                    assert replace(now, **_moving(before)) == before, f"{name}: its acceptance changed"
                self.seen[name] = now
            for name in self.names():
                if name not in visible:
                    assert self._may_be_gone(self._latest(name)), f"{name} is lost"

    def check_runs(self) -> None:
        """Every run belongs to a scenario of an operation, once; a result never changes and holds exactly what was recorded."""
        stores = self.world.stores
        with self.world.chaos.quiet():
            visible = self._visible()
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
                assert not strangers or self.world.ttl_seconds < 365 * 86_400, f"runs of no operation: {strangers}"

    def check_settled(self) -> dict[str, int]:
        """At the end: everything that still exists has ended; the counts agree. Answers how many ended how."""
        self.check()
        self.check_runs()
        ends = {"SUCCEEDED": 0, "FAILED": 0, "taken over": 0, "runs": 0}
        with self.world.chaos.quiet():
            visible = self._visible()
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
                assert counted == found or self.world.ttl_seconds < 365 * 86_400, f"{tenant}: counted {counted}, found {found}"
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

    def _visible(self) -> dict[Name, Operation]:
        """Every operation there is: the list, and each of its rows read by its id."""
        operations, found = self.world.stores.operations, {}
        for tenant in TENANTS:
            for row in operations.page(tenant, OperationFilter(), limit=5_000).rows:
                operation = operations.operation(tenant, row.operation_id)
                if operation is not None:
                    found[tenant, row.operation_id] = operation
        return found

    def _latest(self, name: Name) -> Operation:
        return self.seen.get(name) or self.promised[name]

    def _may_be_gone(self, operation: Operation) -> bool:
        """Whether its time to live can be over, as far as we know it."""
        last = operation.finished_at or operation.created_at
        return self.world.clock.now - last > timedelta(seconds=self.world.ttl_seconds)


def _moving(operation: Operation) -> dict[str, Any]:
    """What of an operation may change until it ends."""
    names = ("status", "attempts", "outages", "started_at", "finished_at", "lease_until", "sent_at", "failure")
    return {name: getattr(operation, name) for name in names}
