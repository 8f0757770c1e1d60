"""Find accepted operations on proposals, with what they made as it was at that moment (advisory-lifecycle 9)."""

from dataclasses import dataclass, replace

from engine.ports.operations import OperationStore
from engine.ports.outside import EvidenceCorrupt
from engine.ports.proposals import ProposalStore
from engine.records.operations import Operation
from engine.usecases.operation_lookup import FindOperation, FoundOperation, OperationCall
from engine.usecases.proposals.accepted import Outcome
from engine.usecases.proposals.commands import Made
from engine.usecases.refusals import Code


@dataclass(frozen=True, slots=True)
class FoundProposalOperation:
    """An operation and, once it succeeded, what it made."""

    operation: Operation
    made: Made | None


@dataclass(frozen=True, slots=True)
class FindProposalOperation:
    """The operations of proposals alone. Refuses what is unknown, foreign or the other family's, all alike."""

    operations: OperationStore
    proposals: ProposalStore

    def by_id(self, tenant: str, call: OperationCall) -> FoundProposalOperation:
        """The operation itself."""
        return self._joined(tenant, self._find.by_id(tenant, call))

    def by_correlation(self, tenant: str, call: OperationCall) -> FoundProposalOperation:
        """The newest operation of a correlation id (advisory-lifecycle L12)."""
        return self._joined(tenant, self._find.by_correlation(tenant, call))

    @property
    def _find(self) -> FindOperation:
        return FindOperation(self.operations, Code.PROPOSAL_ASYNC_OPERATION_NOT_FOUND)

    def _joined(self, tenant: str, found: FoundOperation) -> FoundProposalOperation:
        return FoundProposalOperation(found.operation, None if found.result is None else self._made(tenant, Outcome.read(found.result)))

    def _made(self, tenant: str, outcome: Outcome) -> Made:
        """What the operation answered when it ended: only the head has changed since, and its newest event of then tells what it was."""
        named = outcome.proposal_id
        proposal, recorded = self.proposals.head(tenant, named), self.proposals.version(tenant, named, outcome.version_no)
        event = self.proposals.event(tenant, named, outcome.seq)
        current = (
            recorded if event is None or event.version_no == outcome.version_no else self.proposals.version(tenant, named, event.version_no)
        )
        if proposal is None or recorded is None or event is None or current is None:
            raise EvidenceCorrupt(named)
        then = replace(proposal, state=event.to_state, last_event_at=event.occurred_at, current=current.version.current)
        return Made(then, recorded.version, recorded.artifact(), event, outcome.similar)
