"""Let proposals expire whose version has ended (advisory-practice 10)."""

from dataclasses import dataclass

from engine.ports.outside import Clock, Ids
from engine.ports.proposals import ProposalStore
from engine.workflow.proposal_versions import expired


@dataclass(frozen=True, slots=True)
class ExpireProposals:
    """The sweeper's part: EXPIRED, by nobody, for whatever ended and is not under execution. Raises StoreUnavailable; what was written stands."""

    proposals: ProposalStore
    clock: Clock
    ids: Ids

    def __call__(self, most: int) -> int:
        """How many of up to `most` expired; one that moved on meanwhile is judged again by the next sweep."""
        at, written = self.clock(), 0
        for tenant, proposal_id in self.proposals.ended(at, most=most):
            proposal = self.proposals.head(tenant, proposal_id)
            effect = None if proposal is None else expired(proposal, at, event_id=self.ids("pwe"))
            written += effect is not None and self.proposals.write(effect)
        return written
