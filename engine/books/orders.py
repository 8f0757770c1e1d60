"""The orders of a book as rows: for the order management system, and sorted for blocks."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from engine.books.decided import BookRun
from engine.books.results import gate_of
from engine.intents.orders import FxDeal, Trade
from engine.numbers import plain
from engine.result.amounts import texts
from engine.result.status import BLOCKED

TRADE: Final = "SECURITY_TRADE"


class OrderRow(NamedTuple):
    """An order as a line of the book's CSV; what its kind lacks is empty. Figures have all their digits."""

    portfolio_id: str
    rebalance_run_id: str
    status: str
    gate: str
    intent_id: str
    intent_type: str
    side: str
    instrument_id: str
    quantity: str
    currency: str
    notional: str
    base_currency: str
    notional_base: str
    pair: str
    buy_currency: str
    buy_amount: str
    sell_currency: str
    sell_amount_estimated: str
    dependencies: str


class BlockRow(NamedTuple):
    """A security order of a run that may be executed, in the order of its fields: the part of a block that is one portfolio's."""

    status: str
    instrument_id: str
    side: str
    currency: str
    portfolio_id: str
    rebalance_run_id: str
    intent_id: str
    quantity: str
    notional: str


def order_rows(run: BookRun, base: str) -> list[OrderRow]:
    """The orders of a run in a base currency, in the order in which they are executed; none where it is BLOCKED, since nobody may."""
    if run.decision.status == BLOCKED:
        return []
    told = (run.portfolio_id, run.run_id, run.decision.status, gate_of(run) or "")
    return [
        OrderRow._make((*told, *_deal(order)) if isinstance(order, FxDeal) else (*told, *_trade(order, base)))
        for order in run.decision.orders
    ]


def _trade(trade: Trade, base: str) -> tuple[str, ...]:
    quantity, notional, in_base = texts(trade.quantity, trade.notional, trade.notional_base)
    currency, in_base = ("", "") if trade.unrated else (base, in_base)
    head = (trade.intent_id, TRADE, trade.side, trade.instrument_id, quantity, trade.price.currency, notional, currency, in_base)
    return (*head, "", "", "", "", "", " ".join(trade.dependencies))


def _deal(deal: FxDeal) -> tuple[str, ...]:
    legs = (deal.pair, deal.buy_currency, plain(deal.buy_amount), deal.sell_currency, plain(deal.sell_amount))
    return (deal.intent_id, "FX_SPOT", "", "", "", "", "", "", "", *legs, " ".join(deal.dependencies))


def block_rows(rows: Sequence[OrderRow]) -> list[BlockRow]:
    """The security orders among rows of a run."""
    return [
        BlockRow._make((status, instrument_id, side, currency, portfolio_id, run_id, intent_id, quantity, notional))
        for portfolio_id, run_id, status, _, intent_id, kind, side, instrument_id, quantity, currency, notional, *_ in rows
        if kind == TRADE
    ]


def as_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows as comma-separated values in UTF-8 (RFC 4180, lines ended by LF)."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
