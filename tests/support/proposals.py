"""Lives of proposals for tests, every step spelled out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from engine.ports.proposals import ProposalStore
from engine.records.operations import OperationEnd
from engine.records.proposal_history import (
    Approval,
    ApprovalType,
    Change,
    Effect,
    EventType,
    ExecutionCheck,
    Gate,
    Proposal,
    ProposalState,
    ProposalVersion,
    Verdict,
)
from engine.records.proposals import KeyedCommand, ProposalKey, ProposalKeyClaim
from engine.workflow.proposal_commands import Safeguards
from engine.workflow.proposal_effects import happened
from engine.workflow.proposal_execution import checked
from engine.workflow.proposal_versions import opened, renewed
from tests.support.samples import START, TENANT

ARTIFACT: Final = b'{"artifact_id":"pa_1"}'
LARGE: Final = b"[" + b",".join(b"%d" % (number * 7919 % 100_003) for number in range(4000)) + b"]"
RESET: Final = Safeguards()


@dataclass(frozen=True)
class Beginning:
    """Everything that a create keeps."""

    effect: Effect
    version: ProposalVersion
    artifact: bytes
    claim: ProposalKeyClaim

    @property
    def proposal(self) -> Proposal:
        return self.effect.proposal

    def kept_in(self, store: ProposalStore, finishing: OperationEnd | None = None) -> bool:
        return store.create(self.effect, self.version, self.artifact, self.claim, finishing=finishing)


def name(prefix: str, number: int) -> str:
    return f"{prefix}_{number:032x}"


def version_of(number: int, proposal_id: str = name("pp", 1), at: datetime = START, **changes: Any) -> ProposalVersion:
    made = ProposalVersion(
        version_id=f"{name('ppv', number)}_{proposal_id}",
        proposal_id=proposal_id,
        version_no=number,
        created_at=at,
        created_by="ada",
        request_hash="sha256:" + "c" * 64,
        simulation_hash="sha256:" + "d" * 64,
        artifact_hash=f"sha256:{number:064d}",
        status="READY",
        gate=Gate.CLIENT_CONSENT_REQUIRED,
        engine_version="1.2.0",
        correlation_id="corr_1",
        trades_digest="sha256:" + "e" * 64,
    )
    return replace(made, **changes)


def beginning(number: int = 1, *, key: str | None = None, artifact: bytes = ARTIFACT, version: Any = (), **changes: Any) -> Beginning:
    """The proposal of a number, a second younger than the one before it."""
    proposal_id, at = changes.pop("proposal_id", name("pp", number)), START + timedelta(seconds=number)
    first = version_of(1, proposal_id, at, **dict(version))
    made = Proposal(TENANT, proposal_id, "pf_1", "ada", at, at, ProposalState.DRAFT, first.current, title="A title", advisor_notes="Notes")
    effect = opened(replace(made, **changes), event_id=name("pwe", number), reason={"correlation_id": "corr_1"})
    claim = ProposalKeyClaim(ProposalKey(KeyedCommand.CREATE, key or f"key-{number}"), first.request_hash, 1, proposal_id, at, 1, 1)
    return Beginning(effect, first, artifact, claim)


def key_of(command: KeyedCommand, proposal: Proposal, text: str = "key-1", **made: Any) -> ProposalKeyClaim:
    """The claim of a later command's key."""
    key = ProposalKey(command, text, proposal.proposal_id)
    return ProposalKeyClaim(key, "sha256:" + "f" * 64, 1, proposal.proposal_id, START, proposal.current.version_no, **made)


def moved(proposal: Proposal, event: EventType, to: ProposalState, number: int = 0, **more: Any) -> Effect:
    """What a transition writes; `number` tells one writer's from another's."""
    told: dict[str, Any] = {
        "event_id": f"pwe_{proposal.event_seq + 1}_{number}",
        "actor": "rita",
        "at": START + timedelta(minutes=1),
        "reason": {},
    } | more
    return happened(proposal, event, to, **told)


def submitted(proposal: Proposal, number: int = 0) -> Effect:
    return moved(proposal, EventType.SUBMITTED_FOR_RISK_REVIEW, ProposalState.RISK_REVIEW, number)


def approved(proposal: Proposal, number: int = 0, **details: Any) -> Effect:
    """What a vote of risk writes."""
    effect = moved(proposal, EventType.RISK_APPROVED, ProposalState.AWAITING_CLIENT_CONSENT, number, reason=details)
    return replace(effect, approval=approval_of(effect))


def approval_of(effect: Effect) -> Approval:
    event = effect.event
    return Approval(
        approval_id=f"pap_{event.event_id}",
        proposal_id=event.proposal_id,
        seq=event.seq,
        approval_type=ApprovalType.RISK,
        approved=True,
        actor_id=event.actor_id,
        occurred_at=event.occurred_at,
        version_no=event.version_no,
        artifact_hash=event.artifact_hash,
        details=event.reason,
    )


def next_version(proposal: Proposal, number: int = 0, **changes: Any) -> tuple[Effect, ProposalVersion]:
    """What a new version writes."""
    following = proposal.current.version_no + 1
    made = version_of(following, proposal.proposal_id, START + timedelta(minutes=2), **changes)
    made = replace(made, version_id=f"{made.version_id}_{number}")
    return renewed(proposal, made, RESET, event_id=f"pwe_{proposal.event_seq + 1}_{number}", reason={}), made


def looked_at(proposal: Proposal, number: int = 1, verdict: Verdict = Verdict.CLEAR, **changes: Any) -> tuple[Proposal, ExecutionCheck]:
    """What a check before execution writes."""
    current = proposal.current
    changed = Change("PRICE_MOVED", "SPY", "500", None, "0.024")
    made = ExecutionCheck(
        name("pck", number),
        proposal.proposal_id,
        current.version_no,
        current.artifact_hash,
        START + timedelta(minutes=number),
        "desk",
        verdict,
        "READY",
        Gate.EXECUTION_READY,
        (changed,),
        ({"instrument_id": "SPY", "quantity": "12.5"},),
    )
    made = replace(made, **changes)
    return checked(proposal, made), made


def there(store: ProposalStore, proposal_id: str = name("pp", 1)) -> Proposal:
    found = store.head(TENANT, proposal_id)
    assert found is not None
    return found
