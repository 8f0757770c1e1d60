"""How near the orders come to the target, what money made of the plan, and why every instrument is traded as it is (desk 9, 10, practice 9)."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, WeightText, shown

AmountText = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{12}$")]
"""An amount in base currency, or a share, half-even at 12 decimals."""

Driver = Literal[
    "TARGET",
    "ON_TARGET",
    "NOT_TRADEABLE",
    "MISSING_DATA",
    "TURNOVER_LIMIT",
    "TURNOVER_PRICE",
    "TAX_BUDGET",
    "LOT_QUANTITY",
    "MINIMUM",
    "GROUP_ROOM",
    "CASH_PRICE",
    "LOT_SIZE",
    "MONEY_ROUNDING",
]


@dataclass(slots=True, config=EXACT_MEMBERS)
class InstrumentGap:
    """An instrument's weight less its final weight."""

    instrument_id: Annotated[str, shown("The instrument.", "EQ_US_1")]
    before: Annotated[WeightText, shown("Weight before the orders less the final weight; negative is too little.", "-0.0412")]
    after: Annotated[WeightText, shown("The same after the orders.", "-0.0003")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class DistanceData:
    """How far the portfolio is from its target: half the sum of all gaps, cash included, as shares of its total."""

    before: Annotated[WeightText, shown("Before the orders, 0.0817 is 8.17 % of the value.", "0.0817")]
    after: Annotated[WeightText, shown("After the orders.", "0.0003")]
    cash_before: Annotated[WeightText, shown("Cash weight less what the final weights leave of 1, before.", "0.0100")]
    cash_after: Annotated[WeightText, shown("The same after the orders.", "0.0001")]
    largest: Annotated[
        list[InstrumentGap],
        shown(
            "At most five, the largest gaps after the orders first, then by id.",
            [{"instrument_id": "EQ_US_1", "before": "-0.0412", "after": "-0.0003"}],
        ),
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SidesData:
    """Amounts of both sides, in base."""

    buys: Annotated[AmountText, shown("What buys come to.", "39504.950495049505")]
    sells: Annotated[AmountText, shown("What sells come to.", "0.000000000000")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class TurnoverPlan:
    """What the turnover cap did."""

    budget: Annotated[AmountText, shown("Buys and sells together may not pass it.", "12000.000000000000")]
    policy: Annotated[Literal["GREEDY", "FUNDED"], shown("Ranked, or levelled.", "FUNDED")]
    price: Annotated[AmountText | None, shown("Amount that trades gave up to the cap; null when ranked.", "4500.000000000000")]
    cash_price: Annotated[
        AmountText | None, shown("What buys gave up beyond it, and sells less, for want of cash; null when ranked.", "1500.000000000000")
    ]


@dataclass(slots=True, kw_only=True, config=ConfigDict(extra="forbid", serialize_by_alias=True))
class PlanData:
    """What a guarded run wished, planned and traded, in base; prices and levels are zero where they bind nothing."""

    mode: Annotated[Literal["FULL"], shown("What the run is for.", "FULL")]
    worth: Annotated[
        AmountText, shown("What targets are shares of, in base: open orders done, known flows counted.", "100000.000000000000")
    ]
    cash_floor: Annotated[
        AmountText, shown("What must stay in base currency: the largest of reserve, cash band and cash buffer.", "500.000000000000")
    ]
    cash_floor_by_currency: Annotated[dict[str, DecimalText], shown("What must stay of foreign cash, in its currency.", {"USD": "1000"})]
    free_cash: Annotated[
        AmountText, shown("Money above the floor before any trade, in base; negative where it is short.", "1500.000000000000")
    ]
    wished: Annotated[SidesData, shown("What targets ask for.")]
    planned: Annotated[SidesData, shown("What turnover, groups and money leave of it, before it is cut to lots.")]
    traded: Annotated[SidesData, shown("What is ordered.")]
    price_of_cash: Annotated[
        AmountText,
        shown("Price of cash: the amount that every buy gave up so that all can be paid; zero where money suffices.", "495.049504950495"),
    ]
    turnover: Annotated[TurnoverPlan | None, shown("Null without max_turnover_pct.", None)]
    raise_: Annotated[None, shown("Raises of cash; null.", None)] = Field(alias="raise")
    residual_cash: Annotated[AmountText, shown("Money above the floor after the orders.", "147.853097021743")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class FlipData:
    """The one number that would have to move for another decision, all else as it came out."""

    number: Annotated[str, shown("An option, a member of the shelf, or a level of the plan.", "price_of_cash")]
    at: Annotated[AmountText, shown("Its value where the decision changes.", "39966.654485656861")]
    distance: Annotated[AmountText, shown("How far it is from there.", "39471.604980706366")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ReasonData:
    """Why an instrument is traded as it is."""

    instrument_id: Annotated[str, shown("The instrument.", "EQ_US_1")]
    decision: Annotated[Literal["BUY", "SELL", "NONE"], shown("What was decided.", "BUY")]
    quantity: Annotated[DecimalText, shown("As in the order; 0 without one.", "592")]
    target_weight: Annotated[AmountText, shown("Final weight of the trace.", "0.400000000000")]
    drift_before: Annotated[AmountText, shown("Weight less target weight before.", "-0.400000000000")]
    drift_after: Annotated[AmountText, shown("Weight less target weight after.", "-0.005189097950")]
    wished: Annotated[AmountText, shown("Amount towards the target, in base; a sell is negative.", "40000.000000000000")]
    traded: Annotated[AmountText, shown("Amount ordered, in base; a sell is negative.", "39481.088982276631")]
    driver: Annotated[Driver, shown("What decided in the end.", "CASH_PRICE")]
    driver_key: Annotated[str | None, shown("Which of its kind: a group, an exclusion, a minimum.", None)]
    price: Annotated[AmountText | None, shown("The price or level that decided; null without one.", "495.049504950495")]
    flips_at: Annotated[FlipData | None, shown("Null where no single number decides.", None)]
