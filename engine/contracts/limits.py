"""Limits among the options: amounts, groups, and what the suitability scanner of proposals looks for."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.choices import IssueSeverity
from engine.contracts.scalars import STRICT_MEMBERS, Fraction, Identifier, NonNegative
from engine.contracts.shelf import LiquidityTier


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class OptionMoney:
    """A threshold among the options."""

    amount: Annotated[NonNegative, Field(description="Amount, not negative.", examples=["1000"])]
    currency: Annotated[Identifier, Field(description="Currency code.", examples=["USD"])]


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class GroupConstraint:
    """Upper limit on the summed weight of a group."""

    max_weight: Annotated[Fraction, Field(description="Largest weight, 0 to 1.", examples=["0.25"])]


def group_keys(constraints: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse keys that are not attribute:value."""
    for key in constraints:
        if key.count(":") != 1 or key[0] == ":" or key[-1] == ":":
            raise PydanticCustomError("value_error", "A group key has the form attribute:value")
    return constraints


def ordered_band(thresholds: "SuitabilityThresholds") -> "SuitabilityThresholds":
    """Refuse a cash band whose ends are the wrong way round."""
    if thresholds.cash_band_min_weight > thresholds.cash_band_max_weight:
        raise PydanticCustomError("value_error", "cash_band_min_weight exceeds cash_band_max_weight")
    return thresholds


def _tier_limits() -> dict[LiquidityTier, Decimal]:
    return {LiquidityTier.L4: Decimal("0.10"), LiquidityTier.L5: Decimal("0.05")}


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class SuitabilityThresholds:
    """Limits of the advisory suitability scanner; all weights 0 to 1."""

    single_position_max_weight: Annotated[Fraction, Field(description="Largest weight of an instrument.", examples=["0.10"])] = Decimal(
        "0.10"
    )
    issuer_max_weight: Annotated[Fraction, Field(description="Largest summed weight of an issuer.", examples=["0.20"])] = Decimal("0.20")
    max_weight_by_liquidity_tier: Annotated[
        dict[LiquidityTier, Fraction], Field(description="Largest summed weight by liquidity tier, L1 to L5.", examples=[{"L4": "0.10"}])
    ] = Field(default_factory=_tier_limits)
    cash_band_min_weight: Annotated[Fraction, Field(description="Least weight of cash.", examples=["0.01"])] = Decimal("0.01")
    cash_band_max_weight: Annotated[Fraction, Field(description="Most weight of cash, not below the least.", examples=["0.05"])] = Decimal(
        "0.05"
    )
    data_quality_issue_severity: Annotated[IssueSeverity, Field(description="Severity of missing data.", examples=["MEDIUM"])] = (
        IssueSeverity.MEDIUM
    )
