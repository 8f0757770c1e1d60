"""The queue of operations in memory: jobs wait in the order they came until somebody takes them."""

from collections import deque
from dataclasses import dataclass, field

from engine.records.operations import Job


@dataclass
class MemoryQueue:
    """`engine.ports.outside.WorkQueue` in one process."""

    waiting: deque[Job] = field(default_factory=deque)
    postponed: list[tuple[str, int]] = field(default_factory=list)

    def send(self, job: Job) -> None:
        self.waiting.append(job)

    def postpone(self, receipt: str, seconds: int) -> None:
        self.postponed.append((receipt, seconds))

    def take(self) -> Job | None:
        """The next job, taken out; None when nothing waits."""
        return self.waiting.popleft() if self.waiting else None
