"""The clock, ids, the queue and how the outside fails: what every use case may ask for.

Adapters raise `StoreUnavailable` for an outage (nothing was written, or what was written is whole) and `EvidenceCorrupt`
when a stored document does not match its digest.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.records.operations import Job

Clock = Callable[[], datetime]
"""Returns the present as an aware datetime in UTC."""


Ids = Callable[[str], str]
"""Draws a new identifier: the prefix, `_` and the 32 hex digits of a UUIDv7, so that ids of one kind sort by the time they were drawn.

Prefixes: `rr` a run, `batch` a what-if batch, `dop` an operation, `lse` one taking of its lease, `dwd` a review decision,
`corr` a correlation id for a call that brought none; `pp` a proposal, `ppv` a version of it, `pwe` an event, `pap` an approval, `pck` a
check before execution.
"""


class StoreUnavailable(Exception):  # noqa: N818  (named for what the caller is told)
    """The outside cannot be used now; `code`, of `engine.usecases.refusals.Code`, is the reason that the 503 answer gives."""

    def __init__(self, code: StrEnum) -> None:
        super().__init__(code)
        self.code = code


class EvidenceCorrupt(Exception):  # noqa: N818
    """A stored document is missing or differs from its digest; `key` names it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class WorkQueue(Protocol):
    """Tells workers that an operation waits. At least once, in no order; a tenant's backlog does not hold up the others'."""

    def send(self, job: Job) -> None:
        """Put the job into the queue; StoreUnavailable when the queue did not take it."""

    def postpone(self, receipt: str, seconds: int) -> None:
        """Bring a message that was received, and is not done with, again after `seconds`; StoreUnavailable when nobody heard.

        Unheard, it comes again when the queue thinks so.
        """
