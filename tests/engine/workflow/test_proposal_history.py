"""What is written: events, approvals, versions and heads, on whole ways through a proposal's life (advisory-lifecycle 5, 6, 10, 15)."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from random import Random

import pytest

from engine.records.proposal_history import (
    Approval,
    ApprovalType,
    ClearCheck,
    CountedApproval,
    Effect,
    EventType,
    Gate,
    Proposal,
    ProposalState,
    WorkflowEvent,
)
from engine.workflow.proposal_commands import Safeguards, Transition, Vote
from engine.workflow.proposal_objections import Objection
from engine.workflow.proposal_states import TERMINAL
from engine.workflow.proposal_versions import Wanted, objection_to_proposal, objection_to_version, opened, renewed
from tests.engine.workflow.proposals import (
    ADVISOR,
    DESK,
    HASH,
    NOON,
    REVIEWER,
    WITH_COMPLIANCE,
    WITH_RISK,
    answer,
    ask,
    current,
    move,
    proposal,
    version,
    vote,
)

WANTED = Wanted("pf_1", simulation_enabled=True, valid_until=None)
OPEN_STATES = [state for state in ProposalState if state not in TERMINAL]
REVIEWED = [state for state in OPEN_STATES if state != "DRAFT"]


def carried_out(outcome: Effect | Objection) -> Effect:
    assert isinstance(outcome, Effect), outcome
    return outcome


def test_a_proposal_begins_as_a_draft_whatever_its_gate() -> None:
    made = proposal(version=current(gate=Gate.BLOCKED))
    effect = opened(made, event_id="pwe_1", reason={"correlation_id": "c_1"})
    assert effect.proposal == made
    assert effect.event == WorkflowEvent(
        event_id="pwe_1",
        proposal_id="pp_1",
        seq=1,
        event_type=EventType.CREATED,
        from_state=None,
        to_state=ProposalState.DRAFT,
        actor_id="ada",
        occurred_at=NOON - timedelta(hours=3),
        version_no=1,
        artifact_hash=HASH,
        reason={"correlation_id": "c_1"},
    )


def test_a_transition_leaves_an_event_and_a_head_that_agree() -> None:
    before = proposal("DRAFT", event_seq=4, rev=6)
    effect = carried_out(ask(before, move("SUBMITTED_FOR_RISK_REVIEW", {"note": "soon"}), ADVISOR))
    assert effect.event == WorkflowEvent(
        event_id="pwe_new",
        proposal_id="pp_1",
        seq=5,
        event_type=EventType.SUBMITTED_FOR_RISK_REVIEW,
        from_state=ProposalState.DRAFT,
        to_state=ProposalState.RISK_REVIEW,
        actor_id="ada",
        occurred_at=NOON,
        version_no=1,
        artifact_hash=HASH,
        reason={"note": "soon"},
    )
    assert effect.proposal == replace(before, state=ProposalState.RISK_REVIEW, last_event_at=NOON, event_seq=5, rev=7)
    assert effect.approval is None


@pytest.mark.parametrize(
    ("approved", "event", "state"), [(True, "RISK_APPROVED", "AWAITING_CLIENT_CONSENT"), (False, "REJECTED", "REJECTED")]
)
def test_a_vote_leaves_its_record_beside_its_event(approved: bool, event: str, state: str) -> None:
    standing = proposal("RISK_REVIEW", event_seq=2)
    effect = carried_out(ask(standing, vote("RISK", approved=approved, reason={"comment": "seen"}), REVIEWER))
    assert (effect.event.event_type, effect.event.to_state, effect.event.reason) == (event, state, {"comment": "seen"})
    assert effect.approval == Approval(
        approval_id="pap_new",
        proposal_id="pp_1",
        seq=3,
        approval_type=ApprovalType.RISK,
        approved=approved,
        actor_id="rita",
        occurred_at=NOON,
        version_no=1,
        artifact_hash=HASH,
        details={"comment": "seen"},
    )
    assert effect.proposal.counted == ((CountedApproval(ApprovalType.RISK, "pap_new", HASH),) if approved else ())


def walked(start: Proposal, steps: Sequence[tuple[Transition | Vote, str]]) -> list[Effect]:
    """A way through the life, each step in the state that is told."""
    effects: list[Effect] = []
    for command, state in steps:
        effects.append(carried_out(ask(effects[-1].proposal if effects else start, command)))
        assert effects[-1].proposal.state == effects[-1].event.to_state == state
    return effects


def test_the_long_way_is_four_events_after_the_first_and_two_approvals() -> None:  # vector 9 of advisory-lifecycle 15
    effects = walked(
        proposal(version=current(gate=Gate.COMPLIANCE_REVIEW_REQUIRED)),
        [
            (move("SUBMITTED_FOR_COMPLIANCE_REVIEW"), "COMPLIANCE_REVIEW"),
            (vote("COMPLIANCE"), "AWAITING_CLIENT_CONSENT"),
            (vote("CLIENT_CONSENT"), "EXECUTION_READY"),
            (move("EXECUTED"), "EXECUTED"),
        ],
    )
    assert [effect.event.seq for effect in effects] == [2, 3, 4, 5]
    assert [effect.approval.approval_type for effect in effects if effect.approval] == ["COMPLIANCE", "CLIENT_CONSENT"]


def test_the_short_way_needs_no_review_where_the_gate_needs_none() -> None:
    for gate in (Gate.CLIENT_CONSENT_REQUIRED, Gate.EXECUTION_READY):
        walked(
            proposal(version=current(gate=gate)),
            [
                (move("SUBMITTED_FOR_CLIENT_CONSENT"), "AWAITING_CLIENT_CONSENT"),
                (vote("CLIENT_CONSENT"), "EXECUTION_READY"),
                (move("EXECUTION_REQUESTED"), "EXECUTION_READY"),
                (move("EXECUTED"), "EXECUTED"),
            ],
        )


def test_a_client_who_says_no_ends_it() -> None:  # vector 10 of advisory-lifecycle 15
    effect = carried_out(ask(proposal("AWAITING_CLIENT_CONSENT"), vote("CLIENT_CONSENT", approved=False)))
    assert (effect.proposal.state, effect.event.event_type) == ("REJECTED", "REJECTED")
    assert effect.approval is not None
    assert not effect.approval.approved


def test_a_draft_waits_for_no_approval() -> None:  # vector 11 of advisory-lifecycle 15
    assert answer(ask(proposal("DRAFT"), vote("COMPLIANCE"))) == "INVALID_APPROVAL_STATE"


@pytest.mark.parametrize("state", OPEN_STATES)
def test_whatever_is_not_at_its_end_is_cancelled_once(state: str) -> None:  # vector 12 of advisory-lifecycle 15
    [effect] = walked(proposal(state), [(move("CANCELLED"), "CANCELLED")])
    assert answer(ask(effect.proposal, move("CANCELLED"))) == "INVALID_TRANSITION"


def test_changes_that_are_asked_for_undo_what_was_approved_so_far() -> None:
    gate = Gate.RISK_REVIEW_REQUIRED
    effects = walked(
        proposal(version=current(gate=gate)),
        [
            (move("SUBMITTED_FOR_RISK_REVIEW"), "RISK_REVIEW"),
            (vote("RISK"), "AWAITING_CLIENT_CONSENT"),
            (move("CHANGES_REQUESTED"), "DRAFT"),
        ],
    )
    back = effects[-1].proposal
    assert back.counted == ()
    assert back.current.version_no == 1
    assert answer(ask(replace(back, state=ProposalState.AWAITING_CLIENT_CONSENT), vote("CLIENT_CONSENT"))) == "GATE_APPROVAL_MISSING"
    walked(
        back,
        [
            (move("SUBMITTED_FOR_RISK_REVIEW"), "RISK_REVIEW"),
            (vote("RISK"), "AWAITING_CLIENT_CONSENT"),
            (vote("CLIENT_CONSENT"), "EXECUTION_READY"),
        ],
    )


@pytest.mark.parametrize("state", REVIEWED)
@pytest.mark.parametrize("reset", [True, False])
def test_a_new_version_goes_back_to_the_draft_unless_the_deployment_keeps_states(state: str, reset: bool) -> None:
    before = proposal(state, counted=WITH_COMPLIANCE, clear_check=ClearCheck("pck_1", NOON), event_seq=3, rev=4)
    second = version(2, created_by="bob", gate=Gate.COMPLIANCE_REVIEW_REQUIRED)
    effect = renewed(before, second, Safeguards(reset_on_new_version=reset), event_id="pwe_4", reason={})
    after = "DRAFT" if reset else state
    assert (effect.event.event_type, effect.event.from_state, effect.event.to_state) == ("NEW_VERSION_CREATED", state, after)
    assert (effect.event.seq, effect.event.version_no, effect.event.artifact_hash) == (4, 2, second.artifact_hash)
    assert (effect.event.actor_id, effect.event.occurred_at) == ("bob", NOON)
    head = replace(before, state=ProposalState(after), current=second.current, last_event_at=NOON, event_seq=4, rev=5)
    assert effect.proposal == replace(head, counted=(), clear_check=None)


def test_no_approval_carries_over_to_a_new_version_where_states_are_kept() -> None:  # vector 15 of advisory-lifecycle 15
    ready = proposal("EXECUTION_READY", version=current(gate=Gate.RISK_REVIEW_REQUIRED), counted=WITH_RISK)
    kept = renewed(ready, version(2, gate=Gate.RISK_REVIEW_REQUIRED), Safeguards(reset_on_new_version=False), event_id="pwe_2", reason={})
    assert kept.proposal.state == "EXECUTION_READY"
    assert answer(ask(ready, move("EXECUTED"))) == "EXECUTED"
    assert answer(ask(kept.proposal, move("EXECUTED"))) == "GATE_APPROVAL_MISSING"


def test_versions_are_numbered_without_gaps() -> None:
    for number in (1, 3):
        with pytest.raises(ValueError, match="does not follow on 1"):
            renewed(proposal(), version(number), Safeguards(), event_id="pwe_2", reason={})


@pytest.mark.parametrize("state", ProposalState)
def test_versions_are_made_until_the_end(state: str) -> None:  # vector 13 of advisory-lifecycle 15
    objection = objection_to_version(proposal(state), WANTED, ADVISOR, Safeguards(), NOON)
    assert (objection is None) == (state in OPEN_STATES)
    assert objection is None or answer(objection) == "PROPOSAL_TERMINAL_STATE: cannot create version"


def test_a_version_is_refused_in_the_order_that_is_written_down() -> None:
    standing = proposal("EXECUTED", version=current(version_no=500), execution_requested=True)
    wanted = Wanted("pf_2", simulation_enabled=False, valid_until=NOON)

    def told(by: Safeguards = Safeguards()) -> str:  # noqa: B008  (a frozen value)
        objection = objection_to_version(standing, wanted, caller, by, NOON)
        return "made" if objection is None else answer(objection)

    caller = DESK
    assert told() == "SCOPE_REQUIRED: advisory.run"
    caller = ADVISOR
    assert told() == "PROPOSAL_TERMINAL_STATE: cannot create version"
    standing = replace(standing, state=ProposalState.EXECUTION_READY)
    assert told() == "EXECUTION_IN_PROGRESS"
    standing = replace(standing, execution_requested=False)
    assert told() == "PROPOSAL_VERSION_LIMIT"
    standing = replace(standing, current=current(version_no=499))
    assert told() == "PROPOSAL_SIMULATION_DISABLED: set options.enable_proposal_simulation=true"
    assert told(Safeguards(require_simulation_flag=False)) == "PORTFOLIO_CONTEXT_MISMATCH"
    wanted = replace(wanted, simulation_enabled=True)
    assert told() == "PORTFOLIO_CONTEXT_MISMATCH"
    assert told(Safeguards(portfolio_may_change=True)) == "VALID_UNTIL_BOUNDS"
    wanted = replace(wanted, portfolio_id="pf_1")
    assert told() == "VALID_UNTIL_BOUNDS"
    wanted = replace(wanted, valid_until=NOON + timedelta(days=1))
    assert told() == "made"


def test_a_proposal_keeps_its_portfolio_whatever_its_versions_are_about() -> None:  # vector 14 of advisory-lifecycle 15
    assert (
        renewed(proposal(), version(2), Safeguards(portfolio_may_change=True), event_id="pwe_2", reason={}).proposal.portfolio_id == "pf_1"
    )


def test_a_proposal_is_refused_in_the_order_that_is_written_down() -> None:
    wanted = Wanted("pf_1", simulation_enabled=False, valid_until=NOON)

    def told() -> str | None:
        objection = objection_to_proposal(wanted, caller, Safeguards(), NOON)
        return None if objection is None else answer(objection)

    caller = REVIEWER
    assert told() == "SCOPE_REQUIRED: advisory.run"
    caller = ADVISOR
    assert told() == "PROPOSAL_SIMULATION_DISABLED: set options.enable_proposal_simulation=true"
    wanted = replace(wanted, simulation_enabled=True)
    assert told() == "VALID_UNTIL_BOUNDS"
    wanted = replace(wanted, valid_until=None)
    assert told() is None


NEVER_CHANGES = {
    "tenant",
    "proposal_id",
    "portfolio_id",
    "created_by",
    "created_at",
    "title",
    "advisor_notes",
    "jurisdiction",
    "mandate_id",
}


@pytest.mark.parametrize("seed", range(40))
def test_on_any_way_the_head_is_what_the_history_says(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    safeguards = Safeguards(reset_on_new_version=random.random() < 0.5, enforce_gates=random.random() < 0.5)
    first = proposal(version=current(gate=random.choice(list(Gate))))
    head, events, approvals = first, [opened(first, event_id="pwe_1", reason={}).event], list[Approval]()
    for _ in range(60):
        if random.random() < 0.1 and objection_to_version(head, WANTED, ADVISOR, safeguards, NOON) is None:
            made = version(head.current.version_no + 1, gate=random.choice(list(Gate)))
            outcome: Effect | Objection = renewed(head, made, safeguards, event_id="pwe", reason={})
        elif random.random() < 0.5:
            outcome = ask(head, move(random.choice([event for event in EventType if event not in {"CANCELLED", "EXPIRED"}])))
        else:
            number, approved = head.current.version_no, random.random() < 0.9
            outcome = ask(head, vote(random.choice(list(ApprovalType)), approved=approved, version_no=number))
        if isinstance(outcome, Objection):
            continue
        assert {field.name for field in fields(Proposal) if getattr(outcome.proposal, field.name) != getattr(head, field.name)}.isdisjoint(
            NEVER_CHANGES
        )
        assert outcome.event.from_state == head.state not in TERMINAL
        assert outcome.proposal.rev == head.rev + 1
        head = outcome.proposal
        events.append(outcome.event)
        approvals += [outcome.approval] if outcome.approval else []
        assert head.state == events[-1].to_state
        assert [event.seq for event in events] == list(range(1, head.event_seq + 1))
        undone = max([event.seq for event in events if event.event_type == "CHANGES_REQUESTED"], default=0)
        standing = [given for given in approvals if given.approved and given.version_no == head.current.version_no and given.seq > undone]
        assert [given.approval_id for given in head.counted] == [given.approval_id for given in standing]
        assert [given.approval_type for given in head.counted] == [given.approval_type for given in standing]
