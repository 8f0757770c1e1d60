"""The idempotency keys of proposals as the use cases ask for them (RFC-0014, advisory-engine S20, S28)."""

from typing import Protocol

from engine.records.proposals import Form, ProposalClaim


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
