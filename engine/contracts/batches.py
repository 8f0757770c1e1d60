"""What-if batches: several sets of options over one pair of snapshots (RFC-0013)."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, TypeAdapter
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.received.reader import Reader
from engine.contracts.received.rows import BUILT_LATE, Row
from engine.contracts.requests import shared_violations
from engine.contracts.scalars import MAX_ROWS, FreeText
from engine.contracts.shelf import ShelfEntry
from engine.contracts.snapshots import ModelPortfolio, PortfolioSnapshot
from engine.contracts.violations import InvalidRequest

MAX_SCENARIOS: Final = 20
_NAME: Final = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)


def _checked_names(scenarios: object) -> object:
    """At least one, at most twenty, each properly named: checked in this order, before what they hold."""
    if isinstance(scenarios, Mapping):
        if not scenarios:
            raise PydanticCustomError("value_error", "at least one scenario is required")
        if len(scenarios) > MAX_SCENARIOS:
            raise PydanticCustomError("value_error", "scenario count exceeds maximum of 20")
        if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in scenarios):
            raise PydanticCustomError("value_error", r"scenario names must match regex [a-z0-9_\-]{1,64}")
    return scenarios


@dataclass(slots=True)
class Scenario:
    """One set of options; they are validated when the scenario runs, so that a bad one harms no other."""

    description: Annotated[FreeText | None, Field(description="For people; not used.", examples=["No tech"])] = None
    options: Annotated[dict[str, Any], Field(description="Engine options; missing ones take their defaults.", examples=[{}])] = Field(
        default_factory=dict
    )


class BatchRebalanceRequest(Row):
    """One portfolio under several sets of options."""

    portfolio_snapshot: Annotated[PortfolioSnapshot, Field(description="What the client holds.")]
    market_data_snapshot: Annotated[MarketDataSnapshot, Field(description="Prices and FX rates.")]
    model_portfolio: Annotated[ModelPortfolio, Field(description="What the mandate wants.")]
    shelf_entries: Annotated[list[ShelfEntry], Field(description="What the bank allows.", max_length=MAX_ROWS)]
    scenarios: Annotated[
        dict[str, Scenario],
        BeforeValidator(_checked_names),
        Field(
            description="Name to scenario, 1 to 20.",
            examples=[{"baseline": {"options": {}}}],
            json_schema_extra={"minProperties": 1, "maxProperties": MAX_SCENARIOS, "propertyNames": {"pattern": "^[a-z0-9_-]{1,64}$"}},
        ),
    ]


BATCH: Final = TypeAdapter(BatchRebalanceRequest, config=BUILT_LATE)
_READ: Final = Reader(BatchRebalanceRequest)


def parse_batch(body: bytes) -> BatchRebalanceRequest:
    """Parse and validate a what-if request, but for the scenarios' options; raises `InvalidRequest`."""
    request = _READ(body)
    if found := shared_violations(request):
        raise InvalidRequest(found)
    return request
