"""What a proposal would have done: money in and out, trades, currency deals; and what that costs (advisory-engine 15, advisory-practice 6)."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, shown
from engine.contracts.results.state import ResultMoney


@dataclass(slots=True, config=EXACT_MEMBERS)
class AdvisedRationale:
    """Why there is an intent."""

    code: Annotated[Literal["MANUAL_PROPOSAL", "FUNDING", "SWEEP"], shown("The reason.", "MANUAL_PROPOSAL")]
    message: Annotated[str, shown("The reason in words; wording may change.", "Proposed by the advisor")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class CashFlowIntent:
    """Money that comes in or goes out, before the trades."""

    intent_type: Annotated[Literal["CASH_FLOW"], shown("What kind of order this is.", "CASH_FLOW")]
    intent_id: Annotated[str, shown("oi_cf_<n>, n its place in the request.", "oi_cf_1")]
    currency: Annotated[str, shown("Currency code.", "EUR")]
    amount: Annotated[DecimalText, shown("Positive comes in, negative goes out.", "-50000")]
    description: Annotated[str | None, shown("As given.", "Purchase of a house")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class AdvisedTradeIntent:
    """A proposed trade as it can be executed."""

    intent_type: Annotated[Literal["SECURITY_TRADE"], shown("What kind of order this is.", "SECURITY_TRADE")]
    intent_id: Annotated[str, shown("oi_<n>, n its place in the request; trades that were left out leave gaps.", "oi_1")]
    instrument_id: Annotated[str, shown("Instrument to trade.", "EQ_US_1")]
    side: Annotated[Literal["BUY", "SELL"], shown("Whether it is bought or sold.", "BUY")]
    quantity: Annotated[DecimalText, shown("Units, of a PERCENT instrument its nominal.", "19")]
    notional: Annotated[ResultMoney, shown("Quantity × unit value, in the price's currency.", {"amount": "3994.75", "currency": "USD"})]
    notional_base: Annotated[
        ResultMoney | None, shown("The notional in base; null without a rate.", {"amount": "3994.75", "currency": "USD"})
    ]
    dependencies: Annotated[list[str], shown("Intents to settle first.", ["oi_fx_1"])]
    rationale: Annotated[AdvisedRationale, shown("Why it is ordered.", {"code": "MANUAL_PROPOSAL", "message": "Proposed by the advisor"})]
    constraints_applied: Annotated[list[str], shown("What applied to its size.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class AdvisedFxIntent:
    """A currency deal that pays for what the proposal buys or takes out, or sells foreign cash for base."""

    intent_type: Annotated[Literal["FX_SPOT"], shown("What kind of order this is.", "FX_SPOT")]
    intent_id: Annotated[str, shown("oi_fx_<n>, n counts the deals in the order of their making.", "oi_fx_1")]
    pair: Annotated[str, shown("Bought/sold.", "USD/EUR")]
    buy_currency: Annotated[str, shown("Currency bought.", "USD")]
    buy_amount: Annotated[DecimalText, shown("Amount bought, in minor units.", "3750.00")]
    sell_currency: Annotated[str, shown("Currency sold.", "EUR")]
    sell_amount_estimated: Annotated[DecimalText, shown("Amount sold at the given rate, in minor units.", "3300.00")]
    dependencies: Annotated[list[str], shown("Intents to settle first; empty where each currency is funded by itself.", [])]
    rationale: Annotated[AdvisedRationale, shown("Why it is dealt.", {"code": "FUNDING", "message": "Fund"})]


AdvisedIntent = Annotated[CashFlowIntent | AdvisedTradeIntent | AdvisedFxIntent, Field(discriminator="intent_type")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class TradeCost:
    """What an order costs, in the currency of its price."""

    intent_id: Annotated[str, shown("The order.", "oi_1")]
    instrument_id: Annotated[str, shown("Its instrument.", "EQ_US_1")]
    commission: Annotated[ResultMoney, shown("What the bank charges.", {"amount": "15", "currency": "EUR"})]
    transaction_tax: Annotated[ResultMoney, shown("What the state takes.", {"amount": "0", "currency": "EUR"})]
    net_cash: Annotated[
        ResultMoney, shown("What it does to cash, costs counted; negative for a buy.", {"amount": "-915", "currency": "EUR"})
    ]
    total_base: Annotated[ResultMoney, shown("Both costs in base.", {"amount": "15", "currency": "EUR"})]


@dataclass(slots=True, config=EXACT_MEMBERS)
class FxCost:
    """What a currency deal costs."""

    intent_id: Annotated[str, shown("The deal.", "oi_fx_1")]
    total_base: Annotated[ResultMoney, shown("Sold less bought, both at mid: spread and rounding.", {"amount": "3.87", "currency": "EUR"})]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Costs:
    """What the intents cost; only where a schedule is given."""

    total: Annotated[ResultMoney, shown("All of it, in base.", {"amount": "33.87", "currency": "EUR"})]
    trades: Annotated[list[TradeCost], shown("In the order of the intents.", [])]
    fx: Annotated[list[FxCost], shown("In the order of the intents.", [])]
    turnover_bps: Annotated[
        DecimalText | None, shown("Of what is traded, in hundredths of a per cent, 12 decimals; null without trades.", "78.4")
    ]
