"""Accepted operations as the use cases ask for them (RFC-0018)."""

from datetime import datetime
from typing import Protocol

from engine.records.operations import Failure, Operation, OperationFilter, OperationKeyClaim
from engine.records.pages import Page


class RecordedOperation(Protocol):
    """An operation as its record was read, once. Its documents are fetched when they are asked for; None when it was taken out since."""

    @property
    def operation(self) -> Operation:
        """Everything but the documents."""

    def request(self) -> bytes | None:
        """What was accepted, byte for byte, verified against its digest."""

    def result(self) -> bytes | None:
        """What came of it, byte for byte, verified; None unless SUCCEEDED."""

    def result_link(self, *, seconds: int) -> str | None:
        """An address that serves the result over HTTPS to anybody who knows it, valid for `seconds`; None where there is none to give."""


class OperationStore(Protocol):
    """Accepted operations of one family. Reads are consistent but the list; expired ones are invisible everywhere.

    An operation is recorded before anybody is told to run it. Whoever runs it takes a lease of it; effects and completion carry the
    lease's owner, so that a late loser changes nothing.
    """

    def accept(self, operation: Operation, request: bytes, claim: OperationKeyClaim | None = None) -> OperationKeyClaim | None:
        """Keep a PENDING operation with its request, or nothing.

        With `claim` (for `operation.idempotency_key`) only the first caller of the key wins: the winner's claim is answered to the
        others; a key lives as long as its operation. None means that this operation is kept, also when an earlier attempt of ours was
        acknowledged late. Raises IdTaken for the id of another operation; ValueError for a claim without a key.
        """

    def claimed(self, tenant: str, key: str) -> OperationKeyClaim | None:
        """The first use of an acceptance's idempotency key while its operation is kept."""

    def find(self, tenant: str, operation_id: str) -> RecordedOperation | None:
        """The operation with its documents, or None for unknown, foreign, expired ids and those of the other family alike."""

    def operation(self, tenant: str, operation_id: str) -> Operation | None:
        """The operation alone, or None for unknown, foreign, expired ids and those of the other family alike."""

    def request(self, tenant: str, operation_id: str) -> bytes | None:
        """What was accepted, byte for byte, verified against its digest."""

    def result(self, tenant: str, operation_id: str) -> bytes | None:
        """What came of it, byte for byte, verified; None unless SUCCEEDED."""

    def latest_by_correlation(self, tenant: str, correlation_id: str) -> RecordedOperation | None:
        """The newest operation of a correlation id by (`created_at`, id)."""

    def page(self, tenant: str, narrowed: OperationFilter, *, limit: int, cursor: str | None = None) -> Page[Operation]:
        """Operations by `created_at` descending, then id descending; cursor and bounds as in `RunLookup.page`.

        Rows carry what a list shows; `actor`, `attempts`, `outages`, `failure`, `idempotency_key` and `subject_id` are left at their defaults.
        """

    def lease(self, tenant: str, operation_id: str, *, owner: str, seconds: int, take_over: bool = True) -> Operation | None:
        """Take a PENDING operation, or (`take_over`) a RUNNING one whose lease ran out: RUNNING, one attempt more, leased to `owner`.

        `owner` is a new token for every taking. None when it is somebody else's, terminal, expired or unknown. Repeating a taking that was
        acknowledged late answers the operation and counts no further attempt.
        """

    def give_back(self, tenant: str, operation_id: str, *, owner: str) -> None:
        """An outage ended the attempt: the operation is anybody's again at once, and the attempt counts as no failure of its own.

        It stays RUNNING. Without effect when `owner` does not hold it, or gave it back already.
        """

    def succeed(self, tenant: str, operation_id: str, *, owner: str, result: bytes) -> bool:
        """SUCCEEDED with its result, if `owner` still holds the operation. False = somebody else does, or did: nothing changed."""

    def fail(self, tenant: str, operation_id: str, *, owner: str, failure: Failure) -> bool:
        """FAILED, if `owner` still holds the operation; False as in `succeed`."""

    def abandon(self, tenant: str, operation_id: str, failure: Failure) -> bool:
        """FAILED, if nobody works on it: PENDING, or RUNNING with a lease that ran out. False = nothing changed."""

    def sent(self, tenant: str, operation_id: str) -> None:
        """Note that the queue took the operation's id just now. Without effect on a terminal or unknown one."""

    def due(self, tenant: str, *, accepted_before: datetime, sent_before: datetime) -> tuple[str, ...]:
        """Ids of open operations that nobody works on and that the queue may not know, oldest first; may lag by moments.

        Those are: never sent and accepted before the first time, or last sent before the second.
        """

    def remove_expired(self, tenant: str, *, most: int) -> int:
        """Remove up to `most` expired operations with their documents, pointers and keys; answers how many."""
