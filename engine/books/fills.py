"""Fills of blocks shared among their portfolios, line by line."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import orjson

from engine.books.allocation import Part, allocate
from engine.contracts.books.fills import BlockFill, parse_fill
from engine.contracts.violations import InvalidRequest, Violation
from engine.numbers import plain


def allocate_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """A line of allocations for every line that is not blank. Raises `InvalidRequest`, the number of the line first in each place."""
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            yield allocation_of(parse_fill(text))
        except InvalidRequest as invalid:
            raise InvalidRequest([replace(found, loc=(number, *found.loc)) for found in invalid.violations]) from None


def allocation_of(fill: BlockFill) -> bytes:
    """Who gets how much of a fill, as a line of JSON. Raises `InvalidRequest` `BLOCK_FILL_OUT_OF_RANGE` for more than was ordered."""
    parts = [Part(row.portfolio_id, row.rebalance_run_id, row.intent_id, row.quantity) for row in fill.orders]
    try:
        shares = allocate(parts, fill.filled, fill.lot_size)
    except ValueError as error:
        raise InvalidRequest([Violation(("body", "filled"), str(error), "More than the block holds")]) from None
    return orjson.dumps(
        {
            "instrument_id": fill.instrument_id,
            "side": fill.side,
            "filled": plain(fill.filled),
            "allocations": [
                {
                    "portfolio_id": part.portfolio_id,
                    "rebalance_run_id": part.rebalance_run_id,
                    "intent_id": part.intent_id,
                    "ordered": plain(part.quantity),
                    "filled": plain(share),
                }
                for part, share in zip(parts, shares, strict=True)
            ],
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
