"""The review of a run as the specification lays it out: a status from decisions, and what each status allows."""

import pytest

from engine.records.reviews import Action
from engine.workflow.run_review import AFTER, TRANSITIONS, ReviewStatus, review_status

SPECIFIED = """
                  APPROVE    REJECT     REQUEST_CHANGES
PENDING_REVIEW    APPROVED   REJECTED   PENDING_REVIEW
APPROVED          409        REJECTED   PENDING_REVIEW
REJECTED          409        409        PENDING_REVIEW
NOT_REQUIRED      409        409        409
"""
HEADER, *LINES = [line.split() for line in SPECIFIED.strip().splitlines()]
CELLS = [(line[0], action, after) for line in LINES for action, after in zip(HEADER, line[1:], strict=True)]


@pytest.mark.parametrize(("status", "action", "after"), CELLS)
def test_every_cell_of_the_table(status: str, action: str, after: str) -> None:
    assert TRANSITIONS.get((ReviewStatus(status), Action(action)), "409") == after


def test_the_table_is_whole_and_leads_where_the_decision_says() -> None:
    assert len(CELLS) == len(ReviewStatus) * len(Action)
    assert all(after is AFTER[action] for (_, action), after in TRANSITIONS.items())


@pytest.mark.parametrize(
    ("latest", "status"),
    [(None, "PENDING_REVIEW"), ("APPROVE", "APPROVED"), ("REJECT", "REJECTED"), ("REQUEST_CHANGES", "PENDING_REVIEW")],
)
def test_the_status_follows_the_latest_decision(latest: str | None, status: str) -> None:
    action = None if latest is None else Action(latest)
    assert review_status("BLOCKED", action, frozenset({"BLOCKED"})) == status
    assert review_status("READY", action, frozenset({"BLOCKED"})) == "NOT_REQUIRED"
    assert review_status("BLOCKED", action, frozenset()) == "NOT_REQUIRED"
