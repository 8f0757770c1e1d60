"""How to decide: the options of a run, one model for the discretionary and the advisory flow.

An unknown member is refused at any depth: a misspelt limit must never be silently dropped. The order of the fields
decides which violation is reported first (RFC-0013).
"""

import json
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.choices import (
    AvailableCash,
    FundingMode,
    FundingSource,
    FxGenerationPolicy,
    RebalanceMode,
    TargetMethod,
    ValuationMode,
)
from engine.contracts.conventions import (
    DEFAULTS,
    DEFAULTS_UNDER,
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
from engine.contracts.limits import GroupConstraint, OptionMoney, SuitabilityThresholds, group_keys, ordered_band
from engine.contracts.plausibility import Plausibility
from engine.contracts.scalars import STRICT_MEMBERS, Fraction, Identifier, NonNegative, Text

BY_CONVENTIONS: Final[Any] = None
"""Stands for a default until the conventions beside it are known."""


def _option(description: str, example: Any = None, **bounds: Any) -> Any:
    return Field(description=description, examples=[example], **bounds)


def _by_conventions(name: str, description: str) -> Any:
    """Describe an option whose default depends on the conventions beside it."""
    default = DEFAULTS[name]
    text = f"{description} By default {json.dumps(default.classic)} under CLASSIC, {json.dumps(default.desk)} under DESK."
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

    valuation_mode: Annotated[
        ValuationMode,
        _option("What holdings are worth: quantity × price, or the custodian's market value where one is given.", "CALCULATED"),
    ] = ValuationMode.CALCULATED
    target_method: Annotated[
        TargetMethod,
        _option("How model weights become feasible targets: by proportional steps, or by the exact, certified solver.", "HEURISTIC"),
    ] = TargetMethod.HEURISTIC
    compare_target_methods: Annotated[
        bool, _option("Also make targets by the other method and report the differences; the orders do not change.", example=False)
    ] = False
    compare_target_methods_tolerance: Annotated[NonNegative, _option("Differences of weight up to this are not reported.", "0.0001")] = (
        Decimal("0.0001")
    )
    cash_band_min_weight: Annotated[
        Fraction, _option("Least cash after the run, of the total value; SOFT. A guarded run keeps it in base currency.", "0.01")
    ] = Decimal("0.00")
    cash_band_max_weight: Annotated[Fraction, _option("Most cash after the run, of the total value; SOFT.", "0.05")] = Decimal("1.00")
    single_position_max_weight: Annotated[
        Fraction | None,
        _option("Largest weight of an instrument, 0 to 1; null is no limit. Above it by more than 0.001 is a breach.", "0.10"),
    ] = None
    min_trade_notional: Annotated[
        OptionMoney | None,
        _option(
            "Orders with a smaller notional are dust; wins over the shelf's `min_notional`, converted to the price's currency.",
            {"amount": "500", "currency": "USD"},
        ),
    ] = None
    allow_restricted: Annotated[bool, _option("Whether model targets that the shelf calls RESTRICTED may be traded.", example=False)] = (
        False
    )
    suppress_dust_trades: Annotated[
        bool, _option("Leave dust out and list it in `diagnostics.suppressed_intents`; false orders it.", example=True)
    ] = True
    dust_trade_threshold: Annotated[OptionMoney | None, _option("Accepted and hashed, without effect; use `min_trade_notional`.")] = None
    fx_buffer_pct: Annotated[
        Fraction, _option("Share that a funding deal buys on top of what is needed: 0.01 is 1 %. It stays in the foreign currency.", "0.01")
    ] = Decimal("0.01")
    block_on_missing_prices: Annotated[
        bool, _option("A missing price blocks the run; false leaves the instrument alone and asks for a review.", example=True)
    ] = True
    block_on_missing_fx: Annotated[
        bool, _option("A missing rate blocks the run; false leaves what needs it alone and asks for a review.", example=True)
    ] = True
    min_cash_buffer_pct: Annotated[
        Fraction,
        _option("Share of the total value that the heuristic leaves in cash; a guarded run also keeps it in base currency.", "0.005"),
    ] = Decimal("0.0")
    max_turnover_pct: Annotated[
        Fraction | None, _option("Most that buys and sells may come to together, as a share of the total value; null is no limit.", "0.15")
    ] = None
    enable_tax_awareness: Annotated[
        bool,
        _option(
            "Sell tax lots of the highest cost first, check that lots sum to the quantity, and report gains in `tax_impact`.", example=False
        ),
    ] = False
    max_realized_capital_gains: Annotated[
        NonNegative | None,
        _option("Most gains that sells may realise, in base currency, losses not netted; null is no limit. Needs tax awareness.", "10000"),
    ] = None
    enable_settlement_awareness: Annotated[
        bool, _option("Project cash by currency and day; a day below its floor blocks the run.", example=False)
    ] = False
    enable_proposal_simulation: Annotated[bool, _option("Advisory: the feature switch.", example=False)] = False
    enable_workflow_gates: Annotated[
        bool, _option("Return `gate_decision`: who must look at the run before it is executed.", example=True)
    ] = True
    workflow_requires_client_consent: Annotated[bool, _option("The mandate asks for the client's consent to every run.", example=False)] = (
        False
    )
    client_consent_already_obtained: Annotated[bool, _option("The client has consented to this run.", example=False)] = False
    proposal_apply_cash_flows_first: Annotated[bool, _option("Advisory: cash before trades.", example=True)] = True
    proposal_block_negative_cash: Annotated[bool, _option("Advisory: negative cash blocks.", example=True)] = True
    link_buy_to_same_currency_sell_dependency: Annotated[
        bool | None,
        _option(
            "Buys wait for the last sell in their currency; null is true here, false in advisory. Without effect under COMPLETE dependencies."
        ),
    ] = None
    enable_drift_analytics: Annotated[bool, _option("Advisory: drift.", example=True)] = True
    enable_suitability_scanner: Annotated[bool, _option("Advisory: suitability.", example=True)] = True
    suitability_thresholds: Annotated[
        SuitabilityThresholds, AfterValidator(ordered_band), _option("Advisory: limits of the scanner.", {})
    ] = Field(default_factory=cache(SuitabilityThresholds))  # one for all: nobody changes options, and most runs never read them
    enable_instrument_drift: Annotated[bool, _option("Advisory: drift per instrument.", example=True)] = True
    drift_top_contributors_limit: Annotated[int, _option("Advisory: rows, 1 to 20.", 5, ge=1, le=20)] = 5
    drift_unmodeled_exposure_threshold: Annotated[Fraction, _option("Advisory: weight.", "0.01")] = Decimal("0.01")
    auto_funding: Annotated[bool, _option("Advisory: fund foreign buys.", example=True)] = True
    funding_mode: Annotated[FundingMode, _option("Advisory.", "AUTO_FX")] = FundingMode.AUTO_FX
    fx_funding_source_currency: Annotated[FundingSource, _option("Advisory.", "ANY_CASH")] = FundingSource.ANY_CASH
    fx_generation_policy: Annotated[FxGenerationPolicy, _option("Advisory.", "ONE_FX_PER_CCY")] = FxGenerationPolicy.ONE_FX_PER_CCY
    settlement_horizon_days: Annotated[
        int, _option("Least days of the projection; it grows to the latest settlement or counted cash flow.", 5, ge=0, le=10)
    ] = 5
    fx_settlement_days: Annotated[int, _option("Days from the trade until both legs of an FX deal settle.", 2, ge=0, le=10)] = 2
    max_overdraft_by_ccy: Annotated[
        dict[Identifier, NonNegative],
        _option(
            "How far projected cash may fall below 0, by currency, as a positive amount; other currencies not at all.", {"USD": "1000"}
        ),
    ] = Field(default_factory=dict)
    group_constraints: Annotated[
        dict[Text, GroupConstraint],
        AfterValidator(group_keys),
        _option(
            "Largest summed weight of all instruments whose shelf entry has this attribute, by `attribute:value`.",
            {"sector:TECH": {"max_weight": "0.25"}},
        ),
    ] = Field(default_factory=dict)
    mode: Annotated[RebalanceMode, _only("FULL"), _option("What the run is for; FULL brings the portfolio to its model.", "FULL")] = (
        RebalanceMode.FULL
    )
    raise_cash: Annotated[None, _only(None), _option("Not yet; null.")] = None
    drift_bands: Annotated[None, _only(None), _option("Not yet; null.")] = None
    directives: Annotated[list[Any], _only([]), _option("Not yet; empty.", [])] = Field(default_factory=list)
    cash_reserve: Annotated[
        dict[Identifier, NonNegative],
        _option("Money that stays where it is, by currency; of a foreign one never more than is there. Guards the run.", {"EUR": "5000"}),
    ] = Field(default_factory=dict)
    available_cash: Annotated[
        AvailableCash,
        _option(
            "Whether buys may use BOOKED cash or only what has SETTLED; proceeds of this run count in full. SETTLED guards the run.",
            "SETTLED",
        ),
    ] = AvailableCash.BOOKED
    funding: Annotated[
        Funding | None,
        _by_conventions(
            "funding",
            "REDUCE_BUYS makes buys smaller until everything can be paid; AS_SIZED orders them as in release 1.0, which may block; null reduces where they could not be paid, or where another option asks for it.",
        ),
    ] = BY_CONVENTIONS
    quantity_rounding: Annotated[
        QuantityRounding,
        _by_conventions(
            "quantity_rounding",
            "FLOOR cuts to whole lots; NEAREST_AFFORDABLE takes one lot more where that is nearer, paid for and within all limits. The latter guards the run.",
        ),
    ] = BY_CONVENTIONS
    odd_lot_exit: Annotated[
        bool, _option("A full exit may sell less than a whole lot; false leaves the odd rest and guards the run.", example=True)
    ] = True
    money_rounding: Annotated[
        MoneyRounding,
        _by_conventions(
            "money_rounding",
            "UNROUNDED keeps all digits of FX deals; MINOR_UNITS rounds each leg against the client to cents (JPY to 1) and guards the run.",
        ),
    ] = BY_CONVENTIONS
    fx_min_deal: Annotated[
        OptionMoney | None,
        _option(
            "Smaller sweeps are left, smaller fundings lifted to it; converted to the deal's currency. Guards the run.",
            {"amount": "1000", "currency": "USD"},
        ),
    ] = None
    costs: Annotated[None, _only(None), _option("Not yet; null.")] = None
    max_cost_ratio: Annotated[None, _only(None), _option("Not yet; null.")] = None
    turnover_policy: Annotated[
        TurnoverSharing,
        _by_conventions(
            "turnover_policy",
            "GREEDY keeps the largest trades and drops the rest; FUNDED cuts all trades to levels that pay for each other. The latter guards the run.",
        ),
    ] = BY_CONVENTIONS
    explain: Annotated[
        bool, _by_conventions("explain", "Give `explanation.reasons`: of every instrument what decided, and what would change it.")
    ] = BY_CONVENTIONS
    conventions: Annotated[
        Conventions,
        _option(
            "Whose defaults hold for what is not stated: those of release 1.0, or those of a portfolio desk. DESK guards the run.", "DESK"
        ),
    ] = Conventions.CLASSIC
    plausibility: Annotated[
        Plausibility, _option("Beyond which figures a valid request is doubted: SOFT rules `PLAUSIBILITY:<code>`.", {})
    ] = Field(default_factory=cache(Plausibility))
    fx_hub: Annotated[
        Identifier | None,
        _option("Currency through which a rate is made where neither the pair nor its inverse is given; null derives none.", "USD"),
    ] = None
    fx_policy: Annotated[
        FxPolicy,
        _by_conventions(
            "fx_policy", "SWEEP_ALL sells all foreign cash that buys leave; NEED_ONLY sells no more than base lacks, and guards the run."
        ),
    ] = BY_CONVENTIONS
    dependencies: Annotated[
        Dependencies,
        _by_conventions(
            "dependencies",
            "LAST_SELL: buys wait for the last sell in their currency and its FX deal; COMPLETE: every order waits for all that pays for it.",
        ),
    ] = BY_CONVENTIONS
    unavailable_weight: Annotated[
        UnavailableWeight,
        _by_conventions(
            "unavailable_weight",
            "Where weight goes that the shelf does not let be bought: CASH keeps it, REDISTRIBUTE gives it to the other targets. Without effect under SOLVER.",
        ),
    ] = BY_CONVENTIONS
    exits_below_minimum: Annotated[
        ExitsBelowMinimum,
        _by_conventions(
            "exits_below_minimum", "Whether a full exit that is dust, or below `min_quantity`, is left out (SUPPRESS) or sold (SELL)."
        ),
    ] = BY_CONVENTIONS
    max_distance_after: Annotated[
        Fraction | None,
        _option("A distance after the orders beyond this, 0 to 1, fails the SOFT rule DISTANCE_TO_TARGET; null sets no rule.", "0.02"),
    ] = None

    def __post_init__(self) -> None:
        """Let the conventions decide what is not given."""
        for name, default in DEFAULTS_UNDER[self.conventions].items():
            if getattr(self, name) is None:
                setattr(self, name, default)
