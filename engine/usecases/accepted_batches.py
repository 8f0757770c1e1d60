"""An accepted what-if batch: what waits for its execution (what was sent, the policy pack as it stood then: dpm-service S10), and its execution."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from engine.contracts.batches import BatchRebalanceRequest, parse_batch
from engine.contracts.packs import PACK_CONTENT
from engine.contracts.recorded import recorded
from engine.evidence.canonical import canonical, digest, request_document
from engine.policy_packs import PackSource, PolicyPack, Selection
from engine.ports.outside import Clock
from engine.ports.runs import RunStore
from engine.ports.watch import UNWATCHED, Watch
from engine.records.runs import Source
from engine.scenarios import batch_run_id_of, render_batch, scenario_run_id
from engine.usecases.analyze import WhatIf
from engine.usecases.artifacts import ArtifactMode
from engine.usecases.execution import Lease
from engine.usecases.packs import AppliedPack

ANALYZE_SCENARIOS: Final = "ANALYZE_SCENARIOS"
"""The operation type of an accepted what-if batch."""


@dataclass(frozen=True, slots=True)
class AcceptedBatch:
    """A valid batch with its shape. `body` is what the caller sent, so that a later execution reads what an immediate one reads."""

    body: bytes
    request: BatchRebalanceRequest
    shape: AppliedPack

    @classmethod
    def of(cls, document: bytes) -> "AcceptedBatch":
        """What `document` holds. Raises InvalidRequest where a release since has become stricter."""
        kept = orjson.loads(document)
        body = kept["body"].encode()
        return cls(body, parse_batch(body), _shape_of(kept["policy_pack"]))

    def document(self) -> bytes:
        """The whole acceptance as JSON."""
        selection, pack = self.shape.selection, self.shape.pack
        chosen = {
            "policy_pack_id": selection.policy_pack_id,
            "source": selection.source,
            "definition": pack.definition() if pack else None,
            "revision": pack.revision if pack else None,
        }
        return orjson.dumps({"body": self.body.decode(), "policy_pack": chosen})

    def request_hash(self) -> str:
        """What an idempotency key stands for: the validated request, and the pack's definition beside it (dpm-service S7)."""
        text = canonical(request_document(self.request))
        return digest(text + self.shape.trace.digest.encode() if self.shape.trace else text)

    @property
    def rows(self) -> int:
        """What executing it costs, roughly: instruments held or wanted, once for every scenario."""
        return len(self.request.scenarios) * (len(self.request.portfolio_snapshot.positions) + len(self.request.model_portfolio.targets))


@dataclass(frozen=True, slots=True)
class ExecuteWhatIf:
    """`engine.usecases.execution.Executor` of what-if batches: run ids and the batch's id follow from the operation's."""

    runs: RunStore
    clock: Clock
    artifacts: ArtifactMode = ArtifactMode.DERIVED
    watch: Watch = UNWATCHED
    on_defect: Callable[[Exception], None] = lambda _: None

    def __call__(self, lease: Lease) -> bytes:
        """The batch's answer; every decided scenario is a recorded run by then."""
        operation, accepted = lease.operation, AcceptedBatch.of(lease.accepted)
        batch_run_id = batch_run_id_of(operation.operation_id)
        batch = WhatIf(
            tenant=operation.tenant,
            actor=operation.actor,
            source=Source.API,
            request=accepted.request,
            batch_run_id=batch_run_id,
            correlation_id=operation.correlation_id,
            shape=accepted.shape,
            run_id_of=lambda name: scenario_run_id(operation.operation_id, name),
            operation_id=operation.operation_id,
            artifacts=self.artifacts,
            watch=self.watch,
            on_defect=self.on_defect,
        )
        outcomes = batch.record(batch.decide(), self.runs, self.clock)
        return render_batch(accepted.request, outcomes, batch_run_id=batch_run_id, finished_at=self.clock())


def _shape_of(kept: dict[str, Any]) -> AppliedPack:
    selection = Selection(kept["policy_pack_id"], PackSource(kept["source"]))
    if kept["definition"] is None:
        return AppliedPack.of(selection)
    content = {name: value for name, value in kept["definition"].items() if name != "policy_pack_id"}
    return AppliedPack.of(selection, PolicyPack(kept["definition"]["policy_pack_id"], recorded(PACK_CONTENT, content), kept["revision"]))
