"""How much of a proposed trade is traded: lots, whole holdings, and what is too small to be an order (advisory-practice 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final

from engine.advisory.values import HOLDING, LOT_SIZE, WHOLE_HOLDING, AdvisedTrade
from engine.contracts.shelf import ShelfEntry
from engine.intents.orders import BUY
from engine.numbers import ONE, ZERO, all_digits, rational, times

BELOW_LOT: Final = "BELOW_LOT"
BELOW_MIN_QUANTITY: Final = "BELOW_MIN_QUANTITY"
BELOW_MIN_NOTIONAL: Final = "BELOW_MIN_NOTIONAL"
NOTHING_HELD: Final = "NOTHING_HELD"

_LEAST_TOLERANCE: Final = Fraction(1, 10_000)
_TOLERANCE: Final = Fraction(1, 10_000)


@dataclass(slots=True)
class Wish:
    """What was asked for, exact: units, and for a trade by amount the amount."""

    units: Fraction
    amount: Decimal | None = None


def set_quantity(trade: AdvisedTrade, wish: Wish, free: Decimal) -> str | None:
    """Give the trade its quantity and notional; answers why it is no order, None where it is one.

    `free` is what may be sold of the instrument. A quantity that nothing changes keeps its digits, an amount too; what was changed is
    worth quantity × unit value.
    """
    exact, kept = wish.units, trade.wish
    quantity = _bought(exact, trade) if trade.side == BUY else _sold(exact, trade, wish, free)
    if quantity is None:
        trade.quantity = kept
        trade.notional = wish.amount if wish.amount is not None else kept * trade.unit
    else:
        trade.quantity, trade.notional = quantity, quantity * trade.unit
    return _too_small(trade, free)


def _bought(exact: Fraction, trade: AdvisedTrade) -> Decimal | None:
    return _changed(exact, _lots(floor, exact, trade.lot), trade, LOT_SIZE)


def _sold(exact: Fraction, trade: AdvisedTrade, wish: Wish, free: Decimal) -> Decimal | None:
    """A sell of the whole holding takes all of it, whatever its lot; who sells for an amount wants it whole."""
    held = Fraction(free)
    tolerance = max(_LEAST_TOLERANCE, held * _TOLERANCE)
    beyond = exact - held
    if held and (0 < beyond <= tolerance or (trade.whole_when_near and -tolerance <= beyond < 0)):
        return _changed(exact, free, trade, WHOLE_HOLDING)
    if beyond > 0 and wish.amount is not None and held:
        return _changed(exact, free, trade, HOLDING)
    if beyond > 0:
        trade.beyond = rational(beyond)
        return None
    if not beyond:
        return _changed(exact, free, trade, LOT_SIZE)
    if wish.amount is None:
        return _changed(exact, _lots(floor, exact, trade.lot), trade, LOT_SIZE)
    lots = _lots(ceil, exact, trade.lot)
    return _changed(exact, None if lots is None else min(lots, free), trade, LOT_SIZE)


def _lots(rounding: Callable[[Fraction], int], exact: Fraction, lot: Decimal | None) -> Decimal | None:
    return None if lot is None else times(all_digits(Decimal(rounding(exact / Fraction(lot)))), lot)


def _changed(exact: Fraction, quantity: Decimal | None, trade: AdvisedTrade, reason: str) -> Decimal | None:
    """The quantity where it is another than the wish, with the reason noted; None where the wish stands."""
    if quantity is None or Fraction(quantity) == exact:
        return None
    trade.adjusted.append(reason)
    return quantity


def _too_small(trade: AdvisedTrade, free: Decimal) -> str | None:
    if trade.side != BUY and free > 0 and trade.quantity == free:
        return None
    if not trade.quantity:
        return BELOW_LOT
    if trade.min_quantity is not None and trade.quantity < trade.min_quantity:
        return BELOW_MIN_QUANTITY
    return BELOW_MIN_NOTIONAL if Fraction(trade.quantity) < trade.least else None


def lot_of(entry: ShelfEntry, *, whole_units: bool) -> Decimal | None:
    """What quantities are multiples of: the stated lot, else one for an amount that is dealt in whole units, else nothing."""
    if entry.lot_size is not None:
        return entry.lot_size
    return ONE if whole_units else None


def units_for(amount: Decimal, unit: Decimal) -> tuple[Fraction, Decimal]:
    """How many units an amount buys: exact, and in 28 digits (dpm-engine S15, advisory-engine S38)."""
    return Fraction(amount) / Fraction(unit), amount / unit if amount else ZERO
