"""Living proposals in DynamoDB and S3 (RFC-0014, advisory-lifecycle 14): documents first, then all of a command in one transaction.

This is the one writer of heads, versions, events, approvals and checks, and it has no way to change or delete any but the head.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.ports.proposals import SIMILAR
from engine.ports.runs import IdTaken
from engine.records.operations import OperationEnd
from engine.records.pages import MAX_EVALUATED, POSITION_MARK, Page, position_of
from engine.records.proposal_history import Approval, Effect, ExecutionCheck, Proposal, ProposalVersion, WorkflowEvent
from engine.records.proposal_lists import ProposalFilter, ProposalRow
from engine.records.proposals import ProposalKey, ProposalKeyClaim
from infra.aws import keys
from infra.aws.expressions import Item, Write, put_if, put_once
from infra.aws.operations.store import DynamoOperationStore, Writes
from infra.aws.payloads import Payloads
from infra.aws.proposals import items
from infra.aws.proposals.lists import ProposalLists
from infra.aws.table import Table

KIND: Final = "proposals"
MARK: Final = "@"


@dataclass(frozen=True, slots=True)
class DynamoVersion:
    """`engine.ports.proposals.RecordedVersion`: the item as it was read."""

    version: ProposalVersion
    kept: Item
    payloads: Payloads

    def artifact(self) -> bytes:
        return self.payloads.read(self.kept)


class DynamoProposalStore:
    """`engine.ports.proposals.ProposalStore` on the table of proposals and the payload bucket; `operations` are those that its commands may end."""

    def __init__(self, table: Table, payloads: Payloads, operations: DynamoOperationStore, *, max_evaluated: int = MAX_EVALUATED) -> None:
        self.table = table
        self.payloads = payloads
        self.operations = operations
        self.lists = ProposalLists(table, max_evaluated)

    def head(self, tenant: str, proposal_id: str) -> Proposal | None:
        item = self.table.get(keys.proposal(tenant, proposal_id), keys.HEAD)
        return items.head_of(tenant, item) if item is not None else None

    def version(self, tenant: str, proposal_id: str, version_no: int) -> DynamoVersion | None:
        item = self.table.get(keys.proposal(tenant, proposal_id), keys.version(version_no))
        return DynamoVersion(items.version_of(item), item["documents"]["artifact"], self.payloads) if item is not None else None

    def versions(self, tenant: str, proposal_id: str) -> tuple[ProposalVersion, ...]:
        return tuple(map(items.version_of, self.table.rows(keys.proposal(tenant, proposal_id), keys.VERSION_PREFIX)))

    def event(self, tenant: str, proposal_id: str, seq: int) -> WorkflowEvent | None:
        item = self.table.get(keys.proposal(tenant, proposal_id), keys.event(seq))
        return items.event_of(item) if item is not None else None

    def events(self, tenant: str, proposal_id: str) -> tuple[WorkflowEvent, ...]:
        return tuple(map(items.event_of, self.table.rows(keys.proposal(tenant, proposal_id), keys.EVENT_PREFIX)))

    def approval(self, tenant: str, proposal_id: str, seq: int) -> Approval | None:
        item = self.table.get(keys.proposal(tenant, proposal_id), keys.approval(seq))
        return items.approval_of(item) if item is not None else None

    def approvals(self, tenant: str, proposal_id: str) -> tuple[Approval, ...]:
        return tuple(map(items.approval_of, self.table.rows(keys.proposal(tenant, proposal_id), keys.APPROVAL_PREFIX)))

    def checks(self, tenant: str, proposal_id: str, version_no: int) -> tuple[ExecutionCheck, ...]:
        rows = self.table.rows(keys.proposal(tenant, proposal_id), keys.checks(version_no))
        return tuple(items.check_of(row, self.payloads.read(row["documents"]["found"])) for row in rows)

    def claimed(self, tenant: str, key: ProposalKey) -> ProposalKeyClaim | None:
        item = self.table.get(items.claimed(tenant, key), keys.CLAIM)
        return items.claim_of(key, item) if item is not None else None

    def page(self, tenant: str, narrowed: ProposalFilter, *, limit: int, cursor: str | None = None) -> Page[ProposalRow]:
        before = None if cursor is None else self._before(tenant, cursor)
        return Page() if cursor is not None and before is None else self.lists.page(tenant, narrowed, limit, before)

    def like(self, tenant: str, portfolio_id: str, trades_digest: str, *, most: int = SIMILAR) -> tuple[str, ...]:
        return self.lists.like(tenant, portfolio_id, trades_digest, most)

    def ended(self, at: datetime, *, most: int) -> tuple[tuple[str, str], ...]:
        return self.lists.ended(at, most)

    def create(
        self, effect: Effect, version: ProposalVersion, artifact: bytes, claim: ProposalKeyClaim, *, finishing: OperationEnd | None = None
    ) -> bool:
        proposal = effect.proposal
        if self._written(effect, put_once(items.head(proposal)), [self._version(proposal.tenant, version, artifact)], claim, finishing):
            return True
        if self.head(proposal.tenant, proposal.proposal_id) is not None:
            raise IdTaken(proposal.proposal_id)
        return False

    def add_version(
        self,
        effect: Effect,
        version: ProposalVersion,
        artifact: bytes,
        claim: ProposalKeyClaim | None = None,
        *,
        finishing: OperationEnd | None = None,
    ) -> bool:
        made = self._version(effect.proposal.tenant, version, artifact)
        return self._written(effect, _over(effect.proposal), [made], claim, finishing)

    def write(self, effect: Effect, claim: ProposalKeyClaim | None = None) -> bool:
        tenant, approval = effect.proposal.tenant, effect.approval
        return self._written(effect, _over(effect.proposal), [] if approval is None else [items.approval(tenant, approval)], claim)

    def add_check(self, proposal: Proposal, check: ExecutionCheck, claim: ProposalKeyClaim | None = None) -> bool:
        tenant = proposal.tenant
        found = self.payloads.keep(tenant, KIND, _owner(check.proposal_id, check.check_id), items.found_by(check))
        made = items.check(tenant, proposal.rev, check, found)
        writes = [_over(proposal), *map(put_once, [made, *_claims(tenant, claim)])]
        return self.table.once(
            lambda _: writes, lambda _: (self.table.get(made["pk"], made["sk"], "check_id") or {}).get("check_id") == check.check_id
        )

    def owns(self, tenant: str, owner_id: str) -> bool:
        """Whether the version or check that a document names as its owner is there; for the sweeper. A lost race leaves some without."""
        proposal_id, _, owner = owner_id.partition(MARK)
        pk = keys.proposal(tenant, proposal_id)
        named = (row for prefix, name in OWNERS.items() for row in self.table.rows(pk, prefix, ProjectionExpression=name))
        return any(owner in row.values() for row in named)

    def _version(self, tenant: str, version: ProposalVersion, artifact: bytes) -> Item:
        """The item of a version, its artifact in its place before anything points at it."""
        kept = self.payloads.keep(tenant, KIND, _owner(version.proposal_id, version.version_id), artifact)
        return items.version(tenant, version, kept)

    def _written(
        self, effect: Effect, head: Write, more: list[Item], claim: ProposalKeyClaim | None, finishing: OperationEnd | None = None
    ) -> bool:
        """Whether the event is there with all that belongs to it: by this transaction, or by one of ours that was acknowledged late."""
        tenant, event = effect.proposal.tenant, effect.event
        ends = self._ends(tenant, finishing)
        if ends is None:
            return self._is_ours(tenant, event)
        made = [items.event(tenant, event), *more, *_claims(tenant, claim)]
        return self.table.once(lambda attempt: [head, *map(put_once, made), *ends(attempt)], lambda _: self._is_ours(tenant, event))

    def _ends(self, tenant: str, finishing: OperationEnd | None) -> Writes | None:
        """What ends the operation, where there is one; None where it is not its owner's any more."""
        if finishing is None:
            return lambda _: []
        return self.operations.succeeding(tenant, finishing.operation_id, owner=finishing.owner, result=finishing.result)

    def _is_ours(self, tenant: str, event: WorkflowEvent) -> bool:
        there = self.event(tenant, event.proposal_id, event.seq)
        return there is not None and there.event_id == event.event_id

    def _before(self, tenant: str, cursor: str) -> str | None:
        """The sort key that the page starts below; None where the cursor names no proposal."""
        if cursor.startswith(POSITION_MARK):
            return position_of(cursor)
        found = self.head(tenant, cursor)
        return keys.at(found.created_at, found.proposal_id) if found is not None else None


OWNERS: Final = {keys.VERSION_PREFIX: "version_id", keys.CHECK_PREFIX: "check_id"}
"""What owns documents, and by which id."""


def _over(proposal: Proposal) -> Write:
    """The head in place of the one of the `rev` before."""
    return put_if(items.head(proposal), "rev = :rev", {":rev": proposal.rev - 1})


def _claims(tenant: str, claim: ProposalKeyClaim | None) -> list[Item]:
    return [] if claim is None else [items.claim(tenant, claim)]


def _owner(proposal_id: str, record_id: str) -> str:
    """What a document names as its owner: a record of a proposal."""
    return f"{proposal_id}{MARK}{record_id}"
