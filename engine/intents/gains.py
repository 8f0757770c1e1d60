"""The budget of realised gains, given to the cheapest sells first (RFC-0009, dpm-engine S7)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.admission import lot_tolerance
from engine.contracts.snapshots import Position
from engine.intents.orders import Trade
from engine.intents.tax_lots import lots_by_cost, realised, shortfall, within_budget
from engine.market import Market
from engine.notes import Notes, TaxEvent
from engine.numbers import ONE, ZERO

BUDGET_REACHED: Final = "TAX_BUDGET_LIMIT_REACHED"
LOT_SHORTFALL: Final = "LOT_QUANTITY_SHORTFALL"
LOT_QUANTITY: Final = "LOT_QUANTITY"
TAX_BUDGET: Final = "TAX_BUDGET"


@dataclass(slots=True)
class GainsBudget:
    """What is left of the budget, in base; None is no limit."""

    lots_of: dict[str, Position]
    market: Market
    left: Decimal | None
    notes: Notes

    def walk(self, sells: Iterable[Trade], too_small: Callable[[Trade], bool], lot_of: Callable[[Trade], Decimal] = lambda _: ONE) -> None:
        """Cut sells to their lots and to the budget, gain per notional ascending, then id; a sell that is too small uses no budget."""
        ranked = []
        for trade in sells:
            if trade.quantity > 0:
                self.look_up(trade)
                if trade.lots:
                    gain = sum(realised(trade.lots, trade.quantity), ZERO)
                    ranked.append((gain / (trade.quantity * trade.unit * trade.rate), trade.instrument_id, trade))
        for _, _, trade in sorted(ranked, key=lambda row: row[:2]):
            trade.budget_left = self.left
            self._limit(trade, lot_of(trade), lot_tolerance(self.lots_of[trade.instrument_id]))
            if self.left is not None and trade.quantity and not too_small(trade):
                self.left -= gains_of(trade.realised)

    def look_up(self, trade: Trade) -> None:
        """Give a sell its lots; none where the position has none, or the cost of one has no rate, which is noted."""
        position = self.lots_of.get(trade.instrument_id)
        if position is not None:
            trade.lots = lots_by_cost(position, trade.price, trade.rate, self.market, self.notes)

    def allows(self, trade: Trade, quantity: Decimal) -> bool:
        """Whether a larger quantity keeps within budget and lots."""
        if not trade.lots:
            return True
        if shortfall(trade.lots, quantity, lot_tolerance(self.lots_of[trade.instrument_id])) is not None:
            return False
        return self.left is None or self._further(trade, quantity) <= self.left

    def take(self, trade: Trade, quantity: Decimal) -> None:
        """Sell the larger quantity."""
        if trade.lots:
            if self.left is not None:
                self.left -= self._further(trade, quantity)
            trade.realised = realised(trade.lots, quantity)
        trade.quantity = quantity

    @staticmethod
    def _further(trade: Trade, quantity: Decimal) -> Decimal:
        return gains_of(realised(trade.lots, quantity)) - gains_of(trade.realised)

    def _limit(self, trade: Trade, lot: Decimal, tolerance: Decimal) -> None:
        lots, requested = trade.lots, trade.quantity
        covered = shortfall(lots, requested, tolerance, lot)
        coverable = requested if covered is None else covered
        for allowed, reason, constraint in (
            (coverable, LOT_SHORTFALL, LOT_QUANTITY),
            (within_budget(lots, coverable, self.left, lot), BUDGET_REACHED, TAX_BUDGET),
        ):
            if allowed < trade.quantity:
                self.notes.warn_once(reason)
                self.notes.tax_events.append(TaxEvent(trade.instrument_id, requested, allowed, reason))
                trade.quantity, trade.limited_by = allowed, constraint
        trade.realised = realised(lots, trade.quantity)


def gains_of(amounts: Iterable[Decimal]) -> Decimal:
    """The gains among what lots realise; losses give no budget back."""
    return sum((amount for amount in amounts if amount > 0), ZERO)
