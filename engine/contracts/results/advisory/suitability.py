"""What the suitability scanner found (advisory-engine 13, advisory-practice 7)."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, shown

Severity = Literal["LOW", "MEDIUM", "HIGH"]
Dimension = Literal["CASH", "CLIENT", "CONCENTRATION", "DATA_QUALITY", "GOVERNANCE", "ISSUER", "LIQUIDITY"]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SnapshotIds:
    """The snapshots that were scanned."""

    portfolio_snapshot_id: Annotated[str, shown("The given id, else the portfolio's.", "ps_1")]
    market_data_snapshot_id: Annotated[str, shown("The given id, else md.", "md_1")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class IssueEvidence:
    """What an issue rests on."""

    as_of: Annotated[str, shown("Id of the market data.", "md_1")]
    snapshot_ids: Annotated[SnapshotIds, shown("Both snapshots.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SuitabilityIssue:
    """A limit that is broken, was broken, or cannot be looked at."""

    issue_id: Annotated[str, shown("Its kind.", "SUIT_ISSUER_MAX")]
    issue_key: Annotated[str, shown("Its kind and what it is about: the same before and after.", "ISSUER_MAX|ISS_1")]
    dimension: Annotated[Dimension, shown("What it concerns.", "ISSUER")]
    severity: Annotated[Severity, shown("How grave it is.", "MEDIUM")]
    status_change: Annotated[
        Literal["NEW", "PERSISTENT", "RESOLVED"], shown("Whether the proposal brings it, leaves it or ends it.", "NEW")
    ]
    severity_change: Annotated[
        Literal["RAISED", "GROWN"] | None,
        shown("RAISED to a graver severity, GROWN by a buy of the proposal; counts as new. Else null.", None),
    ]
    summary: Annotated[str, shown("In a sentence; wording may change.", "ISS_1 is above the 20.00% exposure limit.")]
    details: Annotated[
        dict[str, str],
        Field(
            description="Figures behind it, by name, all digits.",
            examples=[{"issuer_id": "ISS_1", "threshold": "0.20", "measured": "0.24"}],
        ),
    ]
    evidence: Annotated[IssueEvidence, shown("What it rests on.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SuitabilityCounts:
    """How many issues there are."""

    new_count: Annotated[int, shown("Issues that the proposal brings.", 1, ge=0)]
    resolved_count: Annotated[int, shown("Issues that the proposal ends.", 0, ge=0)]
    persistent_count: Annotated[int, shown("Issues that stay, raised and grown ones too.", 5, ge=0)]
    highest_severity_new: Annotated[Severity | None, shown("Of new, raised and grown ones; null without any.", "MEDIUM")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SuitabilityResult:
    """All findings, in order: new, persistent, resolved; by severity; by dimension and key."""

    summary: Annotated[SuitabilityCounts, shown("How many findings there are, by kind.")]
    issues: Annotated[list[SuitabilityIssue], shown("The findings.", [])]
    recommended_gate: Annotated[Literal["COMPLIANCE_REVIEW", "RISK_REVIEW", "NONE"], shown("Who should look at them.", "RISK_REVIEW")]
