"""FX hub and spoke: every foreign balance is funded from base or swept into base (RFC-0001)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from engine.contracts.conventions import Dependencies
from engine.intents.orders import FUND, SWEEP, FxDeal, Trade
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ZERO

WITHOUT_BUFFER: Final = Decimal("1.0")


def fx_deals(cash: Mapping[str, Decimal], trades: list[Trade], market: Market, buffer: Decimal, notes: Notes) -> list[FxDeal]:
    """One deal, not yet numbered, per foreign currency with a projected balance; `buffer` is added to funding buys only."""
    base, rates, with_buffer = market.base, market.base_rates, WITHOUT_BUFFER + buffer
    deals: list[FxDeal] = []
    for currency, balance in balances_after(cash, trades).items():
        if currency == base or not balance:
            continue
        pair, rate = market.base_pair(currency), rates.get(currency)
        if rate is None:
            notes.fx_missing[pair] = None
            continue
        if balance < ZERO:
            bought = -balance * with_buffer
            deals.append(FxDeal("", pair, currency, bought, base, bought * rate, FUND))
        else:
            deals.append(FxDeal("", pair, base, balance * rate, currency, balance, SWEEP))
    return deals


def balances_after(cash: Mapping[str, Decimal], trades: Iterable[Trade]) -> dict[str, Decimal]:
    """Cash once trades are paid, costs included."""
    balances = dict(cash)
    for trade in trades:
        currency = trade.price.currency
        balances[currency] = balances.get(currency, ZERO) + trade.proceeds()
    return balances


def numbered_deals(deals: Sequence[FxDeal], trades: Sequence[Trade], dependencies: Dependencies) -> list[FxDeal]:
    """The deals with ids that follow the trades'; with COMPLETE dependencies sweeps first, since fundings may wait for them."""
    ordered = list(deals)
    if dependencies is Dependencies.COMPLETE:
        ordered.sort(key=lambda deal: deal.rationale == FUND)
    for number, deal in enumerate(ordered, start=len(trades) + 1):
        deal.intent_id = f"oi_fx_{number}"
    return ordered
