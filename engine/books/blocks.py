"""Block orders: what a book trades of an instrument on one side, and whose it is."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import orjson

from engine.books.orders import BlockRow
from engine.books.tally import SUMS
from engine.numbers import plain, total

KEY: Final = itemgetter(*map(BlockRow._fields.index, ("status", "instrument_id", "side", "currency")))
_QUANTITY: Final = itemgetter(BlockRow._fields.index("quantity"))
_NOTIONAL: Final = itemgetter(BlockRow._fields.index("notional"))


@dataclass(frozen=True, slots=True)
class Block:
    """All orders of one status, instrument, side and currency: their quantity, and their notional in that currency."""

    status: str
    instrument_id: str
    side: str
    currency: str
    quantity: Decimal
    notional: Decimal
    parts: list[BlockRow]

    def figures(self) -> dict[str, Any]:
        """The block without its parts, as it is shown."""
        return {
            "status": self.status,
            "instrument_id": self.instrument_id,
            "side": self.side,
            "quantity": plain(self.quantity),
            "notional": {"amount": plain(self.notional), "currency": self.currency},
        }

    def to_json(self) -> bytes:
        """The block as a line of JSON: what `allocate` reads, with the fill beside it."""
        return orjson.dumps(self.figures() | {"orders": list(map(_part, self.parts))}, option=orjson.OPT_APPEND_NEWLINE)


def blocks(rows: Iterable[BlockRow], twice: Collection[str] = ()) -> Iterator[Block]:
    """The blocks of rows that come in ascending order. Portfolios that are in the book twice are left out."""
    for (status, instrument_id, side, currency), found in groupby(rows, key=KEY):
        parts = list(found)
        if twice:
            parts = [row for row in parts if row.portfolio_id not in twice]
        if parts:
            with localcontext(SUMS):
                quantity = total(map(Decimal, map(_QUANTITY, parts)))
                notional = total(map(Decimal, map(_NOTIONAL, parts)))
            yield Block(status, instrument_id, side, currency, quantity, notional, parts)


def _part(row: BlockRow) -> dict[str, Any]:
    return {
        "portfolio_id": row.portfolio_id,
        "rebalance_run_id": row.rebalance_run_id,
        "intent_id": row.intent_id,
        "quantity": row.quantity,
    }
