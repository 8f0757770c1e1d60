"""What trading costs, before the fact: a schedule of commissions, transaction taxes and FX spreads (desk 8.1)."""

from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.limits import OptionMoney
from engine.contracts.scalars import ATTRIBUTE_AND_VALUE, STRICT_MEMBERS, Identifier, NonNegative, Text
from engine.contracts.snapshots import OrderSide
from engine.numbers import ZERO

MAX_ROWS_OF_COSTS: Final = 100
MAX_BASIS_POINTS: Final = Decimal(500)


def _at_most_five_per_cent(basis_points: Decimal) -> Decimal:
    if basis_points > MAX_BASIS_POINTS:
        raise PydanticCustomError("less_than_equal", "Input should be less than or equal to 500")
    return basis_points


def _attribute_and_value(match: str | None) -> str | None:
    if match is not None and (match.count(":") != 1 or match[0] == ":" or match[-1] == ":"):
        raise PydanticCustomError("value_error", "A match has the form attribute:value")
    return match


BasisPoints = Annotated[NonNegative, AfterValidator(_at_most_five_per_cent)]
Match = Annotated[Text | None, AfterValidator(_attribute_and_value)]

_MATCH: Final[Any] = Field(
    description="Only instruments whose shelf entry has this `attribute:value`; null is any.",
    examples=["type:BOND"],
    json_schema_extra={"pattern": ATTRIBUTE_AND_VALUE},
)
_SIDE: Final[Any] = Field(description="Only this side; null is both.", examples=["BUY"])
_RATE: Final[Any] = Field(description="Hundredths of a per cent of the notional, 0 to 500.", examples=["25"])


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class CommissionRow:
    """What the bank charges for an order: of several rows that apply, the most specific one holds."""

    rate_bps: Annotated[BasisPoints, _RATE]
    match: Annotated[Match, _MATCH] = None
    currency: Annotated[Identifier | None, Field(description="Only orders in this currency; null is any.", examples=["USD"])] = None
    side: Annotated[OrderSide | None, _SIDE] = None
    minimum: Annotated[
        OptionMoney | None,
        Field(description="Least commission of an order; null is none.", examples=[{"amount": "15", "currency": "EUR"}]),
    ] = None
    maximum: Annotated[
        OptionMoney | None,
        Field(
            description="Most commission of an order, in the currency of the minimum; null is no bound.",
            examples=[{"amount": "500", "currency": "EUR"}],
        ),
    ] = None


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class TransactionTaxRow:
    """What the state takes of an order: every row that applies is added."""

    rate_bps: Annotated[BasisPoints, _RATE]
    match: Annotated[Match, _MATCH] = None
    side: Annotated[OrderSide | None, _SIDE] = None


def _ordered_bounds(row: CommissionRow) -> CommissionRow:
    low, high = row.minimum, row.maximum
    if low and high and (low.currency != high.currency or low.amount > high.amount):
        raise PydanticCustomError("COMMISSION_BOUNDS", "Minimum and maximum are in one currency, the minimum no larger")
    return row


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class CostSchedule:
    """Commissions, transaction taxes and FX spreads; what no row covers costs nothing."""

    commission: Annotated[
        list[Annotated[CommissionRow, AfterValidator(_ordered_bounds)]],
        Field(
            description="At most 100 rows, one per match, currency and side. A match beats none, then a currency, then a side.",
            max_length=MAX_ROWS_OF_COSTS,
            examples=[[{"rate_bps": "25", "minimum": {"amount": "15", "currency": "EUR"}}]],
        ),
    ] = Field(default_factory=list)
    transaction_tax: Annotated[
        list[TransactionTaxRow],
        Field(
            description="At most 100 rows, one per match and side; all that apply add up.",
            max_length=MAX_ROWS_OF_COSTS,
            examples=[[{"match": "domicile:GB", "side": "BUY", "rate_bps": "50"}]],
        ),
    ] = Field(default_factory=list)
    fx_spread_bps: Annotated[
        BasisPoints, Field(description="Spread of an FX deal against the mid rate, hundredths of a per cent, 0 to 500.", examples=["20"])
    ] = ZERO
    fx_spread_bps_by_currency: Annotated[
        dict[Identifier, BasisPoints],
        Field(description="Spread of the deals in a currency, instead of the general one.", examples=[{"JPY": "35"}]),
    ] = Field(default_factory=dict)
