"""The orders of a book as rows: for the order management system, and sorted for blocks."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import orjson

from engine.books.decided import BookRun
from engine.books.results import gate_of
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


def order_rows(run: BookRun) -> list[OrderRow]:
    """The orders of a run, in the order in which they are executed."""
    intents: list[dict[str, Any]] = orjson.loads(orjson.dumps(run.decision.document["intents"]))
    told = (run.portfolio_id, run.run_id, run.decision.status, gate_of(run) or "")
    return [OrderRow(*told, *(_trade(row) if row["intent_type"] == TRADE else _deal(row))) for row in intents]


def _trade(row: dict[str, Any]) -> tuple[str, ...]:
    amount, in_base = row["notional"], row["notional_base"] or {"amount": "", "currency": ""}
    return (
        *(row["intent_id"], TRADE, row["side"], row["instrument_id"], row["quantity"]),
        *(amount["currency"], amount["amount"], in_base["currency"], in_base["amount"]),
        *("", "", "", "", "", " ".join(row["dependencies"])),
    )


def _deal(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        *(row["intent_id"], row["intent_type"], "", "", "", "", "", "", ""),
        *(row["pair"], row["buy_currency"], row["buy_amount"], row["sell_currency"], row["sell_amount_estimated"]),
        " ".join(row["dependencies"]),
    )


def block_rows(rows: Iterable[OrderRow]) -> Iterator[BlockRow]:
    """The security orders among rows that are not BLOCKED."""
    for row in rows:
        if row.intent_type == TRADE and row.status != BLOCKED:
            told = (row.portfolio_id, row.rebalance_run_id, row.intent_id, row.quantity, row.notional)
            yield BlockRow(row.status, row.instrument_id, row.side, row.currency, *told)


def as_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows as comma-separated values in UTF-8 (RFC 4180, lines ended by LF)."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
