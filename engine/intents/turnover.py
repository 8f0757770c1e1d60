"""Turnover cap: the largest drifts first, as many as the budget takes, none in part (RFC-0010)."""

from decimal import Decimal

from engine.intents.orders import Trade
from engine.notes import Notes
from engine.numbers import ZERO, total


def cap_turnover(trades: list[Trade], worth: Decimal, budget: Decimal | None, base: str, notes: Notes) -> list[Trade]:
    """The trades that fit the budget, in rank order when it binds; what is dropped is reported, ids are kept."""
    if budget is None or total(abs(trade.notional_base) for trade in trades) <= budget:
        return trades
    kept, used = [], ZERO
    for score, trade in _ranked(trades, worth):
        size = abs(trade.notional_base)
        if used + size <= budget:
            used += size
            kept.append(trade)
            continue
        notes.dropped.append(
            {
                "instrument_id": trade.instrument_id,
                "reason": "TURNOVER_LIMIT",
                "potential_notional": {"amount": str(size), "currency": base},
                "score": str(score),
            }
        )
    notes.warn_once("PARTIAL_REBALANCE_TURNOVER_LIMIT")
    return kept


def _ranked(trades: list[Trade], worth: Decimal) -> list[tuple[Decimal, Trade]]:
    scored = [(abs(trade.notional_base) / worth if worth > 0 else ZERO, trade) for trade in trades]
    return sorted(
        scored,
        key=lambda row: (-row[0], abs(row[1].notional_base), row[1].instrument_id, row[1].intent_id),
    )
