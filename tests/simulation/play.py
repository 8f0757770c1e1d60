"""One simulation: a seed, a number of steps, checks after each, and everything settled at the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.simulation.machinery import Cast
from tests.simulation.operations import Operations
from tests.simulation.proposals import Proposals
from tests.simulation.world import World, world_of
from tests.support.faults import Crash

TRACE_SHOWN = 60

CASTS: Final[Mapping[str, Callable[[World], Cast]]] = {"operations": Operations, "proposals": Proposals}


class Broken(AssertionError):  # noqa: N818  (named for what it tells)
    """A promise did not hold; the message tells how to see it again."""


@dataclass(frozen=True)
class Played:
    """What a simulation came to."""

    steps: int
    ends: dict[str, int]
    faults: dict[str, int]


def play(
    seed: int,
    steps: int,
    kind: str = "memory",
    *,
    cast: str = "operations",
    spoil: Callable[[Any], None] = lambda _: None,
    drawn: Random | None = None,
) -> Played:
    """Simulate. Raises Broken with the end of the trace and the command that replays it.

    `spoil` may put something wrong into the world, to see that it is found out. Where somebody else draws, they replay it.
    """
    with world_of(seed, kind, drawn) as world:
        actors = CASTS[cast](world)
        spoil(actors)
        try:
            while world.steps < steps:
                world.act()
            with world.chaos.quiet():
                actors.settle()
            ends = actors.check_settled()
        except (Exception, Crash) as error:
            told = "\n".join(world.trace[-TRACE_SHOWN:])
            replay = f"python -m tests.simulation {seed} --steps {steps} --world {kind} --cast {cast}"
            raise Broken(f"{told}\n\n{error!r}\nreplay: {replay}") from error
        return Played(world.steps, ends, world.chaos.drawn)
