"""What a proposal's decision noticed: what was changed, left out, missing, and how buys are funded (advisory-engine 11, advisory-practice 3)."""

from typing import Annotated, Any, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.results.diagnostics import DataQuality, DerivedRate
from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, shown

Adjustment = Literal["LOT_SIZE", "WHOLE_HOLDING", "HOLDING", "MONEY_ROUNDING", "FUNDS"]


@dataclass(slots=True, config=EXACT_MEMBERS)
class FundingPlanRow:
    """What the buys in a currency need; amounts in it."""

    target_currency: Annotated[str, shown("The currency.", "USD")]
    required: Annotated[DecimalText, shown("What its buys cost.", "4000.00")]
    available_before_fx: Annotated[DecimalText, shown("What there is of it.", "250.00")]
    fx_needed: Annotated[DecimalText, shown("What must be bought of it.", "3750.00")]
    fx_pair: Annotated[str | None, shown("Pair of the deal; null without one.", "USD/EUR")]
    funding_currency: Annotated[str | None, shown("Currency that pays; null without a deal.", "EUR")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Deficit:
    """What the nearest source lacks to fund a currency."""

    currency: Annotated[str, shown("The source.", "EUR")]
    deficit: Annotated[DecimalText, shown("What it lacks, in it.", "380.00")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class TradeAdjustment:
    """A trade whose quantity is another than was asked for."""

    intent_id: Annotated[str, shown("The trade.", "oi_1")]
    instrument_id: Annotated[str, shown("Its instrument.", "EQ_US_1")]
    side: Annotated[Literal["BUY", "SELL"], shown("Whether it is bought or sold.", "BUY")]
    proposed_quantity: Annotated[DecimalText, shown("Units asked for.", "19.0249")]
    quantity: Annotated[DecimalText, shown("Units dealt.", "19")]
    reason_codes: Annotated[list[Adjustment], shown("Why, in the order of happening.", ["LOT_SIZE"])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SkippedTrade:
    """A trade that is not among the intents."""

    intent_id: Annotated[str, shown("The trade.", "oi_2")]
    instrument_id: Annotated[str, shown("Its instrument.", "EQ_US_1")]
    side: Annotated[Literal["BUY", "SELL"], shown("Whether it is bought or sold.", "BUY")]
    reason_code: Annotated[str, shown("Why less is dealt, or nothing.", "FUNDS")]


@dataclass(slots=True, kw_only=True, config=EXACT_MEMBERS)
class ProposalDiagnostics:
    """Everything that was noticed. What only a discretionary run has is empty."""

    warnings: Annotated[list[str], shown("Codes in order of raising.", ["BUYS_REDUCED_TO_FUNDS"])]
    suppressed_intents: Annotated[list[Any], shown("Of runs only; empty.", [], max_length=0)]
    dropped_intents: Annotated[list[Any], shown("Of runs only; empty.", [], max_length=0)]
    group_constraint_events: Annotated[list[Any], shown("Of runs only; empty.", [], max_length=0)]
    tax_budget_constraint_events: Annotated[list[Any], shown("Of runs only; empty.", [], max_length=0)]
    cash_ladder: Annotated[list[Any], shown("Of runs only; empty.", [], max_length=0)]
    cash_ladder_breaches: Annotated[list[Any], shown("Of runs only; empty.", [], max_length=0)]
    missing_fx_pairs: Annotated[list[str], shown("Funding pairs without a rate.", ["USD/EUR"])]
    funding_plan: Annotated[list[FundingPlanRow], shown("By currency, ascending.", [])]
    insufficient_cash: Annotated[list[Deficit], shown("What is missing most nearly.", [])]
    ineffective_constraints: Annotated[list[Any], shown("Of runs only; empty.", [], max_length=0)]
    data_quality: Annotated[DataQuality, shown("Missing data.", {"price_missing": [], "fx_missing": [], "shelf_missing": []})]
    fx_derived: Annotated[
        list[DerivedRate] | None,
        shown("Rates that the hub gave; absent without any.", [{"pair": "EUR/JPY", "via": "USD", "rate": "162.63"}]),
    ] = None
    trade_adjustments: Annotated[list[TradeAdjustment], shown("In the order of the request.", [])]
    skipped_trades: Annotated[list[SkippedTrade], shown("In the order of the request.", [])]
