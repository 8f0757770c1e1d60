"""Verify a version of a proposal for a caller: decide it again and compare (RFC-0014)."""

from dataclasses import asdict, dataclass

import orjson

from engine.evidence.proposals import VERSION_HASHES, proposal_in, verify_proposal
from engine.evidence.verification import Verdict, Verification
from engine.ports.outside import EvidenceCorrupt
from engine.ports.proposals import ProposalStore
from engine.usecases.proposals.simulation import proposal_run_id
from engine.usecases.proposals.submissions import envelope_of
from engine.usecases.refusals import Code, Refused


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A version by its proposal and its number."""

    proposal_id: str
    version_no: int


@dataclass(frozen=True, slots=True)
class VerifiedVersion:
    """The verdict on a version."""

    named: NamedVersion
    verification: Verification


@dataclass(frozen=True, slots=True)
class VerifyVersion:
    """`GET /rebalance/proposals/{proposal_id}/versions/{version_no}/verification`. Raises StoreUnavailable."""

    proposals: ProposalStore

    def __call__(self, tenant: str, named: NamedVersion) -> VerifiedVersion:
        """The verdict; a stored document that does not match its digest is one too."""
        proposal = self.proposals.head(tenant, named.proposal_id)
        recorded = None if proposal is None else self.proposals.version(tenant, named.proposal_id, named.version_no)
        if proposal is None or recorded is None:
            raise Refused(Code.PROPOSAL_VERSION_NOT_FOUND)
        version = recorded.version
        told = {name: value for name, value in asdict(version).items() if name in VERSION_HASHES}
        try:
            document = told | {"submission": envelope_of(proposal, version), "artifact": orjson.loads(recorded.artifact())}
            return VerifiedVersion(named, verify_proposal(proposal_in(document)))
        except EvidenceCorrupt as corrupt:
            run_id = proposal_run_id(version.request_hash)
            broken = Verification(run_id, Verdict.EVIDENCE_CORRUPT, version.engine_version, corrupt=corrupt.key, named="proposal_run_id")
            return VerifiedVersion(named, broken)
