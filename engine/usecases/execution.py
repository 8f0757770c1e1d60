"""Execute an accepted operation: whoever holds its lease, as often as it takes, with one outcome (RFC-0018, dpm-service 17.6)."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

from engine.contracts.violations import InvalidRequest
from engine.ports.operations import OperationStore
from engine.ports.outside import EvidenceCorrupt, Ids, StoreUnavailable
from engine.records.operations import Failure, Operation
from engine.usecases.dispatch import EXHAUSTED
from engine.usecases.refusals import FailureCode

MAX_FAILURES: Final = 5
"""Attempts that die without a word, whoever sent them, before the operation is given up. Outages are the store's failures, not its own."""

# Stable codes of what an operation failed of (dpm-service S16); the texts give nothing internal away.
INVALID: Final = Failure(FailureCode.REQUEST_VALIDATION_FAILED, "The accepted request is not valid any more.")
CORRUPT: Final = Failure(FailureCode.EVIDENCE_CORRUPT, "A stored document does not match its digest.")
DEFECT: Final = Failure(FailureCode.EXECUTION_ERROR, "The operation could not be executed.")
UNKNOWN_TYPE: Final = Failure(FailureCode.OPERATION_TYPE_UNKNOWN, "Operations of this type cannot be executed.")


@dataclass(frozen=True, slots=True)
class Lease:
    """An operation that is being executed, by whom, and what was accepted."""

    operation: Operation
    owner: str
    accepted: bytes


class Ended(Enum):
    """What an executor answers that has ended its operation already, in the transaction of its effect."""

    WITH_ITS_EFFECT = auto()


class LeaseLost(Exception):  # noqa: N818  (nothing went wrong)
    """The operation is somebody else's by now, or ended: nothing was written."""


Executor = Callable[[Lease], bytes | Failure | Ended]
"""Turns what was accepted into its result, or into why there is none, or ends its operation together with its effect.

Another attempt gives the same, and finds what an earlier one recorded. InvalidRequest, EvidenceCorrupt and every defect end the
operation; StoreUnavailable is worth another attempt; LeaseLost leaves it to whoever has it.
"""


class Attempt(StrEnum):
    """What came of one attempt."""

    ENDED = "ENDED"  # by us, SUCCEEDED or FAILED
    NOTHING_TO_DO = "NOTHING_TO_DO"  # ended before, expired or unknown
    HELD = "HELD"  # somebody else is at it: come back later


@dataclass(frozen=True, slots=True)
class ExecuteOperation:
    """One attempt at an accepted operation, by the executor of its type.

    What would happen again in the same way ends the operation at once as FAILED, and `on_failure` hears of it; only an outage of a
    store leaves it RUNNING, gives it back, raises StoreUnavailable, and is worth another attempt.
    """

    operations: OperationStore
    executors: Mapping[str, Executor]
    ids: Ids
    on_failure: Callable[[Exception], None]

    def __call__(self, tenant: str, operation_id: str, *, seconds: int, take_over: bool = True) -> Attempt:
        """Lease the operation for `seconds` and end it. Without `take_over` only a PENDING one."""
        owner = self.ids("lse")
        operation = self.operations.lease(tenant, operation_id, owner=owner, seconds=seconds, take_over=take_over)
        if operation is None:
            there = self.operations.operation(tenant, operation_id)
            return Attempt.NOTHING_TO_DO if there is None or there.terminal else Attempt.HELD
        try:
            return Attempt.ENDED if self._ended(operation, owner) else Attempt.HELD
        except StoreUnavailable:
            with suppress(StoreUnavailable):
                self.operations.give_back(tenant, operation_id, owner=owner)
            raise

    def _ended(self, operation: Operation, owner: str) -> bool:
        """Whether the attempt's outcome is the operation's end; False when the lease was lost meanwhile."""
        try:
            outcome = EXHAUSTED if operation.failures > MAX_FAILURES else self._outcome(operation, owner)
        except LeaseLost:
            return False
        if outcome is Ended.WITH_ITS_EFFECT:
            return True
        if isinstance(outcome, Failure):
            return self.operations.fail(operation.tenant, operation.operation_id, owner=owner, failure=outcome)
        return self.operations.succeed(operation.tenant, operation.operation_id, owner=owner, result=outcome)

    def _outcome(self, operation: Operation, owner: str) -> bytes | Failure | Ended:
        try:
            execute = self.executors[operation.operation_type]
        except KeyError as unknown:
            self.on_failure(unknown)
            return UNKNOWN_TYPE
        try:
            return execute(Lease(operation, owner, self._accepted(operation)))
        except (StoreUnavailable, LeaseLost):
            raise
        except InvalidRequest as invalid:
            self.on_failure(invalid)
            return INVALID
        except EvidenceCorrupt as corrupt:
            self.on_failure(corrupt)
            return CORRUPT
        except Exception as defect:  # noqa: BLE001  (nobody waits at this door: a defect has to show in the operation)
            self.on_failure(defect)
            return DEFECT

    def _accepted(self, operation: Operation) -> bytes:
        document = self.operations.request(operation.tenant, operation.operation_id)
        if document is None:
            raise EvidenceCorrupt(operation.operation_id)
        return document
