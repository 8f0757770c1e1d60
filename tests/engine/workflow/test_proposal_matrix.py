"""Every state × event × gate × scope × switch, and every vote, as the tables of the specification say (advisory-lifecycle 7, 8)."""

from collections.abc import Iterator
from itertools import product
from typing import Final

import pytest

from engine.records.proposal_history import ApprovalType, CountedApproval, EventType, Gate, ProposalState
from engine.workflow.proposal_callers import AdvisoryScope, Caller
from engine.workflow.proposal_commands import Question, Safeguards, Transition, Vote
from engine.workflow.proposal_effects import judge
from tests.engine.workflow.proposal_tables import (
    COLUMNS,
    GATE_CODES,
    GATES,
    HOLDERS,
    LEADS_TO,
    NAMED,
    SCOPES,
    SHORT,
    STATES,
    UNDER_GATES,
    VOTES,
    WITHOUT_GATES,
    table,
)
from tests.engine.workflow.proposals import HASH, NOON, answer, current, proposal

NEXT: Final = table(LEADS_TO)
WHO: Final = table(SCOPES)
GATED: Final = table(UNDER_GATES)
UNENFORCED: Final = table(WITHOUT_GATES)
NOTHING: Final = ["-"] * len(GATES)
VOTE_ROWS: Final = {words[0]: words[1:] for words in map(str.split, VOTES.split("\n")) if words}

SCOPE_SETS: Final = (None, *(frozenset({scope.value}) for scope in AdvisoryScope), frozenset[str]())
GIVEN: Final[tuple[tuple[str, ...], ...]] = ((), ("RISK",), ("COMPLIANCE",))
COUNTED: Final = {given: tuple(CountedApproval(ApprovalType(kind), "pap_1", HASH) for kind in given) for given in GIVEN}
SWITCHES: Final = tuple(product((True, False), repeat=3))
"""Gates enforced, approvals need a record, four eyes; the caller made the proposal."""


def test_the_tables_are_whole() -> None:
    assert list(ProposalState) == STATES
    assert list(Gate) == GATES
    assert set(NEXT) == set(WHO) == set(EventType)
    assert set(GATED) == set(EventType) - {"CREATED", "NEW_VERSION_CREATED"}
    assert set(VOTE_ROWS) == set(ApprovalType)
    assert {len(row) for row in (*NEXT.values(), *WHO.values())} == {6}
    assert {len(row) for row in GATED.values()} == {len(GATES)}


def lacking(cell: str, scopes: frozenset[str] | None) -> str | None:
    """The refusal of a caller who holds none of the scopes of a cell."""
    wanted = cell.split(",")
    if scopes is None or any(HOLDERS[name] & scopes for name in wanted):
        return None
    return f"SCOPE_REQUIRED: {NAMED[wanted[0]]}"


def gated(event: str, gate: str, given: tuple[str, ...], *, enforced: bool) -> str | None:
    """The refusal by the gate."""
    cell = (GATED if enforced else UNENFORCED).get(event, NOTHING)[GATES.index(gate)]
    if cell.startswith("needs:"):
        initials = {kind[0] for kind in given}
        return None if initials & set(cell.removeprefix("needs:").split(",")) else GATE_CODES[cell]
    return GATE_CODES.get(cell)


def expected_of_event(event: str, state: str, gate: str, scopes: frozenset[str] | None, given: tuple[str, ...], *switches: bool) -> str:
    """What the specification says to a plain transition by the maker of the proposal, a person."""
    enforced, recorded, four_eyes = switches
    cell = NEXT[event][COLUMNS[state]]
    approval = event in {"RISK_APPROVED", "COMPLIANCE_APPROVED", "CLIENT_CONSENT_RECORDED"}
    in_order = (
        lacking(WHO[event][COLUMNS[state]], scopes),
        "APPROVAL_RECORD_REQUIRED" if approval and recorded else None,
        "INVALID_TRANSITION" if cell == "·" else None,
        "FOUR_EYES_REQUIRED" if four_eyes and approval and event != "CLIENT_CONSENT_RECORDED" else None,
    )
    refused = next((code for code in in_order if code), None)
    return refused or gated(event, gate, given, enforced=enforced) or SHORT.get(cell, cell)


def expected_of_vote(
    kind: str, state: str, gate: str, scopes: frozenset[str] | None, given: tuple[str, ...], *switches: bool, approved: bool
) -> str:
    """What it says to an approval, given or refused, by the maker of the proposal, a person."""
    enforced, _, four_eyes = switches
    legal_in, who, event = VOTE_ROWS[kind]
    event = event if approved else "REJECTED"
    in_order = (
        lacking(who, scopes),
        "INVALID_APPROVAL_STATE" if state != SHORT[legal_in] else None,
        "FOUR_EYES_REQUIRED" if four_eyes and approved and kind != "CLIENT_CONSENT" else None,
    )
    refused = next((code for code in in_order if code), None)
    cell = NEXT[event][COLUMNS[state]]
    return refused or gated(event, gate, given, enforced=enforced) or SHORT.get(cell, cell)


Row = tuple[str, frozenset[str] | None, tuple[str, ...], bool, bool, bool]


def rows() -> Iterator[Row]:
    for gate, scopes, given, (enforced, recorded, four_eyes) in product(GATES, SCOPE_SETS, GIVEN, SWITCHES):
        yield gate, scopes, given, enforced, recorded, four_eyes


def judged(state: str, command: Transition | Vote, row: Row) -> str:
    gate, scopes, given, enforced, recorded, four_eyes = row
    standing = proposal(state, version=current(gate=Gate(gate)), counted=COUNTED[given])
    safeguards = Safeguards(enforce_gates=enforced, approvals_need_record=recorded, four_eyes=four_eyes)
    question = Question(standing, command, Caller("ada", person=True, scopes=scopes), safeguards, NOON)
    return answer(judge(question, event_id="pwe_1", approval_id="pap_9"))


@pytest.mark.parametrize("state", STATES)
def test_every_event_under_every_gate_scope_and_switch(state: str) -> None:
    wrong = []
    for event in EventType:
        command = Transition(event=event, expected_state=ProposalState(state), reason={"text": "why"})
        wrong += [(event, row) for row in rows() if judged(state, command, row) != expected_of_event(event, state, *row)]
    assert wrong == []


@pytest.mark.parametrize("state", STATES)
def test_every_vote_under_every_gate_scope_and_switch(state: str) -> None:
    wrong = []
    for kind, approved in product(ApprovalType, (True, False)):
        command = Vote(approval_type=kind, approved=approved, expected_state=ProposalState(state))
        wrong += [
            (kind, approved, row) for row in rows() if judged(state, command, row) != expected_of_vote(kind, state, *row, approved=approved)
        ]
    assert wrong == []


def test_the_oracle_says_yes_and_every_no_that_it_knows() -> None:
    said = {expected_of_event(event, state, *row) for event, state, row in product(EventType, STATES, rows())}
    codes = {text.partition(":")[0] for text in said} - set(STATES)
    assert set(STATES) <= said
    assert codes == {
        "SCOPE_REQUIRED",
        "APPROVAL_RECORD_REQUIRED",
        "INVALID_TRANSITION",
        "FOUR_EYES_REQUIRED",
        "GATE_BLOCKED",
        "GATE_REQUIRES_COMPLIANCE_REVIEW",
        "GATE_REVIEW_REQUIRED",
        "GATE_APPROVAL_MISSING",
    }
