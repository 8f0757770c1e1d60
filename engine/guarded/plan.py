"""The plan of a guarded run: what was wished, planned and traded, and the prices at which money and turnover cut it (desk 9.1)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from engine.contracts.conventions import TurnoverSharing
from engine.guarded.exact import Parts
from engine.guarded.funded_turnover import TurnoverLevels
from engine.guarded.funds import Amount
from engine.guarded.run import GuardedRun
from engine.intents.orders import BUY


class Sides(Struct):
    """Amounts of buys and of sells, in parts of base."""

    buys: int
    sells: int


class FundingPlan(Struct):
    """What a guarded run wished, planned and traded, and the prices at which it cut (desk 9.1).

    Amounts are exact, in `parts` of base; the price of cash and the levels of turnover are in base.
    """

    parts: Parts
    worth: int
    cash_floor: int
    floors: Mapping[str, Decimal]
    free_cash: Amount
    wished: Sides
    planned: Sides
    traded: Sides
    price_of_cash: Fraction
    turnover_budget: int | None
    turnover_policy: TurnoverSharing
    turnover: TurnoverLevels | None
    residual_cash: Amount


def plan_of(run: GuardedRun, policy: TurnoverSharing) -> FundingPlan:
    """The figures of the plan."""
    buys, sells = [line for line in run.lines if line.side == BUY], run.sells  # a dropped buy had a wish
    net, sold = run.net(), sum(run.sold.values())
    return FundingPlan(
        parts=run.parts,
        worth=run.worth,
        cash_floor=run.funds.floor,
        floors=run.kept,
        free_cash=run.funds.surplus({}),
        wished=Sides(sum([line.wish for line in buys]), sum([line.wish for line in sells])),
        planned=Sides(sum([line.planned for line in buys]), sum([line.planned for line in sells])),
        traded=Sides(sold - sum(net.values()), sold),
        price_of_cash=run.price_of_cash,
        turnover_budget=run.limits.turnover,
        turnover_policy=policy,
        turnover=run.turnover,
        residual_cash=run.funds.surplus(net),
    )
