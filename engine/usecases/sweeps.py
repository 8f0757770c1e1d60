"""Scheduled clean-up: what runs on a schedule, in bounded pieces, so that any stop is a pause (dpm-service 10, 17.6, 17.7)."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.ports.operations import OperationStore
from engine.ports.outside import Clock, StoreUnavailable
from engine.ports.runs import Retention

RUNS_AT_ONCE: Final = 25
OPERATIONS_AT_ONCE: Final = 25
DOCUMENTS_AT_ONCE: Final = 2_000
PROPOSALS_AT_ONCE: Final = 100

MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done for every tenant: `run_once` does up to `most` of it and answers how much; less = nothing is left to do."""

    name: str
    most: int
    run_once: Callable[[str, int], int]


@dataclass(frozen=True, slots=True)
class Chore:
    """What is to be done for all tenants at once: `run_once` does up to `most` of it and answers how much; less = nothing is left to do."""

    name: str
    most: int
    run_once: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did. `unfinished` tasks ran out of time; `failures` are the codes of those that an outage broke off."""

    counts: Mapping[str, int]
    unfinished: int
    failures: tuple[StrEnum, ...]


def tasks_of(retention: Retention, operations: OperationStore) -> tuple[Task, ...]:
    """What every tenant's records ask for."""
    return (
        Task("runs_removed", RUNS_AT_ONCE, lambda tenant, most: retention.remove_runs(tenant, most=most)),
        Task("operations_removed", OPERATIONS_AT_ONCE, lambda tenant, most: operations.remove_expired(tenant, most=most)),
    )


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep: the chores; a bounded run of every task for each tenant in turn, as long as there is time; one look at documents without owners.

    An outage in one run leaves the others to be done. Whoever has a backlog holds nobody up, and each minute another tenant is first.
    """

    retention: Retention
    tasks: tuple[Task, ...]
    clock: Clock
    chores: tuple[Chore, ...] = ()

    def __call__(self, time_is_left: Callable[[], bool]) -> Swept:
        """Sweep until nothing is left to do, or no time. Raises StoreUnavailable only where not even the tenants can be listed."""
        counts = Counter(
            dict.fromkeys([*(chore.name for chore in self.chores), *(task.name for task in self.tasks)], 0) | {"documents_removed": 0}
        )
        failures: list[StrEnum] = []
        for chore in self.chores:
            try:
                counts[chore.name] += (done := chore.run_once(chore.most))
                while done >= chore.most and time_is_left():
                    counts[chore.name] += (done := chore.run_once(chore.most))
            except StoreUnavailable as outage:
                failures.append(outage.code)
        waiting = deque((tenant, task) for tenant in self._in_turn() for task in self.tasks)
        while waiting and time_is_left():
            tenant, task = waiting.popleft()
            try:
                done = task.run_once(tenant, task.most)
            except StoreUnavailable as outage:
                failures.append(outage.code)
                continue
            counts[task.name] += done
            if done >= task.most:
                waiting.append((tenant, task))
        if time_is_left():
            try:
                counts["documents_removed"] = self.retention.remove_orphans(most=DOCUMENTS_AT_ONCE)
            except StoreUnavailable as outage:
                failures.append(outage.code)
        return Swept(counts, len(waiting), tuple(failures))

    def _in_turn(self) -> tuple[str, ...]:
        tenants = self.retention.tenants()
        first = int(self.clock().timestamp()) // MINUTE % max(1, len(tenants))
        return tenants[first:] + tenants[:first]
