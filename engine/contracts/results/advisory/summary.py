"""An artifact at a glance: what a proposal is for, what comes of it, and what the client reads (advisory-engine 16, advisory-practice 9)."""

from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, shown

Tag = Literal["RISK_ALIGNMENT", "CASH_DEPLOYMENT", "DRIFT_REDUCTION", "PORTFOLIO_MAINTENANCE"]
ArtifactStep = Literal["CLIENT_CONSENT", "RISK_REVIEW", "COMPLIANCE_REVIEW", "EXECUTION_READY", "NONE"]
LineCode = Literal[
    "PROPOSAL",
    "MONEY_IN",
    "MONEY_OUT",
    "SELL",
    "BUY",
    "FX",
    "CHANGED",
    "NOT_DONE",
    "COSTS",
    "COSTS_NOT_INCLUDED",
    "CASH_AFTER",
    "LIMIT_NEW",
    "LIMIT_RAISED",
    "LIMIT_GROWN",
    "LIMIT_RESOLVED",
    "NOT_VALUED",
    "NEXT",
]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Takeaway:
    """A fact in a sentence."""

    code: Annotated[Literal["STATUS", "INTENTS", "CASH", "DRIFT", "SUITABILITY"], shown("What it is about.", "CASH")]
    value: Annotated[str, shown("The sentence; wording may change.", "The weight of cash moved from 0.2014 to 0.0763.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ClientLine:
    """What the client reads: one thing in a sentence."""

    code: Annotated[LineCode, shown("What it says.", "BUY")]
    values: Annotated[
        dict[str, str],
        Field(
            description="Its figures by name: amounts in minor units, quantities bare, weights in per cent.",
            examples=[{"instrument_id": "EQ_US_1", "quantity": "19", "amount": "3994.75", "currency": "USD"}],
        ),
    ]
    text: Annotated[str, shown("The same in a sentence; wording may change.", "Buy 19 of EQ_US_1 for 3994.75 USD.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ArtifactSummary:
    """The proposal at a glance."""

    title: Annotated[str, shown("Names the portfolio.", "Proposal for pf_1")]
    objective_tags: Annotated[list[Tag], shown("What it is for.", ["RISK_ALIGNMENT"])]
    advisor_notes: Annotated[list[Any], shown("Reserved; empty.", [], max_length=0)]
    recommended_next_step: Annotated[ArtifactStep, shown("What to do next; NONE is reserved.", "CLIENT_CONSENT")]
    key_takeaways: Annotated[list[Takeaway], shown("What comes of it.", [])]
    client_lines: Annotated[list[ClientLine], shown("What the client reads first.", [])]
