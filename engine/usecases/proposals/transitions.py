"""Let something happen to a proposal: a transition, or an approval given or refused (advisory-lifecycle 7, 8, advisory-practice 10)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

import orjson

from engine.evidence.canonical import canonical, digest
from engine.ports.outside import Clock, EvidenceCorrupt, Ids
from engine.ports.proposals import ProposalStore
from engine.ports.watch import UNWATCHED, Watch
from engine.records.proposal_history import Approval, Proposal, WorkflowEvent
from engine.records.proposals import KeyedCommand, ProposalKey, ProposalKeyClaim
from engine.usecases.proposals.commands import Pause, first_under, found, judged_until_written, key_of, no_pause, refuse
from engine.usecases.proposals.submissions import HASH_RECIPE
from engine.usecases.refusals import Code, Refused
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_commands import Question, Safeguards, Transition, Vote
from engine.workflow.proposal_effects import judge
from engine.workflow.proposal_objections import Objection

MAX_REASON: Final = 65_536
"""Bytes of JSON (advisory-lifecycle 14.5)."""


@dataclass(frozen=True, slots=True)
class ActCall:
    """One command on a proposal by a verified caller, under the name that acts."""

    proposal_id: str
    caller: Caller
    idempotency_key: str | None
    command: Transition | Vote
    in_time: Callable[[], bool]

    @property
    def key(self) -> ProposalKey | None:
        """Transitions and approvals have keys of their own."""
        kind = KeyedCommand.APPROVAL if isinstance(self.command, Vote) else KeyedCommand.TRANSITION
        return key_of(kind, self.idempotency_key, self.proposal_id)

    def request_hash(self) -> str:
        """The digest of what is asked, and by whom."""
        return digest(canonical(asdict(self.command) | {"actor_id": self.caller.actor}))


@dataclass(frozen=True, slots=True)
class Acted:
    """A proposal as it stands, its newest event, and the approval that the command recorded, if it was one."""

    proposal: Proposal
    event: WorkflowEvent
    approval: Approval | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class ActOnProposal:
    """`POST /rebalance/proposals/{proposal_id}/transitions` and `…/approvals`.

    Of two at once the second is judged on what the first left, and may be refused by it. Raises Refused; EvidenceCorrupt where what was
    approved is not what would be executed; StoreUnavailable, with nothing or all of it written.
    """

    proposals: ProposalStore
    clock: Clock
    ids: Ids
    safeguards: Safeguards = field(default_factory=Safeguards)
    pause: Pause = no_pause
    watch: Watch = UNWATCHED

    def __call__(self, tenant: str, call: ActCall) -> Acted:
        """What happened, now or under this key before."""
        if len(orjson.dumps(call.command.reason)) > MAX_REASON:
            raise Refused(Code.PROPOSAL_REASON_TOO_LARGE)
        at, request_hash, key = self.clock(), call.request_hash(), call.key

        def attempt() -> Acted | None:
            proposal = found(self.proposals, tenant, call.proposal_id)
            first = first_under(self.proposals, tenant, key, request_hash)
            return self._written(call, proposal, request_hash, at) if first is None else self._replayed(tenant, first)

        return judged_until_written(attempt, call.in_time, self.pause)

    def _written(self, call: ActCall, proposal: Proposal, request_hash: str, at: datetime) -> Acted | None:
        """What happens, written; None when the proposal moved on meanwhile, or another call took the key."""
        question = Question(proposal, call.command, call.caller, self.safeguards, at)
        effect = judge(question, event_id=self.ids("pwe"), approval_id=self.ids("pap"))
        if isinstance(effect, Objection):
            refuse(effect, proposal.proposal_id)
            return None
        event, claim = effect.event, None
        if call.key is not None:
            claim = ProposalKeyClaim(
                call.key, request_hash, HASH_RECIPE, proposal.proposal_id, event.occurred_at, event.version_no, seq=event.seq
            )
        if not self.proposals.write(effect, claim):
            return None
        self.watch.happened(event.event_type)
        return Acted(effect.proposal, event, effect.approval)

    def _replayed(self, tenant: str, claim: ProposalKeyClaim) -> Acted:
        """What the key did, in today's data."""
        proposal = found(self.proposals, tenant, claim.proposal_id)
        event = self.proposals.event(tenant, claim.proposal_id, proposal.event_seq)
        if event is None or claim.seq is None:
            raise EvidenceCorrupt(claim.proposal_id)
        return Acted(proposal, event, self.proposals.approval(tenant, claim.proposal_id, claim.seq), replayed=True)
