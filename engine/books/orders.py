"""The orders of a book as rows: for the order management system, and sorted for blocks."""

import csv
import io
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from engine.books.decided import DecidedLine
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


Cells = tuple[str, ...]
"""A row without its names, which are not asked for while a chunk is decided: there are thousands, and names would cost as much as figures."""

KIND: Final = itemgetter(OrderRow._fields.index("intent_type"))
_NO_DEAL: Final = ("", "", "", "", "")
_PART: Final = itemgetter(*map(OrderRow._fields.index, BlockRow._fields))


def order_rows(run: DecidedLine, base: str) -> list[Cells]:
    """The orders of a run in a base currency, each as an `OrderRow`, in their order; none where it is BLOCKED, since nobody may make them."""
    if run.decision.status == BLOCKED:
        return []
    whose = (run.portfolio_id, run.run_id, run.decision.status, gate_of(run) or "")
    return [_deal(whose, order) if isinstance(order, FxDeal) else _trade(whose, order, base) for order in run.decision.orders]


def _trade(whose: Cells, trade: Trade, base: str) -> Cells:
    quantity, notional, in_base = texts(trade.quantity, trade.notional, trade.notional_base)
    if trade.unrated:
        base = in_base = ""
    figures = (quantity, trade.price.currency, notional, base, in_base)
    return (*whose, trade.intent_id, TRADE, trade.side, trade.instrument_id, *figures, *_NO_DEAL, " ".join(trade.dependencies))


def _deal(whose: Cells, deal: FxDeal) -> Cells:
    legs = (deal.pair, deal.buy_currency, plain(deal.buy_amount), deal.sell_currency, plain(deal.sell_amount))
    return (*whose, deal.intent_id, "FX_SPOT", "", "", "", "", "", "", "", *legs, " ".join(deal.dependencies))


def block_rows(rows: Sequence[Cells]) -> list[Cells]:
    """The security orders among rows of a run, each as a `BlockRow`."""
    return [_PART(row) for row in rows if KIND(row) == TRADE]


def as_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows as comma-separated values in UTF-8 (RFC 4180, lines ended by LF)."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
