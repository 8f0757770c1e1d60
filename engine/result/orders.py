"""Orders as JSON types, and what their sells realise (RFC-0001, RFC-0009)."""

from decimal import Decimal
from fractions import Fraction

from engine.guarded.exact import shown
from engine.guarded.orders import FundingPlan, Sides
from engine.intents.orders import FxDeal, Order, Trade
from engine.numbers import ZERO, plain, total
from engine.result.amounts import Json, money, texts


def render_order(order: Order, base: str) -> Json:
    """A security trade or an FX deal."""
    code, message = order.rationale
    rationale = {"code": code, "message": message}
    if isinstance(order, FxDeal):
        return {
            "intent_type": "FX_SPOT",
            "intent_id": order.intent_id,
            "pair": order.pair,
            "buy_currency": order.buy_currency,
            "buy_amount": plain(order.buy_amount),
            "sell_currency": order.sell_currency,
            "sell_amount_estimated": plain(order.sell_amount),
            "dependencies": order.dependencies,
            "rationale": rationale,
        }
    quantity, notional, notional_base = texts(order.quantity, order.notional, order.notional_base)
    return {
        "intent_type": "SECURITY_TRADE",
        "intent_id": order.intent_id,
        "instrument_id": order.instrument_id,
        "side": order.side,
        "quantity": quantity,
        "notional": {"amount": notional, "currency": order.price.currency},
        "notional_base": {"amount": notional_base, "currency": base},
        "dependencies": order.dependencies,
        "rationale": rationale,
        "constraints_applied": order.constraints,
    }


def render_tax_impact(trades: list[Trade], budget: Decimal | None, base: str) -> Json:
    """Gains, losses and budget used of the trades that are left, given in trace order."""
    amounts = [amount for trade in trades for amount in trade.realised]
    proceeds = total(trade.unknown_cost_proceeds for trade in trades)
    gain = sum((amount for amount in amounts if amount >= 0), ZERO)
    loss = sum((-amount for amount in amounts if amount < 0), ZERO)
    return {
        "total_realized_gain": money(gain, base),
        "total_realized_loss": money(loss, base),
        "budget_limit": None if budget is None else money(budget, base),
        "budget_used": None if budget is None else money(gain, base),
        **({"unknown_cost_proceeds": money(proceeds, base)} if proceeds else {}),
    }


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
