"""How far the portfolio is from the reference model, before and after (advisory-engine 12)."""

from typing import Annotated

from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, shown


@dataclass(slots=True, config=EXACT_MEMBERS)
class ReferenceModelEcho:
    """The model that was measured against."""

    model_id: Annotated[str, shown("As given.", "balanced")]
    as_of: Annotated[str, shown("As given.", "2026-03-31")]
    base_currency: Annotated[str, shown("As given.", "EUR")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftBucket:
    """One bucket; weights are shares of one, unrounded."""

    bucket: Annotated[str, shown("Asset class or instrument.", "EQUITY")]
    model_weight: Annotated[DecimalText, shown("Its weight in the reference model.", "0.35")]
    portfolio_weight_before: Annotated[DecimalText, shown("Its weight before the proposal.", "0.16")]
    portfolio_weight_after: Annotated[DecimalText, shown("Its weight after the proposal.", "0.32")]
    drift_before: Annotated[DecimalText, shown("Before less model.", "-0.19")]
    drift_after: Annotated[DecimalText, shown("After less model.", "-0.03")]
    abs_drift_before: Annotated[DecimalText, shown("The size of the drift before.", "0.19")]
    abs_drift_after: Annotated[DecimalText, shown("The size of the drift after.", "0.03")]
    improvement: Annotated[DecimalText, shown("How much smaller the drift became; negative where it grew.", "0.16")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftDimension:
    """Drift by asset class or by instrument."""

    drift_total_before: Annotated[DecimalText, shown("Half the sum of all sizes before.", "0.1875")]
    drift_total_after: Annotated[DecimalText, shown("Half the sum of all sizes after.", "0.0324")]
    drift_total_delta: Annotated[DecimalText, shown("After less before: negative is better.", "-0.1551")]
    top_contributors_before: Annotated[list[DriftBucket], shown("The largest drifts before, at most as many as the options say.", [])]
    buckets: Annotated[list[DriftBucket], shown("All, keys ascending.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftMove:
    """A bucket whose drift changed."""

    bucket: Annotated[str, shown("Asset class or instrument.", "EQUITY")]
    improvement: Annotated[DecimalText, shown("How much smaller its drift became; negative where it grew.", "0.16")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class UnmodeledExposure:
    """A bucket that the model does not have."""

    bucket: Annotated[str, shown("Asset class or instrument.", "FUND")]
    portfolio_weight_before: Annotated[DecimalText, shown("Its weight before the proposal.", "0.02")]
    portfolio_weight_after: Annotated[DecimalText, shown("Its weight after the proposal.", "0.05")]
    max_portfolio_weight: Annotated[DecimalText, shown("The larger of both.", "0.05")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftHighlights:
    """What stands out, by instrument where that is measured, else by asset class."""

    largest_improvements: Annotated[list[DriftMove], shown("Nearer to the model, most first.", [])]
    largest_deteriorations: Annotated[list[DriftMove], shown("Farther from it, most first.", [])]
    unmodeled_exposures: Annotated[list[UnmodeledExposure], shown("Outside it, largest first.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftAnalysis:
    """Drift against the reference model."""

    reference_model: Annotated[ReferenceModelEcho, shown("The model.")]
    asset_class: Annotated[DriftDimension, shown("By asset class, cash among them.")]
    instrument: Annotated[DriftDimension | None, shown("By instrument; null where the model names none or the options switch it off.")]
    highlights: Annotated[DriftHighlights, shown("What stands out.")]
