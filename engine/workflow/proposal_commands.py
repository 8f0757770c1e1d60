"""What is asked of a proposal, and what a deployment insists on: the values that commands are judged from (advisory-lifecycle 7, 8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.records.proposal_history import ApprovalType, EventType, Proposal, ProposalState
from engine.workflow.proposal_callers import Caller
from engine.workflow.proposal_states import APPROVALS, APPROVED_BY


@dataclass(frozen=True, slots=True)
class Safeguards:
    """What a deployment insists on in the life of its proposals. The first three are on by default (advisory-lifecycle L1, L2, L3).

    `execution_check_minutes` 0 asks for no check. How long versions are valid enters with `end_of_validity`, when they are made.
    """

    enforce_gates: bool = True
    reset_on_new_version: bool = True
    approvals_need_record: bool = True
    require_expected_state: bool = True
    approvals_name_hash: bool = False
    four_eyes: bool = False
    execution_check_minutes: int = 0
    require_simulation_flag: bool = True
    portfolio_may_change: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Let something happen that leaves no approval. What is None, the caller did not name."""

    event: EventType
    expected_state: ProposalState | None = None
    version_no: int | None = None
    artifact_hash: str | None = None
    reason: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Give an approval, or refuse it, and leave a record of that. What is None, the caller did not name."""

    approval_type: ApprovalType
    approved: bool
    expected_state: ProposalState | None = None
    version_no: int | None = None
    artifact_hash: str | None = None
    reason: Mapping[str, object] = field(default_factory=dict)

    @property
    def event(self) -> EventType:
        """What happens by it."""
        return APPROVED_BY[self.approval_type] if self.approved else EventType.REJECTED


@dataclass(frozen=True, slots=True)
class Question:
    """A command on a proposal as it stands, by whom and at which instant, in this deployment."""

    proposal: Proposal
    command: Transition | Vote
    caller: Caller
    safeguards: Safeguards
    at: datetime

    @property
    def event(self) -> EventType:
        """What would happen."""
        return self.command.event

    @property
    def approves(self) -> bool:
        """Whether something would be approved: by a vote, or plainly where the deployment still takes that for an approval."""
        return self.event in APPROVALS and (isinstance(self.command, Vote) or not self.safeguards.approvals_need_record)

    @property
    def decides(self) -> bool:
        """Whether it is an approval, given or refused."""
        return isinstance(self.command, Vote) or self.approves

    @property
    def needs_check(self) -> bool:
        """Whether it leads to orders and nothing looked at the market before: EXECUTED after a request needs no second look."""
        if not self.safeguards.execution_check_minutes:
            return False
        requested = self.proposal.execution_requested
        return self.event is EventType.EXECUTION_REQUESTED or (self.event is EventType.EXECUTED and not requested)
