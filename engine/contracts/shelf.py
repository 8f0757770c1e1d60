"""What a bank offers and on what terms: the shelf (RFC-0002, RFC-0008)."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from engine.contracts.received.rows import Row, always, always_new
from engine.contracts.scalars import AddressedId, FreeText, Identifier, NonNegative, Positive

LARGEST_LOT: Final = Decimal(10**9)
LOT_PLACES: Final = 12


class ShelfStatus(StrEnum):
    """What the bank allows with an instrument (RFC-0002)."""

    APPROVED = "APPROVED"
    RESTRICTED = "RESTRICTED"
    BANNED = "BANNED"
    SUSPENDED = "SUSPENDED"
    SELL_ONLY = "SELL_ONLY"


class LiquidityTier(StrEnum):
    """How fast an instrument turns into cash, L1 fastest."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"


def _dealt_in(lot: Decimal) -> Decimal:
    if lot > LARGEST_LOT:
        raise PydanticCustomError("less_than_equal", "Input should be less than or equal to 1000000000")
    if len(f"{lot:f}".partition(".")[2].rstrip("0")) > LOT_PLACES:
        raise PydanticCustomError("decimal_max_places", "Decimal input should have no more than 12 decimal places")
    return lot


LotSize = Annotated[Positive, AfterValidator(_dealt_in)]


class Threshold(Row):
    """A notional under which an order is dust."""

    amount: Annotated[NonNegative, Field(description="Smallest notional worth trading.", examples=["500"])]
    currency: Annotated[Identifier, Field(description="Currency of the threshold.", examples=["USD"])]


class ShelfEntry(Row, omit_defaults=True):
    """What the bank knows of an instrument and allows with it (RFC-0002, RFC-0008)."""

    instrument_id: Annotated[AddressedId, Field(description="Instrument described.", examples=["EQ_US_1"])]
    status: Annotated[ShelfStatus, Field(description="What the bank allows.", examples=["APPROVED"])]
    asset_class: Annotated[FreeText, Field(description="Bucket of the allocation.", examples=["EQUITY"])] = always("UNKNOWN")
    issuer_id: Annotated[FreeText | None, Field(description="Issuer, for suitability.", examples=["ISS_1"])] = always(None)
    liquidity_tier: Annotated[LiquidityTier | None, Field(description="For suitability.", examples=["L1"])] = always(None)
    settlement_days: Annotated[
        int, Field(description="Days from the trade until cash and units settle, 0 to 10.", ge=0, le=10, examples=[2])
    ] = always(2)
    min_notional: Annotated[
        Threshold | None,
        Field(
            description="Orders with a smaller notional are dust; `min_trade_notional` of the options wins.",
            examples=[{"amount": "500", "currency": "USD"}],
        ),
    ] = always(None)
    attributes: Annotated[
        dict[FreeText, FreeText], Field(description="Attributes that group constraints name.", examples=[{"sector": "TECH"}])
    ] = always_new(dict)
    lot_size: Annotated[
        LotSize | None,
        Field(
            description="Quantities are multiples of it: 1000 for a bond's denomination, 0.001 for a fund of three decimals; null is 1. Guards the run.",
            examples=["100"],
        ),
    ] = None
    min_quantity: Annotated[
        NonNegative | None, Field(description="Smallest quantity of an order; null is none. Guards the run.", examples=["5000"])
    ] = None
