"""What a proposal's life must be, whatever happened to it: its head follows from its history, its history from the specification's tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from engine.ports.proposals import ProposalStore
from engine.records.proposal_history import (
    SYSTEM,
    Approval,
    ApprovalType,
    ClearCheck,
    CountedApproval,
    EventType,
    ExecutionCheck,
    Proposal,
    ProposalState,
    ProposalVersion,
    Verdict,
    WorkflowEvent,
)
from engine.workflow.proposal_commands import Safeguards, Vote
from tests.engine.workflow.proposal_tables import COLUMNS, GATES, LEADS_TO, SHORT, UNDER_GATES, VOTES, WITHOUT_GATES, table
from tests.simulation.commands import MAKING, Command, mark_of

NEXT: Final = table(LEADS_TO)
GATED: Final = table(UNDER_GATES)
UNENFORCED: Final = table(WITHOUT_GATES)
FREE: Final = ["-"] * len(GATES)
VOTED: Final = {words[0]: words[3] for words in map(str.split, VOTES.split("\n")) if words}
END: Final = COLUMNS["EXECUTED"]
LATE: Final = {"REJECTED", "CANCELLED", "EXPIRED"}
"""What may happen after the end of validity."""


@dataclass(frozen=True)
class Life:
    """All that is recorded of a proposal."""

    head: Proposal
    versions: tuple[ProposalVersion, ...]
    artifacts: tuple[bytes, ...]
    events: tuple[WorkflowEvent, ...]
    approvals: tuple[Approval, ...]
    checks: tuple[ExecutionCheck, ...]

    @classmethod
    def of(cls, store: ProposalStore, head: Proposal) -> "Life":
        tenant, name = head.tenant, head.proposal_id
        numbers = range(1, head.current.version_no + 1)
        recorded = [store.version(tenant, name, number) for number in numbers]
        assert all(recorded), f"{name} lacks a version"
        artifacts = tuple(one.artifact() for one in recorded if one is not None)
        versions, checks = store.versions(tenant, name), [check for number in numbers for check in store.checks(tenant, name, number)]
        assert [one.version for one in recorded if one is not None] == list(versions)
        return cls(head, versions, artifacts, store.events(tenant, name), store.approvals(tenant, name), tuple(checks))

    def written(self) -> Iterator[tuple[str, str]]:
        """The mark of every record that a command left, with the record's id."""
        yield from ((version.correlation_id, version.version_id) for version in self.versions)
        yield from ((str(given.details["mark"]), given.approval_id) for given in self.approvals)
        yield from ((check.actor_id, check.check_id) for check in self.checks)
        others = {given.seq for given in self.approvals}
        for event in self.events:
            mark = mark_of(event)
            if mark is not None and event.event_type not in MAKING and event.seq not in others:
                yield mark, event.event_id

    def check_follows(self, before: "Life") -> None:
        """Something may have been added; nothing was changed or taken away."""
        assert self.head.rev >= before.head.rev, "rev fell"
        assert (self.head == before.head) or self.head.rev > before.head.rev, "its head moved without a command"
        for name in ("versions", "artifacts", "events", "approvals", "checks"):
            was, now = getattr(before, name), getattr(self, name)
            assert now[: len(was)] == was, f"{self.head.proposal_id}: its {name} changed: {was} became {now}"


class Reading:
    """Reads a life from its beginning, event by event, and knows at each what must have been."""

    def __init__(self, life: Life, commands: Mapping[str, Command], safeguards: Safeguards) -> None:
        self.life, self.commands, self.safeguards = life, commands, safeguards
        self.state: str | None = None
        self.version: ProposalVersion | None = None
        self.counted: list[CountedApproval] = []
        self.requested = False
        self.votes = {given.seq: given for given in life.approvals}

    def check(self) -> None:
        life, head = self.life, self.life.head
        assert [version.version_no for version in life.versions] == list(range(1, len(life.versions) + 1)), "a gap between versions"
        assert [event.seq for event in life.events] == list(range(1, len(life.events) + 1)), "a gap between events"
        assert [event.event_type for event in life.events if event.event_type in MAKING] == [
            EventType.CREATED,
            *[EventType.NEW_VERSION_CREATED] * (len(life.versions) - 1),
        ], "versions and their events differ"
        for event in life.events:
            try:
                self._check_event(event)
            except AssertionError as wrong:
                raise AssertionError(f"{head.proposal_id}: {event}: {wrong}") from wrong
        assert self.votes == {}, f"votes without events: {self.votes}"
        assert head == self._expected_head(), f"head {head} is not what its history led to: {self._expected_head()}"

    def _check_event(self, event: WorkflowEvent) -> None:
        assert event.proposal_id == self.life.head.proposal_id
        assert event.from_state == self.state, f"not from {self.state}"
        assert self.state is None or COLUMNS[self.state] != END, "after its end"
        if event.event_type in MAKING:
            self._check_version(event)
        else:
            assert self.version is not None
            assert (event.version_no, event.artifact_hash) == (self.version.version_no, self.version.artifact_hash), "of another version"
            self._check_table(event)
            command = self._check_command(event)
            self._check_vote(event, command.asked if command is not None else None)
        if event.event_type == "CHANGES_REQUESTED":
            self.counted = []
        self.state = event.to_state
        self.requested = (self.requested or event.event_type == "EXECUTION_REQUESTED") and COLUMNS[self.state] != END

    def _check_version(self, event: WorkflowEvent) -> None:
        number = 1 if self.version is None else self.version.version_no + 1
        made = self.life.versions[number - 1]
        assert (event.version_no, event.artifact_hash) == (number, made.artifact_hash), "of another version"
        assert event.to_state == ("DRAFT" if self.state is None or self.safeguards.reset_on_new_version else self.state)
        assert not self.requested, "a version under execution"
        assert (event.actor_id, event.occurred_at) == (made.created_by, made.created_at)
        command = self.commands[str(mark_of(event))]
        assert (command.mark, command.kind, command.actor) == (made.correlation_id, MAKING[event.event_type], event.actor_id)
        self.version, self.counted = made, []

    def _check_table(self, event: WorkflowEvent) -> None:
        assert self.state is not None
        assert self.version is not None
        kind, end = event.event_type.value, self.version.valid_until
        cell = NEXT[kind][COLUMNS[self.state]]
        assert event.to_state == SHORT.get(cell, cell), "illegal"
        rule = (GATED if self.safeguards.enforce_gates else UNENFORCED).get(kind, FREE)[GATES.index(self.version.gate)]
        given = {approval.approval_type.value[0] for approval in self.counted}
        assert rule == "-" or (rule.startswith("needs:") and given & set(rule[6:].split(","))), f"against its gate: {rule}"
        assert not (self.requested and kind in {"EXECUTION_REQUESTED", "EXPIRED"}), "under execution"
        assert kind in LATE or self.requested or end is None or event.occurred_at < end, "after its validity"
        minutes = self.safeguards.execution_check_minutes
        if minutes and (kind == "EXECUTION_REQUESTED" or (kind == "EXECUTED" and not self.requested)):
            [look] = [check for check in self.life.checks if check.check_id == event.check_id]
            assert (look.version_no, look.verdict) == (event.version_no, Verdict.CLEAR), "by another check"
            assert event.occurred_at - look.created_at <= timedelta(minutes=minutes), "by an old check"

    def _check_command(self, event: WorkflowEvent) -> Command | None:
        """What its caller believed was so; whoever is nobody only lets expire what ended."""
        assert self.version is not None
        mark = mark_of(event)
        if mark is None:
            assert (event.event_type, event.actor_id) == (EventType.EXPIRED, SYSTEM)
            assert self.version.valid_until is not None
            assert event.occurred_at >= self.version.valid_until, "too early"
            return None
        command = self.commands[mark]
        assert (command.asked.event, command.actor, command.proposal_id) == (event.event_type, event.actor_id, event.proposal_id)
        expected = command.asked.expected_state
        assert expected == event.from_state or (expected is None and not self.safeguards.require_expected_state), "not what was expected"
        assert command.asked.version_no in {None, event.version_no}, "not the version that was named"
        assert command.asked.artifact_hash in {None, event.artifact_hash}, "not the content that was named"
        return command

    def _check_vote(self, event: WorkflowEvent, asked: Any) -> None:
        assert self.version is not None
        vote = self.votes.pop(event.seq, None)
        assert (vote is not None) == isinstance(asked, Vote), "an approval without a record, or a record without an approval"
        approved = event.event_type in VOTED.values()
        assert not approved or vote is not None or not self.safeguards.approvals_need_record, "an approval that needs a record"
        assert not approved or asked.version_no is not None or event.version_no == 1, "approved without a name"
        assert not approved or asked.artifact_hash is not None or not self.safeguards.approvals_name_hash, "approved without a hash"
        if vote is None:
            return
        same = ("proposal_id", "version_no", "artifact_hash", "actor_id", "occurred_at")
        assert all(getattr(vote, name) == getattr(event, name) for name in same), f"{vote} is of another event"
        assert (vote.approval_type, vote.approved) == (asked.approval_type, asked.approved)
        assert event.event_type == (VOTED[vote.approval_type] if vote.approved else "REJECTED")
        if vote.approved:
            makers = {self.life.versions[0].created_by, self.version.created_by}
            eyes = self.safeguards.four_eyes and vote.approval_type is not ApprovalType.CLIENT_CONSENT
            assert not eyes or vote.actor_id not in makers, "by its own maker"
            self.counted.append(CountedApproval(vote.approval_type, vote.approval_id, vote.artifact_hash))

    def _expected_head(self) -> Proposal:
        life, first, last = self.life, self.life.events[0], self.life.events[-1]
        assert self.version is not None
        looks = [check for check in life.checks if check.version_no == self.version.version_no]
        clear = ClearCheck(looks[-1].check_id, looks[-1].created_at) if looks and looks[-1].verdict is Verdict.CLEAR else None
        return Proposal(
            tenant=life.head.tenant,
            proposal_id=life.head.proposal_id,
            portfolio_id=life.head.portfolio_id,
            created_by=first.actor_id,
            created_at=first.occurred_at,
            last_event_at=last.occurred_at,
            state=ProposalState(str(self.state)),
            current=self.version.current,
            event_seq=last.seq,
            rev=len(life.events) + len(life.checks),
            counted=tuple(self.counted),
            execution_requested=self.requested,
            clear_check=clear,
            title=life.head.title,
        )
