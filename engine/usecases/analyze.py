"""Run a what-if batch for a caller: every decided scenario is a recorded run before the batch is answered (RFC-0013)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from engine.contracts.batches import BatchRebalanceRequest, parse_batch
from engine.evidence.canonical import canonical, effective_document, options_document, request_document
from engine.ports.outside import Clock, Ids, StoreUnavailable
from engine.ports.runs import IdTaken, RunStore
from engine.ports.watch import UNWATCHED, Watch
from engine.records.runs import BatchLink, RunDocuments, RunHead, Source
from engine.result.document import Decision
from engine.scenarios import Outcome, ScenarioRun, decide_scenarios, render_batch
from engine.usecases.artifacts import ArtifactMode
from engine.usecases.idempotency import refuse_unheard
from engine.usecases.packs import AppliedPack, PackResolution
from engine.usecases.refusals import Code
from engine.version import ENGINE_VERSION

MAX_ATTEMPTS: Final = 4
"""How often run ids are drawn: each further time one was taken, of 74 random bits."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A batch to decide: who asked, under which ids, shaped by which pack.

    `operation_id` is there when the batch runs asynchronously; its run ids are then derived, so that a second execution
    finds the runs of the first.
    """

    tenant: str
    actor: str
    source: Source
    request: BatchRebalanceRequest
    batch_run_id: str
    correlation_id: str
    shape: AppliedPack
    run_id_of: Callable[[str], str]
    operation_id: str | None = None
    artifacts: ArtifactMode = ArtifactMode.DERIVED
    watch: Watch = UNWATCHED
    on_defect: Callable[[Exception], None] = lambda _: None

    def decide(self) -> list[Outcome]:
        """All scenarios, names ascending."""
        decided = decide_scenarios(
            self.request,
            batch_run_id=self.batch_run_id,
            correlation_id=self.correlation_id,
            run_id_of=self.run_id_of,
            shape=self.shape,
            on_defect=self.on_defect,
        )
        return self.watch.deciding(lambda: list(decided))

    def record(self, outcomes: list[Outcome], runs: RunStore, clock: Clock) -> list[Outcome]:
        """Keep every decided scenario; one that an earlier execution kept already stands as it was kept."""
        shared = request_document(self.request)
        del shared["scenarios"]
        return [self._recorded(outcome, shared, runs, clock) if isinstance(outcome, ScenarioRun) else outcome for outcome in outcomes]

    def _recorded(self, run: ScenarioRun, shared: dict[str, Any], runs: RunStore, clock: Clock) -> ScenarioRun:
        head = RunHead(
            tenant=self.tenant,
            run_id=run.run_id,
            correlation_id=run.correlation_id,
            request_hash=run.request_hash,
            idempotency_key=None,
            portfolio_id=self.request.portfolio_snapshot.portfolio_id,
            status=run.decision.status,
            created_at=clock(),
            engine_version=ENGINE_VERSION,
            actor=self.actor,
            source=self.source,
            pack=self.shape.trace,
            batch=BatchLink(self.batch_run_id, run.name, self.operation_id),
        )
        documents = RunDocuments(
            result=run.result,
            request=canonical({**shared, "options": options_document(run.requested)}),
            options=canonical(effective_document(run.options)),
        )
        try:
            runs.record(head, self.artifacts.completed(head, documents), None)
        except IdTaken:
            if self.operation_id is None:  # drawn, not derived: the run is somebody else's
                raise
            return _as_kept(run, runs.result(self.tenant, run.run_id))
        return run


@dataclass(frozen=True, slots=True)
class AnalyzeCall:
    """One call, its caller verified and its headers checked. `fits` and `in_time` tell whether an answer can still reach the caller."""

    actor: str
    correlation_id: str | None
    policy_pack_id: str
    body: bytes
    fits: Callable[[bytes], bool]
    in_time: Callable[[], bool]


@dataclass(slots=True)
class RunIds:
    """The run id of each scenario: drawn when it is first asked for, and again where it turns out to be taken."""

    ids: Ids
    drawn: dict[str, str] = field(default_factory=dict)

    def of(self, scenario: str) -> str:
        """The scenario's run id."""
        if scenario not in self.drawn:
            self.drawn[scenario] = self.ids("rr")
        return self.drawn[scenario]

    def draw_again(self, taken: str) -> None:
        """Forget an id that names somebody else's run."""
        self.drawn = {scenario: run_id for scenario, run_id in self.drawn.items() if run_id != taken}


@dataclass(frozen=True, slots=True)
class AnalyzeBatch:
    """`POST /rebalance/analyze`.

    Raises InvalidRequest for what the scenarios share; Refused when the answer could not reach the caller, which is found
    out before anything is stored; StoreUnavailable when a run could not be recorded: those before it stay.
    """

    runs: RunStore
    packs: PackResolution
    clock: Clock
    ids: Ids
    artifacts: ArtifactMode = ArtifactMode.DERIVED
    watch: Watch = UNWATCHED
    on_defect: Callable[[Exception], None] = lambda _: None

    def __call__(self, tenant: str, call: AnalyzeCall) -> bytes:
        """The batch result, every decided scenario recorded."""
        request = parse_batch(call.body)
        batch_run_id, run_ids, now = self.ids("batch"), RunIds(self.ids), self.clock()
        batch = WhatIf(
            tenant=tenant,
            actor=call.actor,
            source=Source.API,
            request=request,
            batch_run_id=batch_run_id,
            correlation_id=call.correlation_id or batch_run_id,
            shape=self.packs(tenant, call.policy_pack_id),
            run_id_of=run_ids.of,
            artifacts=self.artifacts,
            watch=self.watch,
            on_defect=self.on_defect,
        )
        for _ in range(MAX_ATTEMPTS):
            outcomes = batch.decide()
            answer = render_batch(request, outcomes, batch_run_id=batch_run_id, finished_at=self.clock())
            refuse_unheard(call, answer)
            try:
                batch.record(outcomes, self.runs, lambda: now)  # one time, so that what is recorded already is the very same run
            except IdTaken as taken:
                run_ids.draw_again(taken.run_id)
            else:
                return answer
        raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)


def _as_kept(run: ScenarioRun, kept: bytes | None) -> ScenarioRun:
    """The scenario as an earlier execution recorded it."""
    if kept is None:
        raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)
    return run.with_result(Decision.recorded(kept), kept)
