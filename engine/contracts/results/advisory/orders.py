"""What an artifact tells of the portfolio, the orders and their costs (advisory-engine 16, advisory-practice 6)."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.results.advisory.intents import AdvisedRationale
from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, WeightText, shown
from engine.contracts.results.state import AllocationMetric, Reconciliation, ResultMoney

BareText = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]*[1-9])?$")]
"""A decimal without trailing zeros."""
RatioText = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{6}$")]
"""A share, half-even at 6 decimals."""


@dataclass(slots=True, config=EXACT_MEMBERS)
class PortfolioSide:
    """The portfolio on one side of the proposal."""

    total_value: Annotated[ResultMoney, shown("Positions and cash in base.", {"amount": "45548.3000", "currency": "CHF"})]
    allocation_by_asset_class: Annotated[list[AllocationMetric], shown("Largest weight first, then by key.", [])]
    allocation_by_instrument: Annotated[list[AllocationMetric], shown("Largest weight first, then by key.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class WeightChange:
    """An instrument whose weight moves; each figure is rounded by itself."""

    bucket_type: Annotated[Literal["INSTRUMENT"], shown("Always INSTRUMENT.", "INSTRUMENT")]
    bucket_id: Annotated[str, shown("The instrument.", "EQ_US_1")]
    weight_before: Annotated[WeightText, shown("Its weight before the proposal.", "0.1625")]
    weight_after: Annotated[WeightText, shown("Its weight after the proposal.", "0.2451")]
    delta: Annotated[WeightText, shown("After less before.", "0.0827")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class PortfolioDelta:
    """What the proposal changes."""

    total_value_delta: Annotated[ResultMoney, shown("After less before.", {"amount": "-1000.0000", "currency": "CHF"})]
    largest_weight_changes: Annotated[list[WeightChange], shown("Largest first, at most as many as the options say.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class PortfolioImpact:
    """The portfolio before and after."""

    before: Annotated[PortfolioSide, shown("The portfolio as it was given.")]
    after: Annotated[PortfolioSide, shown("After flows and orders.")]
    delta: Annotated[PortfolioDelta, shown("The difference.")]
    reconciliation: Annotated[Reconciliation, shown("As the result has it.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class QuotedPrice:
    """A price and what it is of."""

    amount: Annotated[DecimalText, shown("Clean price as given.", "98.40")]
    currency: Annotated[str, shown("Currency code, a minor one as given.", "EUR")]
    basis: Annotated[Literal["UNIT", "PERCENT"], shown("Of a unit, or of one hundred of nominal.", "PERCENT")]


@dataclass(slots=True, kw_only=True, config=EXACT_MEMBERS)
class ListedTrade:
    """A trade as it is handed on."""

    intent_id: Annotated[str, shown("The intent.", "oi_1")]
    type: Annotated[Literal["SECURITY_TRADE"], shown("Always SECURITY_TRADE.", "SECURITY_TRADE")]
    instrument_id: Annotated[str, shown("The instrument.", "BOND_1")]
    side: Annotated[Literal["BUY", "SELL"], shown("Whether it is bought or sold.", "BUY")]
    quantity: Annotated[BareText, shown("Units, without trailing zeros.", "49000")]
    estimated_notional: Annotated[ResultMoney, shown("In the price's currency.", {"amount": "49009.80", "currency": "EUR"})]
    estimated_notional_base: Annotated[
        ResultMoney | None, shown("In base; null without a rate.", {"amount": "49009.80", "currency": "EUR"})
    ]
    price: Annotated[QuotedPrice, shown("The price that the notional rests on.")]
    accrued_interest: Annotated[
        ResultMoney | None, shown("Part of the notional that is accrued; absent where none is.", {"amount": "793.80", "currency": "EUR"})
    ] = None
    dependencies: Annotated[list[str], shown("Intents to settle first.", ["oi_fx_1"])]
    rationale: Annotated[AdvisedRationale, shown("Why it is ordered.", {"code": "MANUAL_PROPOSAL", "message": "Proposed by the advisor"})]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ListedDeal:
    """A currency deal as it is handed on."""

    intent_id: Annotated[str, shown("The intent.", "oi_fx_1")]
    pair: Annotated[str, shown("Bought/sold.", "USD/CHF")]
    buy_amount: Annotated[BareText, shown("Amount bought.", "3750")]
    sell_amount_estimated: Annotated[BareText, shown("Amount sold.", "3300")]
    rate: Annotated[WeightText | None, shown("As listed under the very pair, 4 decimals; null where it is not listed so.", "0.8800")]
    effective_rate: Annotated[BareText | None, shown("Units sold for one bought, all digits.", "0.88")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ExecutionNote:
    """Something to know when executing."""

    code: Annotated[Literal["DEPENDENCY"], shown("What it is about.", "DEPENDENCY")]
    text: Annotated[str, shown("In a sentence; wording may change.", "Some orders depend on earlier intents and wait for them.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class TradesAndFunding:
    """The orders."""

    trade_list: Annotated[list[ListedTrade], shown("In the order of the intents.", [])]
    fx_list: Annotated[list[ListedDeal], shown("By pair.", [])]
    ordering_policy: Annotated[Literal["CASH_FLOW->SELL->FX->BUY"], shown("Which kinds come first.", "CASH_FLOW->SELL->FX->BUY")]
    execution_notes: Annotated[list[ExecutionNote], shown("Empty where nothing waits.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class OneOffCharges:
    """What the orders cost; amounts in minor units of base."""

    commission: Annotated[ResultMoney, shown("Of the bank.", {"amount": "30.00", "currency": "EUR"})]
    transaction_tax: Annotated[ResultMoney, shown("Of the state.", {"amount": "0.00", "currency": "EUR"})]
    fx: Annotated[ResultMoney, shown("Of the currency deals: spread and rounding.", {"amount": "3.87", "currency": "EUR"})]
    total: Annotated[ResultMoney, shown("All of it.", {"amount": "33.87", "currency": "EUR"})]
    pct_of_traded: Annotated[RatioText | None, shown("Of what is traded; null without trades.", "0.007840")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class RunningCharges:
    """What a year costs; amounts in minor units of base."""

    products_before: Annotated[ResultMoney, shown("Of what is held now.", {"amount": "90.00", "currency": "EUR"})]
    products_after: Annotated[ResultMoney, shown("Of what is held then.", {"amount": "57.84", "currency": "EUR"})]
    service: Annotated[ResultMoney, shown("Of the bank's service.", {"amount": "55.73", "currency": "EUR"})]
    total_after: Annotated[ResultMoney, shown("Products then, and service.", {"amount": "113.57", "currency": "EUR"})]
    not_stated: Annotated[list[str], shown("Held then without a stated running cost, ascending.", ["EQ_US_1"])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ChargesEffect:
    """What so many years cost; no growth is assumed."""

    years: Annotated[int, shown("How many years are counted.", 5, ge=1)]
    amount: Annotated[ResultMoney, shown("One-off and running.", {"amount": "601.72", "currency": "EUR"})]
    pct: Annotated[RatioText | None, shown("Of the portfolio with what comes or goes; null where that is nothing.", "0.085959")]
    pct_per_year: Annotated[RatioText | None, shown("The same a year.", "0.017192")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class CostsAndCharges:
    """Costs before the fact."""

    one_off: Annotated[OneOffCharges, shown("Of the orders.")]
    running: Annotated[RunningCharges, shown("Of every year.")]
    effect: Annotated[list[ChargesEffect], shown("After one year and after the years of the disclosure.")]
