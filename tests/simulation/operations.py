"""The actors around accepted operations: partners, workers, the undertaker, the sweeper, and time."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from engine.contracts.batches import parse_batch
from engine.policy_packs import PackRules
from engine.ports.outside import StoreUnavailable
from engine.usecases.acceptance import AcceptBatch, AcceptOnly, ExecuteNow, Inline, Submission
from engine.usecases.accepted_batches import ANALYZE_SCENARIOS, ExecuteWhatIf
from engine.usecases.dispatch import SENT_AT_ONCE, GiveUp, SendAgain, ToQueue
from engine.usecases.execution import Attempt, ExecuteOperation
from engine.usecases.operation_lookup import FindOperation, OperationCall
from engine.usecases.packs import PackResolution
from engine.usecases.refusals import Refused
from engine.usecases.sweeps import Sweep, Task, tasks_of
from infra.settings.packs import EnvironmentPacks
from infra.triggers.jobs import delay_after
from tests.simulation.chaos import Cursed
from tests.simulation.ledger import Ledger
from tests.simulation.queue import Message
from tests.simulation.world import TENANTS, World
from tests.support.faults import Crash
from tests.support.portfolios import batch

HOLD_SECONDS = 135
KEYS = 6
BODIES = [
    json.dumps(document).encode()
    for document in (
        batch(a={}),
        batch(a={}, b={"max_turnover_pct": "0.1"}, c={"nonsense": 1}),
        batch(c={}, a={"min_cash_buffer_pct": "0.2"}),
        batch(a={}, **{Cursed.NAME: {}}),
    )
]
LIKELY = [10, 6, 4, 1]
JUMPS = ((60, 1, 30), (30, 60, 900), (10, 3_600, 10_800))
"""Weight, and seconds from and to."""


class Operations:
    """Everybody who touches an operation. Each method is one step; what it answers goes into the trace."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger, self.random = world, ledger, world.random
        stores, clock, ids = world.stores, world.clock, world.ids
        self.execution = ExecuteOperation(stores.operations, {ANALYZE_SCENARIOS: ExecuteWhatIf(stores.runs, clock)}, ids, self._log_failure)
        to_queue = ToQueue(stores.operations, world.told_queue)
        packs = PackResolution(PackRules(), EnvironmentPacks(""))
        modes = (AcceptOnly(to_queue), Inline(self.execution, to_queue))
        self.accepting = [AcceptBatch(stores.operations, packs, clock, ids, mode) for mode in modes]
        self.executing = ExecuteNow(stores.operations, self.execution)
        self.undertaking = GiveUp(stores.operations)
        again = Task("operations_sent", SENT_AT_ONCE, SendAgain(stores.operations, world.told_queue, clock))
        self.sweeping = Sweep(stores.retention, (again, *tasks_of(stores.retention, stores.operations)), clock)
        world.actors += [
            (14, "submit", self.submit),
            (40, "work", self.work),
            (8, "undertake", self.undertake),
            (6, "execute", self.execute),
            (6, "sweep", self.sweep),
            (8, "read", self.read),
            (8, "time", self.jump),
        ]

    def submit(self) -> str:
        tenant = self.random.choice(TENANTS)
        [number] = self.random.choices(range(len(BODIES)), LIKELY)
        key = f"key-{self.random.randrange(KEYS)}" if self.random.random() < 0.3 else None
        accept = self.accepting[self.random.random() < 0.1]
        given = Submission("partner", None, "", key, BODIES[number], parse_batch(BODIES[number]))

        def go() -> str:
            accepted = accept(tenant, given)
            self.ledger.answered(accepted.operation, key, number)
            return f"{'again ' if accepted.replayed else ''}{accepted.operation.operation_id[:12]}"

        return _tried(go)

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

        return f"{message.job.operation_id[:12]} {_tried(go)}"

    def undertake(self) -> str:
        if not self.world.queue.dead:
            return "no message"
        message = self.random.choice(self.world.queue.dead)

        def go() -> str:
            failed = self.undertaking(message.job.tenant, message.job.operation_id)
            if message in self.world.queue.dead:
                self.world.queue.dead.remove(message)
            return "FAILED" if failed else "left alone"

        return f"{message.job.operation_id[:12]} {_tried(go)}"

    def execute(self) -> str:
        return self._by_id(lambda tenant, call: self.executing(tenant, call).operation.status.value)

    def read(self) -> str:
        finding = FindOperation(self.world.stores.operations)
        return self._by_id(lambda tenant, call: finding.by_id(tenant, call).operation.status.value)

    def sweep(self) -> str:
        return _tried(lambda: str(dict(self.sweeping(lambda: True).counts)))

    def jump(self) -> str:
        [(_, least, most)] = self.random.choices(JUMPS, [weight for weight, _, _ in JUMPS])
        seconds = self.random.randint(least, most)
        self.world.clock.forward(seconds=seconds)
        return f"{seconds} s"

    def settle(self) -> None:
        """The weather clears: with time, sweeps and deliveries alone everything ends. What comes back does so in its own time."""
        for _ in range(60):
            self.sweep()
            while (message := self.world.queue.receive()) is not None:
                self.world.note(f"settle: {self._worked(message)}")
            for _ in range(len(self.world.queue.dead)):
                self.undertake()
            self.world.clock.forward(seconds=721)
            if not self.world.queue.messages and not self.ledger.open():
                return

    def _by_id(self, do: Callable[[str, OperationCall], str]) -> str:
        known = self.ledger.names()
        if not known:
            return "none known"
        tenant, operation_id = self.random.choice(known)
        return f"{operation_id[:12]} {_tried(lambda: do(tenant, OperationCall(operation_id, lambda _: True)))}"

    def _log_failure(self, error: Exception) -> None:
        raise AssertionError("an execution failed of what nobody broke") from error


def _tried(go: Callable[[], Any]) -> str:
    """What came of it; a refusal, an outage and a death are outcomes like others."""
    try:
        return str(go())
    except Crash:
        return "died"
    except StoreUnavailable:
        return "outage"
    except Refused as refused:
        return str(refused.code)
