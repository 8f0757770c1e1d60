"""Idempotency keys of simulated proposals in DynamoDB and S3: one item a key, which DynamoDB removes when its time is over.

    claim   T#…#IK#SIM#{digest}   CLAIM   what the key stands for, and its answers by form

An answer belongs to its claim, not to its key: a key that is claimed anew leaves the documents of the time before without an owner, and
no new claim ever points at an old document.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

from engine.ports.outside import Clock
from engine.records.pages import instant, oldest_visible
from engine.records.proposals import Form, ProposalClaim
from infra.aws import keys
from infra.aws.expressions import Item, put_if
from infra.aws.formats import VERSIONS, Format
from infra.aws.payloads import Payloads
from infra.aws.table import ConditionFailed, Table

KIND: Final = "proposal-keys"
VERSION: Final = VERSIONS[Format.PROPOSAL_KEYS]
MARK: Final = "@"


@dataclass(frozen=True, slots=True)
class DynamoClaimedProposal:
    """`engine.ports.proposals.ClaimedProposal`: the item as it was read."""

    claim: ProposalClaim
    kept: Mapping[Form, Item]
    payloads: Payloads

    def answer(self, form: Form) -> bytes | None:
        return self.payloads.read(self.kept[form]) if form in self.kept else None


class DynamoProposalKeys:
    """`engine.ports.proposals.ProposalKeys` on the table of proposals and the payload bucket."""

    def __init__(self, table: Table, payloads: Payloads, *, clock: Clock, ttl_seconds: int) -> None:
        self.table = table
        self.payloads = payloads
        self.clock = clock
        self.ttl_seconds = ttl_seconds

    def find(self, tenant: str, key: str) -> DynamoClaimedProposal | None:
        item = self.table.get(keys.simulated_proposal(tenant, key), keys.CLAIM)
        if item is None or item["created_at"] < self._oldest_visible():
            return None
        return DynamoClaimedProposal(claim_of(item), item["documents"], self.payloads)

    def claim(self, tenant: str, key: str, claim: ProposalClaim, form: Form, answer: bytes) -> bool:
        kept = {form.value: self.payloads.keep(tenant, KIND, owner_of(key, claim), answer)}
        item = {
            "pk": keys.simulated_proposal(tenant, key),
            "sk": keys.CLAIM,
            "v": VERSION,
            **asdict(claim),
            "created_at": instant(claim.created_at),
            "documents": kept,
            "record": owner_token(claim, kept),
            "expires_at": int(claim.created_at.timestamp()) + self.ttl_seconds + 1,
        }
        free = {":cutoff": self._oldest_visible()}
        return self.table.once(
            lambda _: [put_if(item, "attribute_not_exists(pk) OR created_at < :cutoff", free)],
            lambda _: self._is_ours(item),
        )

    def keep(self, tenant: str, key: str, claim: ProposalClaim, form: Form, answer: bytes) -> bool:
        kept = self.payloads.keep(tenant, KIND, owner_of(key, claim), answer)
        try:
            self.table.update(
                keys.simulated_proposal(tenant, key),
                keys.CLAIM,
                "SET documents.#form = :kept",
                "created_at = :created AND attribute_not_exists(documents.#form)",
                {":kept": kept, ":created": instant(claim.created_at)},
                {"#form": form.value},
            )
        except ConditionFailed:
            return False
        return True

    def owns(self, tenant: str, owner_id: str) -> bool:
        """Whether the claim that a document names as its owner is there, past its time or not; for the sweeper."""
        key_digest, _, created_at = owner_id.partition(MARK)
        item = self.table.get(keys.claimed_proposal(tenant, key_digest), keys.CLAIM, "created_at")
        return item is not None and item["created_at"] == created_at

    def _is_ours(self, item: Item) -> bool:
        there = self.table.get(item["pk"], item["sk"], "record")
        return there is not None and there["record"] == item["record"]

    def _oldest_visible(self) -> str:
        return instant(oldest_visible(self.clock(), self.ttl_seconds))


def claim_of(item: Item) -> ProposalClaim:
    """The claim that an item holds."""
    return ProposalClaim(
        request_hash=item["request_hash"],
        hash_recipe=item["hash_recipe"],
        correlation_id=item["correlation_id"],
        created_at=keys.moment(item["created_at"]),
        engine_version=item["engine_version"],
    )


def owner_of(key: str, claim: ProposalClaim) -> str:
    """What a document names as its owner: a claim of a key, without the caller's own words, which no log may show."""
    return f"{keys.digest_of(key)}{MARK}{instant(claim.created_at)}"


def owner_token(claim: ProposalClaim, kept: Mapping[str, Item]) -> str:
    """Tells our own claim, acknowledged late, from another call's."""
    told = [asdict(claim), {form: document["sha256"] for form, document in kept.items()}]
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
