"""Execute an accepted operation: whoever holds its lease, as often as it takes, with one outcome (RFC-0018, dpm-service 17.6)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.contracts.violations import InvalidRequest
from engine.ports.operations import OperationStore
from engine.ports.outside import Clock, EvidenceCorrupt, Ids, StoreUnavailable
from engine.ports.runs import RunStore
from engine.records.operations import Failure, Operation
from engine.records.runs import Source
from engine.scenarios import batch_run_id_of, render_batch, scenario_run_id
from engine.usecases.accepted_batches import AcceptedBatch
from engine.usecases.analyze import Batch
from engine.usecases.artifacts import ArtifactMode
from engine.usecases.dispatch import EXHAUSTED
from engine.usecases.refusals import FailureCode

MAX_FAILURES: Final = 5
"""Attempts that die without a word, whoever sent them, before the operation is given up. Outages are the store's failures, not its own."""

# Stable codes of what an operation failed of (dpm-service S16); the texts give nothing internal away.
INVALID: Final = Failure(FailureCode.REQUEST_VALIDATION_FAILED, "The accepted request is not valid any more.")
CORRUPT: Final = Failure(FailureCode.EVIDENCE_CORRUPT, "A stored document does not match its digest.")
DEFECT: Final = Failure(FailureCode.EXECUTION_ERROR, "The operation could not be executed.")


class Attempt(StrEnum):
    """What came of one attempt."""

    ENDED = "ENDED"  # by us, SUCCEEDED or FAILED
    NOTHING_TO_DO = "NOTHING_TO_DO"  # ended before, expired or unknown
    HELD = "HELD"  # somebody else is at it: come back later


@dataclass(frozen=True, slots=True)
class ExecuteOperation:
    """One attempt at an accepted what-if batch.

    Run ids and the batch's id follow from the operation's, so that another attempt finds what an earlier one recorded. What would
    happen again in the same way ends the operation at once as FAILED, and `on_failure` hears of it; only an outage of a store
    leaves it RUNNING, gives it back, raises StoreUnavailable, and is worth another attempt.
    """

    operations: OperationStore
    runs: RunStore
    clock: Clock
    ids: Ids
    on_failure: Callable[[Exception], None]
    artifacts: ArtifactMode = ArtifactMode.DERIVED

    def __call__(self, tenant: str, operation_id: str, *, seconds: int, take_over: bool = True) -> Attempt:
        """Claim the operation for `seconds` and end it. Without `take_over` only a PENDING one."""
        owner = self.ids.lease()
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
        outcome = EXHAUSTED if operation.failures > MAX_FAILURES else self._outcome(operation)
        if isinstance(outcome, Failure):
            return self.operations.fail(operation.tenant, operation.operation_id, owner=owner, failure=outcome)
        return self.operations.succeed(operation.tenant, operation.operation_id, owner=owner, result=outcome)

    def _outcome(self, operation: Operation) -> bytes | Failure:
        try:
            return self._result(operation)
        except StoreUnavailable:
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

    def _result(self, operation: Operation) -> bytes:
        document = self.operations.request(operation.tenant, operation.operation_id)
        if document is None:
            raise EvidenceCorrupt(operation.operation_id)
        accepted, batch_run_id = AcceptedBatch.of(document), batch_run_id_of(operation.operation_id)
        batch = Batch(
            tenant=operation.tenant,
            actor=operation.actor,
            source=Source.API,
            request=accepted.request,
            batch_run_id=batch_run_id,
            correlation_id=operation.correlation_id,
            shape=accepted.shape,
            run_id_of=lambda name: scenario_run_id(operation.operation_id, name),
            operation_id=operation.operation_id,
            artifacts=self.artifacts,
        )
        outcomes = batch.record(batch.decide(), self.runs, self.clock)
        return render_batch(accepted.request, outcomes, batch_run_id=batch_run_id, finished_at=self.clock())
