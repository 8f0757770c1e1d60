"""A world to simulate: stores, a queue, a clock, chaos between them, and a trace of everything that happened. All of it follows from a seed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from engine.ports.operations import OperationStore
from engine.ports.proposals import ProposalStore
from engine.ports.runs import Retention, RunLookup, StatisticsLookup
from infra.adapters import Adapters
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Backoff, Table
from infra.memory.runs import MemoryRunStore, MemoryTables
from tests.simulation.chaos import FAULTS, LINE_FAULTS, Chaos, Cursed, Lagging, Unreliable
from tests.simulation.queue import SimulatedQueue
from tests.simulation.race import Race
from tests.support.adapters import over, proposals_on_aws
from tests.support.emulators import Aws, fresh
from tests.support.faults import Line
from tests.support.samples import HandClock

WORLDS = ("memory", "aws")
DAY = 86_400
YEAR = 365 * DAY
"""How long operations are kept, in seconds; a simulation never reaches a year: what is kept for one never ends."""

TENANTS = ("bank-a", "bank-b")
RATES = {"memory": 0.15, "aws": 0.06}
"""Share of calls that something happens to; a call of a store is several to AWS."""
KINDS = {"memory": FAULTS, "aws": LINE_FAULTS}

LONG_PAUSES = 0.4
CHECKED_EVERY = {"memory": 1, "aws": 20}
"""Steps between two checks of the records."""


@dataclass
class SeededIds:
    """`engine.ports.outside.Ids`, the same in every replay."""

    random: Random

    def __call__(self, prefix: str) -> str:
        return f"{prefix}_{self.random.getrandbits(128):032x}"


@dataclass
class Stores:
    """The ports of one store; `documents` are the keys of all that lie in a bucket, where there is one."""

    runs: Cursed
    operations: OperationStore
    lookup: RunLookup
    statistics: StatisticsLookup
    retention: Retention
    proposals: ProposalStore
    proposal_operations: OperationStore
    documents: Callable[[], list[str]]


@dataclass
class World:
    """`stores` are for actors, with faults at every call; checks read the same ones under `chaos.quiet()`."""

    seed: int
    kind: str
    random: Random
    clock: HandClock
    chaos: Chaos
    queue: SimulatedQueue
    ids: SeededIds
    stores: Stores
    ttl_seconds: int
    trace: list[str]
    race: Race
    steps: int = 0
    actors: list[tuple[int, str, Callable[[], str]]] = field(default_factory=list)
    checks: list[Callable[[], None]] = field(default_factory=list)

    @property
    def told_queue(self) -> Any:
        """The queue for those who send."""
        return Unreliable(self.queue, self.chaos)

    def act(self) -> None:
        """One step of one actor, drawn by weight, then what must hold after any step, also while others wait."""
        weights = [weight for weight, _, _ in self.actors]
        [(_, name, step)] = self.random.choices(self.actors, weights)
        self.steps += 1
        self.note(f"{name}: {step()}")
        if self.steps % CHECKED_EVERY[self.kind] == 0:
            with self.chaos.quiet():
                for check in self.checks:
                    check()

    def pause(self) -> None:
        """What happens while somebody waits for an answer: others act, now and then after every lease has run out."""
        if self.random.random() < LONG_PAUSES:
            self.clock.forward(seconds=self.random.randint(136, 1_500))
        for _ in range(self.random.randint(1, 4)):
            self.act()

    def note(self, what: str) -> None:
        self.trace.append(f"{self.steps:6d} {self.clock.now:%d %H:%M:%S} {'  ' * self.chaos.depth}{what}")


@contextmanager
def world_of(seed: int, kind: str, drawn: Random | None = None) -> Iterator[World]:
    """The world of a seed, or one where somebody else draws; its stores empty. Every third one forgets operations after a day."""
    trace: list[str] = []
    random, clock = drawn or Random(seed), HandClock()  # noqa: S311  (to be repeated, not to be secret)
    ids = SeededIds(random if drawn is None else Random(seed))  # noqa: S311  (as above)
    ttl_seconds = DAY if seed % 3 == 0 else YEAR
    made: list[World] = []
    race = Race(random)
    chaos = Chaos(
        random,
        RATES[kind],
        KINDS[kind],
        meanwhile=lambda: made[0].pause(),  # noqa: PLW0108  (made later)
        told=lambda what: made[0].note(what),  # noqa: PLW0108  (made later)
        turn=race.turn,
    )
    with _stores(kind, clock, chaos, ttl_seconds) as stores:
        made.append(World(seed, kind, random, clock, chaos, SimulatedQueue(random, clock), ids, stores, ttl_seconds, trace, race))
        yield made[0]


@contextmanager
def _stores(kind: str, clock: HandClock, chaos: Chaos, ttl_seconds: int) -> Iterator[Stores]:
    if kind == "memory":
        runs = MemoryRunStore(MemoryTables(), clock=clock)
        made = over(runs, operations_ttl_seconds=ttl_seconds)
        yield _left_to(chaos, runs, made, lambda port: Unreliable(port, chaos), list)
        return
    with fresh() as aws:
        table = Table(aws.dynamodb, aws.table, backoff=Backoff(sleep=lambda _: None, jitter=lambda: 0.0))
        stored = DynamoRunStore(table, Payloads(aws.s3, aws.bucket, inline_max_bytes=512), clock=clock)
        made = over(stored, proposals_on_aws(aws, clock), operations_ttl_seconds=ttl_seconds)
        Line(aws.dynamodb, aws.s3).break_at(range(1_000_000_000), chaos.over_the_line)
        yield _left_to(chaos, stored, made, lambda port: port, lambda: _listed(aws))


def _left_to(chaos: Chaos, runs: Any, made: Adapters, faulty: Callable[[Any], Any], documents: Callable[[], list[str]]) -> Stores:
    """The ports of a store, each made `faulty` where that does not happen at the line already."""
    return Stores(
        Cursed(faulty(runs)),
        faulty(made.operations),
        faulty(made.lookup),
        faulty(made.statistics),
        faulty(made.retention),
        Lagging(faulty(made.proposals), chaos),
        faulty(made.proposal_operations),
        documents,
    )


def _listed(aws: Aws) -> list[str]:
    pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=aws.bucket)
    return [stored["Key"] for page in pages for stored in page.get("Contents", ())]
