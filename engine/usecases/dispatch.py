"""Between the acceptance of an operation and its execution: telling the queue, telling it again, giving up (dpm-service 17.6)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.ports.operations import OperationStore
from engine.ports.outside import Clock, StoreUnavailable, WorkQueue
from engine.records.operations import Failure, Family, Job
from engine.usecases.refusals import FailureCode

NEVER_SENT_AFTER: Final = timedelta(minutes=2)
SENT_IN_VAIN_AFTER: Final = timedelta(hours=3)
"""More than twelve visibility timeouts of the queue: before that a message may still come back by itself."""

SENT_AT_ONCE: Final = 200

EXHAUSTED: Final = Failure(FailureCode.EXECUTION_RETRIES_EXHAUSTED, "No attempt succeeded before the retries were used up.")


@dataclass(frozen=True, slots=True)
class ToQueue:
    """Tells the workers of an accepted operation; without a queue it waits for a manual execution."""

    operations: OperationStore
    queue: WorkQueue | None
    family: Family = Family.DPM

    def __call__(self, tenant: str, operation_id: str) -> None:
        """Send the operation by its id. An outage here is the sweeper's to mend."""
        if self.queue is not None:
            with suppress(StoreUnavailable):
                _send(self.queue, self.operations, Job(tenant, self.family, operation_id))


@dataclass(frozen=True, slots=True)
class SendAgain:
    """The sweeper's part: tells the queue of operations that it cannot know of any more.

    Those were never sent, or sent so long ago that the queue has given them up while nobody is at them.
    """

    operations: OperationStore
    queue: WorkQueue
    clock: Clock
    family: Family = Family.DPM

    def __call__(self, tenant: str, most: int) -> int:
        """How many were sent, up to `most`. Raises StoreUnavailable; what was sent by then is noted."""
        now = self.clock()
        due = self.operations.due(tenant, accepted_before=now - NEVER_SENT_AFTER, sent_before=now - SENT_IN_VAIN_AFTER)[:most]
        for operation_id in due:
            _send(self.queue, self.operations, Job(tenant, self.family, operation_id))
        return len(due)


@dataclass(frozen=True, slots=True)
class GiveUp:
    """What the queue could not get done, seen at its dead letters: the operation says so, unless it ended or somebody is at it.

    A held one is left alone: should its holder die, the sweeper sends it again, and its attempts are counted.
    """

    operations: OperationStore

    def __call__(self, tenant: str, operation_id: str) -> bool:
        """FAILED with EXECUTION_RETRIES_EXHAUSTED; False = it was not ours to end."""
        return self.operations.abandon(tenant, operation_id, EXHAUSTED)


def _send(queue: WorkQueue, operations: OperationStore, job: Job) -> None:
    """Send first, note it second: noted and not sent would be lost for hours."""
    queue.send(job)
    operations.sent(job.tenant, job.operation_id)
