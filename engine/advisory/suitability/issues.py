"""What the scanner finds: what is the matter with a state, and what the proposal has to do with it (advisory-engine 13)."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from engine.numbers import ZERO
from engine.result.amounts import Json

HIGH: Final = "HIGH"
MEDIUM: Final = "MEDIUM"
RANK: Final = {HIGH: 0, MEDIUM: 1, "LOW": 2}

NEW: Final = "NEW"
PERSISTENT: Final = "PERSISTENT"
RESOLVED: Final = "RESOLVED"
CHANGES: Final = {NEW: 0, PERSISTENT: 1, RESOLVED: 2}
RAISED: Final = "RAISED"
GROWN: Final = "GROWN"

CONCENTRATION: Final = "CONCENTRATION"
ISSUER: Final = "ISSUER"
LIQUIDITY: Final = "LIQUIDITY"
CASH: Final = "CASH"
GOVERNANCE: Final = "GOVERNANCE"
DATA_QUALITY: Final = "DATA_QUALITY"
CLIENT: Final = "CLIENT"

SLACK: Final = Decimal("0.0000001")
"""How much a weight may pass a limit, or another weight, unnoticed."""


class Finding(Struct):
    """What is the matter with a state. `key` tells it from all others of the state.

    Of a concentration `measured` is the weight, and `members` are the instruments that make it.
    """

    key: str
    issue_id: str
    dimension: str
    severity: str
    summary: str
    details: Mapping[str, str]
    measured: Decimal = ZERO
    members: Collection[str] = ()


class Issue(Struct):
    """A finding and what the proposal does to it.

    It is NEW, PERSISTENT or RESOLVED; a persistent one may be RAISED in severity, or GROWN by a buy. `withdrawn` tells a raised one that
    comes from money that leaves alone: nothing is traded that it is about.
    """

    finding: Finding
    status_change: str
    severity_change: str | None = None
    withdrawn: bool = False

    @property
    def key(self) -> str:
        """What it is about."""
        return self.finding.key

    @property
    def severity(self) -> str:
        """HIGH, MEDIUM or LOW."""
        return self.finding.severity

    @property
    def counts_as_new(self) -> bool:
        """Whether somebody must look at it: what was there before and became no worse is known (advisory-engine S13, advisory-practice 7)."""
        return self.status_change == NEW or self.severity_change is not None

    def render(self, evidence: Json) -> Json:
        """The row of the result."""
        found = self.finding
        return {
            "issue_id": found.issue_id,
            "issue_key": found.key,
            "dimension": found.dimension,
            "severity": found.severity,
            "status_change": self.status_change,
            "severity_change": self.severity_change,
            "summary": found.summary,
            "details": found.details,
            "evidence": evidence,
        }


def missing(kind: str, instrument_id: str, fields: str, severity: str, summary: str, dimension: str = DATA_QUALITY) -> Finding:
    """Something that is not known of an instrument and would be needed to judge it."""
    details = {"instrument_id": instrument_id, "missing_fields": fields}
    return Finding(f"DQ|{kind}|{instrument_id}", "SUIT_DATA_QUALITY", dimension, severity, summary, details)
