"""The artifact of a proposal, member by member in wire order (advisory-engine 16)."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from engine.contracts.results.advisory.document import ProposalResult
from engine.contracts.results.advisory.orders import CostsAndCharges, PortfolioImpact, TradesAndFunding
from engine.contracts.results.advisory.suitability import Severity, SuitabilityIssue
from engine.contracts.results.advisory.summary import ArtifactSummary
from engine.contracts.results.document import GateDecision, RunStatus
from engine.contracts.results.scalars import EXACT_MEMBERS, shown


@dataclass(slots=True, config=EXACT_MEMBERS)
class Highlight:
    """One of the first issues."""

    code: Annotated[Literal["NEW", "PERSISTENT", "RESOLVED"], shown("What the proposal does to it.", "NEW")]
    text: Annotated[str, shown("The same with its kind; wording may change.", "New: SUIT_ISSUER_MAX")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ClientProfileEcho:
    """The client's profile that buys were held against."""

    max_product_risk: Annotated[int | None, shown("As given.", 4)]
    knowledge: Annotated[list[str], shown("As given.", ["STRUCTURED"])]
    horizon_years: Annotated[int | None, shown("As given.", 8)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SuitabilitySummary:
    """What the scanner found, in short and in full."""

    status: Annotated[Literal["AVAILABLE", "NOT_AVAILABLE"], shown("Whether it looked.", "AVAILABLE")]
    new_issues: Annotated[int, shown("Issues that the proposal brings.", 1, ge=0)]
    resolved_issues: Annotated[int, shown("Issues that the proposal ends.", 0, ge=0)]
    persistent_issues: Annotated[int, shown("Issues that stay.", 5, ge=0)]
    highest_severity_new: Annotated[Severity | None, shown("Of what counts as new; null without any.", "MEDIUM")]
    highlights: Annotated[list[Highlight], shown("The first issues, at most as many as the options say.", [])]
    issues: Annotated[list[SuitabilityIssue], shown("All, as the result has them.", [])]
    client_profile: Annotated[
        ClientProfileEcho | None,
        shown("As given; null without one.", {"max_product_risk": 4, "knowledge": ["STRUCTURED"], "horizon_years": 8}),
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class PricingAssumptions:
    """What the figures rest on."""

    market_data_snapshot_id: Annotated[str, shown("The given id, else md.", "md_1")]
    prices_as_of: Annotated[str, shown("The id of the market data snapshot again.", "md_1")]
    fx_as_of: Annotated[str, shown("The id of the market data snapshot again.", "md_1")]
    valuation_mode: Annotated[Literal["CALCULATED", "TRUST_SNAPSHOT"], shown("As asked for.", "CALCULATED")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Inclusion:
    """Whether something is in the figures."""

    included: Annotated[bool, Field(description="Whether it is.", examples=[False])]
    notes: Annotated[str, shown("In a sentence; wording may change.", "What the trades mean for the client's tax is outside the figures.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class AssumptionsAndLimits:
    """What the figures rest on, and what they leave out."""

    pricing: Annotated[PricingAssumptions, shown("Prices and rates.")]
    costs_and_fees: Annotated[Inclusion, shown("Included where a schedule is given.")]
    tax: Annotated[Inclusion, shown("Not included.")]
    execution: Annotated[Inclusion, shown("Not included.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProductDocument:
    """A place for the document of a product."""

    instrument_id: Annotated[str, shown("The product.", "EQ_US_1")]
    doc_ref: Annotated[str, shown("A placeholder: which documents belong to it, the bank says.", "KID or fact sheet to be attached")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Disclosures:
    """What must be said with a proposal."""

    risk_disclaimer: Annotated[str, shown("Our words.", "Past prices do not promise future performance.")]
    product_docs: Annotated[list[ProductDocument], shown("Of every product that is traded, ascending.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class EngineOutputs:
    """What the engine decided."""

    proposal_result: Annotated[ProposalResult, shown("The whole result, byte for byte.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ArtifactHashes:
    """What proves the artifact."""

    request_hash: Annotated[str, shown("Digest of the canonical text of `inputs`.", "sha256:9f2c")]
    artifact_hash: Annotated[
        str, shown("Digest of the artifact's canonical text without `created_at` at its top and the last two hashes.", "sha256:77ab")
    ]
    content_hash: Annotated[
        str, shown("The same also without correlation ids and idempotency key: equal proposals have equal ones.", "sha256:c0de")
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class EvidenceBundle:
    """All that deciding again needs, and what it must come to."""

    inputs: Annotated[
        dict[str, Any],
        Field(
            description="The validated request, defaults filled in; members later than 1.0 only where they are not at their default.",
            examples=[{"portfolio_snapshot": {}, "market_data_snapshot": {}, "shelf_entries": []}],
        ),
    ]
    engine_outputs: Annotated[EngineOutputs, shown("The result.")]
    hashes: Annotated[ArtifactHashes, shown("Digests by which the artifact is proved.")]
    engine_version: Annotated[str, shown("Of the engine that decided.", "1.2.0")]


@dataclass(slots=True, kw_only=True, config=EXACT_MEMBERS)
class ProposalArtifact:
    """A proposal to show, to review and to prove."""

    artifact_id: Annotated[str, shown("pa_ and the digits of the run's id.", "pa_1a2b3c4d")]
    proposal_run_id: Annotated[str, shown("The run.", "pr_1a2b3c4d")]
    correlation_id: Annotated[str, shown("Of the result.", "corr_0192f0c8a7b5")]
    created_at: Annotated[str, shown("When it was built, UTC; in no hash.", "2026-03-31T22:00:00+00:00")]
    status: Annotated[RunStatus, shown("Of the result.", "READY")]
    gate_decision: Annotated[GateDecision, shown("Of the result, evaluated also where the result has none.")]
    summary: Annotated[ArtifactSummary, shown("At a glance.")]
    portfolio_impact: Annotated[PortfolioImpact, shown("The portfolio before and after.")]
    trades_and_funding: Annotated[TradesAndFunding, shown("The orders.")]
    costs_and_charges: Annotated[
        CostsAndCharges | None, shown("Absent unless costs or their disclosure are asked for, or the shelf tells running costs.")
    ] = None
    suitability_summary: Annotated[SuitabilitySummary, shown("What the scanner found.")]
    assumptions_and_limits: Annotated[AssumptionsAndLimits, shown("What the figures rest on.")]
    disclosures: Annotated[Disclosures, shown("What must be said.")]
    evidence_bundle: Annotated[EvidenceBundle, shown("What proves it.")]


PROPOSAL_ARTIFACT: Final = TypeAdapter(ProposalArtifact)
