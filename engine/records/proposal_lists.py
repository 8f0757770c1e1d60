"""What a list of proposals shows, and what it is narrowed to (advisory-lifecycle 4)."""

from dataclasses import dataclass
from datetime import datetime

from engine.records.pages import EVER, Period
from engine.records.proposal_history import CurrentVersion, Proposal, ProposalState


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal as a list shows it: too little to judge a command by."""

    proposal_id: str
    portfolio_id: str
    created_by: str
    created_at: datetime
    last_event_at: datetime
    state: ProposalState
    current: CurrentVersion
    title: str | None = None
    jurisdiction: str | None = None
    mandate_id: str | None = None


def row_of(proposal: Proposal) -> ProposalRow:
    """What a list shows of a proposal."""
    return ProposalRow(
        proposal_id=proposal.proposal_id,
        portfolio_id=proposal.portfolio_id,
        created_by=proposal.created_by,
        created_at=proposal.created_at,
        last_event_at=proposal.last_event_at,
        state=proposal.state,
        current=proposal.current,
        title=proposal.title,
        jurisdiction=proposal.jurisdiction,
        mandate_id=proposal.mandate_id,
    )


@dataclass(frozen=True, slots=True)
class ProposalFilter:
    """What a list is narrowed to; the period is of `created_at`. A state that there is none of gives an empty list."""

    period: Period = EVER
    portfolio_id: str | None = None
    state: str | None = None
    created_by: str | None = None

    def passes(self, proposal: ProposalRow) -> bool:
        """Whether the proposal is in the list."""
        wanted = ((self.portfolio_id, proposal.portfolio_id), (self.state, proposal.state), (self.created_by, proposal.created_by))
        return self.period.holds(proposal.created_at) and all(text is None or text == found for text, found in wanted)
