"""How long a version of a proposal can be acted on (advisory-practice 10)."""

from datetime import datetime, timedelta
from typing import Final

from engine.records.proposal_history import Proposal
from engine.workflow.proposal_objections import VALID_UNTIL_BOUNDS, Objection
from engine.workflow.proposal_states import TERMINAL

LONGEST: Final = timedelta(days=90)


def objection_to_end(valid_until: datetime | None, at: datetime) -> Objection | None:
    """The end that is asked for has an offset, is still to come, and is not more than 90 days away."""
    if valid_until is None:
        return None
    if valid_until.utcoffset() is None or not at < valid_until <= at + LONGEST:
        return VALID_UNTIL_BOUNDS
    return None


def end_of_validity(created_at: datetime, valid_until: datetime | None, validity_hours: int) -> datetime | None:
    """When a version ends: as was asked for, and at the latest after the deployment's hours (0 is none). None is never."""
    ends = [] if valid_until is None else [valid_until]
    if validity_hours:
        ends.append(created_at + timedelta(hours=validity_hours))
    return min(ends, default=None)


def ended(proposal: Proposal, at: datetime) -> bool:
    """Whether the current version is at or past its end. While its execution is under way the clock stands still."""
    end = proposal.current.valid_until
    return end is not None and at >= end and not proposal.execution_requested


def expiry(proposal: Proposal) -> datetime | None:
    """When a proposal is to expire if nothing happens to it; None for one that is at its end, under execution, or valid for ever."""
    return None if proposal.state in TERMINAL or proposal.execution_requested else proposal.current.valid_until
