"""Everything that is recorded around one run, in one answer (RFC-0023).

A bundle has its own switch: it shows artifact, history, lineage, reviews and operation also where their own APIs are switched off (dpm-service S5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.ports.operations import OperationStore, RecordedOperation
from engine.ports.runs import LineageLookup, RecordedRun, ReviewStore
from engine.records.edges import Edge
from engine.records.pages import Page
from engine.records.reviews import ReviewDecision
from engine.records.runs import RunDocuments, RunHead
from engine.usecases.artifacts import ReadArtifact, documents_of
from engine.usecases.lookup import FindRun, KeyHistory
from engine.usecases.operation_lookup import LINK_SECONDS, FoundOperation
from engine.usecases.refusals import Code, Refused

MAX_EMBEDDED: Final = 1_000_000
"""Bytes of an operation's result up to which it stands in the bundle; a larger one is linked: the run and its artifact stand beside it."""


@dataclass(frozen=True, slots=True)
class BundleCall:
    """Which run, by what its path names, and the parts that the caller wants. `scenario` chooses among an operation's runs."""

    named: str
    artifact: bool = True
    operation: bool = True
    history: bool = True
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A run with what belongs to it; None for what was left out or does not exist."""

    head: RunHead
    documents: RunDocuments
    artifact: bytes | None
    operation: FoundOperation | None
    decisions: tuple[ReviewDecision, ...]
    edges: Page[Edge]
    history: KeyHistory | None


@dataclass(frozen=True, slots=True)
class SupportBundle:
    """The bundle of a run. Refuses what is unknown, foreign or past its time, all alike."""

    find: FindRun
    artifacts: ReadArtifact
    reviews: ReviewStore
    lineage: LineageLookup
    operations: OperationStore

    def by_id(self, tenant: str, call: BundleCall) -> Bundle:
        """Of the run itself."""
        return self._around(self.find.by_id(tenant, call.named), call)

    def by_correlation(self, tenant: str, call: BundleCall) -> Bundle:
        """Of the latest run of a correlation id."""
        return self._around(self.find.by_correlation(tenant, call.named), call)

    def by_key(self, tenant: str, call: BundleCall) -> Bundle:
        """Of the run that an idempotency key used last."""
        return self._around(self.find.by_key(tenant, call.named), call)

    def by_operation(self, tenant: str, call: BundleCall) -> Bundle:
        """Of a run that belongs to an operation (dpm-service S9).

        The named scenario's; without a name the latest run under exactly the operation's correlation id, else the first scenario by name.
        """
        found = self.operations.find(tenant, call.named)
        if found is None:
            raise Refused(Code.DPM_ASYNC_OPERATION_NOT_FOUND)
        if call.scenario is None and (exact := self.find.lookup.by_correlation(tenant, found.operation.correlation_id)):
            return self._around(exact[0], call, found)
        run_id = _chosen(self.find.lookup.of_operation(tenant, found.operation.operation_id), call.scenario)
        if run_id is None:
            raise Refused(Code.DPM_RUN_NOT_FOUND)
        return self._around(self.find.by_id(tenant, run_id), call, found)

    def _around(self, run: RecordedRun, call: BundleCall, known: RecordedOperation | None = None) -> Bundle:
        """The bundle of a run; `known` is an operation that was read on the way to it."""
        head = run.head
        if call.artifact:
            evidence = self.artifacts.of(run)
            documents, artifact = evidence.documents, evidence.artifact
        else:
            documents, artifact = documents_of(run), None
        return Bundle(
            head=head,
            documents=documents,
            artifact=artifact,
            operation=self._operation(head, known) if call.operation else None,
            decisions=self.reviews.history(head.tenant, head.run_id),
            edges=self.lineage.edges(head.tenant, head.run_id),
            history=self._history(head) if call.history else None,
        )

    def _operation(self, head: RunHead, known: RecordedOperation | None) -> FoundOperation | None:
        """The one that made the run, or else the latest under the run's correlation id."""
        if head.batch is None or head.batch.operation_id is None:
            found = self.operations.latest_by_correlation(head.tenant, head.correlation_id)
        elif known is not None and known.operation.operation_id == head.batch.operation_id:
            found = known
        else:
            found = self.operations.find(head.tenant, head.batch.operation_id)
        if found is None:
            return None
        result = found.result()
        if result is not None and len(result) > MAX_EMBEDDED:
            link = found.result_link(seconds=LINK_SECONDS)
            if link is not None:
                return FoundOperation(found.operation, None, link)
        return FoundOperation(found.operation, result)

    def _history(self, head: RunHead) -> KeyHistory | None:
        if head.idempotency_key is None:
            return None
        return KeyHistory(head.idempotency_key, self.find.lookup.history(head.tenant, head.idempotency_key))


def _chosen(scenarios: Mapping[str, str], name: str | None) -> str | None:
    """The run of a scenario; of the first by name when none is named."""
    return scenarios.get(name) if name is not None else next((scenarios[first] for first in sorted(scenarios)), None)
