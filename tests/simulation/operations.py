"""The actors around accepted analyses: partners who submit them, execute them and look for them."""

import json
from collections.abc import Callable

from engine.contracts.batches import parse_batch
from engine.policy_packs import PackRules
from engine.records.operations import Family
from engine.usecases.acceptance import AcceptBatch, AcceptOnly, ExecuteNow, Inline, Submission
from engine.usecases.accepted_batches import ANALYZE_SCENARIOS, ExecuteWhatIf
from engine.usecases.dispatch import ToQueue
from engine.usecases.operation_lookup import FindOperation, OperationCall
from engine.usecases.packs import PackResolution
from infra.settings.packs import EnvironmentPacks
from tests.simulation.analyses import Analyses
from tests.simulation.chaos import Cursed
from tests.simulation.machinery import Machinery, tried
from tests.simulation.world import TENANTS, World
from tests.support.portfolios import batch

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


class Operations:
    """Everybody who touches an analysis."""

    def __init__(self, world: World) -> None:
        self.world, self.random = world, world.random
        self.ledger = Analyses(world)
        stores, clock, ids = world.stores, world.clock, world.ids
        self.machinery = Machinery(world, self.ledger, Family.DPM, {ANALYZE_SCENARIOS: ExecuteWhatIf(stores.runs, clock)})
        to_queue = ToQueue(stores.operations, world.told_queue)
        packs = PackResolution(PackRules(), EnvironmentPacks(""))
        modes = (AcceptOnly(to_queue), Inline(self.machinery.execution, to_queue))
        self.accepting = [AcceptBatch(stores.operations, packs, clock, ids, mode) for mode in modes]
        self.executing = ExecuteNow(stores.operations, self.machinery.execution)
        world.actors += [
            (14, "submit", self.submit),
            (40, "work", self.machinery.work),
            (8, "undertake", self.machinery.undertake),
            (6, "execute", self.execute),
            (6, "sweep", self.machinery.sweep),
            (8, "read", self.read),
            (8, "time", self.machinery.jump),
        ]
        world.checks.append(self.ledger.check)

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

        return tried(go)

    def execute(self) -> str:
        return self._by_id(lambda tenant, call: self.executing(tenant, call).operation.status.value)

    def read(self) -> str:
        finding = FindOperation(self.world.stores.operations)
        return self._by_id(lambda tenant, call: finding.by_id(tenant, call).operation.status.value)

    def settle(self) -> None:
        self.machinery.settle()

    def check_settled(self) -> dict[str, int]:
        return self.ledger.check_settled()

    def _by_id(self, do: Callable[[str, OperationCall], str]) -> str:
        known = self.ledger.names()
        if not known:
            return "none known"
        tenant, operation_id = self.random.choice(known)
        return f"{operation_id[:12]} {tried(lambda: do(tenant, OperationCall(operation_id, lambda _: True)))}"
