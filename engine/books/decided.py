"""One line of a book decided: the same decision as a rebalance of its own, over what the book shares (RFC-0001)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.admission import admit
from engine.books.shared import Model, OptionSet, SharedBook
from engine.contracts.books.lines import BookLine, parse_line, portfolio_named
from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.shelf import ShelfEntry
from engine.contracts.snapshots import ModelPortfolio, PortfolioSnapshot
from engine.contracts.violations import DuplicateMembers, InvalidRequest, Violation
from engine.evidence.canonical import canonical_rows, digest
from engine.numbers import arithmetic
from engine.rebalance import decide
from engine.result.document import Decision
from engine.snapshots import Snapshots

EXECUTION_ERROR: Final = "BOOK_LINE_EXECUTION_ERROR"
DUPLICATE_MEMBER: Final = "DUPLICATE_MEMBER"
_NO_MODEL: Final = ModelPortfolio(targets=[])


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A decided line. `request` is its canonical request, in which what the book shares stands as its digest."""

    portfolio_id: str
    model_id: str
    run_id: str
    correlation_id: str
    request: bytes
    request_hash: str
    options: OptionSet
    decision: Decision
    result: bytes


@dataclass(frozen=True, slots=True)
class LineFailure:
    """A line that could not be decided, and why: a code, and what breaks the contract where something does."""

    code: str
    violations: Sequence[Violation] = ()
    portfolio_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A line as `engine.admission` looks at a request."""

    portfolio_snapshot: PortfolioSnapshot
    market_data_snapshot: MarketDataSnapshot
    model_portfolio: ModelPortfolio
    shelf_entries: list[ShelfEntry]


def decide_line(
    shared: SharedBook, book_id: str, text: bytes, on_defect: Callable[[Exception], None] = lambda _: None
) -> DecidedLine | LineFailure:
    """Decide the portfolio of a line. A line that breaks its contract, or meets a defect of ours, which is told, fails alone.

    Raises MemoryError: what has no memory left can decide no other line either.
    """
    try:
        return _decided(shared, book_id, parse_line(text))
    except InvalidRequest as invalid:
        return LineFailure(_code_of(invalid), invalid.violations, portfolio_named(text))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (one portfolio's defect must not take thousands along)
        on_defect(error)
        return LineFailure(f"{EXECUTION_ERROR}: {type(error).__name__}", (), portfolio_named(text))


def book_run_id(book_id: str, request_hash: str) -> str:
    """The id of a portfolio's run in a book: the same however often and in whatever order the book is run."""
    return "rr_" + hashlib.sha256(f"{book_id}|{request_hash}".encode()).hexdigest()[:32]


def _decided(shared: SharedBook, book_id: str, line: BookLine) -> DecidedLine:
    model = shared.models.get(line.model_id)
    if model is None:
        raise InvalidRequest([Violation(("body", "model_id"), "BOOK_MODEL_UNKNOWN", "The shared document has no model of this id")])
    portfolio, options = line.portfolio_snapshot, shared.options(line.options)
    both = shared.market_and_shelf
    case = _Case(portfolio, both.data, _NO_MODEL, shelf_entries=[])
    admit(case, options.effective, lambda: both.in_lots)  # type: ignore[arg-type]
    request = request_text(shared, portfolio, model, options)
    request_hash = digest(request)
    run_id, correlation_id = book_run_id(book_id, request_hash), line.correlation_id or book_id
    with arithmetic():
        snapshots = Snapshots.over(both, portfolio, model.targets)
        decision = decide(snapshots, options.effective, run_id, correlation_id, request_hash)
    return DecidedLine(
        portfolio.portfolio_id, line.model_id, run_id, correlation_id, request, request_hash, options, decision, decision.to_json()
    )


def request_text(shared: SharedBook, portfolio: PortfolioSnapshot, model: Model, options: OptionSet) -> bytes:
    """The canonical request of a line; members in their order by code point."""
    own = canonical_rows(portfolio)
    return b'{"market_data_snapshot":"%b","model_portfolio":"%b","options":%b,"portfolio_snapshot":%b,"shelf_entries":"%b"}' % (
        shared.market.digest.encode(),
        model.part.digest.encode(),
        options.requested,
        own,
        shared.shelf.digest.encode(),
    )


def _code_of(invalid: InvalidRequest) -> str:
    """The code of what comes first, where it has one of its own."""
    if isinstance(invalid, DuplicateMembers):
        return DUPLICATE_MEMBER
    first = invalid.violations[0].type
    return first if first.isupper() else "REQUEST_VALIDATION_FAILED"
