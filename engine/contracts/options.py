"""How to decide: the options of a run, one model for the discretionary and the advisory flow.

An unknown member is refused at any depth: a misspelt limit must never be silently dropped. The order of the fields
decides which violation is reported first (RFC-0013).
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.conventions import (
    DEFAULTS,
    Conventions,
    Dependencies,
    ExitsBelowMinimum,
    Funding,
    FxPolicy,
    MoneyRounding,
    QuantityRounding,
    TurnoverSharing,
    UnavailableWeight,
)
from engine.contracts.plausibility import Plausibility
from engine.contracts.scalars import STRICT_MEMBERS, Fraction, Identifier, NonNegative, Text
from engine.contracts.snapshots import LiquidityTier

BY_CONVENTIONS: Final[Any] = None
"""Stands for a default until the conventions beside it are known."""


class ValuationMode(StrEnum):
    """Whether holdings are valued by quantity × price or by the custodian's market value (RFC-0004)."""

    CALCULATED = "CALCULATED"
    TRUST_SNAPSHOT = "TRUST_SNAPSHOT"


class TargetMethod(StrEnum):
    """How model weights become feasible targets (RFC-0012)."""

    HEURISTIC = "HEURISTIC"
    SOLVER = "SOLVER"


class RebalanceMode(StrEnum):
    """What a run is for (desk 5)."""

    FULL = "FULL"


class AvailableCash(StrEnum):
    """Whether buys may use booked cash, or only what has settled (desk 6.1)."""

    BOOKED = "BOOKED"
    SETTLED = "SETTLED"


class FundingMode(StrEnum):
    """How proposals pay for buys in foreign currency."""

    AUTO_FX = "AUTO_FX"


class FundingSource(StrEnum):
    """Which cash may pay for an automatic FX deal."""

    BASE_ONLY = "BASE_ONLY"
    ANY_CASH = "ANY_CASH"


class FxGenerationPolicy(StrEnum):
    """How automatic FX deals are bundled."""

    ONE_FX_PER_CCY = "ONE_FX_PER_CCY"


class IssueSeverity(StrEnum):
    """Weight of a suitability issue."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


@dataclass(slots=True, config=STRICT_MEMBERS)
class OptionMoney:
    """A threshold among the options."""

    amount: Annotated[NonNegative, Field(description="Amount, not negative.", examples=["1000"])]
    currency: Annotated[Identifier, Field(description="Currency code.", examples=["USD"])]


@dataclass(slots=True, config=STRICT_MEMBERS)
class GroupConstraint:
    """Upper limit on the summed weight of a group."""

    max_weight: Annotated[Fraction, Field(description="Largest weight, 0 to 1.", examples=["0.25"])]


def group_keys(constraints: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse keys that are not attribute:value."""
    for key in constraints:
        if key.count(":") != 1 or key[0] == ":" or key[-1] == ":":
            raise PydanticCustomError("value_error", "A group key has the form attribute:value")
    return constraints


def _ordered_band(thresholds: "SuitabilityThresholds") -> "SuitabilityThresholds":
    if thresholds.cash_band_min_weight > thresholds.cash_band_max_weight:
        raise PydanticCustomError("value_error", "cash_band_min_weight exceeds cash_band_max_weight")
    return thresholds


def _tier_limits() -> dict[LiquidityTier, Decimal]:
    return {LiquidityTier.L4: Decimal("0.10"), LiquidityTier.L5: Decimal("0.05")}


@dataclass(slots=True, config=STRICT_MEMBERS)
class SuitabilityThresholds:
    """Limits of the advisory suitability scanner; all weights 0 to 1."""

    single_position_max_weight: Annotated[Fraction, Field(description="Per instrument.")] = Decimal("0.10")
    issuer_max_weight: Annotated[Fraction, Field(description="Per issuer.")] = Decimal("0.20")
    max_weight_by_liquidity_tier: Annotated[dict[LiquidityTier, Fraction], Field(description="Per liquidity tier, L1 to L5.")] = Field(
        default_factory=_tier_limits
    )
    cash_band_min_weight: Annotated[Fraction, Field(description="Least cash.")] = Decimal("0.01")
    cash_band_max_weight: Annotated[Fraction, Field(description="Most cash, not below the least.")] = Decimal("0.05")
    data_quality_issue_severity: Annotated[IssueSeverity, Field(description="Severity of missing data.")] = IssueSeverity.MEDIUM


def _option(description: str, example: Any = None, **bounds: Any) -> Any:
    return Field(description=description, examples=[example], **bounds)


def _by_conventions(name: str, description: str) -> Any:
    """Describe an option whose default depends on the conventions beside it."""
    default = DEFAULTS[name]
    text = f"{description} Under DESK {json.dumps(default.desk)} by default."
    return Field(description=text, examples=[default.desk], json_schema_extra={"default": default.classic})


def _only(default: Any) -> BeforeValidator:
    """Accept an option at its default alone, as long as nothing else is built: what it asks for must never be silently dropped."""

    def unchanged(given: Any) -> Any:
        if given != default:
            raise PydanticCustomError("extra_forbidden", "Unknown members are not permitted")
        return given

    return BeforeValidator(unchanged)


@dataclass(slots=True, config=STRICT_MEMBERS)
class EngineOptions:
    """How to decide. Fields marked advisory have no effect on a discretionary run."""

    valuation_mode: Annotated[ValuationMode, _option("Source of holding values.", "CALCULATED")] = ValuationMode.CALCULATED
    target_method: Annotated[TargetMethod, _option("How targets are made.", "HEURISTIC")] = TargetMethod.HEURISTIC
    compare_target_methods: Annotated[bool, _option("Also run the other method and report.", example=False)] = False
    compare_target_methods_tolerance: Annotated[NonNegative, _option("Weight difference worth reporting.", "0.0001")] = Decimal("0.0001")
    cash_band_min_weight: Annotated[Fraction, _option("Least cash after the run.", "0.01")] = Decimal("0.00")
    cash_band_max_weight: Annotated[Fraction, _option("Most cash after the run.", "0.05")] = Decimal("1.00")
    single_position_max_weight: Annotated[Fraction | None, _option("Cap per instrument.", "0.10")] = None
    min_trade_notional: Annotated[
        OptionMoney | None, _option("Dust threshold, wins over the shelf's.", {"amount": "500", "currency": "USD"})
    ] = None
    allow_restricted: Annotated[bool, _option("RESTRICTED targets may be traded.", example=False)] = False
    suppress_dust_trades: Annotated[bool, _option("Leave out orders under the threshold.", example=True)] = True
    dust_trade_threshold: Annotated[OptionMoney | None, _option("Accepted and hashed, without effect.")] = None
    fx_buffer_pct: Annotated[Fraction, _option("Extra on FX that funds buys.", "0.01")] = Decimal("0.01")
    block_on_missing_prices: Annotated[bool, _option("A missing price blocks the run.", example=True)] = True
    block_on_missing_fx: Annotated[bool, _option("A missing FX rate blocks the run.", example=True)] = True
    min_cash_buffer_pct: Annotated[Fraction, _option("Cash kept back by the heuristic.", "0.005")] = Decimal("0.0")
    max_turnover_pct: Annotated[Fraction | None, _option("Turnover cap, of the total value.", "0.15")] = None
    enable_tax_awareness: Annotated[bool, _option("Sell by lots and report gains.", example=False)] = False
    max_realized_capital_gains: Annotated[NonNegative | None, _option("Gains budget, base currency.", "10000")] = None
    enable_settlement_awareness: Annotated[bool, _option("Check cash day by day.", example=False)] = False
    enable_proposal_simulation: Annotated[bool, _option("Advisory: the feature switch.", example=False)] = False
    enable_workflow_gates: Annotated[bool, _option("Return a gate decision.", example=True)] = True
    workflow_requires_client_consent: Annotated[bool, _option("The client must consent.", example=False)] = False
    client_consent_already_obtained: Annotated[bool, _option("The client has consented.", example=False)] = False
    proposal_apply_cash_flows_first: Annotated[bool, _option("Advisory: cash before trades.", example=True)] = True
    proposal_block_negative_cash: Annotated[bool, _option("Advisory: negative cash blocks.", example=True)] = True
    link_buy_to_same_currency_sell_dependency: Annotated[
        bool | None, _option("Buys wait for the last sell in their currency; null is true here, false in advisory.")
    ] = None
    enable_drift_analytics: Annotated[bool, _option("Advisory: drift.", example=True)] = True
    enable_suitability_scanner: Annotated[bool, _option("Advisory: suitability.", example=True)] = True
    suitability_thresholds: Annotated[
        SuitabilityThresholds, AfterValidator(_ordered_band), _option("Advisory: limits of the scanner.", {})
    ] = Field(default_factory=cache(SuitabilityThresholds))  # one for all: nobody changes options, and most runs never read them
    enable_instrument_drift: Annotated[bool, _option("Advisory: drift per instrument.", example=True)] = True
    drift_top_contributors_limit: Annotated[int, _option("Advisory: rows, 1 to 20.", 5, ge=1, le=20)] = 5
    drift_unmodeled_exposure_threshold: Annotated[Fraction, _option("Advisory: weight.", "0.01")] = Decimal("0.01")
    auto_funding: Annotated[bool, _option("Advisory: fund foreign buys.", example=True)] = True
    funding_mode: Annotated[FundingMode, _option("Advisory.", "AUTO_FX")] = FundingMode.AUTO_FX
    fx_funding_source_currency: Annotated[FundingSource, _option("Advisory.", "ANY_CASH")] = FundingSource.ANY_CASH
    fx_generation_policy: Annotated[FxGenerationPolicy, _option("Advisory.", "ONE_FX_PER_CCY")] = FxGenerationPolicy.ONE_FX_PER_CCY
    settlement_horizon_days: Annotated[int, _option("Least days of the ladder.", 5, ge=0, le=10)] = 5
    fx_settlement_days: Annotated[int, _option("Days until FX settles.", 2, ge=0, le=10)] = 2
    max_overdraft_by_ccy: Annotated[dict[Identifier, NonNegative], _option("Overdraft by currency.", {"USD": "1000"})] = Field(
        default_factory=dict
    )
    group_constraints: Annotated[
        dict[Text, GroupConstraint],
        AfterValidator(group_keys),
        _option("Caps by attribute:value.", {"sector:TECH": {"max_weight": "0.25"}}),
    ] = Field(default_factory=dict)
    mode: Annotated[RebalanceMode, _only("FULL"), _option("What the run is for.", "FULL")] = RebalanceMode.FULL
    raise_cash: Annotated[None, _only(None), _option("Not yet; null.")] = None
    drift_bands: Annotated[None, _only(None), _option("Not yet; null.")] = None
    directives: Annotated[list[Any], _only([]), _option("Not yet; empty.", [])] = Field(default_factory=list)
    cash_reserve: Annotated[dict[Identifier, NonNegative], _option("Cash that stays, by currency.", {"EUR": "5000"})] = Field(
        default_factory=dict
    )
    available_cash: Annotated[AvailableCash, _option("Which cash may pay for buys.", "SETTLED")] = AvailableCash.BOOKED
    funding: Annotated[Funding | None, _by_conventions("funding", "Whether buys are reduced to the money there is; null as it needs.")] = (
        BY_CONVENTIONS
    )
    quantity_rounding: Annotated[QuantityRounding, _by_conventions("quantity_rounding", "Which whole lot a quantity becomes.")] = (
        BY_CONVENTIONS
    )
    odd_lot_exit: Annotated[bool, _option("A full exit may break a lot.", example=True)] = True
    money_rounding: Annotated[MoneyRounding, _by_conventions("money_rounding", "Whether money is rounded to minor units.")] = BY_CONVENTIONS
    fx_min_deal: Annotated[OptionMoney | None, _option("Smallest FX deal.", {"amount": "1000", "currency": "USD"})] = None
    costs: Annotated[None, _only(None), _option("Not yet; null.")] = None
    max_cost_ratio: Annotated[None, _only(None), _option("Not yet; null.")] = None
    turnover_policy: Annotated[TurnoverSharing, _by_conventions("turnover_policy", "How the turnover cap is shared.")] = BY_CONVENTIONS
    explain: Annotated[bool, _by_conventions("explain", "Say of every instrument why.")] = BY_CONVENTIONS
    conventions: Annotated[Conventions, _option("Whose defaults hold for what is not stated.", "DESK")] = Conventions.CLASSIC
    plausibility: Annotated[Plausibility, _option("When a valid request is doubted.", {})] = Field(default_factory=cache(Plausibility))
    fx_hub: Annotated[Identifier | None, _option("Currency through which missing pairs are derived.", "USD")] = None
    fx_policy: Annotated[FxPolicy, _by_conventions("fx_policy", "How much foreign cash is swept into base.")] = BY_CONVENTIONS
    dependencies: Annotated[Dependencies, _by_conventions("dependencies", "Which orders a buy waits for.")] = BY_CONVENTIONS
    unavailable_weight: Annotated[
        UnavailableWeight, _by_conventions("unavailable_weight", "Where weight goes that the shelf does not let be bought.")
    ] = BY_CONVENTIONS
    exits_below_minimum: Annotated[ExitsBelowMinimum, _by_conventions("exits_below_minimum", "Whether full exits may be dust.")] = (
        BY_CONVENTIONS
    )
    max_distance_after: Annotated[Fraction | None, _option("Distance from the target beyond which somebody looks.", "0.02")] = None

    def __post_init__(self) -> None:
        """Let the conventions decide what is not given."""
        for name, default in DEFAULTS.items():
            if getattr(self, name) is None:
                setattr(self, name, default.under(self.conventions))
