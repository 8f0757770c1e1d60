"""One simulation: a seed, a number of steps, checks after each, and everything settled at the end."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.ledger import Ledger
from tests.simulation.operations import Operations
from tests.simulation.world import world_of
from tests.support.faults import Crash

TRACE_SHOWN = 60


class Broken(AssertionError):  # noqa: N818  (named for what it tells)
    """A promise did not hold; the message tells how to see it again."""


@dataclass(frozen=True)
class Played:
    """What a simulation came to."""

    steps: int
    ends: dict[str, int]
    faults: dict[str, int]


def play(seed: int, steps: int, kind: str = "memory", spoil: Callable[[Operations], None] = lambda _: None) -> Played:
    """Simulate. Raises Broken with the end of the trace and the command that replays it.

    `spoil` may put something wrong into the world, to see that it is found out.
    """
    with world_of(seed, kind) as world:
        ledger = Ledger(world)
        actors = Operations(world, ledger)
        world.checks.append(ledger.check)
        spoil(actors)
        try:
            while world.steps < steps:
                world.act()
            with world.chaos.quiet():
                actors.settle()
            ends = ledger.check_settled()
        except (Exception, Crash) as error:
            told = "\n".join(world.trace[-TRACE_SHOWN:])
            raise Broken(f"{told}\n\n{error!r}\nreplay: python -m tests.simulation {seed} --steps {steps} --world {kind}") from error
        return Played(world.steps, ends, world.chaos.drawn)
