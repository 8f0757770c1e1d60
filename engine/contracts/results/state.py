"""What a portfolio is worth, before and after, and whether the two agree (dpm-engine 15, RFC-0004)."""

from typing import Annotated, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, WeightText, shown


@dataclass(slots=True, config=EXACT_MEMBERS)
class ResultMoney:
    """An amount in a currency, not rounded to minor units."""

    amount: Annotated[DecimalText, shown("Amount, unrounded.", "1500.25")]
    currency: Annotated[str, shown("Currency code.", "USD")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class CashSummary:
    """Cash in one currency; settled and pending as the request gave them."""

    currency: Annotated[str, shown("Currency code.", "USD")]
    amount: Annotated[DecimalText, shown("Booked balance.", "25000.00")]
    settled: Annotated[DecimalText | None, shown("Settled part as given; orders do not change it.", None)]
    pending: Annotated[DecimalText | None, shown("Pending part as given; orders do not change it.", None)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ShownPrice:
    """A price as the request gave it; the last three members are absent where they are as usual."""

    amount: Annotated[DecimalText, shown("Clean price.", "101.50")]
    currency: Annotated[str, shown("Currency code, a minor one as given.", "USD")]
    basis: Annotated[Literal["PERCENT"] | None, shown("Of one hundred of nominal.", "PERCENT")] = None
    accrued: Annotated[DecimalText | None, shown("Accrued interest, quoted like the price.", "1.25")] = None
    multiplier: Annotated[DecimalText | None, shown("Of a contract.", "100")] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class PositionSummary:
    """A holding with its value in its own and in base currency."""

    instrument_id: Annotated[str, shown("Instrument held.", "EQ_US_1")]
    quantity: Annotated[DecimalText, shown("Units held; sold-out rows stay with 0.", "120")]
    instrument_currency: Annotated[str, shown("Currency of the value: the price's, or the trusted market value's.", "USD")]
    asset_class: Annotated[str, shown("From the shelf, else UNKNOWN.", "EQUITY")]
    price: Annotated[ShownPrice | None, shown("The price as given; null when missing.", {"amount": "101.50", "currency": "USD"})]
    value_in_instrument_ccy: Annotated[ResultMoney, shown("Value before conversion.", {"amount": "12180.00", "currency": "USD"})]
    value_in_base_ccy: Annotated[ResultMoney, shown("Value in base; 0 without a rate.", {"amount": "12180.000", "currency": "USD"})]
    weight: Annotated[WeightText, shown("Share of the total value, 4 decimals; 0.0000 where that cannot be written.", "0.1218")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class AllocationMetric:
    """One bucket of an allocation."""

    key: Annotated[str, shown("Instrument, asset class or attribute value.", "EQUITY")]
    weight: Annotated[WeightText, shown("Share of the total value, 4 decimals.", "0.6000")]
    value: Annotated[ResultMoney, shown("Value in base.", {"amount": "60000.00", "currency": "USD"})]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SimulatedState:
    """A valued portfolio with its allocations."""

    total_value: Annotated[ResultMoney, shown("Positions and cash in base.", {"amount": "100000.00", "currency": "USD"})]
    cash_balances: Annotated[list[CashSummary], shown("One row per currency.", [])]
    positions: Annotated[list[PositionSummary], shown("Rows of the request, then new ones in order of execution.", [])]
    allocation_by_asset_class: Annotated[list[AllocationMetric], shown("Asset classes in order of appearance; CASH is always there.", [])]
    allocation_by_instrument: Annotated[list[AllocationMetric], shown("One row per position.", [])]
    allocation: Annotated[list[AllocationMetric], shown("The same as allocation_by_instrument.", [])]
    allocation_by_attribute: Annotated[
        dict[str, list[AllocationMetric]], shown("Attribute to its values in order of appearance; cash has none.", {"sector": []})
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Reconciliation:
    """The total value before and after: orders move value, they do not make it (RFC-0005)."""

    before_total_value: Annotated[
        ResultMoney, shown("Total before, by the request's valuation mode.", {"amount": "1000", "currency": "USD"})
    ]
    after_total_value: Annotated[ResultMoney, shown("Total after, calculated.", {"amount": "1000.0", "currency": "USD"})]
    delta: Annotated[ResultMoney, shown("After minus before.", {"amount": "0.0", "currency": "USD"})]
    tolerance: Annotated[ResultMoney, shown("0.5 + 0.05 % of the absolute total before.", {"amount": "1.0000", "currency": "USD"})]
    status: Annotated[Literal["OK", "MISMATCH"], shown("OK when the totals agree within the tolerance, known flows counted.", "OK")]
    known_flows: Annotated[
        ResultMoney | None,
        shown("What counted cash flows add to the total, in base; absent when none are given.", {"amount": "-150000.0", "currency": "USD"}),
    ] = None
    costs: Annotated[
        ResultMoney | None,
        shown("What the orders cost, in base; absent where no schedule is given.", {"amount": "33.87", "currency": "USD"}),
    ] = None
    unexplained: Annotated[
        ResultMoney | None,
        shown("What the difference of the totals has besides flows and costs; absent with them.", {"amount": "0.00", "currency": "USD"}),
    ] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class TaxImpact:
    """What the orders realise, by lots of highest cost first (RFC-0009)."""

    total_realized_gain: Annotated[ResultMoney, shown("Sum of gains of the orders given.", {"amount": "99.0", "currency": "USD"})]
    total_realized_loss: Annotated[ResultMoney, shown("Sum of losses, not negative.", {"amount": "0", "currency": "USD"})]
    budget_limit: Annotated[ResultMoney | None, shown("max_realized_capital_gains; null without a budget.", None)]
    budget_used: Annotated[ResultMoney | None, shown("Never above the limit; null without a budget.", None)]
    unknown_cost_proceeds: Annotated[
        ResultMoney | None,
        shown("What units of unknown cost bring, in base; absent when none is sold.", {"amount": "800.0", "currency": "USD"}),
    ] = None
