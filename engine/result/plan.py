"""The plan of a guarded run as JSON types (desk 9.1): amounts in base currency with 12 decimals, half-even."""

from fractions import Fraction

from engine.intents.exact import shown
from engine.intents.guarded_orders import FundingPlan, Sides
from engine.numbers import plain
from engine.result.amounts import Json


def render_plan(plan: FundingPlan) -> Json:
    """What was wished, planned and traded, and the prices at which money and turnover cut it."""
    return {
        "mode": "FULL",
        "worth": shown(plan.worth),
        "cash_floor": shown(plan.cash_floor),
        "cash_floor_by_currency": {currency: plain(amount) for currency, amount in plan.floors.items()},
        "free_cash": shown(plan.free_cash),
        "wished": _sides(plan.wished),
        "planned": _sides(plan.planned),
        "traded": _sides(plan.traded),
        "price_of_cash": shown(plan.price_of_cash),
        "turnover": _turnover(plan),
        "raise": None,
        "residual_cash": shown(plan.residual_cash),
    }


def _sides(amounts: Sides) -> Json:
    return {"buys": shown(amounts.buys), "sells": shown(amounts.sells)}


def _turnover(plan: FundingPlan) -> Json | None:
    if plan.turnover_budget is None:
        return None
    price = cash_price = None
    if plan.turnover_policy == "FUNDED":
        levels = plan.turnover
        price, cash_price = shown(levels.price if levels else Fraction(0)), shown(levels.cash_price if levels else Fraction(0))
    return {"budget": shown(plan.turnover_budget), "policy": plan.turnover_policy, "price": price, "cash_price": cash_price}
