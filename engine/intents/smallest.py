"""The smallest order of an instrument: its lot, its minimum quantity, and the notional under which an order is dust (desk 6.2, 6.3)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.contracts import EngineOptions
from engine.contracts.limits import OptionMoney
from engine.contracts.shelf import ShelfEntry, Threshold
from engine.intents.dust import dust_threshold, smallest_notional
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ONE

BELOW_MIN_NOTIONAL: Final = "BELOW_MIN_NOTIONAL"
BELOW_MIN_QUANTITY: Final = "BELOW_MIN_QUANTITY"


@dataclass(frozen=True, slots=True)
class Smallest:
    """What an order may not be below. `notional` is `threshold` in the currency of the price; both None where none applies."""

    lot: Decimal
    lot_stated: bool
    min_quantity: Decimal | None
    notional: Decimal | None
    threshold: Threshold | OptionMoney | None

    @property
    def binds(self) -> bool:
        """Whether anything besides the lot is asked of an order."""
        return self.notional is not None or self.min_quantity is not None

    def steps(self, unit: Decimal, steps_per_unit: int) -> int:
        """The smallest multiple of the lot that breaks no minimum, in steps."""
        if not self.binds:
            return int(self.lot * steps_per_unit)
        (lot, of), lots = self.lot.as_integer_ratio(), 1
        if self.min_quantity is not None:
            least, each = self.min_quantity.as_integer_ratio()
            lots = max(lots, -(-least * of // (each * lot)))
        if self.notional is not None:
            (amount, part), (price, each) = self.notional.as_integer_ratio(), unit.as_integer_ratio()
            lots = max(lots, -(-amount * each * of // (part * price * lot)))
        return lots * lot * steps_per_unit // of

    def asks_for_more_than(self, quantity: Fraction, unit: Decimal) -> bool:
        """Whether an order of so many units breaks a minimum, whatever its lot."""
        return quantity < Fraction(self.min_quantity or 0) or quantity * Fraction(unit) < Fraction(self.notional or 0)

    def broken_by(self, quantity: Decimal, unit: Decimal, *, dust_allowed: bool = False) -> str | None:
        """The first minimum that an order breaks; `dust_allowed` for sells that a limit needs."""
        if self.notional is not None and not dust_allowed and quantity * unit < self.notional:
            return BELOW_MIN_NOTIONAL
        if self.min_quantity is not None and quantity < self.min_quantity:
            return BELOW_MIN_QUANTITY
        return None


def smallest_order(
    instrument_id: str, currency: str, entry: ShelfEntry | None, market: Market, options: EngineOptions, notes: Notes
) -> Smallest:
    """What is asked of an instrument's orders; a threshold without a rate to the price's currency does not apply, and is warned of."""
    stated = entry.lot_size if entry else None
    minimum, threshold = entry.min_quantity if entry else None, dust_threshold(entry, options)
    if threshold is None and stated is None and minimum is None:
        return ONE_UNIT
    notional = None
    if threshold is not None:
        notional = smallest_notional(threshold, instrument_id, currency, market, options, notes)
        if notional is None and market.rate_through_base(threshold.currency, currency) is None:
            threshold = None
    if threshold is None and stated is None and minimum is None:
        return ONE_UNIT
    return Smallest(stated or ONE, stated is not None, minimum, notional, threshold)


ONE_UNIT: Final = Smallest(ONE, lot_stated=False, min_quantity=None, notional=None, threshold=None)
"""What is asked of most instruments."""
