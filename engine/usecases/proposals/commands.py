"""What the commands on proposals have in common: an answer, a key, and judging again when somebody else was first (advisory-lifecycle 11, L7)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.ports.proposals import ProposalStore
from engine.records.operations import OperationEnd
from engine.records.proposal_history import Proposal, ProposalVersion, WorkflowEvent
from engine.records.proposals import KeyedCommand, ProposalKey, ProposalKeyClaim
from engine.usecases.idempotency import refuse_conflict
from engine.usecases.proposals.submissions import refuse_unknown_recipe
from engine.usecases.refusals import Code, Refused
from engine.workflow.proposal_objections import APPROVED_CONTENT_DIFFERS, Objection

ROUNDS: Final = 200
"""How often a command is judged again at most: each round lets at least one of those who race through."""

Answer = TypeVar("Answer")

Pause = Callable[[int], None]
"""Waits before a further round, longer after each."""


def no_pause(_: int) -> None:
    """For who races nobody."""


@dataclass(frozen=True, slots=True)
class Made:
    """A proposal as it stands, a version of it with its artifact, and the newest event: what a creation or a new version answers.

    `similar` are open proposals of the same portfolio with the same trades (rulings-2 proposal 3); `replayed`: an earlier call made it.
    """

    proposal: Proposal
    version: ProposalVersion
    artifact: bytes
    event: WorkflowEvent
    similar: tuple[str, ...] | None = None
    replayed: bool = False


class Waiting(Protocol):
    """A call whose caller waits: whether the answer can get there, and whether there is time to record it."""

    @property
    def reaches(self) -> Callable[[Made], bool]:
        """Whether this answer is small enough."""

    @property
    def in_time(self) -> Callable[[], bool]:
        """Whether recording may still begin."""


class Finishing(Protocol):
    """An operation that succeeds in the transaction of its effect."""

    def end(self, made: Made) -> OperationEnd:
        """How it ends by this."""

    def refuse_lost(self) -> None:
        """Raise `engine.usecases.execution.LeaseLost` where it is not ours any more."""


def refuse_unheard(call: Waiting, made: Made) -> None:
    """Let an answer pass that can reach its caller; asked before anything is recorded."""
    if not call.reaches(made):
        raise Refused(Code.RESPONSE_TOO_LARGE)
    if not call.in_time():
        raise Refused(Code.EXECUTION_TIME_EXCEEDED)


def refuse(objection: Objection | None, proposal_id: str = "") -> None:
    """Let a command pass that nothing stands against. Raises EvidenceCorrupt where what was approved is not what would be executed."""
    if objection is None:
        return
    if objection == APPROVED_CONTENT_DIFFERS:
        raise EvidenceCorrupt(proposal_id)
    raise Refused.by(objection)


def found(proposals: ProposalStore, tenant: str, proposal_id: str) -> Proposal:
    """Where a proposal stands. Refuses unknown and foreign ids alike."""
    proposal = proposals.head(tenant, proposal_id)
    if proposal is None:
        raise Refused(Code.PROPOSAL_NOT_FOUND)
    return proposal


def first_under(proposals: ProposalStore, tenant: str, key: ProposalKey | None, request_hash: str) -> ProposalKeyClaim | None:
    """What the key stands for already; None when it is free. Refuses it for another request."""
    claim = None if key is None else proposals.claimed(tenant, key)
    if claim is not None:
        refuse_unknown_recipe(claim.hash_recipe)
        refuse_conflict(claim.request_hash, request_hash)
    return claim


def key_of(command: KeyedCommand, text: str | None, proposal_id: str | None = None) -> ProposalKey | None:
    """The key of a command, where its caller named one."""
    return None if text is None else ProposalKey(command, text, proposal_id)


def made_before(proposals: ProposalStore, tenant: str, claim: ProposalKeyClaim) -> Made:
    """What a key made, in today's data (advisory-lifecycle L15). Raises EvidenceCorrupt where that is gone, which nothing can bring about."""
    proposal = proposals.head(tenant, claim.proposal_id)
    recorded = proposals.version(tenant, claim.proposal_id, claim.version_no)
    event = None if proposal is None else proposals.event(tenant, claim.proposal_id, proposal.event_seq)
    if proposal is None or recorded is None or event is None:
        raise EvidenceCorrupt(claim.proposal_id)
    return Made(proposal, recorded.version, recorded.artifact(), event, replayed=True)


def judged_until_written(attempt: Callable[[], Answer | None], in_time: Callable[[], bool], pause: Pause) -> Answer:
    """What an attempt answers. None is a race lost: it is judged again, as long as there is time.

    Raises StoreUnavailable with PROPOSAL_STORE_CONTENTION when others were always first; nothing is written then.
    """
    for round_no in range(ROUNDS):
        answer = attempt()
        if answer is not None:
            return answer
        if not in_time():
            break
        pause(round_no)
    raise StoreUnavailable(Code.PROPOSAL_STORE_CONTENTION)
