"""How to decide a proposal: what an advisor may ask for (advisory-engine 3, advisory-practice 1)."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, TypeAdapter
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.conventions import (
    PROPOSAL_DEFAULTS,
    PROPOSAL_DEFAULTS_UNDER,
    Conventions,
    Funding,
    ProposalQuantities,
    ProposalWithdrawals,
)
from engine.contracts.limits import OptionMoney, SuitabilityThresholds, ordered_band
from engine.contracts.options.costs import CostSchedule
from engine.contracts.options.shared import BY_CONVENTIONS, SharedOptions, by_conventions, let_conventions_decide, option
from engine.contracts.plausibility import Plausibility
from engine.contracts.scalars import ATTRIBUTE_AND_VALUE, STRICT_MEMBERS, Fraction, FreeText, Identifier, NonNegative, Text
from engine.numbers import ZERO

MAX_ATTRIBUTE_LIMITS: Final = 500
MAX_KNOWLEDGE: Final = 100


def _attribute_limits(limits: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in limits:
        if key.count(":") != 1 or key[0] == ":" or key[-1] == ":":
            raise PydanticCustomError("value_error", "An attribute limit has the form attribute:value or attribute:*")
    return limits


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class ProposalThresholds(SuitabilityThresholds):
    """Limits of the suitability scanner; all weights 0 to 1."""

    max_weight_by_attribute: Annotated[
        dict[Text, Fraction],
        AfterValidator(_attribute_limits),
        Field(
            description="Largest summed weight by `attribute:value`; `attribute:*` holds for every value without a row of its own.",
            max_length=MAX_ATTRIBUTE_LIMITS,
            json_schema_extra={"propertyNames": {"pattern": ATTRIBUTE_AND_VALUE}},
            examples=[{"sector:TECH": "0.30", "region:*": "0.60"}],
        ),
    ] = Field(default_factory=dict)


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class ClientProfile:
    """What the bank knows of the client's knowledge, horizon and appetite: buys are held against it (advisory-practice 7)."""

    max_product_risk: Annotated[
        int | None, Field(description="Highest product risk, 1 to 7; null is no limit.", ge=1, le=7, examples=[4])
    ] = None
    knowledge: Annotated[
        list[FreeText],
        Field(description="Product knowledge that the client has, at most 100.", max_length=MAX_KNOWLEDGE, examples=[["STRUCTURED"]]),
    ] = Field(default_factory=list)
    horizon_years: Annotated[
        int | None,
        Field(description="Years that the client can leave the money, 0 to 99; null is no limit.", ge=0, le=99, examples=[8]),
    ] = None


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class CostDisclosure:
    """What the disclosure of costs counts besides the trades (advisory-practice 6)."""

    service_fee_pct: Annotated[Fraction, Field(description="The bank's fee a year, of the total value.", examples=["0.008"])] = ZERO
    holding_years: Annotated[int, Field(description="Years that the effect is shown for, 1 to 30.", ge=1, le=30, examples=[5])] = 5


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class ProposalOptions(SharedOptions):
    """How to decide a proposal. What steers a discretionary run alone has no effect: turnover, tax, settlement, dust, FX buffer, groups, targets."""

    suitability_thresholds: Annotated[ProposalThresholds, AfterValidator(ordered_band), option("Limits of the scanner.", {})] = Field(
        default_factory=cache(ProposalThresholds)
    )
    cash_reserve: Annotated[
        dict[Identifier, NonNegative],
        option("Money that stays where it is, by currency; of a foreign one never more than is there.", {"EUR": "5000"}),
    ] = Field(default_factory=dict)
    funding: Annotated[
        Funding | None,
        by_conventions(
            PROPOSAL_DEFAULTS["funding"],
            "REDUCE_BUYS makes buys smaller until everything can be paid, from several currencies where needed; AS_SIZED funds a currency from one source or not at all; null tries that first and pays from several where it fails.",
        ),
    ] = BY_CONVENTIONS
    fx_min_deal: Annotated[
        OptionMoney | None,
        option(
            "Smaller sweeps are left, smaller fundings lifted to it; converted to the deal's currency.",
            {"amount": "1000", "currency": "USD"},
        ),
    ] = None
    costs: Annotated[
        CostSchedule | None,
        option("What trading costs: counted in the cash, the switch, the guards and the disclosure; null counts nothing.", {}),
    ] = None
    conventions: Annotated[
        Conventions, option("Whose defaults hold for what is not stated: those of release 1.0, or those of a desk.", "DESK")
    ] = Conventions.CLASSIC
    plausibility: Annotated[
        Plausibility, option("Beyond which figures a valid request is doubted: SOFT rules `PLAUSIBILITY:<code>`.", {})
    ] = Field(default_factory=cache(Plausibility))
    fx_hub: Annotated[
        Identifier | None,
        option("Currency through which a rate is made where neither the pair nor its inverse is given; null derives none.", "USD"),
    ] = None
    proposal_quantities: Annotated[
        ProposalQuantities,
        by_conventions(
            PROPOSAL_DEFAULTS["proposal_quantities"],
            "AS_PROPOSED trades what was typed; EXECUTABLE deals amounts in whole units, takes a sale of nearly everything as everything, and leaves out what is below `min_notional`.",
        ),
    ] = BY_CONVENTIONS
    proposal_withdrawals: Annotated[
        ProposalWithdrawals,
        by_conventions(
            PROPOSAL_DEFAULTS["proposal_withdrawals"],
            "AT_ONCE: the cash at hand must cover a withdrawal; AFTER_SELLS: sales and FX of the proposal may pay it.",
        ),
    ] = BY_CONVENTIONS
    cost_disclosure: Annotated[CostDisclosure | None, option("Adds costs and charges to the artifact, running ones too.", {})] = None
    client_profile: Annotated[
        ClientProfile | None, option("Holds buys against what the client knows and can bear; null checks nothing.", {})
    ] = None

    def __post_init__(self) -> None:
        """Let the conventions decide what is not given."""
        let_conventions_decide(self, PROPOSAL_DEFAULTS_UNDER[self.conventions])

    @property
    def withdrawals_wait(self) -> bool:
        """Whether withdrawals are paid after the sells; the older member says so where the newer one is not stated (rulings-2 proposal 1)."""
        return self.proposal_withdrawals is ProposalWithdrawals.AFTER_SELLS or not (
            self.proposal_apply_cash_flows_first or self.conventions is Conventions.DESK
        )

    @property
    def executable(self) -> bool:
        """Whether quantities are what can be ordered."""
        return self.proposal_quantities is ProposalQuantities.EXECUTABLE

    @property
    def reduces_buys(self) -> bool:
        """Whether buys are reduced to the money there is: asked for, or implied by what must stay or be paid."""
        if self.funding is None:
            return self.guards_funds
        return self.funding is Funding.REDUCE_BUYS

    @property
    def guards_funds(self) -> bool:
        """Whether something is given that only reduced buys can keep."""
        return bool(self.cash_reserve) or self.fx_min_deal is not None or self.costs is not None


def parse_thresholds(text: str) -> ProposalThresholds:
    """Limits of suitability that a deployment states as JSON; none stated are the defaults. Raises ValidationError for what is none."""
    return THRESHOLDS.validate_json(text) if text else ProposalThresholds()


THRESHOLDS: Final = TypeAdapter(Annotated[ProposalThresholds, AfterValidator(ordered_band)])
