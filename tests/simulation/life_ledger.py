"""What must hold of all proposals and of every command on them, written down from outside."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.records.operations import OperationStatus
from engine.records.proposal_history import SYSTEM, Proposal
from engine.records.proposal_lists import ProposalFilter, ProposalRow, row_of
from engine.records.proposals import KeyedCommand, ProposalKey
from engine.usecases.proposals.accepted import FAILURES, VALIDATION, Outcome
from engine.usecases.refusals import Code, Refused
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_checks import objection_to
from engine.workflow.proposal_commands import Question, Safeguards, Transition, Vote
from infra.aws import keys
from infra.aws.proposals.store import KIND
from tests.engine.workflow.proposal_tables import COLUMNS
from tests.simulation.commands import Command, by_mark, mark_of
from tests.simulation.ledger import Ledger, Name
from tests.simulation.lives import END, Life, Reading
from tests.simulation.world import TENANTS, World

FAILED_OF = {*FAILURES.values(), VALIDATION, "EXECUTION_RETRIES_EXHAUSTED"}
MOST = 5_000
OTHERWISE: Final = {Code.IDEMPOTENCY_KEY_CONFLICT, Code.EXECUTION_TIME_EXCEEDED}
"""Refusals that have nothing to do with where a proposal stands."""


class Lives(Ledger):
    """Remembers every command ever sent and every life as it was last seen."""

    def __init__(self, world: World, safeguards: Safeguards) -> None:
        super().__init__(world, world.stores.proposal_operations, None)
        self.store = world.stores.proposals
        self.safeguards = safeguards
        self.commands: dict[str, Command] = {}
        self.lives: dict[Name, Life] = {}
        self.answers: Counter[str] = Counter()

    def sent(self, command: Command) -> Command:
        """The command as it is remembered: what somebody else sent under the same key, word for word, is the same command."""
        same = (known for known in self.commands.values() if known.key is not None and known.told == command.told)
        remembered = next(same, command)
        self.commands[remembered.mark] = remembered
        return remembered

    @contextmanager
    def refusals_explained(self, command: Command) -> Iterator[None]:
        """A transition or an approval is refused only by what stands against it where the proposal stood all the while."""
        at, before = self.world.clock.now, self._head(command)
        try:
            yield
        except Refused as refused:
            if before is not None and before == self._head(command) and refused.code not in OTHERWISE:
                self._check_refusal(command, before, at, refused.code)
            raise

    def _check_refusal(self, command: Command, head: Proposal, at: datetime, code: StrEnum) -> None:
        caller = Caller(command.actor, person=True, scopes=None)
        objection = objection_to(Question(head, command.asked, caller, self.safeguards, at))
        assert objection is not None, f"{command.mark} was refused for nothing: {code}"
        assert objection.code == code, f"{command.mark} was refused by {code}, not {objection.code}"

    def _head(self, command: Command) -> Proposal | None:
        """Where a proposal stands that something is to happen to."""
        if command.proposal_id is None or not isinstance(command.asked, Transition | Vote):
            return None
        with self.world.chaos.quiet():
            return self.store.head(command.tenant, command.proposal_id)

    def check(self) -> None:
        """After any step: every life is a legal one and goes on from where it was; every command did what it was answered."""
        super().check()
        with self.world.chaos.quiet():
            self._check_lives(lambda life, head: life is None or life.head != head)

    def check_settled(self) -> dict[str, int]:
        """At the end: nothing waits, nothing is overdue, everything is found where it should be. Answers how many there are of what."""
        super().check()
        with self.world.chaos.quiet():
            self._check_lives(lambda _life, _head: True)
            heads = [life.head for life in self.lives.values()]
            overdue = self.store.ended(self.world.clock.now, most=MOST)
            assert overdue == (), f"should have expired: {overdue}"
            for head in heads:
                end = head.current.valid_until
                over = end is not None and end <= self.world.clock.now
                assert not over or COLUMNS[head.state] == END or head.execution_requested, f"{head.proposal_id} should have expired"
                self._check_like(head, heads)
            self._check_documents()
            for tenant in TENANTS:
                self._check_lists(tenant, [row_of(head) for head in heads if head.tenant == tenant])
            return self._ends()

    def _check_lives(self, worth_reading: Callable[[Life | None, Proposal], bool]) -> None:
        for tenant in TENANTS:
            for row in self.store.page(tenant, ProposalFilter(), limit=MOST).rows:
                name = tenant, row.proposal_id
                head, before = self.store.head(*name), self.lives.get(name)
                assert head is not None
                assert row == row_of(head), f"listed as {row}, it is {head}"
                if worth_reading(before, head):
                    life = Life.of(self.store, head)
                    if before is not None:
                        life.check_follows(before)
                    Reading(life, self.commands, self.safeguards).check()
                    self.lives[name] = life
        written: dict[str, list[str]] = {}
        for life in self.lives.values():
            for mark, record_id in life.written():
                written.setdefault(mark, []).append(record_id)
        assert set(written) <= set(self.commands), f"by nobody: {set(written) - set(self.commands)}"
        operations = by_mark(self.seen)
        for mark, command in self.commands.items():
            command.check(written.get(mark, []), operations.get(mark, []))

    def _check_documents(self) -> None:
        """What lost its race left nothing in the bucket; every life was just read whole."""
        owners = {
            f"{life.head.proposal_id}@{record_id}"
            for life in self.lives.values()
            for record_id in (*(version.version_id for version in life.versions), *(check.check_id for check in life.checks))
        }
        left = [keys.payload_owner(name) for name in self.world.stores.documents()]
        ownerless = [owner for owner in left if owner is not None and owner[1] == KIND and owner[2] not in owners]
        assert ownerless == [], f"documents of nothing: {ownerless}"

    def _check_like(self, head: Proposal, heads: list[Proposal]) -> None:
        """Those that are like it are open and have its trades; the newest are named."""
        digest = head.current.trades_digest
        if digest is None:
            return
        same = [
            (other.created_at, other.proposal_id)
            for other in heads
            if (other.tenant, other.portfolio_id, other.current.trades_digest) == (head.tenant, head.portfolio_id, digest)
            and COLUMNS[other.state] != END
        ]
        named = self.store.like(head.tenant, head.portfolio_id, digest, most=5)
        assert named == tuple(proposal_id for _, proposal_id in sorted(same, reverse=True)[:5])

    def _check_lists(self, tenant: str, rows: list[ProposalRow]) -> None:
        """Every list that one filter makes holds just what it should, newest first."""
        newest = sorted(rows, key=lambda row: (row.created_at, row.proposal_id), reverse=True)
        asked = [
            *(ProposalFilter(state=state) for state in {row.state for row in rows}),
            *(ProposalFilter(portfolio_id=portfolio) for portfolio in {row.portfolio_id for row in rows}),
            *(ProposalFilter(created_by=maker) for maker in {row.created_by for row in rows}),
        ]
        for narrowed in asked:
            assert self.store.page(tenant, narrowed, limit=MOST).rows == tuple(filter(narrowed.passes, newest)), narrowed

    def _ends(self) -> dict[str, int]:
        ends: Counter[str] = Counter(proposals=len(self.lives))
        for name, operation in self.seen.items():
            assert operation.terminal, f"{name} never ended: {operation}"
            ends[operation.status.value] += 1
            if operation.status is OperationStatus.FAILED:
                assert operation.failure is not None
                assert operation.failure.code in FAILED_OF, operation.failure
                continue
            result = self.operations.result(*name)
            assert result is not None
            outcome = Outcome.read(result)
            life = self.lives[operation.tenant, outcome.proposal_id]
            assert life.versions[outcome.version_no - 1].correlation_id == operation.correlation_id
            assert outcome.seq <= life.head.event_seq
        for life in self.lives.values():
            ends.update(event.event_type.value for event in life.events)
            ends["approvals"] += len(life.approvals)
            ends["checks"] += len(life.checks)
            ends["expired by nobody"] += life.events[-1].actor_id == SYSTEM
        written = {mark for life in self.lives.values() for mark, _ in life.written()}
        for mark, command in self.commands.items():
            replayed = command.answers["accepted"] > command.answers.pop("heard", 0)
            if command.key is not None:
                assert replayed == (mark in written), f"{mark}: its key was not replayed, or stands for nothing"
                assert self._claimed_by(command, command.key) == mark or mark not in written, f"{mark}: its key is another's"
            ends.update(command.answers)
        return ends

    def _claimed_by(self, command: Command, key: str) -> str | None:
        """The mark of what a key stands for."""
        named = None if command.kind is KeyedCommand.CREATE else command.proposal_id
        claim = self.store.claimed(command.tenant, ProposalKey(command.kind, key, named))
        if claim is None:
            return None
        life = self.lives[command.tenant, claim.proposal_id]
        if claim.check_id is not None:
            return next(check.actor_id for check in life.checks if check.check_id == claim.check_id)
        assert claim.seq is not None
        event = life.events[claim.seq - 1]
        assert (event.version_no, event.occurred_at) == (claim.version_no, claim.created_at), f"{claim} is not of {event}"
        return mark_of(event)
