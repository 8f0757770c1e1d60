"""Policy packs: the bank's own overrides of engine options, kept under an id (RFC-0022).

Pack values are bounded by the rules of the options that they override, so that a pack can never smuggle in what a
request may not ask for.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.choices import AvailableCash
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
from engine.contracts.limits import GroupConstraint, OptionMoney, group_keys
from engine.contracts.scalars import ATTRIBUTE_AND_VALUE, Fraction, Identifier, NonNegative, Text
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

    max_turnover_pct: Annotated[Fraction | None, Field(description="Most turnover, as a share of the total value.", examples=["0.15"])] = (
        None
    )


@dataclass(slots=True)
class TaxPolicy:
    """Overrides of tax awareness."""

    enable_tax_awareness: Annotated[
        bool | None, Field(description="Sell tax lots of the highest cost first and report gains.", examples=[True])
    ] = None
    max_realized_capital_gains: Annotated[
        NonNegative | None, Field(description="Most gains that sells may realise, in base currency.", examples=["10000"])
    ] = None


@dataclass(slots=True)
class SettlementPolicy:
    """Overrides of settlement awareness."""

    enable_settlement_awareness: Annotated[
        bool | None, Field(description="Project cash by currency and day; a day below its floor blocks.", examples=[True])
    ] = None
    settlement_horizon_days: Annotated[int | None, Field(description="Least days of the projection.", ge=0, le=10, examples=[5])] = None


@dataclass(slots=True)
class ConstraintPolicy:
    """Overrides of position and group limits."""

    single_position_max_weight: Annotated[
        Fraction | None, Field(description="Largest weight of an instrument, 0 to 1.", examples=["0.10"])
    ] = None
    group_constraints: Annotated[
        dict[Text, GroupConstraint],
        AfterValidator(group_keys),
        Field(
            description="Replaces the whole map when not empty; at most 500.",
            examples=[{"sector:TECH": {"max_weight": "0.20"}}],
            max_length=MAX_GROUPS,
            json_schema_extra={"propertyNames": {"pattern": ATTRIBUTE_AND_VALUE}},
        ),
    ] = Field(default_factory=dict)


@dataclass(slots=True)
class WorkflowPolicy:
    """Overrides of the gates."""

    enable_workflow_gates: Annotated[bool | None, Field(description="Return a gate decision.", examples=[True])] = None
    workflow_requires_client_consent: Annotated[
        bool | None, Field(description="The client must consent to every run.", examples=[True])
    ] = None
    client_consent_already_obtained: Annotated[bool | None, Field(description="The client has consented.", examples=[False])] = None


@dataclass(slots=True)
class IdempotencyPolicy:
    """Override of the replay of simulate."""

    replay_enabled: Annotated[bool | None, Field(description="Answer a repeated call with the first answer.", examples=[True])] = None


@dataclass(slots=True)
class PlausibilityPolicy:
    """What the bank doubts at least: of its threshold and the request's the tighter one holds (practice 4)."""

    enabled: Annotated[Literal[True] | None, Field(description="Doubt, whatever the request says.", examples=[True])] = None
    max_order_weight: Annotated[
        NonNegative | None, Field(description="Largest order, as a share of the total value; the smaller of both holds.", examples=["0.5"])
    ] = None
    min_model_weight: Annotated[
        NonNegative | None, Field(description="A model that sums to no more is incomplete; the larger of both holds.", examples=["0.8"])
    ] = None
    value_tolerance: Annotated[
        NonNegative | None,
        Field(description="Largest relative difference of a given market value; the smaller of both holds.", examples=["0.1"]),
    ] = None
    fx_tolerance: Annotated[
        NonNegative | None,
        Field(description="How far a rate times its inverse pair may be from 1; the smaller of both holds.", examples=["0.005"]),
    ] = None
    max_market_data_age_days: Annotated[
        int | None,
        Field(description="Days that market data may be older than the portfolio; the smaller of both holds.", ge=0, examples=[3]),
    ] = None


@dataclass(slots=True)
class TradingPolicy:
    """Overrides of how orders are made (practice 1, desk 12.1)."""

    conventions: Annotated[
        Conventions | None, Field(description="Whose defaults hold for what neither pack nor request states.", examples=["DESK"])
    ] = None
    funding: Annotated[
        Literal[Funding.REDUCE_BUYS] | None,
        Field(description="Guard every run: buys are reduced to the money there is.", examples=["REDUCE_BUYS"]),
    ] = None
    quantity_rounding: Annotated[
        QuantityRounding | None,
        Field(description="Cut to whole lots, or to the nearest that can be paid.", examples=["NEAREST_AFFORDABLE"]),
    ] = None
    odd_lot_exit: Annotated[bool | None, Field(description="A full exit may sell less than a whole lot.", examples=[True])] = None
    money_rounding: Annotated[
        MoneyRounding | None, Field(description="Keep all digits of FX deals, or round them to minor units.", examples=["MINOR_UNITS"])
    ] = None
    turnover_policy: Annotated[
        TurnoverSharing | None,
        Field(description="Rank trades under the turnover cap, or cut them all to funded levels.", examples=["FUNDED"]),
    ] = None
    fx_policy: Annotated[FxPolicy | None, Field(description="Sweep all foreign cash, or what base lacks.", examples=["NEED_ONLY"])] = None
    dependencies: Annotated[
        Dependencies | None, Field(description="Wait for the last sell, or for every order that pays.", examples=["COMPLETE"])
    ] = None
    unavailable_weight: Annotated[
        UnavailableWeight | None, Field(description="Where weight goes that may not be bought.", examples=["REDISTRIBUTE"])
    ] = None
    exits_below_minimum: Annotated[
        ExitsBelowMinimum | None, Field(description="Leave full exits out that are dust, or sell them.", examples=["SELL"])
    ] = None
    explain: Annotated[bool | None, Field(description="Give a reason for every instrument.", examples=[True])] = None
    fx_hub: Annotated[Identifier | None, Field(description="Currency through which missing rates are derived.", examples=["USD"])] = None
    max_distance_after: Annotated[
        Fraction | None, Field(description="Distance after the orders beyond which somebody looks, 0 to 1.", examples=["0.02"])
    ] = None
    plausibility: Annotated[
        PlausibilityPolicy | None, Field(description="Thresholds of doubt; of the pack's and the request's the tighter holds.")
    ] = None


@dataclass(slots=True)
class CashPolicy:
    """Overrides of what cash may pay (desk 12.1)."""

    available_cash: Annotated[
        AvailableCash | None, Field(description="Buys may use booked cash, or what has settled.", examples=["SETTLED"])
    ] = None
    fx_min_deal: Annotated[
        OptionMoney | None,
        Field(description="Smallest FX deal, converted to the deal's currency.", examples=[{"amount": "1000", "currency": "USD"}]),
    ] = None
    cash_reserve: Annotated[
        dict[Identifier, NonNegative],
        Field(
            description="Money that stays, by currency; of the pack's and the request's the larger holds.",
            examples=[{"EUR": "5000"}],
            max_length=MAX_GROUPS,
        ),
    ] = Field(default_factory=dict)


@dataclass(slots=True)
class PackContent:
    """What a caller states of a pack: the body of its upsert. It replaces the whole pack."""

    version: Annotated[Text, Field(strict=True, description="The bank's own version text.", examples=["2026.1"])]
    turnover_policy: Annotated[TurnoverPolicy, Field(description="How much a run may trade.")] = Field(default_factory=TurnoverPolicy)
    tax_policy: Annotated[TaxPolicy, Field(description="Taxes on gains.")] = Field(default_factory=TaxPolicy)
    settlement_policy: Annotated[SettlementPolicy, Field(description="Settlement of cash.")] = Field(default_factory=SettlementPolicy)
    constraint_policy: Annotated[ConstraintPolicy, Field(description="Limits of positions and groups.")] = Field(
        default_factory=ConstraintPolicy
    )
    workflow_policy: Annotated[WorkflowPolicy, Field(description="Gates and the client's consent.")] = Field(default_factory=WorkflowPolicy)
    idempotency_policy: Annotated[IdempotencyPolicy, Field(description="What a key that is sent again gets.")] = Field(
        default_factory=IdempotencyPolicy
    )
    trading_policy: Annotated[TradingPolicy, Field(description="How orders are made and rounded.")] = Field(default_factory=TradingPolicy)
    cash_policy: Annotated[CashPolicy, Field(description="Cash that stays.")] = Field(default_factory=CashPolicy)


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
