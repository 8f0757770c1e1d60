"""How a proposal begins, gets its versions, and expires by itself (advisory-lifecycle 5, 6, L2, advisory-practice 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from engine.records.proposal_history import SYSTEM, Effect, EventType, Proposal, ProposalState, ProposalVersion, WorkflowEvent
from engine.workflow.proposal_callers import RUN, Caller
from engine.workflow.proposal_commands import Safeguards
from engine.workflow.proposal_effects import happened
from engine.workflow.proposal_objections import (
    EXECUTION_IN_PROGRESS,
    NO_VERSION_AT_THE_END,
    PORTFOLIO_CONTEXT_MISMATCH,
    SIMULATION_DISABLED,
    VERSION_LIMIT,
    Objection,
    scope_required,
)
from engine.workflow.proposal_states import TERMINAL, after_new_version
from engine.workflow.proposal_validity import ended, objection_to_end

MAX_VERSIONS: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a version is to be made from, as far as it can be refused for it before anything is simulated."""

    portfolio_id: str
    simulation_enabled: bool
    valid_until: datetime | None


def objection_to_proposal(wanted: Wanted, caller: Caller, safeguards: Safeguards, at: datetime) -> Objection | None:
    """What stands against a new proposal."""
    if not caller.may(RUN):
        return scope_required(RUN)
    return _simulation(wanted, safeguards) or objection_to_end(wanted.valid_until, at)


def objection_to_version(proposal: Proposal, wanted: Wanted, caller: Caller, safeguards: Safeguards, at: datetime) -> Objection | None:
    """What stands against a new version. A version that has ended can be renewed; a proposal at its end, or under execution, cannot."""
    if not caller.may(RUN):
        return scope_required(RUN)
    if proposal.state in TERMINAL:
        return NO_VERSION_AT_THE_END
    if proposal.execution_requested:
        return EXECUTION_IN_PROGRESS
    if proposal.current.version_no >= MAX_VERSIONS:
        return VERSION_LIMIT
    return _simulation(wanted, safeguards) or _portfolio(proposal, wanted, safeguards) or objection_to_end(wanted.valid_until, at)


def _simulation(wanted: Wanted, safeguards: Safeguards) -> Objection | None:
    return SIMULATION_DISABLED if safeguards.require_simulation_flag and not wanted.simulation_enabled else None


def _portfolio(proposal: Proposal, wanted: Wanted, safeguards: Safeguards) -> Objection | None:
    same = wanted.portfolio_id == proposal.portfolio_id
    return None if same or safeguards.portfolio_may_change else PORTFOLIO_CONTEXT_MISMATCH


def opened(proposal: Proposal, *, event_id: str, reason: Mapping[str, object]) -> Effect:
    """A proposal as it begins, whatever its gate: in DRAFT, with version 1 and event 1. It keeps its `portfolio_id` and words for ever."""
    event = WorkflowEvent(
        event_id=event_id,
        proposal_id=proposal.proposal_id,
        seq=proposal.event_seq,
        event_type=EventType.CREATED,
        from_state=None,
        to_state=proposal.state,
        actor_id=proposal.created_by,
        occurred_at=proposal.created_at,
        version_no=proposal.current.version_no,
        artifact_hash=proposal.current.artifact_hash,
        reason=reason,
    )
    return Effect(proposal, event)


def renewed(proposal: Proposal, version: ProposalVersion, safeguards: Safeguards, *, event_id: str, reason: Mapping[str, object]) -> Effect:
    """A proposal with its next version. Approvals and checks of the one before stay in the history and count no more.

    ValueError for a version of another number than the next.
    """
    if version.version_no != proposal.current.version_no + 1:
        raise ValueError(f"version {version.version_no} does not follow on {proposal.current.version_no}")
    return happened(
        replace(proposal, current=version.current, counted=(), clear_check=None),
        EventType.NEW_VERSION_CREATED,
        after_new_version(proposal.state, reset=safeguards.reset_on_new_version),
        event_id=event_id,
        actor=version.created_by,
        at=version.created_at,
        reason=reason,
    )


def expired(proposal: Proposal, at: datetime, *, event_id: str) -> Effect | None:
    """What the sweeper writes about a proposal whose version has ended; None for one that it leaves alone."""
    if proposal.state in TERMINAL or not ended(proposal, at):
        return None
    return happened(proposal, EventType.EXPIRED, ProposalState.EXPIRED, event_id=event_id, actor=SYSTEM, at=at, reason={})
