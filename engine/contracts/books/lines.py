"""A line of a book: one portfolio, the model it follows, and the options that are its own."""

from typing import Annotated, Any, ClassVar, Final

import orjson
from msgspec import field
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.received.members import refuse_duplicates
from engine.contracts.received.reader import Reader, refuse_non_finite_literals
from engine.contracts.received.rows import Row
from engine.contracts.requests import snapshot_violations
from engine.contracts.scalars import STRICT_MEMBERS, AddressedId, Identifier
from engine.contracts.snapshots import PortfolioSnapshot
from engine.contracts.violations import InvalidRequest, Violation

MAX_LINE_BYTES: Final = 1_000_000
_NO_MARKET: Final = MarketDataSnapshot()


class BookLine(Row):
    """One portfolio of a book. Unknown members are refused."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT_MEMBERS
    portfolio_snapshot: Annotated[PortfolioSnapshot, Field(description="What the client holds.")]
    model_id: Annotated[Identifier, Field(description="The model it follows, one of the shared document's.", examples=["balanced"])]
    options: Annotated[
        dict[str, Any],
        Field(description="Options of this portfolio alone; each wins over the shared one.", examples=[{"max_turnover_pct": "0.2"}]),
    ] = field(default_factory=dict)
    correlation_id: Annotated[Identifier | None, Field(description="The caller's id; else the book's.", examples=["corr-1"])] = None


_NAME: Final = TypeAdapter(AddressedId)
_READ: Final = Reader(BookLine)


def parse_line(text: bytes) -> BookLine:
    """Parse and validate a line but for its options; raises `InvalidRequest` with every violation found."""
    if len(text) > MAX_LINE_BYTES:
        raise InvalidRequest([Violation(("body",), "BOOK_LINE_TOO_LARGE", f"A line has at most {MAX_LINE_BYTES} bytes")])
    line = _READ.quickly(text)
    if line is None:
        refuse_non_finite_literals(text)
    refuse_duplicates(text)
    line = line or _READ.by_contract(text)
    if found := snapshot_violations(line.portfolio_snapshot, _NO_MARKET, ()):
        raise InvalidRequest(found)
    return line


def portfolio_named(text: bytes) -> str | None:
    """The portfolio that a line names, also where the line breaks its contract; None where it names none or is too large to look."""
    if len(text) > MAX_LINE_BYTES:
        return None
    try:
        line = orjson.loads(text)
        return _NAME.validate_python(line["portfolio_snapshot"]["portfolio_id"])
    except (orjson.JSONDecodeError, TypeError, LookupError, ValidationError):
        return None
