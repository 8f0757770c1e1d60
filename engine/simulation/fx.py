"""FX hub and spoke: every foreign balance is funded from base or swept into base (RFC-0001)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from engine.contracts.snapshots import CashBalance
from engine.intents.orders import SELL, FxDeal, Trade
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ZERO

WITHOUT_BUFFER: Final = Decimal("1.0")


def fx_deals(cash: Iterable[CashBalance], trades: list[Trade], market: Market, buffer: Decimal, notes: Notes) -> list[FxDeal]:
    """One deal per foreign currency with a projected balance; `buffer` is added to funding buys only."""
    balances = {row.currency: row.amount for row in cash}
    for trade in trades:
        flow = trade.notional if trade.side == SELL else -trade.notional
        balances[trade.currency] = balances.get(trade.currency, ZERO) + flow
    deals: list[FxDeal] = []
    for currency, balance in balances.items():
        if currency == market.base or not balance:
            continue
        rate = market.base_rates.get(currency)
        if rate is None:
            notes.fx_missing[market.base_pair(currency)] = None
            continue
        intent_id = f"oi_fx_{len(trades) + len(deals) + 1}"
        deals.append(_deal(intent_id, currency, balance, rate, market, buffer))
    return deals


def _deal(intent_id: str, currency: str, balance: Decimal, rate: Decimal, market: Market, buffer: Decimal) -> FxDeal:
    pair = market.base_pair(currency)
    if balance < 0:
        bought = abs(balance) * (WITHOUT_BUFFER + buffer)
        return FxDeal(intent_id, pair, currency, bought, market.base, bought * rate, "FUNDING", "Fund")
    return FxDeal(intent_id, pair, market.base, balance * rate, currency, balance, "SWEEP", "Sweep")
