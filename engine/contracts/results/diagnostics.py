"""What the run noticed: warnings, what was left out, limits that acted, cash by day, missing data (dpm-engine 15)."""

from typing import Annotated, Any, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, shown
from engine.contracts.results.state import ResultMoney


@dataclass(slots=True, config=EXACT_MEMBERS)
class SuppressedIntent:
    """A trade too small to be worth it (RFC-0006, desk 6.3)."""

    instrument_id: Annotated[str, shown("The instrument.", "EQ_US_1")]
    reason: Annotated[Literal["BELOW_MIN_NOTIONAL", "BELOW_MIN_QUANTITY"], shown("Which minimum it breaks.", "BELOW_MIN_NOTIONAL")]
    intended_notional: Annotated[ResultMoney, shown("What it would have been.", {"amount": "90", "currency": "USD"})]
    threshold: Annotated[
        ResultMoney, shown("The threshold as configured; of a minimum quantity its value.", {"amount": "100", "currency": "USD"})
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DroppedIntent:
    """A trade that the turnover cap had no room for (RFC-0010)."""

    instrument_id: Annotated[str, shown("The instrument.", "EQ_US_1")]
    reason: Annotated[Literal["TURNOVER_LIMIT"], shown("Why it was left out.", "TURNOVER_LIMIT")]
    potential_notional: Annotated[ResultMoney, shown("Its notional in base.", {"amount": "450.0", "currency": "USD"})]
    score: Annotated[DecimalText, shown("Notional ÷ total value: the rank.", "0.3")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class FundingCut:
    """A buy that money made smaller (practice 2)."""

    instrument_id: Annotated[str, shown("The instrument.", "EQ_US_1")]
    sized_quantity: Annotated[DecimalText, shown("Units it was sized to.", "1195")]
    funded_quantity: Annotated[DecimalText, shown("Units ordered; 0 where nothing is.", "1191")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class GroupConstraintEvent:
    """A group that stood above its cap (RFC-0008)."""

    constraint_key: Annotated[str, shown("attribute:value.", "sector:TECH")]
    group_weight_before: Annotated[DecimalText, shown("Weight of all its members.", "0.60")]
    max_weight: Annotated[DecimalText, shown("The cap.", "0.30")]
    released_weight: Annotated[DecimalText, shown("What unlocked members gave up.", "0.30")]
    recipients: Annotated[dict[str, DecimalText], shown("Instrument to the share it received.", {"EQ_US_2": "0.30"})]
    status: Annotated[Literal["CAPPED", "BLOCKED"], shown("BLOCKED when nobody could receive.", "CAPPED")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class TaxBudgetConstraintEvent:
    """A sell that the gains budget or the lots cut (RFC-0009)."""

    instrument_id: Annotated[str, shown("The instrument.", "EQ_US_1")]
    requested_quantity: Annotated[DecimalText, shown("Units wanted.", "100")]
    allowed_quantity: Annotated[DecimalText, shown("Whole units left.", "33")]
    reason_code: Annotated[
        Literal["TAX_BUDGET_LIMIT_REACHED", "LOT_QUANTITY_SHORTFALL"],
        shown("Why less is sold: the budget of gains is used up, or the lots hold less.", "TAX_BUDGET_LIMIT_REACHED"),
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class CashLadderPoint:
    """Projected cash of one currency on one day (RFC-0011)."""

    date_offset: Annotated[int, shown("Days from the trade date.", 1, ge=0)]
    currency: Annotated[str, shown("Currency code.", "USD")]
    projected_balance: Annotated[DecimalText, shown("Balance at the end of the day.", "-1000")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class CashLadderBreach:
    """A projected balance below what may be overdrawn."""

    date_offset: Annotated[int, shown("Days from the trade date.", 1, ge=0)]
    currency: Annotated[str, shown("Currency code.", "USD")]
    projected_balance: Annotated[DecimalText, shown("Balance at the end of the day.", "-1000")]
    allowed_floor: Annotated[DecimalText, shown("Minus the overdraft allowance.", "0")]
    reason_code: Annotated[str, shown("OVERDRAFT_ON_T_PLUS_<day>.", "OVERDRAFT_ON_T_PLUS_1")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DataQuality:
    """What was needed and not given; each entry once, first met first (RFC-0003)."""

    price_missing: Annotated[list[str], shown("Instruments without a price.", ["EQ_US_1"])]
    fx_missing: Annotated[list[str], shown("Pairs FROM/TO without a rate.", ["EUR/USD"])]
    shelf_missing: Annotated[list[str], shown("Instruments of the model or of the trades that the shelf does not have.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DerivedRate:
    """A rate that no pair of the request gives, made of two legs through the hub (practice 6.2)."""

    pair: Annotated[str, shown("FROM/TO.", "EUR/JPY")]
    via: Annotated[str, shown("The hub.", "USD")]
    rate: Annotated[DecimalText, shown("Units of TO for one FROM.", "162.63")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DiagnosticsData:
    """Everything the run noticed."""

    warnings: Annotated[list[str], shown("Codes in order of raising.", ["PARTIAL_REBALANCE_TURNOVER_LIMIT"])]
    suppressed_intents: Annotated[list[SuppressedIntent], shown("Dust, in trace order.", [])]
    dropped_intents: Annotated[list[DroppedIntent], shown("In rank order.", [])]
    group_constraint_events: Annotated[list[GroupConstraintEvent], shown("In the order of the keys.", [])]
    tax_budget_constraint_events: Annotated[list[TaxBudgetConstraintEvent], shown("In trace order.", [])]
    cash_ladder: Annotated[list[CashLadderPoint], shown("By currency, then day; empty when not settlement-aware.", [])]
    cash_ladder_breaches: Annotated[list[CashLadderBreach], shown("By currency, then day.", [])]
    missing_fx_pairs: Annotated[list[Any], shown("Advisory only; empty.", [], max_length=0)]
    funding_plan: Annotated[list[Any], shown("Advisory only; empty.", [], max_length=0)]
    insufficient_cash: Annotated[list[Any], shown("Advisory only; empty.", [], max_length=0)]
    ineffective_constraints: Annotated[list[str], shown("Group keys, ascending, whose value no shelf entry has.", ["sector:TEHC"])]
    data_quality: Annotated[DataQuality, shown("Missing data.", {"price_missing": [], "fx_missing": [], "shelf_missing": []})]
    fx_derived: Annotated[
        list[DerivedRate] | None,
        shown("Rates that valued a row and that the hub gave; absent without any.", [{"pair": "EUR/JPY", "via": "USD", "rate": "162.63"}]),
    ] = None
    funding_cuts: Annotated[
        list[FundingCut] | None,
        shown(
            "Buys that money made smaller, ids ascending; absent without any.",
            [{"instrument_id": "EQ_US_1", "sized_quantity": "1195", "funded_quantity": "1191"}],
        ),
    ] = None
