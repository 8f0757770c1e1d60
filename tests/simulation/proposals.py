"""The actors around proposals: advisers, reviewers and desks who race each other, now and through the queue."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from engine.contracts.lifecycle.checks import parse_check
from engine.contracts.lifecycle.versions import parse_create, parse_version
from engine.records.operations import Family
from engine.records.proposal_history import ApprovalType, EventType, Proposal, ProposalState
from engine.records.proposals import KeyedCommand
from engine.usecases.acceptance import AcceptOnly
from engine.usecases.dispatch import ToQueue
from engine.usecases.operation_lookup import OperationCall
from engine.usecases.proposals.accepted import CREATE_PROPOSAL, CREATE_PROPOSAL_VERSION, AcceptCall, AcceptProposal, ExecuteProposal
from engine.usecases.proposals.checks import CheckCall, CheckVersion
from engine.usecases.proposals.commands import Made
from engine.usecases.proposals.creating import CreateCall, CreateProposal
from engine.usecases.proposals.deciding import Standards
from engine.usecases.proposals.expiry import ExpireProposals
from engine.usecases.proposals.outcomes import FindProposalOperation
from engine.usecases.proposals.transitions import ActCall, ActOnProposal
from engine.usecases.proposals.versions import AddVersion, VersionCall
from engine.usecases.sweeps import PROPOSALS_AT_ONCE, Chore
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_commands import Safeguards, Transition, Vote
from tests.simulation.commands import Command
from tests.simulation.ledger import Name
from tests.simulation.life_ledger import Lives
from tests.simulation.machinery import Machinery, tried
from tests.simulation.world import TENANTS, World
from tests.support.portfolios import a_proposal

KEYS: Final = 5
NEWEST: Final = 3
"""Where many meet."""

OLD: Final = timedelta(days=8)
"""A document of this age without an owner is taken out. The bucket has a clock of its own."""

WAITED: Final = 29
"""Seconds that a caller waits."""

State = ProposalState
Event = EventType


def _bodies() -> list[bytes]:
    """The gates that count, two portfolios, ends of validity soon and late, and nothing that cannot be read."""
    plain, unscanned, large, blocked = (a_proposal(), a_proposal(enable_suitability_scanner=False), a_proposal(), a_proposal())
    large["proposed_trades"][0]["quantity"], blocked["proposed_trades"][0]["quantity"] = "60", "1000"
    elsewhere = a_proposal()
    elsewhere["portfolio_snapshot"] = {**elsewhere["portfolio_snapshot"], "portfolio_id": "pf_2"}
    ends = {"valid_until": "2026-02-20T15:00:00Z"}, {"valid_until": "2026-02-21T15:00:00+01:00"}
    documents = [
        {"simulate_request": plain},
        {"simulate_request": unscanned},
        {"simulate_request": large, **ends[1]},
        {"simulate_request": blocked},
        {"simulate_request": elsewhere},
        {"simulate_request": plain, **ends[0]},
    ]
    return [json.dumps(document).encode() for document in documents]


BODIES: Final = _bodies()
LIKELY: Final = [10, 5, 4, 1, 1, 4]
CREATES: Final = list(map(parse_create, BODIES))
VERSIONS: Final = list(map(parse_version, BODIES))
MARKET: Final = a_proposal()["market_data_snapshot"]
MOVED: Final = {**MARKET, "prices": [{**price, "price": "12"} for price in MARKET["prices"]]}
CHECKS: Final = [parse_check(json.dumps({"market_data_snapshot": market}).encode()) for market in (MARKET, MOVED)]

NEXT_STEPS: Final[dict[State, list[Event | ApprovalType]]] = {
    State.DRAFT: [Event.SUBMITTED_FOR_RISK_REVIEW, Event.SUBMITTED_FOR_COMPLIANCE_REVIEW, Event.SUBMITTED_FOR_CLIENT_CONSENT],
    State.RISK_REVIEW: [ApprovalType.RISK, ApprovalType.RISK, Event.CHANGES_REQUESTED],
    State.COMPLIANCE_REVIEW: [ApprovalType.COMPLIANCE, ApprovalType.COMPLIANCE, Event.CHANGES_REQUESTED],
    State.AWAITING_CLIENT_CONSENT: [ApprovalType.CLIENT_CONSENT],
    State.EXECUTION_READY: [Event.EXECUTION_REQUESTED, Event.EXECUTED, Event.EXPIRED],
}
"""What people do where a proposal stands, if they know."""

WILD: Final = [*EventType, *ApprovalType]


class Proposals:
    """Everybody who touches a proposal, under safeguards that the seed draws."""

    def __init__(self, world: World) -> None:
        self.world, self.random, self.store = world, world.random, world.stores.proposals
        safeguards = self._drawn_safeguards()
        self.ledger = Lives(world, safeguards)
        outside = self.store, world.clock, world.ids
        standards = Standards(validity_hours=self.random.choice((0, 1, 3)))
        self.creating = CreateProposal(*outside, safeguards, standards)
        self.adding = AddVersion(*outside, safeguards, standards)
        self.acting = ActOnProposal(*outside, safeguards)
        self.checking = CheckVersion(*outside, standards)
        operations = world.stores.proposal_operations
        execute = ExecuteProposal(operations, self.creating, self.adding, _reaches)
        expiring = Chore("proposals_expired", PROPOSALS_AT_ONCE, ExpireProposals(*outside))
        executors = dict.fromkeys((CREATE_PROPOSAL, CREATE_PROPOSAL_VERSION), execute)
        self.machinery = Machinery(world, self.ledger, Family.PROPOSAL, executors, (expiring,))
        to_queue = ToQueue(operations, world.told_queue, Family.PROPOSAL)
        self.accepting = AcceptProposal(operations, world.clock, world.ids, AcceptOnly(to_queue))
        self.finding = FindProposalOperation(operations, self.store)
        self.numbers = count(1)
        self.known: list[Name] = []
        self.beliefs: dict[Name, Proposal] = {}
        self.meeting: Name | None = None
        world.actors += [
            (4, "create", self.create),
            (5, "version", self.version),
            (50, "act", self.act),
            (6, "check", self.check),
            (16, "race", self.race),
            (10, "again", self.again),
            (12, "work", self.machinery.work),
            (3, "undertake", self.machinery.undertake),
            (6, "sweep", self.machinery.sweep),
            (4, "read", self.read),
            (6, "time", self.machinery.jump),
        ]
        world.checks.append(self.ledger.check)

    def create(self) -> str:
        return self._wished(KeyedCommand.CREATE, self.random.choice(TENANTS), None, self._body(), keyed=True)

    def version(self) -> str:
        renewed = self._overdue() if self.random.random() < 0.5 else []
        if renewed:
            return self._wished(KeyedCommand.VERSION, *self.random.choice(renewed), self._body())
        return self._of_one(lambda name: self._wished(KeyedCommand.VERSION, *name, self._body()))

    def act(self) -> str:
        return self._of_one(self._acted)

    def check(self) -> str:
        def checked(name: Name) -> str:
            head = self._believed(name)
            asked = self.random.choice((0, 0, 1)), head.current.version_no
            return self._wished(KeyedCommand.CHECK, *name, asked)

        return self._of_one(checked)

    def again(self) -> str:
        """Somebody sends what they sent before, under its key, whether or not they heard of it."""
        keyed = [command for command in self.ledger.commands.values() if command.key is not None]
        return self._send(self.random.choice(keyed[-8:])) if keyed else "nothing"

    def race(self) -> str:
        """Several at one proposal, or one impatient caller with one key, at the same time."""
        if self.world.race.on or not self.known:
            return "nobody"
        overdue, writers = self._overdue(), self.random.randint(2, 6)
        self.meeting = self.random.choice(overdue or self.known[-NEWEST:])
        if self.random.random() < 0.3:
            command = self._wish(KeyedCommand.CREATE, self.random.choice(TENANTS), None, self._body(), keyed=True)
            told = self.world.race.run([lambda: self._send(command)] * writers)
        else:
            kinds = (self.version, self.act, self.check, self.again, self.machinery.sweep)
            told = self.world.race.run(self.random.choices(kinds, (6, 4, 1, 2, 6) if overdue else (3, 10, 2, 4, 1), k=writers))
        self.meeting = None
        return " | ".join(told)

    def read(self) -> str:
        """What an operation made is told as it was then, whatever came later."""
        names = self.ledger.names()
        if not names:
            return "none known"
        tenant, operation_id = self.random.choice(names)

        def go() -> str:
            found = self.finding.by_id(tenant, OperationCall(operation_id, lambda _: True))
            if found.made is not None:
                self._know((tenant, found.made.proposal.proposal_id))
                assert found.made.version.correlation_id == found.operation.correlation_id
            return found.operation.status.value

        return f"{operation_id[:12]} {tried(go)}"

    def settle(self) -> None:
        """Everything under way ends; everybody who sent a key sends it again and learns what became of it; what is overdue expires."""
        self.machinery.settle()
        for command in [command for command in self.ledger.commands.values() if command.key is not None]:
            unheard, command.answers["heard"] = command.answers["unheard"], command.answers["accepted"]
            self.world.note(f"settle: {self._send(command, later=False)}")
            assert command.answers["unheard"] == unheard, f"{command.mark}: an outage that nobody made"
        self.world.clock.now = max(self.world.clock.now, datetime.now(UTC) + OLD)
        self.machinery.sweep()

    def check_settled(self) -> dict[str, int]:
        return self.ledger.check_settled()

    def _acted(self, name: Name) -> str:
        head = self._believed(name)
        wild = self.random.random()
        step = self.random.choice(WILD if wild < 0.1 or head.state not in NEXT_STEPS else NEXT_STEPS[head.state])
        step = Event.CANCELLED if 0.1 <= wild < 0.13 else step
        named: dict[str, Any] = {
            "expected_state": head.state if self.random.random() < 0.95 else None,
            "version_no": head.current.version_no if self.random.random() < 0.9 else None,
            "artifact_hash": head.current.artifact_hash if self.random.random() < 0.5 else None,
        }
        if isinstance(step, ApprovalType):
            approved = self.random.random() < 0.85
            return self._wished(
                KeyedCommand.APPROVAL, *name, lambda reason: Vote(approval_type=step, approved=approved, reason=reason, **named)
            )
        return self._wished(KeyedCommand.TRANSITION, *name, lambda reason: Transition(event=step, reason=reason, **named))

    def _body(self) -> int:
        [number] = self.random.choices(range(len(BODIES)), LIKELY)
        return number

    def _wished(self, kind: KeyedCommand, tenant: str, proposal_id: str | None, asked: Any, *, keyed: bool = False) -> str:
        return self._send(self._wish(kind, tenant, proposal_id, asked, keyed=keyed))

    def _wish(self, kind: KeyedCommand, tenant: str, proposal_id: str | None, asked: Any, *, keyed: bool = False) -> Command:
        """A new command, under a key that is new, used, or none. `asked` may want to know what tells it from others."""
        number, drawn = next(self.numbers), self.random.random()
        mark = f"{kind.value.lower()}-{number}"
        key = f"key-{self.random.randrange(KEYS)}" if drawn < 0.2 else f"key-of-{number}" if drawn < 0.7 or keyed else None
        asked = asked({"text": "why", "mark": mark}) if callable(asked) else asked
        actor = mark if kind is KeyedCommand.CHECK else self.random.choice(("ada", "ben", "rita"))
        return self.ledger.sent(Command(mark, kind, tenant, actor, key, proposal_id, asked))

    def _send(self, command: Command, *, later: bool | None = None) -> str:
        if later is None:
            later = command.kind in {KeyedCommand.CREATE, KeyedCommand.VERSION} and self.random.random() < 0.3
        go = self._accepted if later else self._done
        return f"{command.mark}{' later' if later else ''} {(command.proposal_id or '')[:10]} {tried(lambda: go(command))}"

    def _done(self, command: Command) -> str:
        until, named = self.world.clock.now.timestamp() + WAITED, command.proposal_id or ""
        caller, key = Caller(command.actor, person=True, scopes=None), command.key

        def in_time() -> bool:
            return self.world.clock.now.timestamp() < until

        command.at_once = True
        with command.sent(), self.ledger.refusals_explained(command):
            match command.kind:
                case KeyedCommand.CREATE:
                    create = CreateCall(caller, key or "", command.mark, CREATES[command.asked], _reaches, in_time)
                    return self._made(command, self.creating(command.tenant, create))
                case KeyedCommand.VERSION:
                    version = VersionCall(named, caller, key, command.mark, VERSIONS[command.asked], _reaches, in_time)
                    return self._made(command, self.adding(command.tenant, version))
                case KeyedCommand.CHECK:
                    body, version_no = command.asked
                    looked = self.checking(command.tenant, CheckCall(named, version_no, caller, key, CHECKS[body], in_time))
                    command.answered(looked.check.proposal_id, looked.check.check_id)
                    return f"{looked.check.verdict}{' again' * looked.replayed}"
            acted = self.acting(command.tenant, ActCall(named, caller, key, command.asked, in_time))
            record_id = acted.approval.approval_id if acted.approval else None if acted.replayed else acted.event.event_id
            command.answered(acted.proposal.proposal_id, record_id)
            return f"{command.asked.event} to {acted.proposal.state}{' again' * acted.replayed}"

    def _made(self, command: Command, made: Made) -> str:
        self._know((command.tenant, made.proposal.proposal_id))
        command.answered(made.proposal.proposal_id, made.version.version_id)
        return f"{made.proposal.proposal_id[:10]} version {made.version.version_no}{' again' * made.replayed}"

    def _accepted(self, command: Command) -> str:
        body, asked = BODIES[command.asked], (CREATES if command.kind is KeyedCommand.CREATE else VERSIONS)[command.asked]
        caller = Caller(command.actor, person=True, scopes=None)
        operation = self.accepting(command.tenant, AcceptCall(caller, command.mark, command.key, command.proposal_id, body, asked))
        self.ledger.answered(operation, None, command.asked)
        return operation.operation_id[:12]

    def _believed(self, name: Name) -> Proposal:
        """Where somebody thinks that a proposal stands: as they just saw it, or as they saw it some time ago."""
        believed = self.beliefs.get(name)
        if believed is None or self.random.random() < 0.75:
            believed = self.store.head(*name)
            assert believed is not None
            self.beliefs[name] = believed
        if believed.state not in NEXT_STEPS and name in self.known[-NEWEST:]:  # few come back to it
            self.known.remove(name)
            self.known.insert(0, name)
        return believed

    def _of_one(self, do: Callable[[Name], str]) -> str:
        """Of a proposal, one of the newest more often than not; of a new one where there is none yet."""
        if not self.known:
            return self.create()
        name = self.meeting or self.random.choice(self.known[-NEWEST:] if self.random.random() < 0.8 else self.known)
        return tried(lambda: do(name))

    def _overdue(self) -> list[Name]:
        """Those that the sweeper is to let expire, as far as somebody saw."""
        now = self.world.clock.now
        return [
            name
            for name, seen in self.beliefs.items()
            if seen.state in NEXT_STEPS and seen.current.valid_until is not None and seen.current.valid_until <= now
        ]

    def _know(self, name: Name) -> None:
        if name not in self.known:
            self.known.append(name)

    def _drawn_safeguards(self) -> Safeguards:
        draw = self.random.random
        return Safeguards(
            enforce_gates=draw() < 0.8,
            reset_on_new_version=draw() < 0.8,
            approvals_need_record=draw() < 0.85,
            require_expected_state=draw() < 0.7,
            approvals_name_hash=draw() < 0.2,
            four_eyes=draw() < 0.4,
            execution_check_minutes=self.random.choice((0, 0, 30)),
        )


def _reaches(_: Made) -> bool:
    """Every answer is small enough."""
    return True
