"""A line of a book: one portfolio, the model it follows, and the options that are its own."""

from typing import Annotated, Any, Final

import orjson
from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.received.members import refuse_duplicates
from engine.contracts.requests import refuse_non_finite_literals, snapshot_violations
from engine.contracts.scalars import STRICT_MEMBERS, AddressedId, Identifier
from engine.contracts.snapshots import PortfolioSnapshot
from engine.contracts.validators import validator_of
from engine.contracts.violations import InvalidRequest, Violation, violations_of

MAX_LINE_BYTES: Final = 1_000_000
_NO_MARKET: Final = MarketDataSnapshot()


@dataclass(slots=True, config=STRICT_MEMBERS)
class BookLine:
    """One portfolio of a book. Unknown members are refused."""

    portfolio_snapshot: Annotated[PortfolioSnapshot, Field(description="What the client holds.")]
    model_id: Annotated[Identifier, Field(description="The model it follows, one of the shared document's.", examples=["balanced"])]
    options: Annotated[
        dict[str, Any],
        Field(description="Options of this portfolio alone; each wins over the shared one.", examples=[{"max_turnover_pct": "0.2"}]),
    ] = Field(default_factory=dict)
    correlation_id: Annotated[Identifier | None, Field(description="The caller's id; else the book's.", examples=["corr-1"])] = None


_NAME: Final = TypeAdapter(AddressedId)
_LINE: Final = validator_of(TypeAdapter(BookLine))


def parse_line(text: bytes) -> BookLine:
    """Parse and validate a line but for its options; raises `InvalidRequest` with every violation found."""
    if len(text) > MAX_LINE_BYTES:
        raise InvalidRequest([Violation(("body",), "BOOK_LINE_TOO_LARGE", f"A line has at most {MAX_LINE_BYTES} bytes")])
    refuse_non_finite_literals(text)
    refuse_duplicates(text)
    try:
        line: BookLine = _LINE.validate_json(text)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None
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
