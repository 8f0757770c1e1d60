"""What both flows may be asked for: the options of release 1.0, and what stands for a default that conventions decide.

An unknown member is refused at any depth: a misspelt limit must never be silently dropped. The order of the fields
decides which violation is reported first (RFC-0013).
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from engine.contracts.choices import FundingMode, FundingSource, FxGenerationPolicy, TargetMethod, ValuationMode
from engine.contracts.conventions import Default
from engine.contracts.limits import GroupConstraint, OptionMoney, SuitabilityThresholds, group_keys, ordered_band
from engine.contracts.scalars import ATTRIBUTE_AND_VALUE, STRICT_MEMBERS, Fraction, Identifier, NonNegative, Text

BY_CONVENTIONS: Final[Any] = None
"""Stands for a default until the conventions beside it are known."""


def option(description: str, example: Any = None, **bounds: Any) -> Any:
    """Describe an option."""
    return Field(description=description, examples=[example], **bounds)


def by_conventions(default: Default, description: str) -> Any:
    """Describe an option whose default depends on the conventions beside it."""
    text = f"{description} By default {json.dumps(default.classic)} under CLASSIC, {json.dumps(default.desk)} under DESK."
    return Field(description=text, examples=[default.desk], json_schema_extra={"default": default.classic})


def let_conventions_decide(options: Any, defaults: Mapping[str, Any]) -> None:
    """Fill in what is not given."""
    for name, default in defaults.items():
        if getattr(options, name) is None:
            object.__setattr__(options, name, default)  # it is frozen to everybody else


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class SharedOptions:
    """How to decide, in either flow. Fields marked advisory have no effect on a discretionary run."""

    valuation_mode: Annotated[
        ValuationMode,
        option("What holdings are worth: quantity × price, or the custodian's market value where one is given.", "CALCULATED"),
    ] = ValuationMode.CALCULATED
    target_method: Annotated[
        TargetMethod,
        option("How model weights become feasible targets: by proportional steps, or by the exact, certified solver.", "HEURISTIC"),
    ] = TargetMethod.HEURISTIC
    compare_target_methods: Annotated[
        bool, option("Also make targets by the other method and report the differences; the orders do not change.", example=False)
    ] = False
    compare_target_methods_tolerance: Annotated[NonNegative, option("Differences of weight up to this are not reported.", "0.0001")] = (
        Decimal("0.0001")
    )
    cash_band_min_weight: Annotated[
        Fraction, option("Least cash after the run, of the total value; SOFT. A guarded run keeps it in base currency.", "0.01")
    ] = Decimal("0.00")
    cash_band_max_weight: Annotated[Fraction, option("Most cash after the run, of the total value; SOFT.", "0.05")] = Decimal("1.00")
    single_position_max_weight: Annotated[
        Fraction | None,
        option("Largest weight of an instrument, 0 to 1; null is no limit. Above it by more than 0.001 is a breach.", "0.10"),
    ] = None
    min_trade_notional: Annotated[
        OptionMoney | None,
        option(
            "Orders with a smaller notional are dust; wins over the shelf's `min_notional`, converted to the price's currency.",
            {"amount": "500", "currency": "USD"},
        ),
    ] = None
    allow_restricted: Annotated[bool, option("Whether model targets that the shelf calls RESTRICTED may be traded.", example=False)] = False
    suppress_dust_trades: Annotated[
        bool, option("Leave dust out and list it in `diagnostics.suppressed_intents`; false orders it.", example=True)
    ] = True
    dust_trade_threshold: Annotated[OptionMoney | None, option("Accepted and hashed, without effect; use `min_trade_notional`.")] = None
    fx_buffer_pct: Annotated[
        Fraction, option("Share that a funding deal buys on top of what is needed: 0.01 is 1 %. It stays in the foreign currency.", "0.01")
    ] = Decimal("0.01")
    block_on_missing_prices: Annotated[
        bool, option("A missing price blocks the run; false leaves the instrument alone and asks for a review.", example=True)
    ] = True
    block_on_missing_fx: Annotated[
        bool, option("A missing rate blocks the run; false leaves what needs it alone and asks for a review.", example=True)
    ] = True
    min_cash_buffer_pct: Annotated[
        Fraction,
        option("Share of the total value that the heuristic leaves in cash; a guarded run also keeps it in base currency.", "0.005"),
    ] = Decimal("0.0")
    max_turnover_pct: Annotated[
        Fraction | None, option("Most that buys and sells may come to together, as a share of the total value; null is no limit.", "0.15")
    ] = None
    enable_tax_awareness: Annotated[
        bool,
        option(
            "Sell tax lots of the highest cost first, check that lots sum to the quantity, and report gains in `tax_impact`.", example=False
        ),
    ] = False
    max_realized_capital_gains: Annotated[
        NonNegative | None,
        option("Most gains that sells may realise, in base currency, losses not netted; null is no limit. Needs tax awareness.", "10000"),
    ] = None
    enable_settlement_awareness: Annotated[
        bool, option("Project cash by currency and day; a day below its floor blocks the run.", example=False)
    ] = False
    enable_proposal_simulation: Annotated[
        bool, option("Proposals only: must be true, else PROPOSAL_SIMULATION_DISABLED.", example=False)
    ] = False
    enable_workflow_gates: Annotated[
        bool, option("Return `gate_decision`: who must look at the run before it is executed.", example=True)
    ] = True
    workflow_requires_client_consent: Annotated[bool, option("The mandate asks for the client's consent to every run.", example=False)] = (
        False
    )
    client_consent_already_obtained: Annotated[bool, option("The client has consented to this run.", example=False)] = False
    proposal_apply_cash_flows_first: Annotated[
        bool,
        option(
            "Proposals only: false lets withdrawals wait for the sells where `proposal_withdrawals` says nothing; true has them at once.",
            example=True,
        ),
    ] = True
    proposal_block_negative_cash: Annotated[
        bool,
        option("Proposals only: a withdrawal that the cash at hand does not cover blocks, where withdrawals do not wait.", example=True),
    ] = True
    link_buy_to_same_currency_sell_dependency: Annotated[
        bool | None,
        option(
            "Buys wait for the last sell in their currency; null is true here, false in advisory. Without effect under COMPLETE dependencies."
        ),
    ] = None
    enable_drift_analytics: Annotated[
        bool, option("Proposals only: measure the drift from the reference model, where one is given.", example=True)
    ] = True
    enable_suitability_scanner: Annotated[
        bool, option("Proposals only: look for issues that the proposal brings, makes worse or ends.", example=True)
    ] = True
    suitability_thresholds: Annotated[
        SuitabilityThresholds, AfterValidator(ordered_band), option("Proposals only: the limits that the scanner measures against.", {})
    ] = Field(default_factory=cache(SuitabilityThresholds))  # one for all: nobody changes options, and most runs never read them
    enable_instrument_drift: Annotated[
        bool, option("Proposals only: measure drift by instrument too, where the reference model has instruments.", example=True)
    ] = True
    drift_top_contributors_limit: Annotated[int, option("Proposals only: most rows of the largest drifts, 1 to 20.", 5, ge=1, le=20)] = 5
    drift_unmodeled_exposure_threshold: Annotated[
        Fraction, option("Proposals only: from which weight a holding that the reference model does not have is told.", "0.01")
    ] = Decimal("0.01")
    auto_funding: Annotated[bool, option("Proposals only: make the FX deals that pay for buys; false makes none.", example=True)] = True
    funding_mode: Annotated[FundingMode, option("Proposals only: how foreign buys are paid; there is one way today.", "AUTO_FX")] = (
        FundingMode.AUTO_FX
    )
    fx_funding_source_currency: Annotated[
        FundingSource,
        option("Proposals only: what may be sold for a currency: base alone, or base first and then any other cash.", "ANY_CASH"),
    ] = FundingSource.ANY_CASH
    fx_generation_policy: Annotated[
        FxGenerationPolicy,
        option("Proposals only: how FX deals are bundled; there is one way today, a deal for each currency.", "ONE_FX_PER_CCY"),
    ] = FxGenerationPolicy.ONE_FX_PER_CCY
    settlement_horizon_days: Annotated[
        int, option("Least days of the projection; it grows to the latest settlement or counted cash flow.", 5, ge=0, le=10)
    ] = 5
    fx_settlement_days: Annotated[int, option("Days from the trade until both legs of an FX deal settle.", 2, ge=0, le=10)] = 2
    max_overdraft_by_ccy: Annotated[
        dict[Identifier, NonNegative],
        option("How far projected cash may fall below 0, by currency, as a positive amount; other currencies not at all.", {"USD": "1000"}),
    ] = Field(default_factory=dict)
    group_constraints: Annotated[
        dict[Text, GroupConstraint],
        AfterValidator(group_keys),
        option(
            "Largest summed weight of all instruments whose shelf entry has this attribute, by `attribute:value`.",
            {"sector:TECH": {"max_weight": "0.25"}},
            json_schema_extra={"propertyNames": {"pattern": ATTRIBUTE_AND_VALUE}},
        ),
    ] = Field(default_factory=dict)
