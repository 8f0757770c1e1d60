"""Check a version before its execution: decide it again on the market of now, and say what moved (advisory-practice 10)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from engine.advisory.proposal import propose
from engine.advisory.recheck.changes import Look, changes_between
from engine.advisory.recheck.request import executed_trades, request_again
from engine.contracts.lifecycle.checks import CHECK, ProposalCheckRequest
from engine.evidence.canonical import canonical, digest
from engine.evidence.proposals import recorded_request
from engine.ports.outside import Clock, EvidenceCorrupt, Ids
from engine.ports.proposals import ProposalStore, RecordedVersion
from engine.records.proposal_history import Change, ExecutionCheck, Gate, Proposal
from engine.records.proposals import KeyedCommand, ProposalKeyClaim
from engine.usecases.proposals.commands import Pause, first_under, found, judged_until_written, key_of, no_pause, refuse
from engine.usecases.proposals.deciding import Standards, gate_of
from engine.usecases.proposals.extent import refuse_boundless
from engine.usecases.proposals.submissions import HASH_RECIPE
from engine.usecases.proposals.verification import NamedVersion
from engine.usecases.refusals import Code, Refused
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_execution import checked, objection_to_check, verdict_of


@dataclass(frozen=True, slots=True)
class CheckCall:
    """One check of a version, its caller verified and its body valid but for what its snapshots break together."""

    proposal_id: str
    version_no: int
    caller: Caller
    idempotency_key: str | None
    asked: ProposalCheckRequest
    in_time: Callable[[], bool]

    def request_hash(self) -> str:
        """The digest of what is asked, and by whom."""
        asked: dict[str, Any] = CHECK.dump_python(self.asked, mode="json")
        return digest(canonical(asked | {"version_no": self.version_no, "actor_id": self.caller.actor}))


@dataclass(frozen=True, slots=True)
class Checked:
    """A check as it is stored, and whether an earlier call made it."""

    check: ExecutionCheck
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """What a check came to, whatever else happens to the proposal meanwhile."""

    status: str
    gate: Gate
    gate_decision: Mapping[str, Any]
    changes: tuple[Change, ...]
    trades: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class CheckVersion:
    """`POST /rebalance/proposals/{proposal_id}/versions/{version_no}/checks`. It changes no state; the newest decides whether one may execute.

    Raises InvalidRequest; Refused for what is unknown, for a version that is not the current one, at the end of a proposal, for another
    portfolio; EvidenceCorrupt; StoreUnavailable, with nothing or all of it written.
    """

    proposals: ProposalStore
    clock: Clock
    ids: Ids
    standards: Standards = field(default_factory=Standards)
    pause: Pause = no_pause

    def __call__(self, tenant: str, call: CheckCall) -> Checked:
        """The check, now or under this key before."""
        at, request_hash = self.clock(), call.request_hash()
        key = key_of(KeyedCommand.CHECK, call.idempotency_key, call.proposal_id)
        decided: list[_Found] = []

        def attempt() -> Checked | None:
            proposal = found(self.proposals, tenant, call.proposal_id)
            first = first_under(self.proposals, tenant, key, request_hash)
            if first is not None:
                return self._replayed(tenant, first)
            refuse(objection_to_check(proposal, call.version_no, call.caller))
            if not decided:
                decided.append(self._decided(self._recorded(tenant, call), call.asked))
                if not call.in_time():
                    raise Refused(Code.EXECUTION_TIME_EXCEEDED)
            check = self._check(proposal, call, decided[0], at)
            claim = None
            if key is not None:
                claim = ProposalKeyClaim(key, request_hash, HASH_RECIPE, proposal.proposal_id, at, call.version_no, check_id=check.check_id)
            return Checked(check) if self.proposals.add_check(checked(proposal, check), check, claim) else None

        return judged_until_written(attempt, call.in_time, self.pause)

    def _decided(self, recorded: RecordedVersion, asked: ProposalCheckRequest) -> _Found:
        bundle = orjson.loads(recorded.artifact())["evidence_bundle"]
        stored, result = recorded_request(bundle["inputs"]), bundle["engine_outputs"]["proposal_result"]
        given = asked.portfolio_snapshot
        if given is not None and given.portfolio_id != stored.portfolio_snapshot.portfolio_id:
            raise Refused(Code.PORTFOLIO_CONTEXT_MISMATCH)
        request = request_again(stored, executed_trades(result), asked)
        refuse_boundless(request)
        decision = propose(request, run_id=result["proposal_run_id"], correlation_id=result["correlation_id"])
        document, gate = orjson.loads(decision.to_json()), gate_of(decision, self.standards.thresholds)
        then, now = Look(stored, result, recorded.version.gate), Look(request, document, gate)
        changes = changes_between(then, now, asked.tolerance, portfolio_given=given is not None)
        return _Found(decision.status, gate, decision.gate, changes, tuple(executed_trades(document)))

    def _check(self, proposal: Proposal, call: CheckCall, came_to: _Found, at: datetime) -> ExecutionCheck:
        return ExecutionCheck(
            check_id=self.ids("pck"),
            proposal_id=proposal.proposal_id,
            version_no=call.version_no,
            artifact_hash=proposal.current.artifact_hash,
            created_at=at,
            actor_id=call.caller.actor,
            verdict=verdict_of(came_to.status, came_to.changes),
            status=came_to.status,
            gate=came_to.gate,
            gate_decision=came_to.gate_decision,
            changes=came_to.changes,
            trades=came_to.trades,
        )

    def _recorded(self, tenant: str, call: CheckCall) -> RecordedVersion:
        recorded = self.proposals.version(tenant, call.proposal_id, call.version_no)
        if recorded is None:
            raise EvidenceCorrupt(call.proposal_id)
        return recorded

    def _replayed(self, tenant: str, claim: ProposalKeyClaim) -> Checked:
        checks = self.proposals.checks(tenant, claim.proposal_id, claim.version_no)
        for check in checks:
            if check.check_id == claim.check_id:
                return Checked(check, replayed=True)
        raise EvidenceCorrupt(claim.proposal_id)


@dataclass(frozen=True, slots=True)
class ListChecks:
    """`GET …/checks`: all checks of a version, oldest first. Refuses unknown proposals and versions alike."""

    proposals: ProposalStore

    def __call__(self, tenant: str, named: NamedVersion) -> tuple[NamedVersion, tuple[ExecutionCheck, ...]]:
        """The checks, with the version that they are of."""
        proposal = self.proposals.head(tenant, named.proposal_id)
        if proposal is None or named.version_no > proposal.current.version_no:
            raise Refused(Code.PROPOSAL_VERSION_NOT_FOUND)
        return named, self.proposals.checks(tenant, named.proposal_id, named.version_no)
