"""Policy packs: the bank's own overrides of engine options, kept under an id (RFC-0022).

Pack values are bounded by the rules of the options that they override, so that a pack can never smuggle in what a
request may not ask for.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.conventions import (
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
from engine.contracts.options import AvailableCash, GroupConstraint, OptionMoney, group_keys
from engine.contracts.scalars import Fraction, Identifier, NonNegative, Text
from engine.contracts.validators import validator_of
from engine.contracts.violations import InvalidRequest, violations_of

MAX_GROUPS: Final = 500
"""A pack and what it replaced stand together in one audit item."""


def _no_step(pack_id: str) -> str:
    if pack_id in {".", ".."}:  # steps of a path, which many clients resolve before they send it
        raise PydanticCustomError("string_pattern_mismatch", "An id is neither . nor ..")
    return pack_id


PackId = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z0-9_.-]{1,128}$"), AfterValidator(_no_step)]


@dataclass(slots=True)
class TurnoverPolicy:
    """Overrides of turnover."""

    max_turnover_pct: Annotated[Fraction | None, Field(description="Turnover cap.", examples=["0.15"])] = None


@dataclass(slots=True)
class TaxPolicy:
    """Overrides of tax awareness."""

    enable_tax_awareness: Annotated[bool | None, Field(description="Sell by lots.", examples=[True])] = None
    max_realized_capital_gains: Annotated[NonNegative | None, Field(description="Gains budget in base currency.", examples=["10000"])] = (
        None
    )


@dataclass(slots=True)
class SettlementPolicy:
    """Overrides of settlement awareness."""

    enable_settlement_awareness: Annotated[bool | None, Field(description="Check cash by day.", examples=[True])] = None
    settlement_horizon_days: Annotated[int | None, Field(description="Least days.", ge=0, le=10, examples=[5])] = None


@dataclass(slots=True)
class ConstraintPolicy:
    """Overrides of position and group limits."""

    single_position_max_weight: Annotated[Fraction | None, Field(description="Cap.", examples=["0.10"])] = None
    group_constraints: Annotated[
        dict[Text, GroupConstraint],
        AfterValidator(group_keys),
        Field(
            description="Replaces the whole map when not empty; at most 500.",
            examples=[{"sector:TECH": {"max_weight": "0.20"}}],
            max_length=MAX_GROUPS,
        ),
    ] = Field(default_factory=dict)


@dataclass(slots=True)
class WorkflowPolicy:
    """Overrides of the gates."""

    enable_workflow_gates: Annotated[bool | None, Field(description="Return a gate.", examples=[True])] = None
    workflow_requires_client_consent: Annotated[bool | None, Field(description="Consent needed.", examples=[True])] = None
    client_consent_already_obtained: Annotated[bool | None, Field(description="Consent given.", examples=[False])] = None


@dataclass(slots=True)
class IdempotencyPolicy:
    """Override of the replay of simulate."""

    replay_enabled: Annotated[bool | None, Field(description="Replay equal calls.", examples=[True])] = None


@dataclass(slots=True)
class PlausibilityPolicy:
    """What the bank doubts at least: of its threshold and the request's the tighter one holds (practice 4)."""

    enabled: Annotated[Literal[True] | None, Field(description="Doubt, whatever the request says.", examples=[True])] = None
    max_order_weight: Annotated[NonNegative | None, Field(description="Largest order.", examples=["0.5"])] = None
    min_model_weight: Annotated[NonNegative | None, Field(description="Least sum of a model.", examples=["0.8"])] = None
    value_tolerance: Annotated[NonNegative | None, Field(description="Of market values.", examples=["0.1"])] = None
    fx_tolerance: Annotated[NonNegative | None, Field(description="Of inverse pairs.", examples=["0.005"])] = None
    max_market_data_age_days: Annotated[int | None, Field(description="Of prices.", ge=0, examples=[3])] = None


@dataclass(slots=True)
class TradingPolicy:
    """Overrides of how orders are made (practice 1, desk 12.1)."""

    conventions: Annotated[Conventions | None, Field(description="Whose defaults hold.", examples=["DESK"])] = None
    funding: Annotated[Literal[Funding.REDUCE_BUYS] | None, Field(description="Guard every run.", examples=["REDUCE_BUYS"])] = None
    quantity_rounding: Annotated[QuantityRounding | None, Field(description="Of quantities.", examples=["NEAREST_AFFORDABLE"])] = None
    odd_lot_exit: Annotated[bool | None, Field(description="Full exits may break lots.", examples=[True])] = None
    money_rounding: Annotated[MoneyRounding | None, Field(description="Of money.", examples=["MINOR_UNITS"])] = None
    turnover_policy: Annotated[TurnoverSharing | None, Field(description="Sharing of the cap.", examples=["FUNDED"])] = None
    fx_policy: Annotated[FxPolicy | None, Field(description="Sweeping of foreign cash.", examples=["NEED_ONLY"])] = None
    dependencies: Annotated[Dependencies | None, Field(description="What buys wait for.", examples=["COMPLETE"])] = None
    unavailable_weight: Annotated[UnavailableWeight | None, Field(description="Where it goes.", examples=["REDISTRIBUTE"])] = None
    exits_below_minimum: Annotated[ExitsBelowMinimum | None, Field(description="Of full exits.", examples=["SELL"])] = None
    explain: Annotated[bool | None, Field(description="Give reasons.", examples=[True])] = None
    fx_hub: Annotated[Identifier | None, Field(description="Hub of derived rates.", examples=["USD"])] = None
    max_distance_after: Annotated[Fraction | None, Field(description="Distance to look at.", examples=["0.02"])] = None
    plausibility: Annotated[PlausibilityPolicy | None, Field(description="Tighter thresholds.")] = None


@dataclass(slots=True)
class CashPolicy:
    """Overrides of what cash may pay (desk 12.1)."""

    available_cash: Annotated[AvailableCash | None, Field(description="Which cash.", examples=["SETTLED"])] = None
    fx_min_deal: Annotated[OptionMoney | None, Field(description="Smallest FX deal.")] = None
    cash_reserve: Annotated[
        dict[Identifier, NonNegative],
        Field(description="By currency, of the pack's and the request's the larger.", examples=[{"EUR": "5000"}], max_length=MAX_GROUPS),
    ] = Field(default_factory=dict)


@dataclass(slots=True)
class PackContent:
    """What a caller states of a pack: the body of its upsert. It replaces the whole pack."""

    version: Annotated[Text, Field(strict=True, description="The bank's own version text.", examples=["2026.1"])]
    turnover_policy: Annotated[TurnoverPolicy, Field(description="Turnover.")] = Field(default_factory=TurnoverPolicy)
    tax_policy: Annotated[TaxPolicy, Field(description="Tax.")] = Field(default_factory=TaxPolicy)
    settlement_policy: Annotated[SettlementPolicy, Field(description="Settlement.")] = Field(default_factory=SettlementPolicy)
    constraint_policy: Annotated[ConstraintPolicy, Field(description="Limits.")] = Field(default_factory=ConstraintPolicy)
    workflow_policy: Annotated[WorkflowPolicy, Field(description="Gates.")] = Field(default_factory=WorkflowPolicy)
    idempotency_policy: Annotated[IdempotencyPolicy, Field(description="Replay.")] = Field(default_factory=IdempotencyPolicy)
    trading_policy: Annotated[TradingPolicy, Field(description="Orders.")] = Field(default_factory=TradingPolicy)
    cash_policy: Annotated[CashPolicy, Field(description="Cash.")] = Field(default_factory=CashPolicy)


PACK_CONTENT: Final = TypeAdapter(PackContent)
PACK_ID: Final = TypeAdapter(PackId)
_BODY: Final = validator_of(PACK_CONTENT)


def parse_pack(body: bytes) -> PackContent:
    """Parse and validate the content of a pack; raises `InvalidRequest`."""
    try:
        content: PackContent = _BODY.validate_json(body)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None
    return content


def parse_pack_id(text: str) -> str:
    """The trimmed id of a pack: 1 to 128 of A-Z a-z 0-9 and _ . - ; raises `InvalidRequest` otherwise."""
    try:
        return PACK_ID.validate_python(text.strip())
    except ValidationError as error:
        raise InvalidRequest(violations_of(error, prefix=("path", "policy_pack_id"))) from None
