"""What a caller states about a client: portfolio, what is under way, and the model (RFC-0001, RFC-0003)."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import field
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from engine.contracts.received.rows import Row, always, always_new
from engine.contracts.scalars import (
    MAX_FLOWS,
    MAX_LOTS,
    MAX_ROWS,
    AddressedId,
    Amount,
    Fraction,
    FreeText,
    Identifier,
    NonNegative,
    Positive,
    Text,
)


class OrderSide(StrEnum):
    """Direction of an order."""

    BUY = "BUY"
    SELL = "SELL"


def _moves_money(amount: Decimal) -> Decimal:
    if not amount:
        raise PydanticCustomError("value_error", "The amount of a cash flow is not 0")
    return amount


class Money(Row):
    """An amount in a currency, not rounded to minor units."""

    amount: Annotated[Amount, Field(description="Amount, any sign.", examples=["1500.25"])]
    currency: Annotated[Identifier, Field(description="Currency code.", examples=["USD"])]


class Cost(Row):
    """What one unit of a lot was bought for."""

    amount: Annotated[NonNegative, Field(description="Cost of one unit.", examples=["87.10"])]
    currency: Annotated[Identifier, Field(description="Currency of the cost.", examples=["USD"])]


class TaxLot(Row):
    """One purchase that a position still holds (RFC-0009)."""

    lot_id: Annotated[Identifier, Field(description="Unique within the position.", examples=["lot-1"])]
    quantity: Annotated[NonNegative, Field(description="Units left in the lot.", examples=["40"])]
    unit_cost: Annotated[
        Cost | None,
        Field(
            description="Cost of one unit, quoted like the price and clean; null is unknown: sold last, as if it had cost nothing.",
            examples=[{"amount": "87.10", "currency": "USD"}],
        ),
    ]
    purchase_date: Annotated[Text, Field(description="Date of purchase, compared as text.", examples=["2024-03-15"])]


class Position(Row):
    """A holding; with lots and tax awareness, they sum to the quantity within 1 %."""

    instrument_id: Annotated[AddressedId, Field(description="Instrument held.", examples=["EQ_US_1"])]
    quantity: Annotated[Amount, Field(description="Units held, of a PERCENT instrument its nominal; negative is short.", examples=["120"])]
    market_value: Annotated[
        Money | None,
        Field(
            description="The custodian's value: what the holding is worth in TRUST_SNAPSHOT, else only compared with the price.",
            examples=[{"amount": "12180.00", "currency": "USD"}],
        ),
    ] = None
    lots: Annotated[
        list[TaxLot],
        Field(
            description="Tax lots, at most 1,000.",
            max_length=MAX_LOTS,
            examples=[
                [{"lot_id": "lot-1", "quantity": "120", "unit_cost": {"amount": "87.10", "currency": "USD"}, "purchase_date": "2024-03-15"}]
            ],
        ),
    ] = field(default_factory=list)


class CashBalance(Row):
    """Cash in one currency."""

    currency: Annotated[Identifier, Field(description="Currency code.", examples=["USD"])]
    amount: Annotated[
        Amount,
        Field(
            description="Booked balance; may be negative. Amounts in GBX, ZAC or ILA count as hundredths of GBP, ZAR or ILS.",
            examples=["25000.00"],
        ),
    ]
    settled: Annotated[
        Amount | None,
        Field(
            description="Settled part: where the projection of cash starts, and what buys may use under `available_cash` SETTLED.",
            examples=["20000.00"],
        ),
    ] = None
    pending: Annotated[
        Amount | None,
        Field(description="Not yet settled; echoed only. State what is sure to come as a row of `cash_flows`.", examples=["5000.00"]),
    ] = None


class OpenOrder(Row):
    """An order that is under way: it counts as done for sizing, at its price and without cost, and is never among the intents (practice 7.1)."""

    instrument_id: Annotated[AddressedId, Field(description="Instrument ordered.", examples=["EQ_US_1"])]
    side: Annotated[OrderSide, Field(description="Whether it is bought or sold.", examples=["SELL"])]
    quantity: Annotated[
        Positive, Field(description="Units not yet done; open sells of an instrument are no more than is held.", examples=["40"])
    ]
    order_id: Annotated[Identifier | None, Field(description="The caller's id.", examples=["ord-1"])] = None
    settlement_days: Annotated[
        int | None, Field(description="Days to settle, 0 to 10; null as the shelf says.", ge=0, le=10, examples=[2])
    ] = None


class CashFlow(Row):
    """Money that is known to come or go (practice 7.2)."""

    currency: Annotated[Identifier, Field(description="Currency code.", examples=["EUR"])]
    amount: Annotated[
        Amount,
        AfterValidator(_moves_money),
        Field(
            description="Negative leaves and always counts; positive comes and counts up to the settlement horizon. Not 0.",
            examples=["-3000000"],
        ),
    ]
    day: Annotated[int, Field(description="Days from the snapshot until it is booked, 0 to 365.", ge=0, le=365, examples=[2])]
    description: Annotated[FreeText | None, Field(description="For people; not used.", examples=["Tax payment"])] = None


class PortfolioSnapshot(Row, omit_defaults=True):
    """What the client holds."""

    portfolio_id: Annotated[AddressedId, Field(description="The portfolio.", examples=["pf_1001"])]
    base_currency: Annotated[
        Identifier, Field(description="Currency of totals, weights and limits; every other currency is dealt against it.", examples=["USD"])
    ]
    snapshot_id: Annotated[Identifier | None, Field(description="Identity for lineage.", examples=["ps_1"])] = always(None)
    positions: Annotated[
        list[Position],
        Field(
            description="At most 10,000, one per instrument.",
            max_length=MAX_ROWS,
            examples=[[{"instrument_id": "EQ_US_1", "quantity": "120"}]],
        ),
    ] = always_new(list)
    cash_balances: Annotated[
        list[CashBalance],
        Field(description="At most 10,000, one per currency.", max_length=MAX_ROWS, examples=[[{"currency": "USD", "amount": "25000.00"}]]),
    ] = always_new(list)
    as_of: Annotated[
        Text | None,
        Field(
            description="When the snapshot was true, echoed. A leading date is compared with that of the market data.",
            examples=["2026-03-31T22:00:00Z"],
        ),
    ] = None
    open_orders: Annotated[
        list[OpenOrder],
        Field(
            description="Orders under way, at most 10,000.",
            max_length=MAX_ROWS,
            examples=[[{"instrument_id": "EQ_US_1", "side": "SELL", "quantity": "40"}]],
        ),
    ] = field(default_factory=list)
    cash_flows: Annotated[
        list[CashFlow],
        Field(
            description="Money known to come or go, at most 1,000.",
            max_length=MAX_FLOWS,
            examples=[[{"currency": "EUR", "amount": "-3000000", "day": 2}]],
        ),
    ] = field(default_factory=list)


class ModelTarget(Row):
    """The weight that the mandate wants for an instrument."""

    instrument_id: Annotated[AddressedId, Field(description="Instrument wanted.", examples=["EQ_US_1"])]
    weight: Annotated[Fraction, Field(description="Share of the total value, 0 to 1.", examples=["0.25"])]


class ModelPortfolio(Row):
    """The mandate's targets; what they leave of 1 is cash."""

    targets: Annotated[
        list[ModelTarget],
        Field(
            description="At most 10,000, one per instrument.",
            max_length=MAX_ROWS,
            examples=[[{"instrument_id": "EQ_US_1", "weight": "0.25"}]],
        ),
    ]
