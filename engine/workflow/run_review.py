"""The review of a run: a status computed from its decisions, never stored, and the actions that a status allows (RFC-0020)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engine.records.reviews import Action


class ReviewStatus(StrEnum):
    """Where the review of a run stands; it never alters the run's own status or gate."""

    NOT_REQUIRED = "NOT_REQUIRED"
    PENDING_REVIEW = "PENDING_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


NOT_REQUIRED, PENDING_REVIEW, APPROVED, REJECTED = ReviewStatus
APPROVE, REJECT, REQUEST_CHANGES = Action

TRANSITIONS: Final[Mapping[tuple[ReviewStatus, Action], ReviewStatus]] = {
    (PENDING_REVIEW, APPROVE):         APPROVED,
    (PENDING_REVIEW, REJECT):          REJECTED,
    (PENDING_REVIEW, REQUEST_CHANGES): PENDING_REVIEW,
    (APPROVED,       REJECT):          REJECTED,
    (APPROVED,       REQUEST_CHANGES): PENDING_REVIEW,
    (REJECTED,       REQUEST_CHANGES): PENDING_REVIEW,
}  # fmt: skip
"""Every other pair is refused: an approval is not repeated, a rejection is first reopened by REQUEST_CHANGES."""

AFTER: Final[Mapping[Action, ReviewStatus]] = {
    APPROVE:         APPROVED,
    REJECT:          REJECTED,
    REQUEST_CHANGES: PENDING_REVIEW,
}  # fmt: skip
"""The status that the latest decision leaves, whatever came before."""


def review_status(run_status: str, latest: Action | None, reviewed: frozenset[str]) -> ReviewStatus:
    """The status of a run's review; `reviewed` are the run statuses that a review is required for."""
    if run_status not in reviewed:
        return NOT_REQUIRED
    return PENDING_REVIEW if latest is None else AFTER[latest]
