"""The artifact of a run for a caller, and its making when a run is recorded (RFC-0019)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from engine.evidence.artifacts import artifact_of
from engine.ports.runs import RecordedRun, RunStore
from engine.records.runs import RunDocuments, RunHead
from engine.usecases.refusals import Code, Refused


class ArtifactMode(StrEnum):
    """Whether artifacts are composed for each reader, or kept with their runs for ever (dpm-service S38)."""

    DERIVED = "DERIVED"
    PERSISTED = "PERSISTED"

    def completed(self, head: RunHead, documents: RunDocuments) -> RunDocuments:
        """What is to be recorded of a run: with its artifact where artifacts are kept."""
        return replace(documents, artifact=artifact_of(head, documents)) if self is ArtifactMode.PERSISTED else documents


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """A run with all its documents, its artifact among them."""

    head: RunHead
    documents: RunDocuments
    artifact: bytes


@dataclass(frozen=True, slots=True)
class ReadArtifact:
    """The artifact of a run. One that was kept stays it, whatever the mode; PERSISTED keeps it for a run that was recorded without."""

    runs: RunStore
    mode: ArtifactMode

    def __call__(self, tenant: str, run_id: str) -> RunEvidence:
        """By the run's id; refuses unknown, foreign and expired ones alike. Raises EvidenceCorrupt and StoreUnavailable."""
        run = self.runs.run(tenant, run_id)
        if run is None:
            raise Refused(Code.DPM_RUN_NOT_FOUND)
        return self.of(run)

    def of(self, run: RecordedRun) -> RunEvidence:
        """Of a run that is known."""
        documents = documents_of(run)
        return RunEvidence(run.head, documents, documents.artifact or self._composed(run.head, documents))

    def _composed(self, head: RunHead, documents: RunDocuments) -> bytes:
        artifact = artifact_of(head, documents)
        if self.mode is ArtifactMode.DERIVED:
            return artifact
        kept = self.runs.keep_artifact(head.tenant, head.run_id, artifact)
        if kept is None:
            raise Refused(Code.DPM_RUN_NOT_FOUND)
        return kept


def documents_of(run: RecordedRun) -> RunDocuments:
    """All documents of a run that is known; refused when it was taken out since the moment before."""
    documents = run.documents()
    if documents is None:
        raise Refused(Code.DPM_RUN_NOT_FOUND)
    return documents
