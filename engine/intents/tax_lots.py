"""Selling by tax lots, highest cost first, within a budget of realised gains (RFC-0009)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from engine.contracts.market_data import Price
from engine.contracts.snapshots import Position
from engine.market import Market, clean_factor
from engine.notes import Notes
from engine.numbers import ONE, ZERO, multiple, quotient, total


class Lot(Struct):
    """Units of a lot and what selling one of them gains, in base currency; a lot of `unknown` cost counts as bought for nothing."""

    quantity: Decimal
    unit_gain: Decimal
    unknown: bool = False


def lots_by_cost(position: Position, price: Price, rate: Decimal, market: Market, notes: Notes) -> list[Lot]:
    """The lots in selling order: cost, purchase date and id descending, unknown costs last; none when a cost has no rate.

    Gains compare clean prices, accrued interest is no gain (practice 5.1).
    """
    keyed = []
    for lot in position.lots:
        cost = lot.unit_cost
        if cost is None:
            keyed.append((False, ZERO, lot.purchase_date, lot.lot_id, lot.quantity))
            continue
        to_price = market.rate(cost.currency, price.currency)
        if to_price is None:
            notes.fx_missing[f"{cost.currency}/{price.currency}"] = None
            return []
        amount = cost.amount if cost.currency == price.currency else cost.amount * to_price
        keyed.append((True, amount, lot.purchase_date, lot.lot_id, lot.quantity))
    keyed.sort(reverse=True)
    factor = clean_factor(price)
    return [Lot(quantity, (price.price - cost) * factor * rate, not known) for known, cost, _, _, quantity in keyed if quantity > 0]


def units_of_unknown_cost(lots: Iterable[Lot], quantity: Decimal) -> Decimal:
    """How many units a sale of the quantity takes from lots of unknown cost."""
    sold = ZERO
    for lot in lots:
        units = min(quantity, lot.quantity)
        quantity -= units
        if lot.unknown:
            sold += units
    return sold


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


def within_budget(lots: Sequence[Lot], requested: Decimal, budget: Decimal | None, dealt_in: Decimal = ONE) -> Decimal:
    """What of the requested quantity the budget lets go: all of it, or whole multiples of what is dealt in.

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
                return multiple(dealt_in, allowed, affordable)
            budget -= lot.unit_gain * wanted
        allowed += wanted
        left -= wanted
        if left <= 0:
            break
    return requested


def shortfall(lots: Iterable[Lot], requested: Decimal, tolerance: Decimal, dealt_in: Decimal = ONE) -> Decimal | None:
    """Whole multiples of what is dealt in that the lots hold when they miss more than the tolerance of the sale, else None."""
    held = total(lot.quantity for lot in lots)
    return multiple(dealt_in, held) if requested - held > tolerance else None
