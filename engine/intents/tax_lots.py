"""Selling by tax lots, highest cost first, within a budget of realised gains (RFC-0009)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.contracts.snapshots import Position, Price
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ZERO, quotient, total, whole

UNCOVERED_TOLERANCE: Final = Decimal("0.0001")


@dataclass(slots=True)
class Lot:
    """Units of a lot and what selling one of them gains, in base currency."""

    quantity: Decimal
    unit_gain: Decimal


def lots_by_cost(position: Position, price: Price, rate: Decimal, market: Market, notes: Notes) -> list[Lot]:
    """The lots in selling order: cost, purchase date and id descending; none when a cost has no rate."""
    keyed = []
    for lot in position.lots:
        to_price = market.rate(lot.unit_cost.currency, price.currency)
        if to_price is None:
            notes.fx_missing[f"{lot.unit_cost.currency}/{price.currency}"] = None
            return []
        same = lot.unit_cost.currency == price.currency
        cost = lot.unit_cost.amount if same else lot.unit_cost.amount * to_price
        keyed.append((cost, lot.purchase_date, lot.lot_id, lot.quantity))
    keyed.sort(reverse=True)
    return [Lot(quantity, (price.price - cost) * rate) for cost, _, _, quantity in keyed if quantity > 0]


def realised(lots: Iterable[Lot], quantity: Decimal) -> list[Decimal]:
    """What selling the quantity realises lot by lot, in base; what the lots do not cover realises nothing."""
    amounts = []
    for lot in lots:
        sold = min(quantity, lot.quantity)
        if sold <= 0:
            break
        amounts.append(lot.unit_gain * sold)
        quantity -= sold
    return amounts


def within_budget(lots: Sequence[Lot], requested: Decimal, budget: Decimal | None) -> Decimal:
    """What of the requested quantity the budget lets go: all of it, or whole units of what it pays for.

    Lots that realise no gain are never limited; losses give no budget back.
    """
    if budget is None:
        return requested
    allowed, left = ZERO, requested
    for lot in lots:
        wanted = min(left, lot.quantity)
        if lot.unit_gain > 0:
            affordable = quotient(budget, lot.unit_gain) if budget > 0 else ZERO
            if affordable < wanted:
                return whole(allowed, affordable)
            budget -= lot.unit_gain * wanted
        allowed += wanted
        left -= wanted
        if left <= 0:
            break
    return requested


def shortfall(lots: Iterable[Lot], requested: Decimal) -> Decimal | None:
    """Whole units that the lots hold when they miss more than 0.0001 of the sale, else None."""
    held = total(lot.quantity for lot in lots)
    return whole(held) if requested - held > UNCOVERED_TOLERANCE else None
