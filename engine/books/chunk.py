"""A chunk of a book: its lines decided one after the other, each with what is kept of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from engine.books.decided import DecidedLine, decide_line
from engine.books.manifest import portfolio_text
from engine.books.orders import Cells, block_rows, order_rows
from engine.books.results import failure_line, result_line
from engine.books.shared import SharedBook
from engine.books.tally import Tally


@dataclass(slots=True)
class ChunkOutcome:
    """What a chunk came to, besides its result lines: orders and ids of runs in the order of its lines, the parts of blocks, its tally.

    Orders have the cells of an `OrderRow`, parts of blocks those of a `BlockRow`.
    """

    orders: list[Cells] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    blocks: list[Cells] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def decide_chunk(
    shared: SharedBook,
    book_id: str,
    lines: Iterable[bytes],
    outcome: ChunkOutcome,
    first: int = 1,
    on_defect: Callable[[Exception], None] = lambda _: None,
) -> Iterator[bytes]:
    """The result line of every line that is not blank, as it is decided; the outcome is filled on the way. Nothing raises but a lack of memory.

    `first` is the number of the first line in its object, whose byte order mark is not looked at.
    """
    for number, line in enumerate(lines, start=first):
        text = portfolio_text(line, number)
        if text is None:
            continue
        decided = decide_line(shared, book_id, text, on_defect)
        if isinstance(decided, DecidedLine):
            written = result_line(book_id, decided, shared)
            orders = order_rows(decided, decided.decision.document["before"]["total_value"]["currency"])
            outcome.tally.count(decided, orders, len(written))
            outcome.orders += orders
            outcome.runs.append(decided.run_id)
            outcome.blocks += block_rows(orders)
        else:
            written = failure_line(book_id, number, decided)
            outcome.tally.count_failure(number, decided, len(written))
        yield written
