"""Whoever works on what was accepted, of whichever family: workers, the undertaker, the sweeper, and time."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from engine.ports.outside import StoreUnavailable
from engine.records.operations import Family
from engine.usecases.dispatch import SENT_AT_ONCE, GiveUp, SendAgain
from engine.usecases.execution import Attempt, ExecuteOperation, Executor
from engine.usecases.refusals import Refused
from engine.usecases.sweeps import Chore, Sweep, Task, tasks_of
from infra.triggers.jobs import delay_after
from tests.simulation.ledger import Ledger
from tests.simulation.queue import Message
from tests.simulation.world import World
from tests.support.faults import Crash

HOLD_SECONDS = 135
JUMPS = ((60, 1, 30), (30, 60, 900), (10, 3_600, 10_800))
"""Weight, and seconds from and to."""


class Cast(Protocol):
    """Those who call a service, with whoever works for it. Each of their methods is one step; what it answers goes into the trace."""

    def settle(self) -> None:
        """The weather clears: everything that is under way comes to its end."""

    def check_settled(self) -> dict[str, int]:
        """What must hold at the end. Answers how many ended how."""


class Machinery:
    """The operations of a family are executed, sent again and given up."""

    def __init__(
        self, world: World, ledger: Ledger, family: Family, executors: Mapping[str, Executor], chores: tuple[Chore, ...] = ()
    ) -> None:
        self.world, self.ledger, self.random = world, ledger, world.random
        stores, operations = world.stores, ledger.operations
        self.execution = ExecuteOperation(operations, executors, world.ids, self._log_failure)
        self.undertaking = GiveUp(operations)
        again = Task("operations_sent", SENT_AT_ONCE, SendAgain(operations, world.told_queue, world.clock, family))
        self.sweeping = Sweep(stores.retention, (again, *tasks_of(stores.retention, stores.operations)), world.clock, chores)

    def work(self) -> str:
        message = self.world.queue.receive()
        return "no message" if message is None else self._worked(message)

    def _worked(self, message: Message) -> str:
        receipt, received = message.receipt, message.receipts

        def again() -> None:
            with suppress(StoreUnavailable):
                self.world.told_queue.postpone(receipt, delay_after(received))

        def go() -> str:
            try:
                attempt = self.execution(message.job.tenant, message.job.operation_id, seconds=HOLD_SECONDS)
            except StoreUnavailable:
                again()
                raise
            if attempt is Attempt.HELD:
                again()
            else:
                self.world.queue.delete(message)
            return attempt.value

        return f"{message.job.operation_id[:12]} {tried(go)}"

    def undertake(self) -> str:
        if not self.world.queue.dead:
            return "no message"
        message = self.random.choice(self.world.queue.dead)

        def go() -> str:
            failed = self.undertaking(message.job.tenant, message.job.operation_id)
            if message in self.world.queue.dead:
                self.world.queue.dead.remove(message)
            return "FAILED" if failed else "left alone"

        return f"{message.job.operation_id[:12]} {tried(go)}"

    def sweep(self) -> str:
        return tried(lambda: str(dict(self.sweeping(lambda: True).counts)))

    def jump(self) -> str:
        [(_, least, most)] = self.random.choices(JUMPS, [weight for weight, _, _ in JUMPS])
        seconds = self.random.randint(least, most)
        self.world.clock.forward(seconds=seconds)
        return f"{seconds} s"

    def settle(self) -> None:
        """With time, sweeps and deliveries alone everything ends. What comes back does so in its own time."""
        for _ in range(60):
            self.sweep()
            while (message := self.world.queue.receive()) is not None:
                self.world.note(f"settle: {self._worked(message)}")
            for _ in range(len(self.world.queue.dead)):
                self.undertake()
            self.world.clock.forward(seconds=721)
            if not self.world.queue.messages and not self.ledger.open():
                return

    def _log_failure(self, error: Exception) -> None:
        raise AssertionError("an execution failed of what nobody broke") from error


def tried(go: Callable[[], Any]) -> str:
    """What came of it; a refusal, an outage and a death are outcomes like others."""
    try:
        return str(go())
    except Crash:
        return "died"
    except StoreUnavailable:
        return "outage"
    except Refused as refused:
        return str(refused.code)
