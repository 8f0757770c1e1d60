"""A proposal to judge, and the people around it: what most tests take for granted, each overriding what it is about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from engine.records.proposal_history import (
    ApprovalType,
    CountedApproval,
    CurrentVersion,
    Effect,
    EventType,
    Gate,
    Proposal,
    ProposalState,
    ProposalVersion,
)
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_commands import Question, Safeguards, Transition, Vote
from engine.workflow.proposal_effects import judge
from engine.workflow.proposal_objections import Objection

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
HASH: Final = "sha256:" + "a" * 64
OTHER_HASH: Final = "sha256:" + "b" * 64

ADVISOR: Final = Caller("ada", person=True, scopes=frozenset({"advisory.run"}))
REVIEWER: Final = Caller("rita", person=True, scopes=frozenset({"advisory.approve"}))
DESK: Final = Caller("desk-system", person=False, scopes=frozenset({"advisory.execute"}))
ANYBODY: Final = Caller("zoe", person=True, scopes=None)

WITH_RISK: Final = (CountedApproval(ApprovalType.RISK, "pap_1", HASH),)
WITH_COMPLIANCE: Final = (CountedApproval(ApprovalType.COMPLIANCE, "pap_2", HASH),)


def current(**changes: Any) -> CurrentVersion:
    """A current version that the client may be asked about."""
    return replace(CurrentVersion(1, "ada", HASH, Gate.CLIENT_CONSENT_REQUIRED), **changes)


def proposal(state: str = "DRAFT", *, version: CurrentVersion | None = None, **changes: Any) -> Proposal:
    """Ada's proposal of this morning, as it stands in a state."""
    morning = NOON - timedelta(hours=3)
    made = Proposal("bank", "pp_1", "pf_1", "ada", morning, morning, ProposalState(state), version or current())
    return replace(made, **changes)


def version(number: int, **changes: Any) -> ProposalVersion:
    """The version of a number, by Ada, at noon."""
    made = ProposalVersion(
        version_id=f"ppv_{number}",
        proposal_id="pp_1",
        version_no=number,
        created_at=NOON,
        created_by="ada",
        request_hash="sha256:" + "c" * 64,
        simulation_hash="sha256:" + "d" * 64,
        artifact_hash=f"sha256:{number:064d}",
        status="READY",
        gate=Gate.CLIENT_CONSENT_REQUIRED,
        engine_version="1.1.0",
        correlation_id="c_1",
    )
    return replace(made, **changes)


def ask(
    standing: Proposal,
    command: Transition | Vote,
    by: Caller = ANYBODY,
    at: datetime = NOON,
    event_id: str = "pwe_new",
    **safeguards: Any,
) -> Effect | Objection:
    """What comes of a command; one that names no state is taken to expect the right one."""
    if command.expected_state is None:
        command = replace(command, expected_state=standing.state)
    return judge(Question(standing, command, by, Safeguards(**safeguards), at), event_id=event_id, approval_id="pap_new")


def move(event: str, reason: Mapping[str, object] | None = None, **named: Any) -> Transition:
    """A plain transition."""
    return Transition(event=EventType(event), reason={"text": "please"} if reason is None else reason, **named)


def vote(approval: str, *, approved: bool = True, **named: Any) -> Vote:
    """An approval, given or refused."""
    return Vote(approval_type=ApprovalType(approval), approved=approved, **named)


def answer(outcome: Effect | Objection) -> str:
    """The refusal as a caller reads it, or the state after."""
    if isinstance(outcome, Objection):
        return f"{outcome.code}: {outcome.because}" if outcome.because else outcome.code
    return outcome.proposal.state
