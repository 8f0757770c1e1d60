"""Proposals as the use cases ask for them: keys of those that were simulated (advisory-engine S20, S28), and those that live (RFC-0014)."""

from datetime import datetime
from typing import Final, Protocol

from engine.records.operations import OperationEnd
from engine.records.pages import Page
from engine.records.proposal_history import Approval, Effect, ExecutionCheck, Proposal, ProposalVersion, WorkflowEvent
from engine.records.proposal_lists import ProposalFilter, ProposalRow
from engine.records.proposals import Form, ProposalClaim, ProposalKey, ProposalKeyClaim


class ClaimedProposal(Protocol):
    """A key as its record was read, once. Its answers are fetched when they are asked for."""

    @property
    def claim(self) -> ProposalClaim:
        """What the key stands for."""

    def answer(self, form: Form) -> bytes | None:
        """The answer in this form, byte for byte, verified against its digest; None while nobody was given it."""


class ProposalKeys(Protocol):
    """Keys of simulated proposals, a tenant's own, each for a fixed time after its first call: past it, a key is as free as a new one.

    All reads are consistent.
    """

    def find(self, tenant: str, key: str) -> ClaimedProposal | None:
        """What a key stands for; None when it is free."""

    def claim(self, tenant: str, key: str, claim: ProposalClaim, form: Form, answer: bytes) -> bool:
        """Claim a free key with the answer of its first call, or keep nothing.

        True also when an earlier attempt of ours was acknowledged late; False when another call claimed the key first.
        """

    def keep(self, tenant: str, key: str, claim: ProposalClaim, form: Form, answer: bytes) -> bool:
        """Give a claimed key its answer in a form that it has none in, or keep nothing.

        False when another call gave it one first, or the key does not stand for this claim any more.
        """


SIMILAR: Final = 5
"""How many like proposals are named."""


class RecordedVersion(Protocol):
    """A version as its record was read, once."""

    @property
    def version(self) -> ProposalVersion:
        """Everything but the document."""

    def artifact(self) -> bytes:
        """Its artifact, byte for byte, verified against its digest; the evidence in it holds the request that it was decided from."""


class ProposalStore(Protocol):
    """Proposals with their versions, events, approvals and checks: appended, never changed, kept for ever.

    Reads are consistent but for `page`, `like` and `ended`, which may lag by moments. Nothing is found under a foreign or unknown id.

    A command is one transaction. True means that it is written, now or by an earlier attempt of ours that was acknowledged late. False
    means that nothing of it is: the proposal moved on (it has another `rev`), its key stands for another command, or the operation that
    it would have ended is not its owner's any more. Read again and judge again.
    """

    def head(self, tenant: str, proposal_id: str) -> Proposal | None:
        """Where a proposal stands."""

    def version(self, tenant: str, proposal_id: str, version_no: int) -> RecordedVersion | None:
        """One version with its artifact."""

    def versions(self, tenant: str, proposal_id: str) -> tuple[ProposalVersion, ...]:
        """All versions, ascending."""

    def event(self, tenant: str, proposal_id: str, seq: int) -> WorkflowEvent | None:
        """Entry number `seq` of the history; the newest has the head's `event_seq`."""

    def events(self, tenant: str, proposal_id: str) -> tuple[WorkflowEvent, ...]:
        """The whole history, oldest first."""

    def approval(self, tenant: str, proposal_id: str, seq: int) -> Approval | None:
        """The approval that was written with event number `seq`."""

    def approvals(self, tenant: str, proposal_id: str) -> tuple[Approval, ...]:
        """All approvals, given and refused, oldest first."""

    def checks(self, tenant: str, proposal_id: str, version_no: int) -> tuple[ExecutionCheck, ...]:
        """All checks of a version, oldest first."""

    def claimed(self, tenant: str, key: ProposalKey) -> ProposalKeyClaim | None:
        """What a key stands for, for ever."""

    def page(self, tenant: str, narrowed: ProposalFilter, *, limit: int, cursor: str | None = None) -> Page[ProposalRow]:
        """Proposals by `created_at` descending, then id descending; bounds as in `RunLookup.page`.

        The cursor is the id of any proposal of the tenant: the page starts below it, whether or not the filter still lets it pass. One
        that starts with `~` names a position. Any other gives an empty page.
        """

    def like(self, tenant: str, portfolio_id: str, trades_digest: str, *, most: int = SIMILAR) -> tuple[str, ...]:
        """Ids of open proposals of a portfolio whose current version has these executed trades, newest first.

        Looks at 5,000 of the portfolio at most (rulings-2 proposal 3).
        """

    def ended(self, at: datetime, *, most: int) -> tuple[tuple[str, str], ...]:
        """Tenant and id of up to `most` open proposals, of all tenants, whose version had ended at this instant, longest ended first.

        Those under execution are not among them. Whoever lets them expire judges again by their heads.
        """

    def create(
        self, effect: Effect, version: ProposalVersion, artifact: bytes, claim: ProposalKeyClaim, *, finishing: OperationEnd | None = None
    ) -> bool:
        """Keep a new proposal with version 1. Raises IdTaken for the id of another proposal."""

    def add_version(
        self,
        effect: Effect,
        version: ProposalVersion,
        artifact: bytes,
        claim: ProposalKeyClaim | None = None,
        *,
        finishing: OperationEnd | None = None,
    ) -> bool:
        """Keep a version with its event and head."""

    def write(self, effect: Effect, claim: ProposalKeyClaim | None = None) -> bool:
        """Keep an event, perhaps with an approval, and the head after it."""

    def add_check(self, proposal: Proposal, check: ExecutionCheck, claim: ProposalKeyClaim | None = None) -> bool:
        """Keep a check with the head after it, of the next `rev`, whether or not the check changed anything else of it."""
