"""Turnover cap: the largest drifts first, as many as the budget takes, none in part (RFC-0010)."""

from decimal import Decimal

from engine.intents.orders import Trade
from engine.notes import DroppedIntent, Notes
from engine.numbers import ZERO, total
from engine.valuation import State


def cap_turnover(trades: list[Trade], share: Decimal | None, worth: Decimal, before: State, notes: Notes) -> list[Trade]:
    """The trades that fit the budget, in rank order when it binds; what is dropped is reported, ids are kept.

    The budget is a share of the worth that orders are sized from; sums follow the ids, so that no order of a request
    changes what fits. Scores are shown of the total value that the result shows.
    """
    if share is None:
        return trades
    budget = worth * share
    by_id = sorted(trades, key=lambda trade: trade.instrument_id)
    if total(trade.notional_base for trade in by_id) <= budget:
        return trades
    kept, used = [], ZERO
    for trade in sorted(by_id, key=lambda trade: (-drift_share(trade.notional_base, worth), trade.notional_base)):
        size = trade.notional_base
        if used + size <= budget:
            used += size
            kept.append(trade)
            continue
        notes.dropped.append(DroppedIntent(trade.instrument_id, size, drift_share(size, before.total)))
    if len(kept) < len(trades):
        notes.warn_once("PARTIAL_REBALANCE_TURNOVER_LIMIT")
    return kept


def drift_share(notional_base: Decimal, worth: Decimal) -> Decimal:
    """The drift that a trade corrects, as a share of the total value."""
    return notional_base / worth if worth > 0 else ZERO
