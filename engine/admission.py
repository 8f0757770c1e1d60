"""What can only be judged once the options are effective: refusals that come after the policy pack (desk 2.3, practice 8.1)."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from engine.contracts import EngineOptions, InvalidRequest, Violation
from engine.contracts.conventions import Funding
from engine.contracts.requests import SharedSnapshots
from engine.contracts.snapshots import Position
from engine.conventions import in_lots, would_guard
from engine.numbers import arithmetic, total

LOTS_ABSOLUTE: Final = Decimal("0.0001")
LOTS_RELATIVE: Final = Decimal("0.0001")
LOTS_REFUSED: Final = Decimal("0.01")


def admit(request: SharedSnapshots, options: EngineOptions, shelf_in_lots: Callable[[], bool] | None = None) -> None:
    """Let a validated request pass under effective options, or raise `InvalidRequest`.

    Whether anything on the shelf is dealt in lots is looked up, unless who decides many portfolios over one shelf knows it.
    """
    if options.funding is not Funding.AS_SIZED and not options.enable_tax_awareness:
        return  # neither way to be refused is open, as for most requests
    found = [*_funding_violations(options, shelf_in_lots or (lambda: in_lots(request.shelf_entries))), *_lot_violations(request, options)]
    if found:
        raise InvalidRequest(found)


def lot_tolerance(position: Position) -> Decimal:
    """How far lots may be from their position without a word."""
    return max(LOTS_ABSOLUTE, abs(position.quantity) * LOTS_RELATIVE)


def lots_in_doubt(positions: list[Position]) -> list[str]:
    """The instruments whose lots are further from their position than may pass in silence, ascending."""
    return sorted([row.instrument_id for row in positions if row.lots and _lot_difference(row) > lot_tolerance(row)])


def _lot_difference(position: Position) -> Decimal:
    return abs(total(lot.quantity for lot in position.lots) - position.quantity)


def _funding_violations(options: EngineOptions, shelf_in_lots: Callable[[], bool]) -> Iterator[Violation]:
    if options.funding is Funding.AS_SIZED and would_guard(options, shelf_in_lots):
        yield Violation(("body", "options", "funding"), "FUNDING_REQUIRED", "These options need funding REDUCE_BUYS")


def _lot_violations(request: SharedSnapshots, options: EngineOptions) -> Iterator[Violation]:
    """Lots matter to a run that sells by them, and to no other."""
    if not options.enable_tax_awareness:
        return
    with arithmetic():
        for index, position in enumerate(request.portfolio_snapshot.positions):
            if position.lots and _lot_difference(position) > max(LOTS_ABSOLUTE, abs(position.quantity) * LOTS_REFUSED):
                message = "Lot quantities must sum to the position's quantity within 1 %"
                yield Violation(("body", "portfolio_snapshot", "positions", index), "value_error", message)
