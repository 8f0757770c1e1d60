"""Give a proposal a further version (advisory-lifecycle 6, L2, L7)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from engine.contracts.lifecycle.versions import ProposalVersionRequest
from engine.ports.outside import Clock, Ids
from engine.ports.proposals import ProposalStore
from engine.ports.watch import UNWATCHED, Watch
from engine.records.proposal_history import Proposal
from engine.records.proposals import KeyedCommand, ProposalKey, ProposalKeyClaim
from engine.usecases.proposals.commands import (
    Finishing,
    Made,
    Pause,
    first_under,
    found,
    judged_until_written,
    key_of,
    made_before,
    no_pause,
    refuse,
    refuse_unheard,
)
from engine.usecases.proposals.creating import told
from engine.usecases.proposals.deciding import DecidedVersion, Standards, decide
from engine.usecases.proposals.submissions import HASH_RECIPE, Submission
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_commands import Safeguards
from engine.workflow.proposal_versions import objection_to_version, renewed


@dataclass(frozen=True, slots=True)
class VersionCall:
    """One version more: its caller verified under the name that acts, its headers checked, its body valid."""

    proposal_id: str
    caller: Caller
    idempotency_key: str | None
    correlation_id: str | None
    asked: ProposalVersionRequest
    reaches: Callable[[Made], bool]
    in_time: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class AddVersion:
    """`POST /rebalance/proposals/{proposal_id}/versions`. Of two at once both come in, one after the other; nothing is simulated twice.

    Raises as `CreateProposal`, and Refused for an unknown proposal.
    """

    proposals: ProposalStore
    clock: Clock
    ids: Ids
    safeguards: Safeguards = field(default_factory=Safeguards)
    standards: Standards = field(default_factory=Standards)
    pause: Pause = no_pause
    watch: Watch = UNWATCHED

    def __call__(self, tenant: str, call: VersionCall, finishing: Finishing | None = None) -> Made:
        """The proposal with its new version, or with the one that the key stands for."""
        at = self.clock()
        submission = Submission.of(call.asked, call.caller.actor)
        request_hash = submission.request_hash()
        key = key_of(KeyedCommand.VERSION, call.idempotency_key, call.proposal_id)
        version_id = self.ids("ppv")  # one for all attempts: its document is stored under it, and once
        decided: list[DecidedVersion] = []

        def attempt() -> Made | None:
            proposal = found(self.proposals, tenant, call.proposal_id)
            first = first_under(self.proposals, tenant, key, request_hash)
            if first is not None:
                return made_before(self.proposals, tenant, first)
            if finishing is not None:
                finishing.refuse_lost()
            refuse(objection_to_version(proposal, submission.wanted, call.caller, self.safeguards, at))
            if not decided:
                decided.append(self._decided(call, submission, request_hash, at))
            return self._added(call, proposal, key, version_id, decided[0], finishing)

        return judged_until_written(attempt, call.in_time, self.pause)

    def _decided(self, call: VersionCall, submission: Submission, request_hash: str, at: datetime) -> DecidedVersion:
        return decide(
            submission,
            self.standards,
            self.watch,
            at=at,
            request_hash=request_hash,
            correlation_id=call.correlation_id or self.ids("corr"),
            idempotency_key=None,
        )

    def _added(
        self,
        call: VersionCall,
        proposal: Proposal,
        key: ProposalKey | None,
        version_id: str,
        decided: DecidedVersion,
        finishing: Finishing | None,
    ) -> Made | None:
        """The version, written; None when the proposal moved on meanwhile."""
        version_no = proposal.current.version_no + 1
        version = decided.version(version_id=version_id, proposal_id=proposal.proposal_id, version_no=version_no)
        effect = renewed(proposal, version, self.safeguards, event_id=self.ids("pwe"), reason=told(call.correlation_id))
        made = Made(effect.proposal, version, decided.artifact, effect.event)
        refuse_unheard(call, made)
        claim = None
        if key is not None:
            claim = ProposalKeyClaim(
                key, decided.request_hash, HASH_RECIPE, proposal.proposal_id, version.created_at, version_no, seq=effect.event.seq
            )
        end = None if finishing is None else finishing.end(made)
        if not self.proposals.add_version(effect, version, decided.artifact, claim, finishing=end):
            return None
        self.watch.happened(effect.event.event_type)
        return made
