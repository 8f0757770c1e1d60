"""Simulate a proposal for an adviser, and compose its artifact: once per idempotency key, whichever is asked for first (RFC-0014).

No run is recorded. The key keeps what each call was answered; an answer that nobody was given yet is decided again, as it would
have been in the first call (advisory-engine S20, S28).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.advisory.artifact import compose
from engine.advisory.document import ProposalDecision
from engine.advisory.proposal import propose
from engine.contracts.proposals import ProposalSimulateRequest, parse_proposal
from engine.evidence.canonical import canonical_proposal, digest
from engine.ports.outside import Clock, Ids
from engine.ports.proposals import ClaimedProposal, ProposalKeys
from engine.ports.watch import UNWATCHED, Watch
from engine.records.proposals import Form, ProposalClaim
from engine.usecases.idempotency import refuse_conflict, refuse_unheard, settled
from engine.usecases.proposals.extent import refuse_boundless
from engine.usecases.refusals import Code, Refused
from engine.version import ENGINE_VERSION

HASH_RECIPE: Final = 1
"""How requests are hashed now. A change gets a number of its own, so that keys from before it are still compared by theirs."""

RECIPES: Final[Mapping[int, Callable[[ProposalSimulateRequest], bytes]]] = {1: canonical_proposal}
"""The canonical text of a request, by recipe."""

FORMS: Final[Mapping[Form, Callable[[ProposalDecision, ProposalClaim], bytes]]] = {
    Form.RESULT: lambda decision, _: decision.to_json(),
    Form.ARTIFACT: lambda decision, claim: compose(decision, claim.created_at),
}
"""A decision in the form that is asked for. Nothing but the decision and its claim enters the bytes."""


@dataclass(frozen=True, slots=True)
class ProposalCall:
    """One call, its caller verified and its headers checked. `fits` and `in_time` tell whether an answer can still reach the caller."""

    idempotency_key: str
    correlation_id: str | None
    body: bytes
    fits: Callable[[bytes], bool]
    in_time: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class AnsweredProposal:
    """The bytes that answer a call, and whether an earlier call was given the same."""

    proposal_run_id: str
    answer: bytes
    replayed: bool


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """`POST /rebalance/proposals/simulate` or `…/artifact`, by its form (advisory-engine 2).

    Raises InvalidRequest; Refused where simulation is not asked for, when the key stands for another request, when it was claimed under
    another version of the engine and never answered in this form, and when the answer could not reach the caller, which is found out
    before anything is stored; StoreUnavailable, with nothing or the whole answer stored.
    """

    keys: ProposalKeys
    clock: Clock
    ids: Ids
    form: Form
    engine_version: str = ENGINE_VERSION
    watch: Watch = UNWATCHED

    def __call__(self, tenant: str, call: ProposalCall) -> AnsweredProposal:
        """Answer with what the key stands for, whoever claimed it."""
        request = parse_proposal(call.body)
        if not request.options.enable_proposal_simulation:
            raise Refused(Code.PROPOSAL_SIMULATION_DISABLED, "set options.enable_proposal_simulation=true")
        return settled(lambda: self._attempted(tenant, call, request), Code.STORE_PROPOSAL_UNAVAILABLE)

    def _attempted(self, tenant: str, call: ProposalCall, request: ProposalSimulateRequest) -> AnsweredProposal | None:
        known = self.keys.find(tenant, call.idempotency_key)
        return self._first(tenant, call, request) if known is None else self._known(tenant, call, request, known)

    def _first(self, tenant: str, call: ProposalCall, request: ProposalSimulateRequest) -> AnsweredProposal | None:
        """The answer that claims the key; None when another call was first."""
        claim = ProposalClaim(
            request_hash=_request_hash(request, HASH_RECIPE),
            hash_recipe=HASH_RECIPE,
            correlation_id=call.correlation_id or self.ids("corr"),
            created_at=self.clock(),
            engine_version=self.engine_version,
        )
        answer = self._decided(call, request, claim)
        won = self.keys.claim(tenant, call.idempotency_key, claim, self.form, answer)
        return AnsweredProposal(proposal_run_id(claim.request_hash), answer, replayed=False) if won else None

    def _known(self, tenant: str, call: ProposalCall, request: ProposalSimulateRequest, known: ClaimedProposal) -> AnsweredProposal | None:
        """What an earlier call was given in this form; where none was, what it would have been. None when that call is just coming."""
        claim = known.claim
        refuse_conflict(claim.request_hash, _request_hash(request, claim.hash_recipe))
        run_id, stored = proposal_run_id(claim.request_hash), known.answer(self.form)
        if stored is not None:
            return AnsweredProposal(run_id, stored, replayed=True)
        if claim.engine_version != self.engine_version:
            raise Refused(Code.PROPOSAL_ENGINE_VERSION_CHANGED)
        answer = self._decided(call, request, claim)
        kept = self.keys.keep(tenant, call.idempotency_key, claim, self.form, answer)
        return AnsweredProposal(run_id, answer, replayed=False) if kept else None

    def _decided(self, call: ProposalCall, request: ProposalSimulateRequest, claim: ProposalClaim) -> bytes:
        refuse_boundless(request)
        decision = self.watch.deciding(
            lambda: propose(
                request,
                run_id=proposal_run_id(claim.request_hash),
                correlation_id=claim.correlation_id,
                request_hash=claim.request_hash,
                idempotency_key=call.idempotency_key,
            )
        )
        answer = FORMS[self.form](decision, claim)
        refuse_unheard(call, answer)
        return answer


def proposal_run_id(request_hash: str) -> str:
    """`pr_` and the first 8 hex digits of the SHA-256 of the hash's text: equal requests have one id (advisory-engine 4)."""
    return "pr_" + digest(request_hash.encode()).removeprefix("sha256:")[:8]


def _request_hash(request: ProposalSimulateRequest, recipe: int) -> str:
    """The request's hash by this recipe; refused for one that a later release brought, which nobody here can compare."""
    if recipe not in RECIPES:
        raise Refused(Code.PROPOSAL_ENGINE_VERSION_CHANGED)
    return digest(RECIPES[recipe](request))
