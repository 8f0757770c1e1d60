"""How far a proposal leaves the portfolio from the reference model (advisory-engine 12)."""

from typing import Annotated

from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, shown


@dataclass(slots=True, config=EXACT_MEMBERS)
class ReferenceModelData:
    """The model that drift is measured against, echoed."""

    model_id: Annotated[str, shown("The model.", "balanced")]
    as_of: Annotated[str, shown("When it was decided, as given.", "2026-03-31")]
    base_currency: Annotated[str, shown("Its base currency: the portfolio's.", "EUR")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftBucket:
    """An asset class or an instrument beside the model; every weight unrounded."""

    bucket: Annotated[str, shown("Asset class or instrument.", "EQUITY")]
    model_weight: Annotated[DecimalText, shown("Weight in the model; 0 where it has none.", "0.60")]
    portfolio_weight_before: Annotated[DecimalText, shown("Weight before.", "0.75")]
    portfolio_weight_after: Annotated[DecimalText, shown("Weight after.", "0.65")]
    drift_before: Annotated[DecimalText, shown("Before minus model.", "0.15")]
    drift_after: Annotated[DecimalText, shown("After minus model.", "0.05")]
    abs_drift_before: Annotated[DecimalText, shown("Size of the drift before.", "0.15")]
    abs_drift_after: Annotated[DecimalText, shown("Size of the drift after.", "0.05")]
    improvement: Annotated[DecimalText, shown("Size before minus size after; positive is nearer to the model.", "0.10")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftDimension:
    """The portfolio cut one way, beside the model."""

    drift_total_before: Annotated[DecimalText, shown("Half the sum of all sizes before.", "0.15")]
    drift_total_after: Annotated[DecimalText, shown("Half the sum of all sizes after.", "0.05")]
    drift_total_delta: Annotated[DecimalText, shown("After minus before; negative is nearer to the model.", "-0.10")]
    top_contributors_before: Annotated[
        list[DriftBucket], shown("The buckets farthest from the model before, then by key; `drift_top_contributors_limit` of them.", [])
    ]
    buckets: Annotated[list[DriftBucket], shown("Every bucket of the model or of either state, keys ascending.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class MovedBucket:
    """A bucket that came nearer to the model, or went away from it."""

    bucket: Annotated[str, shown("Asset class or instrument.", "EQUITY")]
    improvement: Annotated[DecimalText, shown("Positive is nearer.", "0.10")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class UnmodeledExposure:
    """A bucket that the model does not have."""

    bucket: Annotated[str, shown("Asset class or instrument.", "CRYPTO")]
    portfolio_weight_before: Annotated[DecimalText, shown("Weight before.", "0.02")]
    portfolio_weight_after: Annotated[DecimalText, shown("Weight after.", "0.03")]
    max_portfolio_weight: Annotated[DecimalText, shown("The larger of the two: at least the threshold.", "0.03")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftHighlights:
    """What stands out: of instruments where they are measured, else of asset classes; each list at most `drift_top_contributors_limit`."""

    largest_improvements: Annotated[list[MovedBucket], shown("Largest first, then by key.", [{"bucket": "EQUITY", "improvement": "0.10"}])]
    largest_deteriorations: Annotated[
        list[MovedBucket], shown("Most negative first, then by key.", [{"bucket": "CASH", "improvement": "-0.02"}])
    ]
    unmodeled_exposures: Annotated[list[UnmodeledExposure], shown("Largest weight first, then by key.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DriftAnalysis:
    """The distance from the reference model before and after."""

    reference_model: Annotated[ReferenceModelData, shown("The model.")]
    asset_class: Annotated[DriftDimension, shown("By asset class, cash among them.")]
    instrument: Annotated[DriftDimension | None, shown("By instrument, without cash; null without instrument targets.", None)]
    highlights: Annotated[DriftHighlights, shown("What stands out.")]
