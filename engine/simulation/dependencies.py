"""What must happen before what: buys wait for their FX and for the sells that pay them (RFC-0001, practice 6.4)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from engine.intents.orders import BUY, FUND, SELL, SWEEP, FxDeal, Order, Trade
from engine.numbers import ZERO


def link_buys(trades: Sequence[Trade], deals: Sequence[FxDeal], *, to_sells: bool) -> None:
    """Write the dependencies of every buy: the funding deal of its currency, then the last sell in it."""
    waits_for = {deal.buy_currency: [deal.intent_id] for deal in deals if deal.rationale == FUND}
    last_sells = {trade.price.currency: trade.intent_id for trade in trades if trade.side == SELL} if to_sells else {}
    for currency, intent_id in last_sells.items():
        waits_for.setdefault(currency, []).append(intent_id)
    for trade in trades:
        if trade.side == BUY:
            trade.dependencies = waits_for.get(trade.price.currency, ())


def link_every_payer(trades: Sequence[Trade], deals: Sequence[FxDeal], cash: Mapping[str, Decimal], base: str) -> None:
    """Let every order wait for all that pays it, where the cash at hand does not; whatever order that allows, nothing is overdrawn.

    Sweeps come before fundings. Dependencies are listed in order of execution.
    """
    spent: dict[str, Decimal] = {}
    sells: dict[str, list[str]] = {}
    for trade in trades:
        currency = trade.price.currency
        if trade.side == SELL:
            sells.setdefault(currency, []).append(trade.intent_id)
        else:
            spent[currency] = spent.get(currency, ZERO) + (trade.notional + trade.cost if trade.cost else trade.notional)
    funded = {deal.buy_currency: deal for deal in deals if deal.rationale == FUND}
    sweeps = [deal for deal in deals if deal.rationale == SWEEP]
    for deal in deals:
        spent[deal.sell_currency] = spent.get(deal.sell_currency, ZERO) + deal.sell_amount

    def short(currency: str) -> bool:
        got = funded[currency].buy_amount if currency in funded else ZERO
        return cash.get(currency, ZERO) + got < spent.get(currency, ZERO)

    for sweep in sweeps:
        sweep.dependencies = sells.get(sweep.sell_currency, []) if short(sweep.sell_currency) else []
    into_base = [*sells.get(base, []), *(sweep.intent_id for sweep in sweeps)] if short(base) else []
    for deal in funded.values():
        deal.dependencies = into_base
    waits_for: dict[str, list[str]] = {base: into_base}
    for trade in trades:
        if trade.side == BUY:
            currency = trade.price.currency
            if currency not in waits_for:
                payers = list(sells.get(currency, [])) if short(currency) else []
                waits_for[currency] = [*payers, funded[currency].intent_id] if currency in funded else payers
            trade.dependencies = waits_for[currency]


def execution_order(trades: Sequence[Trade], deals: Sequence[FxDeal]) -> list[Order]:
    """Sells, then FX, then buys; within each the order they came in."""
    sells: list[Order] = []
    buys: list[Order] = []
    for trade in trades:
        (sells if trade.side == SELL else buys).append(trade)
    return [*sells, *deals, *buys]
