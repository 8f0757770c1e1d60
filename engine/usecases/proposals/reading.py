"""Read proposals: one, a version, a list, its history and its lineage, what a key made (advisory-lifecycle 4)."""

from dataclasses import dataclass

from engine.ports.outside import EvidenceCorrupt
from engine.ports.proposals import ProposalStore
from engine.records.pages import ListCall, Page
from engine.records.proposal_history import Approval, Proposal, ProposalVersion, WorkflowEvent
from engine.records.proposal_lists import ProposalFilter, ProposalRow
from engine.records.proposals import KeyedCommand, ProposalKey, ProposalKeyClaim
from engine.usecases.proposals.commands import found
from engine.usecases.refusals import Code, Refused


@dataclass(frozen=True, slots=True)
class VersionCall:
    """A version by its number, or the current one; `evidence` says whether its own bundle is wanted, `history` whether what happened is."""

    proposal_id: str
    version_no: int | None
    evidence: bool
    history: bool = False


@dataclass(frozen=True, slots=True)
class FoundVersion:
    """A version with its artifact, as far as the call wants it, and all that happened to its proposal where that is asked for."""

    proposal: Proposal
    version: ProposalVersion
    artifact: bytes
    evidence: bool
    events: tuple[WorkflowEvent, ...] = ()
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadProposals:
    """All reads of one tenant's proposals. Refuses unknown and foreign ids alike; raises StoreUnavailable and EvidenceCorrupt."""

    proposals: ProposalStore

    def current(self, tenant: str, call: VersionCall) -> FoundVersion:
        """A proposal with its current version."""
        proposal = found(self.proposals, tenant, call.proposal_id)
        return self._version(tenant, proposal, proposal.current.version_no, call)

    def version(self, tenant: str, call: VersionCall) -> FoundVersion:
        """A version. Of an unknown proposal there is none (advisory-lifecycle L24)."""
        proposal = self.proposals.head(tenant, call.proposal_id)
        if proposal is None or call.version_no is None:
            raise Refused(Code.PROPOSAL_VERSION_NOT_FOUND)
        return self._version(tenant, proposal, call.version_no, call)

    def _version(self, tenant: str, proposal: Proposal, version_no: int, call: VersionCall) -> FoundVersion:
        recorded = self.proposals.version(tenant, proposal.proposal_id, version_no)
        if recorded is None:
            raise Refused(Code.PROPOSAL_VERSION_NOT_FOUND)
        events = self.proposals.events(tenant, proposal.proposal_id) if call.history else ()
        approvals = self.proposals.approvals(tenant, proposal.proposal_id) if call.history else ()
        return FoundVersion(proposal, recorded.version, recorded.artifact(), call.evidence, events, approvals)

    def page(self, tenant: str, call: ListCall[ProposalFilter]) -> Page[ProposalRow]:
        """A page of the list of proposals."""
        return self.proposals.page(tenant, call.narrowed, limit=call.limit, cursor=call.cursor)

    def events(self, tenant: str, proposal_id: str) -> tuple[Proposal, tuple[WorkflowEvent, ...]]:
        """All that happened to a proposal, oldest first."""
        return found(self.proposals, tenant, proposal_id), self.proposals.events(tenant, proposal_id)

    def approvals(self, tenant: str, proposal_id: str) -> tuple[Proposal, tuple[Approval, ...]]:
        """All approvals of a proposal, given and refused, oldest first."""
        return found(self.proposals, tenant, proposal_id), self.proposals.approvals(tenant, proposal_id)

    def lineage(self, tenant: str, proposal_id: str) -> tuple[Proposal, tuple[ProposalVersion, ...]]:
        """All versions of a proposal, ascending."""
        proposal, versions = found(self.proposals, tenant, proposal_id), self.proposals.versions(tenant, proposal_id)
        if len(versions) < proposal.current.version_no:
            raise EvidenceCorrupt(proposal_id)
        return proposal, versions

    def mapping(self, tenant: str, key: str) -> ProposalKeyClaim:
        """What the key of a creation stands for."""
        claim = self.proposals.claimed(tenant, ProposalKey(KeyedCommand.CREATE, key))
        if claim is None:
            raise Refused(Code.PROPOSAL_IDEMPOTENCY_KEY_NOT_FOUND)
        return claim
