"""The desk's words are about codes that there are, and what it offers is what the state machines allow."""

import inspect
import json
import re
from typing import Final

import pytest

from engine.advisory.recheck import changes
from engine.records.proposal_history import ApprovalType, EventType, Gate, ProposalState, Verdict
from engine.records.reviews import Action
from engine.usecases.refusals import Code
from engine.workflow.proposal_callers import REVIEWERS, scopes_of_event
from engine.workflow.proposal_states import APPROVED_BY, REVIEWED_IN, TRANSITIONS
from engine.workflow.run_review import TRANSITIONS as REVIEWS
from engine.workflow.run_review import ReviewStatus
from infra.api import CALLS
from tests.support.gateway import FUNCTIONS

DESK: Final = FUNCTIONS / "documentation" / "desk"
HERE: Final = ("NO_ANSWER", "NO_PAGE")
"""The desk's own codes, where nothing came that has one."""


def table(file: str, name: str) -> dict[str, str]:
    """A table of a script: what stands behind each key, a line each or nested, as text."""
    found = re.search(rf"const {name} = {{\n(.*?)\n}};", (DESK / file).read_text(), re.DOTALL)
    assert found is not None, name
    rows = re.findall(r'^  "?([A-Z_]+)(?:: [a-z_ ]+)?"?: (.*?),?$(?=\n  \S|\Z)', found[1], re.DOTALL | re.MULTILINE)
    assert rows
    return dict(rows)


def test_every_state_gate_and_event_has_words() -> None:
    assert set(table("words.js", "STATES")) == {*ProposalState, *ReviewStatus}
    assert set(table("words.js", "GATES")) == set(Gate)
    assert set(table("words.js", "HAPPENED")) == {*EventType, *Action}


def test_every_verdict_of_a_check_and_all_that_may_have_moved_have_words() -> None:
    codes = set(re.findall(r'"([A-Z]+_[A-Z]+)"', inspect.getsource(changes)))
    assert set(table("words.js", "CHANGES")) == codes
    assert set(table("words.js", "VERDICTS")) == set(Verdict)
    (checking,) = (call for call in CALLS if call.id == "proposal_check")
    assert f"CHECKERS = {json.dumps(checking.scopes)};" in (DESK / "checks.js").read_text()


def test_every_problem_that_has_words_is_one() -> None:
    assert set(table("words.js", "PROBLEMS")) - {*Code, *HERE} == set()


def test_a_reviewer_of_runs_is_offered_what_the_status_allows() -> None:
    offered = {(state, action) for state, row in table("cases.js", "REVIEWS").items() for action in re.findall(r'"([A-Z_]+)"', row)}
    assert offered == set(REVIEWS)


@pytest.mark.parametrize("state", ["DRAFT", "RISK_REVIEW", "COMPLIANCE_REVIEW", "AWAITING_CLIENT_CONSENT", "EXECUTION_READY"])
def test_who_moves_a_proposal_on_is_offered_all_that_its_state_allows_but_expiry(state: str) -> None:
    row = table("cases.js", "COMMANDS")[state]
    names = dict(re.findall(r'const (CHANGES|CANCEL) = {{? id: "([A-Z_]+)"', (DESK / "cases.js").read_text()))
    offered = set(re.findall(r'id: "([A-Z_]+)"', row)) | {names[name] for name in re.findall(r"\b(CHANGES|CANCEL)\b", row)}
    if asked := re.match(r'answers\("([A-Z_]+)"', row):  # a yes and a no, to be asked for changes, to cancel
        kind = ApprovalType(asked[1])
        assert REVIEWED_IN[kind] == state
        offered |= {APPROVED_BY[kind], EventType.REJECTED, *names.values()}
    assert offered == {event for source, event in TRANSITIONS if source == state} - {EventType.EXPIRED}


def test_what_is_offered_is_offered_to_whom_the_api_lets_do_it() -> None:
    events = {event: scope.strip('"') for event, scope in table("scopes.js", "EVENTS").items()}
    assert {event: (scope,) for event, scope in events.items()} == {
        event: scopes_of_event(EventType(event), ProposalState.DRAFT) for event in events
    }
    assert set(events) == {event for (_, event) in TRANSITIONS} - {
        EventType.REJECTED,
        EventType.CHANGES_REQUESTED,
    } - set(APPROVED_BY.values())
    assert {state: scope.strip('"') for state, scope in table("scopes.js", "REVIEWERS").items()} == REVIEWERS
    assert all(REVIEWED_IN[kind] in REVIEWERS for kind in ApprovalType)
    (review,) = {call.scopes for call in CALLS if call.id.startswith("review_action")}
    assert f'REVIEW = "{review[0]}"' in (DESK / "scopes.js").read_text()
