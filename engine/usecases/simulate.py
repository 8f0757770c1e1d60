"""Run one rebalance for a caller: once per idempotency key, recorded before it is answered (RFC-0016, RFC-0017)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from msgspec.structs import replace

from engine.admission import admit
from engine.contracts import RebalanceRequest, parse_request
from engine.evidence.canonical import canonical, canonical_request, digest, effective_document
from engine.ports.outside import Clock, Ids
from engine.ports.runs import IdTaken, RunStore
from engine.ports.watch import UNWATCHED, Watch
from engine.rebalance import rebalance
from engine.records.runs import NO_CORRELATION, KeyClaim, RunDocuments, RunHead, Source
from engine.usecases.artifacts import ArtifactMode
from engine.usecases.idempotency import refuse_conflict, refuse_unheard, settled
from engine.usecases.packs import AppliedPack, PackResolution
from engine.usecases.refusals import Code
from engine.version import ENGINE_VERSION


@dataclass(frozen=True, slots=True)
class SimulateCall:
    """One call, its caller verified and its headers checked. `fits` and `in_time` tell whether an answer can still reach the caller."""

    actor: str
    source: Source
    idempotency_key: str
    correlation_id: str | None
    policy_pack_id: str
    body: bytes
    fits: Callable[[bytes], bool]
    in_time: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Simulated:
    """The run that answers the call: its result's bytes as recorded, and whether an earlier call recorded it."""

    run_id: str
    result: bytes
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Submitted:
    """A validated request with its canonical text, and the request as its policy pack shapes it.

    The request hash is taken before the pack: what the caller sent decides, and `pack_digest` stands beside it (dpm-service S7).
    """

    request: RebalanceRequest
    canonical: bytes
    request_hash: str
    shape: AppliedPack

    @classmethod
    def of(cls, body: bytes, shape_of: Callable[[], AppliedPack]) -> "_Submitted":
        request = parse_request(body)
        text = canonical_request(request)
        shape = shape_of()
        shaped = request if shape.pack is None else replace(request, options=shape(request.options))
        admit(shaped, shaped.options)
        return cls(shaped, text, digest(text), shape)

    @property
    def options(self) -> bytes:
        """The effective options, canonical."""
        return canonical(effective_document(self.request.options))

    @property
    def pack_digest(self) -> str:
        """The digest of the pack's definition; empty without a pack."""
        return self.shape.trace.digest if self.shape.trace else ""


@dataclass(frozen=True, slots=True)
class SimulateRun:
    """`POST /rebalance/simulate`. With replay switched off every call makes a run, and no claim is read or written.

    Raises InvalidRequest; Refused when the key stands for another request or another policy pack (dpm-service S7), and when the
    answer could not reach the caller, which is found out before anything is stored; StoreUnavailable, with nothing or the
    whole run recorded.
    """

    runs: RunStore
    packs: PackResolution
    clock: Clock
    ids: Ids
    replay_enabled: bool = True
    artifacts: ArtifactMode = ArtifactMode.DERIVED
    watch: Watch = UNWATCHED

    def __call__(self, tenant: str, call: SimulateCall) -> Simulated:
        """Answer with the run of this key, whoever recorded it."""
        submitted = _Submitted.of(call.body, lambda: self.packs(tenant, call.policy_pack_id))
        return settled(
            lambda: self._replayed(tenant, call, submitted) or self._decided(tenant, call, submitted),
            Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE,
        )

    def _replayed(self, tenant: str, call: SimulateCall, submitted: _Submitted) -> Simulated | None:
        """What the key stands for already, byte for byte; None when it is free."""
        first = self.runs.claimed(tenant, call.idempotency_key) if self._replays(submitted) else None
        if first is None:
            return None
        refuse_conflict((first.request_hash, first.pack_digest), (submitted.request_hash, submitted.pack_digest))
        result = self.runs.result(tenant, first.run_id)
        return None if result is None else Simulated(first.run_id, result, replayed=True)

    def _decided(self, tenant: str, call: SimulateCall, submitted: _Submitted) -> Simulated | None:
        """A new run, recorded; None when another call won the key meanwhile, or another run has its id."""
        run_id, correlation_id = self.ids("rr"), call.correlation_id or NO_CORRELATION
        request, request_hash = submitted.request, submitted.request_hash
        decision = self.watch.deciding(lambda: rebalance(request, run_id=run_id, correlation_id=correlation_id, request_hash=request_hash))
        result = decision.to_json()
        refuse_unheard(call, result)
        head = RunHead(
            tenant=tenant,
            run_id=run_id,
            correlation_id=correlation_id,
            request_hash=submitted.request_hash,
            idempotency_key=call.idempotency_key,
            portfolio_id=submitted.request.portfolio_snapshot.portfolio_id,
            status=decision.status,
            created_at=self.clock(),
            engine_version=ENGINE_VERSION,
            actor=call.actor,
            source=call.source,
            pack=submitted.shape.trace,
        )
        claim = KeyClaim(submitted.request_hash, submitted.pack_digest, run_id, head.created_at) if self._replays(submitted) else None
        documents = self.artifacts.completed(head, RunDocuments(result, submitted.canonical, submitted.options))
        with suppress(IdTaken):
            if self.runs.record(head, documents, claim) is None:
                return Simulated(run_id, result, replayed=False)
        return None

    def _replays(self, submitted: _Submitted) -> bool:
        """Whether equal calls are answered by the first: the pack's word, else the deployment's (dpm-service 3.3)."""
        stated = submitted.shape.replay_enabled
        return self.replay_enabled if stated is None else stated
