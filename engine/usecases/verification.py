"""Verify a recorded run for a caller: decide it again and compare (RFC-0019)."""

from dataclasses import dataclass

from engine.evidence.verification import Verdict, Verification, verify
from engine.ports.outside import EvidenceCorrupt
from engine.ports.runs import RunStore
from engine.usecases.refusals import Code, Refused


@dataclass(frozen=True, slots=True)
class VerifyRun:
    """`GET /rebalance/runs/{id}/verification`. Refuses unknown, foreign and expired ids alike; raises StoreUnavailable."""

    runs: RunStore

    def __call__(self, tenant: str, run_id: str) -> Verification:
        """The verdict; a stored document that does not match its digest is one too."""
        head = self.runs.head(tenant, run_id)
        if head is None:
            raise Refused(Code.DPM_RUN_NOT_FOUND)
        try:
            documents = self.runs.documents(tenant, run_id)
        except EvidenceCorrupt as corrupt:
            return Verification(run_id, Verdict.EVIDENCE_CORRUPT, head.engine_version, corrupt=corrupt.key)
        if documents is None:  # past retention since the moment before
            raise Refused(Code.DPM_RUN_NOT_FOUND)
        return verify(head, documents)
