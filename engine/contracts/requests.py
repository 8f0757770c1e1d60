"""The requests of the engine, parsed once at the door (RFC-0001, RFC-0013)."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, Protocol

from pydantic import Field, TypeAdapter, ValidationError

from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.options.rebalance import EngineOptions
from engine.contracts.received.reader import Reader
from engine.contracts.received.rows import BUILT_LATE, Row
from engine.contracts.scalars import MAX_ROWS
from engine.contracts.shelf import ShelfEntry
from engine.contracts.snapshots import ModelPortfolio, OrderSide, PortfolioSnapshot
from engine.contracts.violations import InvalidRequest, Violation, duplicates, violations_of
from engine.numbers import ZERO, arithmetic


class SharedSnapshots(Protocol):
    """The part that every decision about a portfolio shares."""

    portfolio_snapshot: PortfolioSnapshot
    market_data_snapshot: MarketDataSnapshot
    model_portfolio: ModelPortfolio
    shelf_entries: list[ShelfEntry]


class RebalanceRequest(Row):
    """Everything that decides one rebalance; `options` may be empty but not absent."""

    portfolio_snapshot: Annotated[PortfolioSnapshot, Field(description="What the client holds.")]
    market_data_snapshot: Annotated[MarketDataSnapshot, Field(description="Prices and FX rates.")]
    model_portfolio: Annotated[ModelPortfolio, Field(description="What the mandate wants.")]
    shelf_entries: Annotated[list[ShelfEntry], Field(description="What the bank allows; may be empty.", max_length=MAX_ROWS)]
    options: Annotated[EngineOptions, Field(description="How to decide.")]


REQUEST: Final = TypeAdapter(RebalanceRequest, config=BUILT_LATE)
OPTIONS: Final = TypeAdapter(EngineOptions)
_READ: Final = Reader(RebalanceRequest)


def parse_request(body: bytes) -> RebalanceRequest:
    """Parse and validate a rebalance request; raises `InvalidRequest` with every violation found."""
    request = _READ(body)
    if found := shared_violations(request):
        raise InvalidRequest(found)
    return request


def parse_options(options: Any) -> EngineOptions:
    """Validate options on their own (a scenario's); raises `InvalidRequest` with places below `options`."""
    try:
        return OPTIONS.validate_python(options)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error, prefix=())) from None


def shared_violations(request: SharedSnapshots) -> list[Violation]:
    """Rules over several rows of a request with a model."""
    found = snapshot_violations(request.portfolio_snapshot, request.market_data_snapshot, request.shelf_entries)
    targets = request.model_portfolio.targets
    if len({row.instrument_id for row in targets}) != len(targets):
        found.extend(duplicates([row.instrument_id for row in targets], ("model_portfolio", "targets"), "instrument_id"))
    return found


def snapshot_violations(portfolio: PortfolioSnapshot, market: MarketDataSnapshot, entries: Sequence[ShelfEntry]) -> list[Violation]:
    """Rules over several rows: nothing may stand twice, no more is being sold than is held."""
    found: list[Violation] = []
    for keys, path, member in (  # spelt out: half of what getters by name take
        ([row.instrument_id for row in portfolio.positions], ("portfolio_snapshot", "positions"), "instrument_id"),
        ([row.currency for row in portfolio.cash_balances], ("portfolio_snapshot", "cash_balances"), "currency"),
        ([row.instrument_id for row in market.prices], ("market_data_snapshot", "prices"), "instrument_id"),
        ([row.pair for row in market.fx_rates], ("market_data_snapshot", "fx_rates"), "pair"),
        ([row.instrument_id for row in entries], ("shelf_entries",), "instrument_id"),
    ):
        if len(set(keys)) != len(keys):
            found.extend(duplicates(keys, path, member))
    for index, position in enumerate(portfolio.positions):
        if position.lots:
            found.extend(duplicates([lot.lot_id for lot in position.lots], ("portfolio_snapshot", "positions", index, "lots"), "lot_id"))
    if portfolio.open_orders:
        found.extend(_open_order_violations(portfolio))
    return found


def _open_order_violations(portfolio: PortfolioSnapshot) -> Iterator[Violation]:
    """The open sells that, added up in their order, ask for more than is held (practice 7.1)."""
    left = {row.instrument_id: row.quantity for row in portfolio.positions}
    with arithmetic():
        for index, order in enumerate(portfolio.open_orders):
            if order.side is OrderSide.SELL:
                left[order.instrument_id] = left.get(order.instrument_id, ZERO) - order.quantity
                if left[order.instrument_id] < 0:
                    path = ("body", "portfolio_snapshot", "open_orders", index)
                    yield Violation(path, "OPEN_ORDER_EXCEEDS_HOLDING", "The open sells of an instrument exceed its holding")
