"""Commands on proposals as those who send them remember them: what was asked, how often, and what was answered."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from engine.ports.outside import StoreUnavailable
from engine.records.operations import Operation, OperationStatus
from engine.records.proposal_history import SYSTEM, EventType, WorkflowEvent
from engine.records.proposals import KeyedCommand
from engine.usecases.refusals import Code, Refused
from tests.support.faults import Crash

MAKING: Final = {EventType.CREATED: KeyedCommand.CREATE, EventType.NEW_VERSION_CREATED: KeyedCommand.VERSION}


@dataclass(eq=False)
class Command:
    """One wish of one caller, however often it is sent. Its mark is in what is written for it, and nowhere else.

    `asked` is the number of a body, or what is to happen; of a check, the body and the version.
    """

    mark: str
    kind: KeyedCommand
    tenant: str
    actor: str
    key: str | None
    proposal_id: str | None
    asked: Any
    at_once: bool = False
    under_way: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    made: set[tuple[str, str]] = field(default_factory=set)

    @property
    def told(self) -> tuple[Any, ...]:
        """Everything that the service sees of it."""
        return self.kind, self.tenant, self.actor, self.key, self.proposal_id, self.asked

    @contextmanager
    def sent(self) -> Iterator[None]:
        """Once more. No answer is no answer; whoever is told that others were always first knows that nothing is written."""
        self.under_way += 1
        try:
            yield
        except Refused:
            self.answers["refused"] += 1
            raise
        except StoreUnavailable as outage:
            self.answers["refused" if outage.code is Code.PROPOSAL_STORE_CONTENTION else "unheard"] += 1
            raise
        except Crash:
            self.answers["unheard"] += 1
            raise
        finally:
            self.under_way -= 1

    def answered(self, proposal_id: str, record_id: str | None) -> None:
        """It was done, now or by an earlier call: to this proposal, by this record. None where an answer does not say by which."""
        self.answers["accepted"] += 1
        assert self.proposal_id in {None, proposal_id}, f"{self.mark} was done to {proposal_id}"
        if record_id is not None:
            self.made.add((proposal_id, record_id))
        assert len(self.made) <= 1, f"{self.mark} was answered differently: {self.made}"

    def check(self, written: list[str], operations: list[Operation]) -> None:
        """Against the ids of all records under its mark, and the operations that were to do it."""
        assert len(written) <= 1, f"{self.mark} was done twice: {written}"
        succeeded = any(operation.status is OperationStatus.SUCCEEDED for operation in operations)
        assert self.at_once or bool(written) == succeeded, f"{self.mark} is there and its operation did not end, or the reverse: {written}"
        done = self.answers["accepted"] or succeeded
        assert written or not done, f"{self.mark} was answered, and nothing is there"
        open_still = self.under_way or self.answers["unheard"] or any(not operation.terminal for operation in operations)
        assert done or open_still or not written, f"{self.mark} was refused, and is there: {written}"
        for _, record_id in self.made:
            assert written == [record_id], f"{self.mark} was answered with {record_id}, and {written} is there"


def mark_of(event: WorkflowEvent) -> str | None:
    """Whose command an event was; None of the sweeper's."""
    if event.actor_id == SYSTEM:
        return None
    return str(event.reason["correlation_id" if event.event_type in MAKING else "mark"])


def by_mark(operations: Mapping[Any, Operation]) -> dict[str, list[Operation]]:
    """Operations by the command that they are to do."""
    found: dict[str, list[Operation]] = {}
    for operation in operations.values():
        found.setdefault(operation.correlation_id, []).append(operation)
    return found
