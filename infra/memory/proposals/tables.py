"""What the stores of proposals in memory share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import RLock

from engine.records.proposal_history import Approval, ExecutionCheck, Proposal, ProposalVersion, WorkflowEvent
from engine.records.proposals import Form, ProposalClaim, ProposalKey, ProposalKeyClaim


@dataclass(frozen=True, slots=True)
class MemoryClaimedProposal:
    """`engine.ports.proposals.ClaimedProposal` in one process: the key as it was read."""

    claim: ProposalClaim
    kept: Mapping[Form, bytes]

    def answer(self, form: Form) -> bytes | None:
        return self.kept.get(form)


@dataclass(frozen=True, slots=True)
class MemoryVersion:
    """`engine.ports.proposals.RecordedVersion` in one process."""

    version: ProposalVersion
    document: bytes

    def artifact(self) -> bytes:
        return self.document


@dataclass
class Life:
    """A proposal with all that was appended to it."""

    head: Proposal
    versions: list[MemoryVersion] = field(default_factory=list)
    events: list[WorkflowEvent] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    checks: list[ExecutionCheck] = field(default_factory=list)


@dataclass
class MemoryProposals:
    """Claims of simulated proposals by tenant and key; lives by tenant and id, with the claims of their commands. `lock` makes every change whole."""

    claims: dict[tuple[str, str], MemoryClaimedProposal] = field(default_factory=dict)
    lives: dict[tuple[str, str], Life] = field(default_factory=dict)
    commands: dict[tuple[str, ProposalKey], ProposalKeyClaim] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
