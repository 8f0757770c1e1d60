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

    FX_CONTRADICTORY = "FX_CONTRADICTORY"
    MARKET_DATA_OLD = "MARKET_DATA_OLD"
    MODEL_EMPTY = "MODEL_EMPTY"
    MODEL_INCOMPLETE = "MODEL_INCOMPLETE"
    ORDER_TOO_LARGE = "ORDER_TOO_LARGE"
    VALUE_MISMATCH = "VALUE_MISMATCH"


@dataclass(slots=True, config=STRICT_MEMBERS)
class Plausibility:
    """Beyond which figures somebody looks at a run."""

    enabled: Annotated[bool, Field(description="Doubt at all.")] = True
    max_order_weight: Annotated[NonNegative, Field(description="Largest order, of the total value.")] = Decimal(1)
    min_model_weight: Annotated[NonNegative, Field(description="A model that sums to no more is incomplete.")] = Decimal("0.5")
    value_tolerance: Annotated[NonNegative, Field(description="Between a given market value and the calculated one, relative.")] = Decimal(
        "0.2"
    )
    fx_tolerance: Annotated[NonNegative, Field(description="Between a rate and its inverse pair, relative.")] = Decimal("0.01")
    max_market_data_age_days: Annotated[int, Field(description="Days that prices may be older than the portfolio.", ge=0)] = 7
    accept: Annotated[
        list[PlausibilityCode], Field(description="What the caller has looked at: no row is given for it.", max_length=MAX_ACCEPTED)
    ] = Field(default_factory=list)
