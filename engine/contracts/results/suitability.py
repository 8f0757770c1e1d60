"""What the suitability scanner says of a proposal (advisory-engine 13, advisory-practice 7)."""

from typing import Annotated, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, shown

Severity = Literal["HIGH", "MEDIUM", "LOW"]
IssueDimension = Literal["CASH", "CLIENT", "CONCENTRATION", "DATA_QUALITY", "GOVERNANCE", "ISSUER", "LIQUIDITY"]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ScannedSnapshots:
    """The snapshots by the ids that the caller gave them."""

    portfolio_snapshot_id: Annotated[str, shown("The snapshot's id, else the portfolio's.", "ps_1")]
    market_data_snapshot_id: Annotated[str, shown("The snapshot's id, else md.", "md_1")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class IssueEvidence:
    """What an issue follows from; the same for all issues of a run."""

    as_of: Annotated[str, shown("Id of the market data.", "md_1")]
    snapshot_ids: Annotated[
        ScannedSnapshots, shown("Which snapshots.", {"portfolio_snapshot_id": "ps_1", "market_data_snapshot_id": "md_1"})
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SuitabilityIssue:
    """Something that does not suit, before, after, or both."""

    issue_id: Annotated[str, shown("What kind it is.", "SUIT_SINGLE_POSITION_MAX")]
    issue_key: Annotated[str, shown("What it is about; once in a result.", "SINGLE_POSITION_MAX|EQ_US_1")]
    dimension: Annotated[IssueDimension, shown("Which side of suitability.", "CONCENTRATION")]
    severity: Annotated[Severity, shown("After the proposal; of a resolved issue before it.", "HIGH")]
    status_change: Annotated[
        Literal["NEW", "PERSISTENT", "RESOLVED"], shown("Whether the proposal makes it, leaves it or ends it.", "PERSISTENT")
    ]
    severity_change: Annotated[
        Literal["RAISED", "GROWN"] | None,
        shown(
            "Of a persistent issue that counts as new: its severity rose, or a buy of this proposal makes a weight above its limit larger; else null.",
            "GROWN",
        ),
    ]
    summary: Annotated[str, shown("One sentence for people; wording may change.", "EQ_US_1 is above the 10.00% limit for one position.")]
    details: Annotated[
        dict[str, str],
        shown("Names and figures, unrounded.", {"instrument_id": "EQ_US_1", "threshold": "0.10", "measured": "0.1625"}),
    ]
    evidence: Annotated[IssueEvidence, shown("What it follows from.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SuitabilitySummary:
    """Counts by status; an issue that was raised or has grown counts as persistent here."""

    new_count: Annotated[int, shown("Issues that the proposal makes.", 1, ge=0)]
    resolved_count: Annotated[int, shown("Issues that it ends.", 0, ge=0)]
    persistent_count: Annotated[int, shown("Issues that it leaves.", 2, ge=0)]
    highest_severity_new: Annotated[
        Severity | None, shown("Of all that are new, were raised or have grown; null where there is none.", "HIGH")
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SuitabilityResult:
    """Both states and the buys held against limits, shelf and client."""

    summary: Annotated[SuitabilitySummary, shown("Counts.")]
    issues: Annotated[list[SuitabilityIssue], shown("New, persistent, resolved; within them by severity, dimension, key.", [])]
    recommended_gate: Annotated[
        Literal["COMPLIANCE_REVIEW", "RISK_REVIEW", "NONE"],
        shown(
            "Who should look: compliance at what is HIGH and new, risk at what is MEDIUM and new or what a withdrawal alone raised.",
            "RISK_REVIEW",
        ),
    ]
