"""What is kept of an accepted operation: recorded first, run later, by anybody who holds its lease (RFC-0018)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine.records.pages import Period, oldest_visible


class Family(StrEnum):
    """Whose operation it is. Each family reads, lists and executes its own only."""

    DPM = "DPM"
    PROPOSAL = "PROPOSAL"


class OperationStatus(StrEnum):
    """PENDING → RUNNING → SUCCEEDED or FAILED; an operation whose lease ran out is RUNNING until somebody takes it over."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an operation failed: a stable code and a text that gives nothing internal away."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An accepted operation without its documents. Times are aware, UTC.

    `attempts` counts the leases taken, `outages` those of them that an outage ended; `lease_until` is set while somebody holds it. `idempotency_key` is the caller's; `subject_id` names what the
    operation is about, where that is known before (a proposal's id); `rows` is what executing it costs, roughly, where it was measured.
    """

    tenant: str
    operation_id: str
    operation_type: str
    correlation_id: str
    actor: str
    created_at: datetime
    status: OperationStatus = OperationStatus.PENDING
    idempotency_key: str | None = None
    subject_id: str | None = None
    attempts: int = 0
    outages: int = 0
    rows: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    failure: Failure | None = None

    @property
    def terminal(self) -> bool:
        """Whether nothing will change it any more."""
        return self.status in {OperationStatus.SUCCEEDED, OperationStatus.FAILED}

    def leased(self, now: datetime) -> bool:
        """Whether somebody is working on it."""
        return self.status is OperationStatus.RUNNING and self.lease_until is not None and self.lease_until >= now

    def expired(self, now: datetime, ttl_seconds: int | None) -> bool:
        """Strictly older than its time to live since it finished, or else since it was accepted; never while it is leased."""
        return not self.leased(now) and (self.finished_at or self.created_at) < oldest_visible(now, ttl_seconds)

    @property
    def failures(self) -> int:
        """Attempts that the operation has to answer for, the one under way included."""
        return self.attempts - self.outages

    @property
    def row(self) -> "Operation":
        """What a list shows of it."""
        return replace(self, actor="", attempts=0, outages=0, rows=None, failure=None, idempotency_key=None, subject_id=None)

    def due(self, now: datetime, accepted_before: datetime, sent_before: datetime) -> bool:
        """Whether it waits for a worker that the queue may not have told of it."""
        if self.terminal or self.leased(now):
            return False
        return self.created_at < accepted_before if self.sent_at is None else self.sent_at < sent_before


@dataclass(frozen=True, slots=True)
class Job:
    """A message: which operation of which tenant is to run."""

    tenant: str
    family: Family
    operation_id: str


@dataclass(frozen=True, slots=True)
class OperationKeyClaim:
    """What an idempotency key of an acceptance stands for: the first request that used it and its operation."""

    request_hash: str
    operation_id: str


@dataclass(frozen=True, slots=True)
class OperationEnd:
    """How an operation succeeds in the transaction of its effect: whose lease it is under, and what its caller is answered."""

    operation_id: str
    owner: str
    result: bytes


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """What a list of operations is narrowed to; the period is of `created_at`."""

    period: Period = Period()  # noqa: RUF009  (a frozen value)
    operation_type: str | None = None
    status: str | None = None
    correlation_id: str | None = None

    def passes(self, operation: Operation) -> bool:
        """Whether the operation is in the list."""
        wanted = (
            (self.operation_type, operation.operation_type),
            (self.status, operation.status),
            (self.correlation_id, operation.correlation_id),
        )
        return self.period.holds(operation.created_at) and all(text is None or text == found for text, found in wanted)
