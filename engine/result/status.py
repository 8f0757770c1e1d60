"""What a run comes to, in one word (dpm-engine 14.2)."""

from collections.abc import Iterable
from typing import Final

from engine.simulation.rules import HARD, SOFT, RuleRow

READY: Final = "READY"
PENDING_REVIEW: Final = "PENDING_REVIEW"
BLOCKED: Final = "BLOCKED"


def status_of(rows: Iterable[RuleRow], *, review: bool = False) -> str:
    """BLOCKED by a failed hard rule, PENDING_REVIEW by a failed soft one or where something else wants a review, READY otherwise."""
    failed = [row.severity for row in rows if not row.passed]
    if HARD in failed:
        return BLOCKED
    return PENDING_REVIEW if SOFT in failed or review else READY
