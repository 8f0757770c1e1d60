"""When a request is doubted although it is valid: the thresholds of the PLAUSIBILITY rules (practice 4)."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.scalars import STRICT_MEMBERS, NonNegative

MAX_ACCEPTED: Final = 100


class PlausibilityCode(StrEnum):
    """What is doubted (practice 4)."""

    BOTH_SIDES = "BOTH_SIDES"
    FX_CONTRADICTORY = "FX_CONTRADICTORY"
    MARKET_DATA_OLD = "MARKET_DATA_OLD"
    MODEL_EMPTY = "MODEL_EMPTY"
    MODEL_INCOMPLETE = "MODEL_INCOMPLETE"
    ORDER_REPEATED = "ORDER_REPEATED"
    ORDER_TOO_LARGE = "ORDER_TOO_LARGE"
    REFERENCE_MODEL_SUM = "REFERENCE_MODEL_SUM"
    VALUE_MISMATCH = "VALUE_MISMATCH"


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class Plausibility:
    """Beyond which figures somebody looks at a run."""

    enabled: Annotated[bool, Field(description="Whether anything is doubted.", examples=[True])] = True
    max_order_weight: Annotated[
        NonNegative, Field(description="Largest order, as a share of the total value; a larger one is ORDER_TOO_LARGE.", examples=["0.5"])
    ] = Decimal(1)
    min_model_weight: Annotated[
        NonNegative, Field(description="A model that sums to no more while something is sold is MODEL_INCOMPLETE.", examples=["0.8"])
    ] = Decimal("0.5")
    value_tolerance: Annotated[
        NonNegative,
        Field(
            description="Largest difference of a given market value from the calculated one, as a share of the larger; beyond is VALUE_MISMATCH.",
            examples=["0.1"],
        ),
    ] = Decimal("0.2")
    fx_tolerance: Annotated[
        NonNegative,
        Field(description="How far a rate times that of its inverse pair may be from 1; beyond is FX_CONTRADICTORY.", examples=["0.005"]),
    ] = Decimal("0.01")
    max_market_data_age_days: Annotated[
        int,
        Field(
            description="Days that market data may be older than the portfolio, by their `as_of`; beyond is MARKET_DATA_OLD.",
            ge=0,
            examples=[3],
        ),
    ] = 7
    accept: Annotated[
        list[PlausibilityCode],
        Field(
            description="Codes whose rows the caller has looked at: none is given for them.",
            max_length=MAX_ACCEPTED,
            examples=[["MODEL_INCOMPLETE"]],
        ),
    ] = Field(default_factory=list)
