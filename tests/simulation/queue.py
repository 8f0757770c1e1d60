"""The queue of operations as SQS promises it: at least once, in no order, back after a while, dead after twelve receipts; sooner where it is asked to."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from engine.ports.outside import Clock
from engine.records.operations import Job

MAX_RECEIPTS = 12
VISIBILITY = timedelta(seconds=720)
TWICE = 0.15
"""Share of messages that come twice, whether sent or received."""

AGAIN = 0.5
"""Share of receipts that bring the same message as the one before, if it is visible: two at work on one operation."""


@dataclass(eq=False)
class Message:
    job: Job
    visible_at: datetime
    receipts: int = 0

    @property
    def receipt(self) -> str:
        return f"{id(self)}-{self.receipts}"


@dataclass
class SimulatedQueue:
    """`engine.ports.outside.WorkQueue`, and what Lambda's poller does with it."""

    random: Random
    clock: Clock
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    last: Message | None = None

    def send(self, job: Job) -> None:
        copies = 2 if self.random.random() < TWICE else 1
        self.messages += [Message(job, self.clock()) for _ in range(copies)]

    def receive(self) -> Message | None:
        """Any visible message, now hidden (but for a few); None when there is none. One that came too often is dead."""
        now = self.clock()
        visible = [message for message in self.messages if message.visible_at <= now]
        while visible:
            again = self.random.random() < AGAIN and self.last in visible
            message = self.last if again and self.last is not None else self.random.choice(visible)
            visible.remove(message)
            self.last = message
            message.receipts += 1
            if message.receipts > MAX_RECEIPTS:
                self.messages.remove(message)
                self.dead.append(message)
                continue
            if self.random.random() >= TWICE:
                message.visible_at = now + VISIBILITY
            return message
        return None

    def postpone(self, receipt: str, seconds: int) -> None:
        """By the receipt of the delivery in hand; a message that is gone, or received again since, is not to be postponed."""
        for message in self.messages:
            if message.receipt == receipt:
                message.visible_at = self.clock() + timedelta(seconds=seconds)

    def delete(self, message: Message) -> None:
        if message in self.messages:
            self.messages.remove(message)
