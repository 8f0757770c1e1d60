"""Policy packs as they are answered: every policy present but for those that joined after 1.0 and are not stated (RFC-0022)."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.choices import AvailableCash
from engine.contracts.conventions import (
    Conventions,
    Dependencies,
    ExitsBelowMinimum,
    FxPolicy,
    MoneyRounding,
    QuantityRounding,
    TurnoverSharing,
    UnavailableWeight,
)
from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, shown
from engine.contracts.results.state import ResultMoney

Source = Literal["REQUEST", "TENANT_DEFAULT", "GLOBAL_DEFAULT", "NONE", "DISABLED"]
PACK = "conservative"


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmEffectivePolicyPackResolution:
    """The pack that a call with these headers would get; it need not exist."""

    enabled: Annotated[bool, shown("Whether packs are in use at all.", *[True])]
    selected_policy_pack_id: Annotated[str | None, shown("The pack; null without one.", PACK)]
    source: Annotated[Source, shown("Where it was named: by the call, as the tenant's default or as the deployment's.", "REQUEST")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackTurnoverPolicy:
    """Overrides of turnover."""

    max_turnover_pct: Annotated[DecimalText | None, shown("Most turnover, as a share of the total value.", "0.15")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackTaxPolicy:
    """Overrides of tax awareness."""

    enable_tax_awareness: Annotated[bool | None, shown("Sell tax lots of the highest cost first and report gains.", *[True])]
    max_realized_capital_gains: Annotated[DecimalText | None, shown("Most gains that sells may realise, in base currency.", "10000")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackSettlementPolicy:
    """Overrides of settlement awareness."""

    enable_settlement_awareness: Annotated[bool | None, shown("Project cash by currency and day; a day below its floor blocks.", *[True])]
    settlement_horizon_days: Annotated[int | None, shown("Least days of the projection.", 5)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackGroupConstraint:
    """Upper limit on the summed weight of a group."""

    max_weight: Annotated[DecimalText, shown("Largest weight, 0 to 1.", "0.20")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackConstraintPolicy:
    """Overrides of position and group limits."""

    single_position_max_weight: Annotated[DecimalText | None, shown("Largest weight of an instrument, 0 to 1.", "0.10")]
    group_constraints: Annotated[
        dict[str, DpmPolicyPackGroupConstraint],
        Field(description="Replaces the request's whole map when not empty.", examples=[{"sector:TECH": {"max_weight": "0.20"}}]),
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackWorkflowPolicy:
    """Overrides of the gates."""

    enable_workflow_gates: Annotated[bool | None, shown("Return a gate decision.", *[True])]
    workflow_requires_client_consent: Annotated[bool | None, shown("The client must consent to every run.", *[True])]
    client_consent_already_obtained: Annotated[bool | None, shown("The client has consented.", *[False])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackIdempotencyPolicy:
    """Override of the replay of simulate."""

    replay_enabled: Annotated[bool | None, shown("Answer a repeated call with the first answer.", *[True])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackPlausibilityPolicy:
    """What the bank doubts at least; null leaves a threshold to the request."""

    enabled: Annotated[Literal[True] | None, shown("Doubt, whatever the request says.", *[True])]
    max_order_weight: Annotated[DecimalText | None, shown("Largest order, as a share of the total value.", "0.5")]
    min_model_weight: Annotated[DecimalText | None, shown("A model that sums to no more is incomplete.", "0.8")]
    value_tolerance: Annotated[DecimalText | None, shown("Largest relative difference of a given market value.", "0.1")]
    fx_tolerance: Annotated[DecimalText | None, shown("How far a rate times its inverse pair may be from 1.", "0.005")]
    max_market_data_age_days: Annotated[int | None, shown("Days that market data may be older than the portfolio.", 3)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackTradingPolicy:
    """Overrides of how orders are made; null leaves an option to the request."""

    conventions: Annotated[Conventions | None, shown("Whose defaults hold for what neither pack nor request states.", "DESK")]
    funding: Annotated[Literal["REDUCE_BUYS"] | None, shown("Every run is guarded: buys are reduced to the money there is.", "REDUCE_BUYS")]
    quantity_rounding: Annotated[
        QuantityRounding | None, shown("Cut to whole lots, or to the nearest that can be paid.", "NEAREST_AFFORDABLE")
    ]
    odd_lot_exit: Annotated[bool | None, shown("A full exit may sell less than a whole lot.", *[True])]
    money_rounding: Annotated[MoneyRounding | None, shown("Keep all digits of FX deals, or round them to minor units.", "MINOR_UNITS")]
    turnover_policy: Annotated[
        TurnoverSharing | None, shown("Rank trades under the turnover cap, or cut them all to funded levels.", "FUNDED")
    ]
    fx_policy: Annotated[FxPolicy | None, shown("Sweep all foreign cash, or what base lacks.", "NEED_ONLY")]
    dependencies: Annotated[Dependencies | None, shown("Wait for the last sell, or for every order that pays.", "COMPLETE")]
    unavailable_weight: Annotated[UnavailableWeight | None, shown("Where weight goes that may not be bought.", "REDISTRIBUTE")]
    exits_below_minimum: Annotated[ExitsBelowMinimum | None, shown("Leave full exits out that are dust, or sell them.", "SELL")]
    explain: Annotated[bool | None, shown("Give a reason for every instrument.", *[True])]
    fx_hub: Annotated[str | None, shown("Currency through which missing rates are derived.", "USD")]
    max_distance_after: Annotated[DecimalText | None, shown("Distance after the orders beyond which somebody looks, 0 to 1.", "0.02")]
    plausibility: Annotated[DpmPolicyPackPlausibilityPolicy | None, shown("Thresholds of doubt.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackCashPolicy:
    """Overrides of what cash may pay."""

    available_cash: Annotated[AvailableCash | None, shown("Buys may use booked cash, or what has settled.", "SETTLED")]
    fx_min_deal: Annotated[
        ResultMoney | None, shown("Smallest FX deal, converted to the deal's currency.", {"amount": "1000", "currency": "USD"})
    ]
    cash_reserve: Annotated[dict[str, DecimalText], Field(description="Money that stays, by currency.", examples=[{"EUR": "5000"}])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackDefinition:
    """A policy pack: the bank's own options under a name. What is null leaves the request's option alone."""

    policy_pack_id: Annotated[str, shown("The pack.", PACK)]
    version: Annotated[str, shown("The bank's own version text.", "2026.1")]
    turnover_policy: Annotated[DpmPolicyPackTurnoverPolicy, shown("How much a run may trade.")]
    tax_policy: Annotated[DpmPolicyPackTaxPolicy, shown("Taxes on gains.")]
    settlement_policy: Annotated[DpmPolicyPackSettlementPolicy, shown("Settlement of cash.")]
    constraint_policy: Annotated[DpmPolicyPackConstraintPolicy, shown("Limits of positions and groups.")]
    workflow_policy: Annotated[DpmPolicyPackWorkflowPolicy, shown("Gates and the client's consent.")]
    idempotency_policy: Annotated[DpmPolicyPackIdempotencyPolicy, shown("What a key that is sent again gets.")]
    trading_policy: Annotated[DpmPolicyPackTradingPolicy | None, shown("Orders; absent where nothing of it is stated.")] = None
    cash_policy: Annotated[DpmPolicyPackCashPolicy | None, shown("Cash; absent where nothing of it is stated.")] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackCatalogResponse:
    """All packs, and the one that a call with these headers would get."""

    enabled: Annotated[bool, shown("Whether packs are in use at all.", *[True])]
    total: Annotated[int, shown("How many there are.", 1, ge=0)]
    selected_policy_pack_id: Annotated[str | None, shown("The pack that is asked for; null without one.", PACK)]
    selected_policy_pack_present: Annotated[bool, shown("Whether there is such a pack.", *[True])]
    selected_policy_pack_source: Annotated[
        Source, shown("Where it was named: by the call, as the tenant's default or as the deployment's.", "REQUEST")
    ]
    items: Annotated[list[DpmPolicyPackDefinition], shown("All packs, ids ascending.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DpmPolicyPackMutationResponse:
    """A pack as it stands after it was written."""

    item: Annotated[DpmPolicyPackDefinition, shown("The pack.")]
