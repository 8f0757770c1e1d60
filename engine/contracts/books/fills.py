"""A block with what it was filled with: what `allocate` reads, a JSON object a line."""

from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from engine.contracts.received.members import refuse_duplicates
from engine.contracts.scalars import Identifier, NonNegative, Positive
from engine.contracts.snapshots import OrderSide
from engine.contracts.validators import validator_of
from engine.contracts.violations import InvalidRequest, violations_of

MAX_PARTS: Final = 1_000_000
ONE: Final = Decimal(1)


@dataclass(slots=True)
class FilledOrder:
    """The part of a block that is one portfolio's."""

    portfolio_id: Annotated[Identifier, Field(description="Whose order it is.", examples=["pf_1"])]
    rebalance_run_id: Annotated[Identifier, Field(description="The run that decided it.", examples=["rr_0190"])]
    intent_id: Annotated[Identifier, Field(description="The order in its run.", examples=["oi_1"])]
    quantity: Annotated[Positive, Field(description="Units ordered.", examples=["50"])]


@dataclass(slots=True)
class BlockFill:
    """A block as its book tells it, with the quantity that was traded of it; other members are not looked at."""

    instrument_id: Annotated[Identifier, Field(description="Instrument traded.", examples=["EQ_US_1"])]
    side: Annotated[OrderSide, Field(description="Direction.", examples=["BUY"])]
    orders: Annotated[list[FilledOrder], Field(description="Whose the block is.", min_length=1, max_length=MAX_PARTS)]
    filled: Annotated[NonNegative, Field(description="Units traded, at most all that is ordered.", examples=["750"])]
    lot_size: Annotated[Positive, Field(description="Units that are shared together while they come out even.", examples=["1"])] = ONE


_FILL: Final = validator_of(TypeAdapter(BlockFill))


def parse_fill(text: bytes) -> BlockFill:
    """Parse and validate a line; raises `InvalidRequest`."""
    refuse_duplicates(text)
    try:
        fill: Any = _FILL.validate_json(text)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None
    assert isinstance(fill, BlockFill)  # noqa: S101  (what the validator makes)
    return fill
