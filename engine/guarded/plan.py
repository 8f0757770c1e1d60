"""The plan of a guarded run: what was wished, planned and traded, and the prices at which money and turnover cut it (desk 9.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from engine.contracts.conventions import TurnoverSharing
from engine.guarded.funded_turnover import TurnoverLevels
from engine.guarded.run import GuardedRun
from engine.intents.orders import BUY, SELL


@dataclass(frozen=True, slots=True)
class Sides:
    """Amounts of buys and of sells, in base."""

    buys: Fraction
    sells: Fraction


@dataclass(frozen=True, slots=True)
class FundingPlan:
    """What a guarded run wished, planned and traded, and the prices at which it cut (desk 9.1). Amounts in base, exact."""

    worth: Fraction
    cash_floor: Fraction
    floors: Mapping[str, Decimal]
    free_cash: Fraction
    wished: Sides
    planned: Sides
    traded: Sides
    price_of_cash: Fraction
    turnover_budget: Fraction | None
    turnover_policy: TurnoverSharing
    turnover: TurnoverLevels | None
    residual_cash: Fraction


def plan_of(run: GuardedRun, policy: TurnoverSharing) -> FundingPlan:
    """The figures of the plan."""
    base = run.parts.in_base
    wished, planned, traded = ({BUY: 0, SELL: 0} for _ in range(3))
    for line in run.lines:
        wished[line.side] += line.wish
        planned[line.side] += line.planned
        traded[line.side] += line.quantity * line.step

    def sides(amounts: Mapping[str, int]) -> Sides:
        return Sides(base(amounts[BUY]), base(amounts[SELL]))

    return FundingPlan(
        worth=base(run.worth),
        cash_floor=base(run.funds.floor),
        floors=run.kept,
        free_cash=base(run.funds.surplus({})),
        wished=sides(wished),
        planned=sides(planned),
        traded=sides(traded),
        price_of_cash=run.price_of_cash,
        turnover_budget=None if run.limits.turnover is None else base(run.limits.turnover),
        turnover_policy=policy,
        turnover=run.turnover,
        residual_cash=base(run.funds.surplus(run.net())),
    )
