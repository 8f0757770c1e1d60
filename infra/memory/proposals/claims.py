"""Idempotency keys of simulated proposals in memory, under the same contract as the table."""

from engine.ports.outside import Clock
from engine.records.pages import oldest_visible
from engine.records.proposals import Form, ProposalClaim
from engine.records.runs import tenant_of
from infra.memory.proposals.tables import MemoryClaimedProposal, MemoryProposals


class MemoryProposalKeys:
    """`engine.ports.proposals.ProposalKeys` in one process."""

    def __init__(self, tables: MemoryProposals, *, clock: Clock, ttl_seconds: int) -> None:
        self.tables = tables
        self.clock = clock
        self.ttl_seconds = ttl_seconds

    def find(self, tenant: str, key: str) -> MemoryClaimedProposal | None:
        with self.tables.lock:
            known = self.tables.claims.get((tenant_of(tenant), key))
            fresh = known is not None and known.claim.created_at >= oldest_visible(self.clock(), self.ttl_seconds)
            return known if fresh else None

    def claim(self, tenant: str, key: str, claim: ProposalClaim, form: Form, answer: bytes) -> bool:
        with self.tables.lock:
            if self.find(tenant, key) is not None:
                return False
            self.tables.claims[tenant, key] = MemoryClaimedProposal(claim, {form: answer})
            return True

    def keep(self, tenant: str, key: str, claim: ProposalClaim, form: Form, answer: bytes) -> bool:
        with self.tables.lock:
            known = self.tables.claims.get((tenant_of(tenant), key))
            if known is None or known.claim != claim or form in known.kept:
                return False
            self.tables.claims[tenant, key] = MemoryClaimedProposal(claim, {**known.kept, form: answer})
            return True
