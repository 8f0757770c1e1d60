"""How to decide a rebalance: the options of a discretionary run."""

from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.choices import AvailableCash, RebalanceMode
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
from engine.contracts.limits import OptionMoney
from engine.contracts.options.shared import BY_CONVENTIONS, SharedOptions, by_conventions, let_conventions_decide, option
from engine.contracts.plausibility import Plausibility
from engine.contracts.scalars import STRICT_MEMBERS, Fraction, Identifier, NonNegative


def _only(default: Any) -> BeforeValidator:
    """Accept an option at its default alone, as long as nothing else is built: what it asks for must never be silently dropped."""

    def unchanged(given: Any) -> Any:
        if given != default:
            raise PydanticCustomError("extra_forbidden", "Unknown members are not permitted")
        return given

    return BeforeValidator(unchanged)


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class EngineOptions(SharedOptions):
    """How to decide. Members for proposals only have no effect."""

    mode: Annotated[RebalanceMode, _only("FULL"), option("What the run is for; FULL brings the portfolio to its model.", "FULL")] = (
        RebalanceMode.FULL
    )
    raise_cash: Annotated[None, _only(None), option("Reserved; only null is taken.")] = None
    drift_bands: Annotated[None, _only(None), option("Reserved; only null is taken.")] = None
    directives: Annotated[
        list[Any], _only([]), option("Reserved; only the empty list is taken.", [], json_schema_extra={"maxItems": 0})
    ] = Field(default_factory=list)
    cash_reserve: Annotated[
        dict[Identifier, NonNegative],
        option("Money that stays where it is, by currency; of a foreign one never more than is there. Guards the run.", {"EUR": "5000"}),
    ] = Field(default_factory=dict)
    available_cash: Annotated[
        AvailableCash,
        option(
            "Whether buys may use BOOKED cash or only what has SETTLED; proceeds of this run count in full. SETTLED guards the run.",
            "SETTLED",
        ),
    ] = AvailableCash.BOOKED
    funding: Annotated[
        Funding | None,
        by_conventions(
            DEFAULTS["funding"],
            "REDUCE_BUYS makes buys smaller until everything can be paid; AS_SIZED orders them as in release 1.0, which may block; null reduces where they could not be paid, or where another option asks for it.",
        ),
    ] = BY_CONVENTIONS
    quantity_rounding: Annotated[
        QuantityRounding,
        by_conventions(
            DEFAULTS["quantity_rounding"],
            "FLOOR cuts to whole lots; NEAREST_AFFORDABLE takes one lot more where that is nearer, paid for and within all limits. The latter guards the run.",
        ),
    ] = BY_CONVENTIONS
    odd_lot_exit: Annotated[
        bool, option("A full exit may sell less than a whole lot; false leaves the odd rest and guards the run.", example=True)
    ] = True
    money_rounding: Annotated[
        MoneyRounding,
        by_conventions(
            DEFAULTS["money_rounding"],
            "UNROUNDED keeps all digits of FX deals; MINOR_UNITS rounds each leg against the client to cents (JPY to 1) and guards the run.",
        ),
    ] = BY_CONVENTIONS
    fx_min_deal: Annotated[
        OptionMoney | None,
        option(
            "Smaller sweeps are left, smaller fundings lifted to it; converted to the deal's currency. Guards the run.",
            {"amount": "1000", "currency": "USD"},
        ),
    ] = None
    costs: Annotated[None, _only(None), option("Reserved; only null is taken.")] = None
    max_cost_ratio: Annotated[None, _only(None), option("Reserved; only null is taken.")] = None
    turnover_policy: Annotated[
        TurnoverSharing,
        by_conventions(
            DEFAULTS["turnover_policy"],
            "GREEDY keeps the largest trades and drops the rest; FUNDED cuts all trades to levels that pay for each other. The latter guards the run.",
        ),
    ] = BY_CONVENTIONS
    explain: Annotated[
        bool, by_conventions(DEFAULTS["explain"], "Give `explanation.reasons`: of every instrument what decided, and what would change it.")
    ] = BY_CONVENTIONS
    conventions: Annotated[
        Conventions,
        option(
            "Whose defaults hold for what is not stated: those of release 1.0, or those of a portfolio desk. DESK guards the run.", "DESK"
        ),
    ] = Conventions.CLASSIC
    plausibility: Annotated[
        Plausibility, option("Beyond which figures a valid request is doubted: SOFT rules `PLAUSIBILITY:<code>`.", {})
    ] = Field(default_factory=cache(Plausibility))
    fx_hub: Annotated[
        Identifier | None,
        option("Currency through which a rate is made where neither the pair nor its inverse is given; null derives none.", "USD"),
    ] = None
    fx_policy: Annotated[
        FxPolicy,
        by_conventions(
            DEFAULTS["fx_policy"],
            "SWEEP_ALL sells all foreign cash that buys leave; NEED_ONLY sells no more than base lacks, and guards the run.",
        ),
    ] = BY_CONVENTIONS
    dependencies: Annotated[
        Dependencies,
        by_conventions(
            DEFAULTS["dependencies"],
            "LAST_SELL: buys wait for the last sell in their currency and its FX deal; COMPLETE: every order waits for all that pays for it.",
        ),
    ] = BY_CONVENTIONS
    unavailable_weight: Annotated[
        UnavailableWeight,
        by_conventions(
            DEFAULTS["unavailable_weight"],
            "Where weight goes that the shelf does not let be bought: CASH keeps it, REDISTRIBUTE gives it to the other targets. Without effect under SOLVER.",
        ),
    ] = BY_CONVENTIONS
    exits_below_minimum: Annotated[
        ExitsBelowMinimum,
        by_conventions(
            DEFAULTS["exits_below_minimum"],
            "Whether a full exit that is dust, or below `min_quantity`, is left out (SUPPRESS) or sold (SELL).",
        ),
    ] = BY_CONVENTIONS
    max_distance_after: Annotated[
        Fraction | None,
        option("A distance after the orders beyond this, 0 to 1, fails the SOFT rule DISTANCE_TO_TARGET; null sets no rule.", "0.02"),
    ] = None

    def __post_init__(self) -> None:
        """Let the conventions decide what is not given."""
        let_conventions_decide(self, DEFAULTS_UNDER[self.conventions])
