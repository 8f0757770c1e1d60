"""How much of a proposed trade is traded: lots, whole holdings, and what is too small to be an order (advisory-practice 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final, Self

from engine.advisory.values import HOLDING, LOT_SIZE, WHOLE_HOLDING, AdvisedTrade
from engine.intents.orders import BUY
from engine.numbers import ONE, ZERO, all_digits, rational, times

BELOW_LOT: Final = "BELOW_LOT"
BELOW_MIN_QUANTITY: Final = "BELOW_MIN_QUANTITY"
BELOW_MIN_NOTIONAL: Final = "BELOW_MIN_NOTIONAL"
NOTHING_HELD: Final = "NOTHING_HELD"

_LEAST_TOLERANCE: Final = Fraction(1, 10_000)
_TOLERANCE: Final = Fraction(1, 10_000)
_CLEARLY_LESS: Final = Decimal("0.999")
"""Of a holding of one unit or more, this share is farther from the whole than any tolerance."""

_COUNTABLE: Final = Decimal(10**27)
"""Fewer lots than this can be counted in decimals."""


@dataclass(slots=True)
class Wish:
    """What was asked for: units in 28 digits, and for a trade by amount the amount and what a unit is worth.

    `worth` is what exactly these units come to, where an amount says it better than units × unit value, which may miss it by a last digit.
    """

    units: Decimal
    amount: Decimal | None = None
    unit: Decimal = ONE
    worth: Decimal | None = None

    @classmethod
    def for_amount(cls, amount: Decimal, unit: Decimal) -> Self:
        """How many units an amount buys (advisory-engine S38)."""
        return cls(amount / unit if amount else ZERO, amount, unit, amount)

    @property
    def exact(self) -> Fraction:
        """The units without any rounding (dpm-engine S15)."""
        return Fraction(self.units) if self.amount is None else Fraction(self.amount) / Fraction(self.unit)


def set_quantity(trade: AdvisedTrade, wish: Wish, free: Decimal) -> str | None:
    """Give the trade its wish, quantity and notional; answers why it is no order, None where it is one.

    `free` is what may be sold of the instrument. A quantity that nothing changes keeps its digits, an amount too; what was changed is
    worth quantity × unit value.
    """
    trade.wish = wish.units
    quantity = _bought(wish, trade) if trade.side == BUY else _sold(wish, trade, free)
    if quantity is None:
        trade.quantity = wish.units
        trade.notional = wish.units * trade.unit if wish.worth is None else wish.worth
    else:
        trade.quantity, trade.notional = quantity, quantity * trade.unit
    return _too_small(trade, free)


def _bought(wish: Wish, trade: AdvisedTrade) -> Decimal | None:
    if trade.lot is None:
        return None
    if wish.units < _COUNTABLE * trade.lot and (wish.amount is None or trade.lot == ONE):
        lots, rest = divmod(wish.units, trade.lot) if wish.amount is None else divmod(wish.amount, wish.unit)  # both exact
        if not rest:
            return None
        trade.adjusted = (*trade.adjusted, LOT_SIZE)
        return times(lots, trade.lot)
    exact = wish.exact
    return _changed(exact, _lots(floor, exact, trade.lot), trade, LOT_SIZE)


def _sold(wish: Wish, trade: AdvisedTrade, free: Decimal) -> Decimal | None:
    """A sell of the whole holding takes all of it, whatever its lot; who sells for an amount wants it whole."""
    if trade.lot is None and free >= ONE and wish.units < free * _CLEARLY_LESS:
        return None  # most sells are; no need for what follows
    exact, held = wish.exact, Fraction(free)
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
    trade.adjusted = (*trade.adjusted, reason)
    return quantity


def _too_small(trade: AdvisedTrade, free: Decimal) -> str | None:
    if trade.side != BUY and free > 0 and trade.quantity == free:
        return None
    if not trade.quantity:
        return BELOW_LOT
    if trade.min_quantity is not None and trade.quantity < trade.min_quantity:
        return BELOW_MIN_QUANTITY
    return BELOW_MIN_NOTIONAL if trade.min_notional is not None and Fraction(trade.quantity) < trade.least else None
