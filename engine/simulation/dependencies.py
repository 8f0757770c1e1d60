"""What must happen before what: buys wait for their FX and for the last sell in their currency (RFC-0001)."""

from engine.intents.orders import BUY, FUND, SELL, FxDeal, Order, Trade


def link_buys(trades: list[Trade], deals: list[FxDeal], *, to_sells: bool) -> None:
    """Write the dependencies of every buy: the funding deal of its currency, then the last sell in it."""
    waits_for = {deal.buy_currency: [deal.intent_id] for deal in deals if deal.rationale == FUND}
    last_sells = {trade.price.currency: trade.intent_id for trade in trades if trade.side == SELL} if to_sells else {}
    for currency, intent_id in last_sells.items():
        waits_for.setdefault(currency, []).append(intent_id)
    for trade in trades:
        if trade.side == BUY:
            trade.dependencies = waits_for.get(trade.price.currency, ())


def execution_order(trades: list[Trade], deals: list[FxDeal]) -> list[Order]:
    """Sells, then FX, then buys; within each the order they came in."""
    sells: list[Order] = []
    buys: list[Order] = []
    for trade in trades:
        (sells if trade.side == SELL else buys).append(trade)
    return [*sells, *deals, *buys]
