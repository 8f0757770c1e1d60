"""Open a proposal with its first version: once per idempotency key, for ever (advisory-lifecycle 5)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.contracts.lifecycle.versions import ProposalCreateRequest
from engine.ports.outside import Clock, Ids
from engine.ports.proposals import SIMILAR, ProposalStore
from engine.ports.runs import IdTaken
from engine.ports.watch import UNWATCHED, Watch
from engine.records.proposal_history import Proposal, ProposalState
from engine.records.proposals import KeyedCommand, ProposalKey, ProposalKeyClaim
from engine.usecases.proposals.commands import (
    Finishing,
    Made,
    Pause,
    first_under,
    judged_until_written,
    made_before,
    no_pause,
    refuse,
    refuse_unheard,
)
from engine.usecases.proposals.deciding import DecidedVersion, Standards, decide
from engine.usecases.proposals.submissions import HASH_RECIPE, Submission
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_commands import Safeguards
from engine.workflow.proposal_versions import objection_to_proposal, opened


@dataclass(frozen=True, slots=True)
class CreateCall:
    """One creation: its caller verified under the name that acts, its headers checked, its body valid."""

    caller: Caller
    idempotency_key: str
    correlation_id: str | None
    asked: ProposalCreateRequest
    reaches: Callable[[Made], bool]
    in_time: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class CreateProposal:
    """`POST /rebalance/proposals`: a proposal in DRAFT, whatever its gate.

    Raises Refused where the key stands for another request, where something stands against the proposal, and where its answer could not
    reach the caller; StoreUnavailable, with nothing or all of it written; LeaseLost under an operation that is somebody else's by now.
    """

    proposals: ProposalStore
    clock: Clock
    ids: Ids
    safeguards: Safeguards = field(default_factory=Safeguards)
    standards: Standards = field(default_factory=Standards)
    pause: Pause = no_pause
    watch: Watch = UNWATCHED

    def __call__(self, tenant: str, call: CreateCall, finishing: Finishing | None = None) -> Made:
        """The proposal that the key stands for, whoever opened it."""
        at = self.clock()
        submission = Submission.of(call.asked, call.caller.actor)
        request_hash = submission.request_hash()
        key = ProposalKey(KeyedCommand.CREATE, call.idempotency_key)
        decided: list[DecidedVersion] = []

        def attempt() -> Made | None:
            first = first_under(self.proposals, tenant, key, request_hash)
            if first is not None:
                return self._with_similar(tenant, made_before(self.proposals, tenant, first))
            if finishing is not None:
                finishing.refuse_lost()
            if not decided:
                refuse(objection_to_proposal(submission.wanted, call.caller, self.safeguards, at))
                decided.append(self._decided(call, submission, request_hash, at))
            return self._opened(tenant, call, key, decided[0], finishing)

        return judged_until_written(attempt, call.in_time, self.pause)

    def _decided(self, call: CreateCall, submission: Submission, request_hash: str, at: datetime) -> DecidedVersion:
        return decide(
            submission,
            self.standards,
            self.watch,
            at=at,
            request_hash=request_hash,
            correlation_id=call.correlation_id or self.ids("corr"),
            idempotency_key=call.idempotency_key,
        )

    def _opened(self, tenant: str, call: CreateCall, key: ProposalKey, decided: DecidedVersion, finishing: Finishing | None) -> Made | None:
        """The proposal, written; None when another call won the key meanwhile, or another proposal has its id."""
        proposal_id = self.ids("pp")
        version = decided.version(version_id=self.ids("ppv"), proposal_id=proposal_id, version_no=1)
        words = call.asked.metadata
        proposal = Proposal(
            tenant=tenant,
            proposal_id=proposal_id,
            portfolio_id=decided.submission.wanted.portfolio_id,
            created_by=version.created_by,
            created_at=version.created_at,
            last_event_at=version.created_at,
            state=ProposalState.DRAFT,
            current=version.current,
            title=words.title,
            advisor_notes=words.advisor_notes,
            jurisdiction=words.jurisdiction,
            mandate_id=words.mandate_id,
        )
        effect = opened(proposal, event_id=self.ids("pwe"), reason=told(call.correlation_id))
        made = self._with_similar(tenant, Made(proposal, version, decided.artifact, effect.event))
        refuse_unheard(call, made)
        claim = ProposalKeyClaim(
            key, decided.request_hash, HASH_RECIPE, proposal_id, version.created_at, version_no=1, seq=effect.event.seq
        )
        end = None if finishing is None else finishing.end(made)
        with suppress(IdTaken):
            if self.proposals.create(effect, version, decided.artifact, claim, finishing=end):
                self.watch.happened(effect.event.event_type)
                return made
        return None

    def _with_similar(self, tenant: str, made: Made) -> Made:
        digest, own = made.version.trades_digest, made.proposal
        if digest is None:
            return replace(made, similar=())
        like = self.proposals.like(tenant, own.portfolio_id, digest, most=SIMILAR + 1)
        return replace(made, similar=tuple(other for other in like if other != own.proposal_id)[:SIMILAR])


def told(correlation_id: str | None) -> dict[str, object]:
    """What the event of a new version says of its caller: the correlation id, where one was sent (advisory-lifecycle 5)."""
    return {} if correlation_id is None else {"correlation_id": correlation_id}
