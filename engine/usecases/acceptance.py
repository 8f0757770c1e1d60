"""Accept a what-if batch for later; execute it on demand (RFC-0018).

Recorded first, told second: what is lost between the two, the sweeper tells again. A 202 means that it will run, or visibly fail.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from engine.contracts.batches import BatchRebalanceRequest
from engine.contracts.violations import InvalidRequest
from engine.ports.operations import OperationStore
from engine.ports.outside import Clock, EvidenceCorrupt, Ids, StoreUnavailable
from engine.ports.runs import IdTaken
from engine.records.operations import Operation, OperationKeyClaim, OperationStatus
from engine.usecases.accepted_batches import ANALYZE_SCENARIOS, AcceptedBatch
from engine.usecases.dispatch import ToQueue
from engine.usecases.execution import Attempt, ExecuteOperation
from engine.usecases.idempotency import refuse_conflict, settled
from engine.usecases.operation_lookup import FindOperation, FoundOperation, OperationCall
from engine.usecases.packs import PackResolution
from engine.usecases.refusals import Code, Refused

INLINE_SECONDS: Final = 60
"""A lease outlives the 29 seconds that the API waits."""

MAX_INLINE_ROWS: Final = 100_000
"""`AcceptedBatch.rows` that a call can execute while its caller waits."""

Dispatch = Callable[[Operation], None]
"""What becomes of an operation once it is recorded."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One call of `POST /rebalance/analyze/async`: its caller verified, its headers checked, its body valid."""

    actor: str
    correlation_id: str | None
    policy_pack_id: str
    idempotency_key: str | None
    body: bytes
    request: BatchRebalanceRequest


@dataclass(frozen=True, slots=True)
class Accepted:
    """The operation that answers a submission, and whether an earlier one made it."""

    operation: Operation
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class AcceptBatch:
    """`POST /rebalance/analyze/async`: once per idempotency key, where one is given (dpm-service S32).

    The policy pack is resolved now and kept with its definition (dpm-service S10). Raises Refused when the key stands for another
    request or another pack, InvalidRequest for a pack that does not exist where packs are strict, StoreUnavailable with
    nothing accepted. `dispatch` sees what was accepted; nothing that happens there changes the answer.
    """

    operations: OperationStore
    packs: PackResolution
    clock: Clock
    ids: Ids
    dispatch: Dispatch

    def __call__(self, tenant: str, submission: Submission) -> Accepted:
        """The operation, recorded."""
        batch = AcceptedBatch(submission.body, submission.request, self.packs(tenant, submission.policy_pack_id))
        request_hash = batch.request_hash() if submission.idempotency_key is not None else ""
        return settled(
            lambda: (
                self._first(tenant, submission.idempotency_key, request_hash) or self._recorded(tenant, submission, batch, request_hash)
            ),
            Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE,
        )

    def _recorded(self, tenant: str, submission: Submission, batch: AcceptedBatch, request_hash: str) -> Accepted | None:
        """A new operation, recorded and told of; None when another call won the key meanwhile, or another operation has its id."""
        operation = Operation(
            tenant=tenant,
            operation_id=self.ids("dop"),
            operation_type=ANALYZE_SCENARIOS,
            correlation_id=submission.correlation_id or self.ids("corr"),
            actor=submission.actor,
            created_at=self.clock(),
            idempotency_key=submission.idempotency_key,
            rows=batch.rows,
        )
        claim = OperationKeyClaim(request_hash, operation.operation_id) if submission.idempotency_key is not None else None
        with suppress(IdTaken):
            if self.operations.accept(operation, batch.document(), claim) is None:
                self.dispatch(operation)
                return Accepted(operation)
        return None

    def _first(self, tenant: str, key: str | None, request_hash: str) -> Accepted | None:
        """What the key stands for already; None when it is free."""
        claim = None if key is None else self.operations.claimed(tenant, key)
        if claim is None:
            return None
        refuse_conflict(claim.request_hash, request_hash)
        operation = self.operations.operation(tenant, claim.operation_id)
        return None if operation is None else Accepted(operation, replayed=True)


@dataclass(frozen=True, slots=True)
class AcceptOnly:
    """Leaves an accepted operation to the workers."""

    to_queue: ToQueue

    def __call__(self, operation: Operation) -> None:
        """Tell them of it."""
        self.to_queue(operation.tenant, operation.operation_id)


@dataclass(frozen=True, slots=True)
class Inline:
    """Executes an accepted operation before its caller is answered; what is too large for that goes to the queue."""

    execute: ExecuteOperation
    to_queue: ToQueue

    def __call__(self, operation: Operation) -> None:
        """Execute now. Should a store fail meanwhile, the operation is left to the sweeper."""
        if operation.rows is None or operation.rows > MAX_INLINE_ROWS:
            self.to_queue(operation.tenant, operation.operation_id)
            return
        with suppress(StoreUnavailable):
            self.execute(operation.tenant, operation.operation_id, seconds=INLINE_SECONDS, take_over=False)


@dataclass(frozen=True, slots=True)
class ExecuteNow:
    """`POST /rebalance/operations/{operation_id}/execute`: a PENDING operation, while the caller waits.

    A failed execution is an answer like any other. Refuses an unknown operation, one that is not PENDING or is taken by
    somebody else just now, and one that takes longer than the API waits.
    """

    operations: OperationStore
    execute: ExecuteOperation

    def __call__(self, tenant: str, call: OperationCall) -> FoundOperation:
        """The operation as it ended."""
        operation = self.operations.operation(tenant, call.named)
        if operation is None:
            raise Refused(Code.DPM_ASYNC_OPERATION_NOT_FOUND)
        if operation.status is not OperationStatus.PENDING:
            raise Refused(Code.DPM_ASYNC_OPERATION_NOT_EXECUTABLE)
        rows = self._measured(operation) if operation.rows is None else operation.rows
        if rows > MAX_INLINE_ROWS:
            raise Refused(Code.DPM_ASYNC_OPERATION_TOO_LARGE_FOR_INLINE)
        if self.execute(tenant, call.named, seconds=INLINE_SECONDS, take_over=False) is not Attempt.ENDED:
            raise Refused(Code.DPM_ASYNC_OPERATION_NOT_EXECUTABLE)
        return FindOperation(self.operations).by_id(tenant, call)

    def _measured(self, operation: Operation) -> int:
        """The rows of an operation accepted before they were counted; what is wrong with it, its execution will say."""
        with suppress(EvidenceCorrupt, InvalidRequest):
            document = self.operations.request(operation.tenant, operation.operation_id)
            return 0 if document is None else AcceptedBatch.of(document).rows
        return 0
