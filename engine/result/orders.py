"""Orders as JSON types, and what their sells realise (RFC-0001, RFC-0009)."""

from decimal import Decimal

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
