"""Prices and FX rates as a caller states them (RFC-0001, practice 5)."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from engine.contracts.received.rows import Row, always, always_new
from engine.contracts.scalars import MAX_ROWS, AddressedId, Identifier, NonNegative, Positive, Text

NOTHING_ACCRUED: Final = Decimal(0)
NO_MULTIPLIER: Final = Decimal(1)


class PriceBasis(StrEnum):
    """What a price is of: one unit, or one hundred of nominal (practice 5.1)."""

    UNIT = "UNIT"
    PERCENT = "PERCENT"


def _usual(default: Decimal) -> AfterValidator:
    """What is stated as it is by default is the default itself: a request's canonical text does not tell the two apart, and nor may a digit."""
    text = str(default)
    return AfterValidator(lambda stated: default if str(stated) == text else stated)


def _two_codes(pair: str) -> str:
    if pair.count("/") != 1 or pair[0] == "/" or pair[-1] == "/":
        raise PydanticCustomError("FX_PAIR_FORMAT", "A pair is two currency codes with one slash between them")
    return pair


class Price(Row, omit_defaults=True):
    """What an instrument is worth; zero counts as missing, unless the holding may not be traded (practice 5)."""

    instrument_id: Annotated[AddressedId, Field(description="Instrument priced.", examples=["EQ_US_1"])]
    price: Annotated[
        NonNegative,
        Field(
            description="Price of one unit, or per cent of nominal; clean. Worth of one unit: (price + accrued) × multiplier, in per cent a hundredth of it.",
            examples=["101.50"],
        ),
    ]
    currency: Annotated[
        Identifier,
        Field(
            description="Currency of the price. GBX, ZAC and ILA are hundredths of GBP, ZAR and ILS where no rate names them.",
            examples=["USD"],
        ),
    ]
    basis: Annotated[
        PriceBasis,
        Field(
            description="UNIT: of one unit. PERCENT: per cent of nominal, as bonds are quoted; quantities are then nominal.",
            examples=["PERCENT"],
        ),
    ] = PriceBasis.UNIT
    accrued: Annotated[
        NonNegative, _usual(NOTHING_ACCRUED), Field(description="Accrued interest, quoted like the price.", examples=["1.25"])
    ] = NOTHING_ACCRUED
    multiplier: Annotated[
        Positive,
        _usual(NO_MULTIPLIER),
        Field(description="How many times its price one unit is worth, as of a contract.", examples=["100"]),
    ] = NO_MULTIPLIER


class FxRate(Row):
    """Units of TO for one FROM; zero counts as missing, the inverse pair then serves."""

    pair: Annotated[
        Text,
        AfterValidator(_two_codes),
        Field(description="FROM/TO, two codes and one slash.", examples=["EUR/USD"], json_schema_extra={"pattern": "^[^/]+/[^/]+$"}),
    ]
    rate: Annotated[NonNegative, Field(description="Units of TO for one FROM.", examples=["1.0842"])]


class MarketDataSnapshot(Row, omit_defaults=True):
    """Prices and FX rates of one moment."""

    snapshot_id: Annotated[Identifier | None, Field(description="Identity for lineage.", examples=["md_1"])] = always(None)
    prices: Annotated[
        list[Price],
        Field(
            description="At most 10,000, one per instrument.",
            max_length=MAX_ROWS,
            examples=[[{"instrument_id": "EQ_US_1", "price": "101.50", "currency": "USD"}]],
        ),
    ] = always_new(list)
    fx_rates: Annotated[
        list[FxRate],
        Field(
            description="At most 10,000, one per pair; the inverse need not be given.",
            max_length=MAX_ROWS,
            examples=[[{"pair": "EUR/USD", "rate": "1.0842"}]],
        ),
    ] = always_new(list)
    as_of: Annotated[Text | None, Field(description="When the prices were true, echoed.", examples=["2026-03-31T22:00:00Z"])] = None
