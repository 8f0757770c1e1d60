"""The orders of a book as rows: for the order management system, and sorted for blocks."""

import csv
import io
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

import orjson

from engine.books.decided import DecidedLine
from engine.books.results import gate_of
from engine.intents.orders import FxDeal
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
_BETWEEN: Final = b'"],["'
_BY_CELLS: Final = "\0".join
"""What rows are sorted by: no cell holds this character, so texts of it come in the order of the cells, and are compared in a third of the time."""
_PART: Final = itemgetter(*map(OrderRow._fields.index, BlockRow._fields))


def order_rows(run: DecidedLine, base: str) -> list[Cells]:
    """The orders of a run in a base currency, each as an `OrderRow`, in their order; none where it is BLOCKED, since nobody may make them."""
    if run.decision.status == BLOCKED:
        return []
    whose = (run.portfolio_id, run.run_id, run.decision.status, gate_of(run) or "")
    portfolio_id, run_id, status, gate = whose
    rows: list[Cells] = []
    for order in run.decision.orders:
        if isinstance(order, FxDeal):
            rows.append(_deal(whose, order))
            continue
        quantity, notional, in_base = texts(order.quantity, order.notional, order.notional_base)
        if order.unrated:
            in_base = ""
        rows.append(  # member by member: rows of parts that are put together take half as long again
            (
                portfolio_id,
                run_id,
                status,
                gate,
                order.intent_id,
                TRADE,
                order.side,
                order.instrument_id,
                quantity,
                order.price.currency,
                notional,
                base if in_base else "",
                in_base,
                "",
                "",
                "",
                "",
                "",
                " ".join(order.dependencies),
            )
        )
    return rows


def _deal(whose: Cells, deal: FxDeal) -> Cells:
    legs = (deal.pair, deal.buy_currency, plain(deal.buy_amount), deal.sell_currency, plain(deal.sell_amount))
    return (*whose, deal.intent_id, "FX_SPOT", "", "", "", "", "", "", "", *legs, " ".join(deal.dependencies))


def block_rows(rows: Sequence[Cells]) -> list[Cells]:
    """The security orders among rows of a run, each as a `BlockRow`."""
    return [_PART(row) for row in rows if KIND(row) == TRADE]


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of two cells or more as comma-separated values in UTF-8 (RFC 4180, lines ended by LF)."""
    rows = list(rows)
    plain_text = "".join([f"{','.join(row)}\n" for row in rows])
    if _needs_no_quotes(plain_text, rows):
        return plain_text.encode()
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _needs_no_quotes(text: str, rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows joined by commas, each ended by LF, hold none but these, nor anything else that is written within quotes.

    So it is for nearly all books, and their rows take a sixth of what it takes to look at every character of theirs by itself.
    """
    return text.count(",") == sum(map(len, rows)) - len(rows) and text.count("\n") == len(rows) and '"' not in text


def as_json_lines(rows: Sequence[Cells]) -> bytes:
    """Block rows as JSON arrays, one a line, in ascending order.

    They are written at once and then told apart: between the figure that ends one and the status that begins the next stands what no
    text holds but a cell of just these three characters. Where there is one, each row is written by itself.
    """
    ordered = sorted(rows, key=_BY_CELLS)
    text = orjson.dumps(ordered)
    if text.count(_BETWEEN) == len(ordered) - 1:
        return text[1:-1].replace(_BETWEEN, b'"]\n["') + b"\n"
    return b"".join([orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in ordered])
