"""The orders of a proposal as they are handed on: trades with their prices, currency deals with their rates (advisory-engine 16, advisory-practice 6)."""

from decimal import Decimal
from typing import Final

from engine.advisory.artifact.material import FX_SPOT, SECURITY_TRADE, Json, Material
from engine.advisory.artifact.texts import bare, weight
from engine.contracts.market_data import PriceBasis
from engine.market import Market, clean_factor
from engine.numbers import ZERO, plain
from engine.result.amounts import money

UNIT: Final = PriceBasis.UNIT.value
ORDERING: Final = "CASH_FLOW->SELL->FX->BUY"


def trades_and_funding(material: Material) -> Json:
    """Trades in result order, deals by pair, and what waits for what."""
    trades = material.intents(SECURITY_TRADE)
    deals = sorted(material.intents(FX_SPOT), key=lambda deal: (deal["pair"], deal["intent_id"]))
    listed = {row.pair: row.rate for row in material.request.market_data_snapshot.fx_rates}
    waits = any(trade["dependencies"] for trade in trades)
    return {
        "trade_list": [_trade(trade, material.market) for trade in trades],
        "fx_list": [_deal(deal, listed.get(deal["pair"]), material.market) for deal in deals],
        "ordering_policy": ORDERING,
        "execution_notes": [{"code": "DEPENDENCY", "text": "Some orders depend on earlier intents and wait for them."}] if waits else [],
    }


def _trade(trade: Json, market: Market) -> Json:
    name = trade["instrument_id"]
    price, given = market.prices[name], market.given[name]
    accrued = Decimal(trade["quantity"]) * price.accrued * clean_factor(price) if price.accrued else ZERO
    basis = given.basis.value if name in market.unusual else UNIT
    return {
        "intent_id": trade["intent_id"],
        "type": SECURITY_TRADE,
        "instrument_id": name,
        "side": trade["side"],
        "quantity": bare(trade["quantity"]),
        "estimated_notional": trade["notional"],
        "estimated_notional_base": trade["notional_base"],
        "price": {"amount": plain(given.price), "currency": given.currency, "basis": basis},
        **({"accrued_interest": money(accrued, price.currency)} if accrued else {}),
        "dependencies": trade["dependencies"],
        "rationale": trade["rationale"],
    }


def _deal(deal: Json, listed: Decimal | None, market: Market) -> Json:
    """The rate as it is listed under the very pair, in four decimals, and the one that the deal was made at (advisory-engine S24)."""
    effective = market.rate(deal["buy_currency"], deal["sell_currency"])
    return {
        "intent_id": deal["intent_id"],
        "pair": deal["pair"],
        "buy_amount": bare(deal["buy_amount"]),
        "sell_amount_estimated": bare(deal["sell_amount_estimated"]),
        "rate": None if listed is None else weight(listed),
        "effective_rate": None if effective is None else bare(plain(effective)),
    }
