"""Orders as JSON, and what their sells realise (RFC-0001, RFC-0009)."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import orjson

from engine.guarded.exact import Parts, shown
from engine.guarded.plan import FundingPlan, Sides
from engine.intents.orders import ADVISED, ALIGN, FUND, SWEEP, FxDeal, Order, Rationale, Trade
from engine.numbers import ZERO, plain, total
from engine.result.amounts import Json, array, money, quoted

if TYPE_CHECKING:  # a rebalance builds no request of an advisor
    from engine.contracts.proposals import ProposedCashFlow

RATIONALES: Final = {why: orjson.dumps(why._asdict()).decode() for why in (ALIGN, FUND, SWEEP, ADVISED)}


def render_orders(orders: Sequence[Order], base: str, flows: "Sequence[ProposedCashFlow]" = ()) -> orjson.Fragment:
    """Security trades and FX deals, in their order; before them the money that a proposal brings in or takes out."""
    payers, in_base = Payers(), quoted(base)
    rows = [_deal(order) if isinstance(order, FxDeal) else _trade(order, payers, in_base) for order in orders]
    return array([*(_flow(number, flow) for number, flow in enumerate(flows, start=1)), *rows] if flows else rows)


def _flow(number: int, flow: "ProposedCashFlow") -> str:
    row = {
        "intent_type": "CASH_FLOW",
        "intent_id": f"oi_cf_{number}",
        "currency": flow.currency,
        "amount": plain(flow.amount),
        "description": flow.description,
    }
    return orjson.dumps(row).decode()


class Payers:
    """Dependencies as text, of who has any: buys in one currency wait for the very same list, which is written once."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Sequence[str], str]] = {}

    def text(self, names: Sequence[str], currency: str) -> str:
        """The list as JSON."""
        last = self._last.get(currency)
        if last is None or last[0] is not names:
            last = self._last[currency] = names, _listed(names)
        return last[1]


def _deal(deal: FxDeal) -> str:
    bought, sold = str(deal.buy_amount), str(deal.sell_amount)
    if "E" in bought or "E" in sold:
        bought, sold = plain(deal.buy_amount), plain(deal.sell_amount)
    dependencies, why = deal.dependencies, deal.rationale
    return (
        f'{{"intent_type":"FX_SPOT","intent_id":"{deal.intent_id}","pair":{quoted(deal.pair)},'
        f'"buy_currency":{quoted(deal.buy_currency)},"buy_amount":"{bought}",'
        f'"sell_currency":{quoted(deal.sell_currency)},"sell_amount_estimated":"{sold}",'
        f'"dependencies":{_listed(dependencies) if dependencies else "[]"},"rationale":{RATIONALES.get(why) or _why(why)}}}'
    )


def _trade(trade: Trade, payers: Payers, base: str) -> str:
    quantity, notional, notional_base = str(trade.quantity), str(trade.notional), str(trade.notional_base)
    if "E" in quantity or "E" in notional or "E" in notional_base:  # asked here, since a call per figure would cost more than the figure
        quantity, notional, notional_base = plain(trade.quantity), plain(trade.notional), plain(trade.notional_base)
    currency, dependencies, constraints = trade.price.currency, trade.dependencies, trade.constraints
    in_base = "null" if trade.unrated else f'{{"amount":"{notional_base}","currency":{base}}}'
    return (
        f'{{"intent_type":"SECURITY_TRADE","intent_id":"{trade.intent_id}","instrument_id":{quoted(trade.instrument_id)},'
        f'"side":"{trade.side}","quantity":"{quantity}","notional":{{"amount":"{notional}","currency":{quoted(currency)}}},'
        f'"notional_base":{in_base},"dependencies":{payers.text(dependencies, currency) if dependencies else "[]"},'
        f'"rationale":{RATIONALES[trade.rationale]},"constraints_applied":{_listed(constraints) if constraints else "[]"}}}'
    )


def _why(rationale: Rationale) -> str:
    return orjson.dumps(rationale._asdict()).decode()


def _listed(names: Sequence[str]) -> str:
    return orjson.dumps(names).decode() if names else "[]"


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
    amount = plan.parts.shown
    return {
        "mode": "FULL",
        "worth": amount(plan.worth),
        "cash_floor": amount(plan.cash_floor),
        "cash_floor_by_currency": {currency: plain(floor) for currency, floor in plan.floors.items()},
        "free_cash": amount(plan.free_cash),
        "wished": _sides(plan.wished, plan.parts),
        "planned": _sides(plan.planned, plan.parts),
        "traded": _sides(plan.traded, plan.parts),
        "price_of_cash": shown(plan.price_of_cash),
        "turnover": _turnover(plan),
        "raise": None,
        "residual_cash": amount(plan.residual_cash),
    }


def _sides(amounts: Sides, parts: Parts) -> Json:
    return {"buys": parts.shown(amounts.buys), "sells": parts.shown(amounts.sells)}


def _turnover(plan: FundingPlan) -> Json | None:
    if plan.turnover_budget is None:
        return None
    price = cash_price = None
    if plan.turnover_policy == "FUNDED":
        levels = plan.turnover
        price, cash_price = shown(levels.price if levels else Fraction(0)), shown(levels.cash_price if levels else Fraction(0))
    return {"budget": plan.parts.shown(plan.turnover_budget), "policy": plan.turnover_policy, "price": price, "cash_price": cash_price}
