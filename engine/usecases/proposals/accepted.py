"""Open a proposal, or give it a version, later: accepted now, executed by whoever has the lease, looked up meanwhile (advisory-lifecycle 9)."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import orjson

from engine.contracts.lifecycle.versions import ProposalVersionRequest, parse_create, parse_version
from engine.ports.operations import OperationStore
from engine.ports.outside import Clock, Ids, StoreUnavailable
from engine.ports.runs import IdTaken
from engine.records.operations import Failure, Operation, OperationEnd
from engine.usecases.acceptance import Dispatch
from engine.usecases.execution import Ended, Lease, LeaseLost
from engine.usecases.idempotency import ATTEMPTS
from engine.usecases.proposals.commands import Made
from engine.usecases.proposals.creating import CreateCall, CreateProposal
from engine.usecases.proposals.versions import AddVersion, VersionCall
from engine.usecases.refusals import Code, Refused
from engine.workflow.proposal_callers import Caller

CREATE_PROPOSAL: Final = "CREATE_PROPOSAL"
CREATE_PROPOSAL_VERSION: Final = "CREATE_PROPOSAL_VERSION"
"""The types of the operations."""

VALIDATION: Final = "ProposalValidationError"
FAILURES: Final[Mapping[Code, str]] = {
    Code.PROPOSAL_NOT_FOUND: "ProposalNotFoundError",
    Code.IDEMPOTENCY_KEY_CONFLICT: "ProposalIdempotencyConflictError",
    Code.PROPOSAL_ENGINE_VERSION_CHANGED: "ProposalIdempotencyConflictError",
    Code.EXECUTION_IN_PROGRESS: "ProposalStateConflictError",
}
"""What an operation fails of, by what a caller who waits is refused with; every other refusal is a VALIDATION (advisory-lifecycle 9)."""


@dataclass(frozen=True, slots=True)
class AcceptCall:
    """A proposal, or a version of the one that is named, for later: its caller verified, its headers checked, its body valid."""

    caller: Caller
    correlation_id: str | None
    idempotency_key: str | None
    proposal_id: str | None
    body: bytes
    asked: ProposalVersionRequest


@dataclass(frozen=True, slots=True)
class AcceptProposal:
    """`POST /rebalance/proposals/async` and `…/versions/async`: recorded, then told of. Nothing else is looked at now (advisory-lifecycle L19).

    Each call makes an operation of its own. Raises StoreUnavailable with nothing accepted; nothing that `dispatch` does changes the answer.
    """

    operations: OperationStore
    clock: Clock
    ids: Ids
    dispatch: Dispatch

    def __call__(self, tenant: str, call: AcceptCall) -> Operation:
        """The operation, recorded."""
        request, kept = call.asked.simulate_request, {"body": call.body.decode(), "person": call.caller.person}
        for _ in range(ATTEMPTS):
            operation = Operation(
                tenant=tenant,
                operation_id=self.ids("pop"),
                operation_type=CREATE_PROPOSAL if call.proposal_id is None else CREATE_PROPOSAL_VERSION,
                correlation_id=call.correlation_id or self.ids("corr"),
                actor=call.caller.actor,
                created_at=self.clock(),
                idempotency_key=call.idempotency_key,
                subject_id=call.proposal_id,
                rows=len(request.portfolio_snapshot.positions) + len(request.proposed_trades),
            )
            with suppress(IdTaken):
                self.operations.accept(operation, orjson.dumps(kept))
                self.dispatch(operation)
                return operation
        raise StoreUnavailable(Code.STORE_PROPOSAL_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation made, in so few words that the rest is found by them: its version, and the newest event of that moment."""

    proposal_id: str
    version_no: int
    seq: int
    similar: tuple[str, ...] | None = None

    @classmethod
    def of(cls, made: Made) -> "Outcome":
        """What is kept of an answer."""
        return cls(made.proposal.proposal_id, made.version.version_no, made.event.seq, made.similar)

    @classmethod
    def read(cls, result: bytes) -> "Outcome":
        """What `to_json` wrote."""
        kept = orjson.loads(result)
        similar = kept["similar"]
        return cls(kept["proposal_id"], kept["version_no"], kept["seq"], None if similar is None else tuple(similar))

    def to_json(self) -> bytes:
        """As the operation keeps it."""
        return orjson.dumps(self)


@dataclass(frozen=True, slots=True)
class _Finishing:
    """`engine.usecases.proposals.commands.Finishing` of a lease."""

    operations: OperationStore
    lease: Lease

    def end(self, made: Made) -> OperationEnd:
        return OperationEnd(self.lease.operation.operation_id, self.lease.owner, Outcome.of(made).to_json())

    def refuse_lost(self) -> None:
        ours = self.lease.operation
        there = self.operations.operation(ours.tenant, ours.operation_id)
        if there is None or there.terminal or there.attempts != ours.attempts:
            raise LeaseLost


@dataclass(frozen=True, slots=True)
class ExecuteProposal:
    """`engine.usecases.execution.Executor` of both types: what is made and SUCCEEDED are one transaction (advisory-lifecycle 14.6).

    `readable` says whether anybody could be shown what was made; what nobody could is not recorded.
    """

    operations: OperationStore
    create: CreateProposal
    add_version: AddVersion
    readable: Callable[[Made], bool]

    def __call__(self, lease: Lease) -> bytes | Failure | Ended:
        """The outcome of a call whose key had made its proposal before; else the operation is ended with its effect, or fails of a refusal."""
        try:
            made = self._made(lease)
        except Refused as refused:
            code, because = refused.code, refused.because
            return Failure(FAILURES.get(code, VALIDATION), f"{code}: {because}" if because else code)
        return Outcome.of(made).to_json() if made.replayed else Ended.WITH_ITS_EFFECT

    def _made(self, lease: Lease) -> Made:
        operation, kept, finishing = lease.operation, orjson.loads(lease.accepted), _Finishing(self.operations, lease)
        body, caller = kept["body"].encode(), Caller(operation.actor, person=kept["person"], scopes=None)
        key, correlation_id = operation.idempotency_key, operation.correlation_id
        if operation.operation_type == CREATE_PROPOSAL and key is not None:
            create = CreateCall(caller, key, correlation_id, parse_create(body), self.readable, _always)
            return self.create(operation.tenant, create, finishing)
        version = VersionCall(operation.subject_id or "", caller, key, correlation_id, parse_version(body), self.readable, _always)
        return self.add_version(operation.tenant, version, finishing)


def _always() -> bool:
    """Nobody waits."""
    return True
