"""Verify a recorded run for a caller: decide it again and compare (RFC-0019)."""

from dataclasses import dataclass

from engine.evidence.verification import Verdict, Verification, verify
from engine.ports.outside import EvidenceCorrupt
from engine.ports.runs import RunStore
from engine.usecases.artifacts import documents_of
from engine.usecases.refusals import Code, Refused


@dataclass(frozen=True, slots=True)
class VerifyRun:
    """`GET /rebalance/runs/{id}/verification`. Refuses unknown, foreign and expired ids alike; raises StoreUnavailable."""

    runs: RunStore

    def __call__(self, tenant: str, run_id: str) -> Verification:
        """The verdict; a stored document that does not match its digest is one too."""
        run = self.runs.run(tenant, run_id)
        if run is None:
            raise Refused(Code.DPM_RUN_NOT_FOUND)
        try:
            return verify(run.head, documents_of(run))
        except EvidenceCorrupt as corrupt:
            return Verification(run_id, Verdict.EVIDENCE_CORRUPT, run.head.engine_version, corrupt=corrupt.key)
