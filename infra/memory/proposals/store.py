"""Proposals in memory, under the same contract as the table."""

from collections.abc import Callable
from datetime import UTC, datetime

from engine.ports.proposals import SIMILAR
from engine.ports.runs import IdTaken
from engine.records.operations import OperationEnd
from engine.records.pages import MAX_EVALUATED, POSITION_MARK, Page, instant, page_from, position_cursor
from engine.records.proposal_history import Approval, Effect, ExecutionCheck, Proposal, ProposalVersion, WorkflowEvent
from engine.records.proposal_lists import ProposalFilter, ProposalRow, row_of
from engine.records.proposals import ProposalKey, ProposalKeyClaim
from engine.records.runs import tenant_of
from engine.workflow.proposal_states import TERMINAL
from engine.workflow.proposal_validity import expiry
from infra.memory.operations import MemoryOperationStore
from infra.memory.proposals.tables import Life, MemoryProposals, MemoryVersion


class MemoryProposalStore:
    """`engine.ports.proposals.ProposalStore` in one process; `operations` are those that its commands may end."""

    def __init__(self, tables: MemoryProposals, operations: MemoryOperationStore, *, max_evaluated: int = MAX_EVALUATED) -> None:
        self.tables = tables
        self.operations = operations
        self.max_evaluated = max_evaluated

    def head(self, tenant: str, proposal_id: str) -> Proposal | None:
        life = self._life(tenant, proposal_id)
        return life.head if life is not None else None

    def version(self, tenant: str, proposal_id: str, version_no: int) -> MemoryVersion | None:
        life = self._life(tenant, proposal_id)
        return next((kept for kept in life.versions if kept.version.version_no == version_no), None) if life is not None else None

    def versions(self, tenant: str, proposal_id: str) -> tuple[ProposalVersion, ...]:
        life = self._life(tenant, proposal_id)
        return tuple(kept.version for kept in life.versions) if life is not None else ()

    def event(self, tenant: str, proposal_id: str, seq: int) -> WorkflowEvent | None:
        return next((event for event in self.events(tenant, proposal_id) if event.seq == seq), None)

    def events(self, tenant: str, proposal_id: str) -> tuple[WorkflowEvent, ...]:
        life = self._life(tenant, proposal_id)
        return tuple(life.events) if life is not None else ()

    def approval(self, tenant: str, proposal_id: str, seq: int) -> Approval | None:
        return next((approval for approval in self.approvals(tenant, proposal_id) if approval.seq == seq), None)

    def approvals(self, tenant: str, proposal_id: str) -> tuple[Approval, ...]:
        life = self._life(tenant, proposal_id)
        return tuple(life.approvals) if life is not None else ()

    def checks(self, tenant: str, proposal_id: str, version_no: int) -> tuple[ExecutionCheck, ...]:
        life = self._life(tenant, proposal_id)
        return tuple(check for check in life.checks if check.version_no == version_no) if life is not None else ()

    def claimed(self, tenant: str, key: ProposalKey) -> ProposalKeyClaim | None:
        with self.tables.lock:
            return self.tables.commands.get((tenant_of(tenant), key))

    def page(self, tenant: str, narrowed: ProposalFilter, *, limit: int, cursor: str | None = None) -> Page[ProposalRow]:
        if cursor is not None and not cursor.startswith(POSITION_MARK):
            after = self.head(tenant, cursor)
            if after is None:
                return Page()
            cursor = position_cursor(_by_time(after))
        rows = [(_by_time(head), row_of(head)) for head in self._newest_first(tenant)]
        return page_from(rows, narrowed.passes, lambda row: row.proposal_id, limit, cursor, self.max_evaluated)

    def like(self, tenant: str, portfolio_id: str, trades_digest: str, *, most: int = SIMILAR) -> tuple[str, ...]:
        of_portfolio = [head for head in self._newest_first(tenant) if head.portfolio_id == portfolio_id][: self.max_evaluated]
        equal = [head for head in of_portfolio if head.current.trades_digest == trades_digest and head.state not in TERMINAL]
        return tuple(head.proposal_id for head in equal[:most])

    def ended(self, at: datetime, *, most: int) -> tuple[tuple[str, str], ...]:
        with self.tables.lock:
            heads = [life.head for life in self.tables.lives.values()]
        ends = sorted(
            (end, head.tenant, head.proposal_id) for head in heads if (end := expiry(head)) is not None and end <= at.astimezone(UTC)
        )
        return tuple((tenant, proposal_id) for _, tenant, proposal_id in ends[:most])

    def create(
        self, effect: Effect, version: ProposalVersion, artifact: bytes, claim: ProposalKeyClaim, *, finishing: OperationEnd | None = None
    ) -> bool:
        head = effect.proposal
        with self.tables.lock:
            there = self._life(head.tenant, head.proposal_id)
            if there is not None:
                if there.events[0].event_id != effect.event.event_id:
                    raise IdTaken(head.proposal_id)
                return True
            if not self._free(head.tenant, claim) or not self._finished(head.tenant, finishing):
                return False
            self._claim(head.tenant, claim)
            self.tables.lives[head.tenant, head.proposal_id] = Life(head, [MemoryVersion(version, artifact)], [effect.event])
            return True

    def add_version(
        self,
        effect: Effect,
        version: ProposalVersion,
        artifact: bytes,
        claim: ProposalKeyClaim | None = None,
        *,
        finishing: OperationEnd | None = None,
    ) -> bool:
        return self._follow(effect, claim, lambda life: life.versions.append(MemoryVersion(version, artifact)), finishing)

    def write(self, effect: Effect, claim: ProposalKeyClaim | None = None) -> bool:
        approval = effect.approval
        return self._follow(effect, claim, lambda life: life.approvals.append(approval) if approval is not None else None)

    def add_check(self, proposal: Proposal, check: ExecutionCheck, claim: ProposalKeyClaim | None = None) -> bool:
        with self.tables.lock:
            life = self._life(proposal.tenant, proposal.proposal_id)
            if life is not None and check in life.checks:
                return True
            if life is None or life.head.rev != proposal.rev - 1 or not self._free(proposal.tenant, claim):
                return False
            self._claim(proposal.tenant, claim)
            life.checks.append(check)
            life.head = proposal
            return True

    def _follow(
        self, effect: Effect, claim: ProposalKeyClaim | None, add: Callable[[Life], None], finishing: OperationEnd | None = None
    ) -> bool:
        """The next event with all that belongs to it, over the head that it was judged by."""
        head = effect.proposal
        with self.tables.lock:
            life = self._life(head.tenant, head.proposal_id)
            if life is not None and any(known.event_id == effect.event.event_id for known in life.events):
                return True
            if life is None or life.head.rev != head.rev - 1 or not self._free(head.tenant, claim):
                return False
            if not self._finished(head.tenant, finishing):
                return False
            self._claim(head.tenant, claim)
            add(life)
            life.events.append(effect.event)
            life.head = head
            return True

    def _free(self, tenant: str, claim: ProposalKeyClaim | None) -> bool:
        return claim is None or (tenant, claim.key) not in self.tables.commands

    def _claim(self, tenant: str, claim: ProposalKeyClaim | None) -> None:
        if claim is not None:
            self.tables.commands[tenant, claim.key] = claim

    def _finished(self, tenant: str, finishing: OperationEnd | None) -> bool:
        """Whether its owner has ended the operation by this, where there is one; asked last, when nothing else stands against the command."""
        if finishing is None:
            return True
        seen = self.operations.operation(tenant, finishing.operation_id)
        if seen is None or seen.terminal:
            return False
        return self.operations.succeed(tenant, finishing.operation_id, owner=finishing.owner, result=finishing.result)

    def _life(self, tenant: str, proposal_id: str) -> Life | None:
        """All of a proposal as it is now: what changes it gives it new values."""
        with self.tables.lock:
            return self.tables.lives.get((tenant_of(tenant), proposal_id))

    def _newest_first(self, tenant: str) -> list[Proposal]:
        with self.tables.lock:
            heads = [life.head for (owner, _), life in self.tables.lives.items() if owner == tenant_of(tenant)]
        return sorted(heads, key=_by_time, reverse=True)


def _by_time(head: Proposal) -> str:
    return f"{instant(head.created_at)}#{head.proposal_id}"
