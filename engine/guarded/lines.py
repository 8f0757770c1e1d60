"""The lines of a guarded run: what each instrument is worth, wishes for and may trade, in exact amounts (desk 5.2, 6.2, 6.3).

Amounts are parts of base (`Parts`), quantities steps of the smallest quantity that the run can name.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct, field

from engine.contracts.market_data import Price
from engine.intents.orders import BUY, SELL
from engine.intents.smallest import Smallest

LOT_SIZE: Final = "LOT_SIZE"


@dataclass(frozen=True, slots=True)
class GroupCut:
    """A buy cut by the room of a group: the group's level and what the buy asked for before it, in base currency."""

    key: str
    level: Fraction
    demand: Fraction


@dataclass(slots=True)
class LeftOut:
    """An order that is too small: the minimum that it breaks, what was meant in base and in whole steps, and of a buy the level that left so little."""

    minimum: str
    intended: Fraction
    steps: int
    level: Fraction | None = None


class Line(Struct):
    """One instrument that may be traded. `planned` is what the levels leave of the wish, `quantity` what is ordered, `lot_value` what a lot is worth.

    `most` is the largest sell (q_max), `least` the smallest order (q_min); None forbids every order. `held` counts open orders
    as done; `exits` sells everything, `cover` is a whole
    short that a trusted value is bought back for. `dropped` are the steps that a ranked turnover left out, `demand` met the price of cash (`demanded` in whole lots); `may_be_small` exempts a sell from the minimum notional. `odd` is a holding
    of which whole lots, and no more, may be sold. `unit` is the value of one unit in the price's currency, `rate` converts it to base.
    """

    instrument_id: str
    price: Price
    unit: Decimal
    rate: Decimal
    smallest: Smallest
    holding: Decimal
    held: int
    value: int
    step: int
    lot: int
    lot_value: int
    most: int
    least: int
    side: str
    wish: int
    planned: int
    exits: bool = False
    cover: int = 0
    quantity: int = 0
    limited_by: list[str] = field(default_factory=list)
    left_out: LeftOut | None = None
    dropped: int = 0
    grown: bool = False
    group: GroupCut | None = None
    demand: int | None = None
    demanded: int = 0
    may_be_small: bool = False
    odd: bool = False

    @property
    def currency(self) -> str:
        """The currency that the instrument trades in."""
        return self.price.currency

    @property
    def worth(self) -> int:
        """Parts that the order is worth."""
        return self.quantity * self.step

    @property
    def value_after(self) -> int:
        """Parts that the units held after the order are worth."""
        return (self.held + (self.quantity if self.side == BUY else -self.quantity)) * self.step

    @property
    def stated_after(self) -> int:
        """Parts that the position is worth after the order, as it was valued before: a trusted value stays trusted."""
        worth = self.quantity * self.step
        return self.value + worth if self.side == BUY else self.value - worth

    @property
    def rest(self) -> int:
        """Planned, and not ordered."""
        return self.planned - self.quantity * self.step

    @property
    def limited_by_tax(self) -> bool:
        """Whether the gains budget or the lots cut the sell."""
        return "TAX_BUDGET" in self.limited_by or "LOT_QUANTITY" in self.limited_by

    def cut(self) -> None:
        """Order the largest executable quantity within the plan: multiples of the lot, and everything for an exit that no level cut."""
        if (self.exits or self.cover) and self.planned == self.wish:
            if self.side == SELL:
                self._sell_most()
            else:
                self.quantity = self.cover
            return
        lots = self.planned // self.lot_value * self.lot
        if self.side == SELL and lots >= self.most:
            self._sell_most()
            return
        self.quantity = lots
        if self.smallest.lot_stated and self.rest:
            self.limited_by.append(LOT_SIZE)

    def _sell_most(self) -> None:
        self.quantity = self.most
        if self.odd and self.rest:
            self.limited_by.append(LOT_SIZE)

    def next_quantity(self) -> int | None:
        """The executable quantity one lot further, for a sell at most everything; None where nothing is left to sell."""
        if self.side == BUY:
            return self.quantity + self.lot
        return min(self.quantity + self.lot, self.most) if self.quantity < self.most else None

    def refine(self, factor: int) -> None:
        """Count in parts smaller by the factor."""
        self.value *= factor
        self.step *= factor
        self.lot_value *= factor
        self.wish *= factor
        self.planned *= factor
        if self.demand is not None:
            self.demand *= factor
