"""Writers who are at it at once: each in a thread of its own, one call of a port at a time, in an order that is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from threading import Semaphore, Thread, get_ident

Step = Callable[[], str]


@dataclass(eq=False)
class Writer:
    """One of those who race. `may_go` lets it run to its next call."""

    step: Step
    may_go: Semaphore = field(default_factory=lambda: Semaphore(0))
    told: str | None = None
    broke: BaseException | None = None


class Race:
    """Only one thread ever runs: whatever is drawn is drawn in one order, and a seed replays."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.writers: dict[int, Writer] = {}
        self.back = Semaphore(0)

    @property
    def on(self) -> bool:
        """Whether somebody races just now."""
        return bool(self.writers)

    def run(self, steps: Sequence[Step]) -> list[str]:
        """What each step told. Raises what one of them raised."""
        writers = [Writer(step) for step in steps]
        threads = [Thread(target=self._run, args=(writer,), daemon=True) for writer in writers]
        for writer, thread in zip(writers, threads, strict=True):
            thread.start()
            self.writers[thread.ident or 0] = writer
        while running := [writer for writer in writers if writer.told is None and writer.broke is None]:
            self.random.choice(running).may_go.release()
            self.back.acquire()
        for thread in threads:
            thread.join()
        self.writers.clear()
        for writer in writers:
            if writer.broke is not None:
                raise writer.broke
        return [str(writer.told) for writer in writers]

    def turn(self) -> None:
        """A writer is about to call: whoever is drawn goes on, perhaps itself. Without effect outside a race."""
        writer = self.writers.get(get_ident())
        if writer is not None:
            self.back.release()
            writer.may_go.acquire()

    def _run(self, writer: Writer) -> None:
        writer.may_go.acquire()
        try:
            writer.told = writer.step()
        except BaseException as broke:  # noqa: BLE001  (raised where the race was begun)
            writer.broke = broke
        self.back.release()
