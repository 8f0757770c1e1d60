"""Orders as the stages pass them on."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from msgspec import Struct

from engine.contracts.market_data import Price
from engine.intents.tax_lots import Lot, units_of_unknown_cost
from engine.numbers import ZERO

BUY: Final = "BUY"
SELL: Final = "SELL"

CashFlows = tuple[tuple[str, Decimal], ...]
"""What an order does to cash once it settles: (currency, amount), negative when paid. Nobody else works this out."""


class Rationale(NamedTuple):
    """Why there is an order: a code, and the same in a word for people."""

    code: str
    message: str


ALIGN: Final = Rationale("DRIFT_REBALANCE", "Align")
FUND: Final = Rationale("FUNDING", "Fund")
SWEEP: Final = Rationale("SWEEP", "Sweep")
ADVISED: Final = Rationale("MANUAL_PROPOSAL", "Advisor proposed trade")


class Trade(Struct):
    """A security order in units. Sizing may shrink its quantity, to zero for no trade, before it numbers the order.

    `unit` is what one unit is worth in the price's currency, `rate` converts that to base. `notional`, in the price's currency, and `notional_base` are those of the
    quantity once the order is numbered; without a rate (`unrated`) the latter is not known. `cost` is what the order costs besides, in the price's currency. `lots` are what a sell may sell, `realised` what it realises lot by lot, in base; `limited_by` cut its quantity, `budget_left` of the gains budget was there at its turn.

    Orders are structs: there is one for every second instrument, and a dataclass with as many members takes three times as long to make.
    """

    instrument_id: str
    side: str
    quantity: Decimal
    price: Price
    unit: Decimal
    rate: Decimal
    notional: Decimal = ZERO
    notional_base: Decimal = ZERO
    limited_by: str | None = None
    lots: Sequence[Lot] = ()
    realised: Sequence[Decimal] = ()
    budget_left: Decimal | None = None
    intent_id: str = ""
    constraints: Sequence[str] = ()
    dependencies: Sequence[str] = ()
    rationale: Rationale = ALIGN
    cost: Decimal = ZERO
    unrated: bool = False

    def proceeds(self) -> Decimal:
        """What the order brings cash in the currency of its price: the notional of a sell less its cost; negative, for a buy, with its cost."""
        amount = self.notional if self.side == SELL else self.notional.copy_negate()
        return amount - self.cost if self.cost else amount

    def cash_flows(self) -> CashFlows:
        """The proceeds, in the currency of the price."""
        return ((self.price.currency, self.proceeds()),)

    def revalue(self) -> None:
        """Work out the notionals of the quantity as it is now."""
        self.notional = self.quantity * self.unit
        self.notional_base = self.notional * self.rate

    @property
    def unknown_cost_proceeds(self) -> Decimal:
        """What the units of unknown cost bring that it sells, in base."""
        return units_of_unknown_cost(self.lots, self.quantity) * self.unit * self.rate


class FxDeal(Struct):
    """A spot deal that funds buys in a currency or sweeps what is left of it into base (RFC-0001)."""

    intent_id: str
    pair: str
    buy_currency: str
    buy_amount: Decimal
    sell_currency: str
    sell_amount: Decimal
    rationale: Rationale
    dependencies: Sequence[str] = ()

    def cash_flows(self) -> CashFlows:
        """What is sold, then what is bought."""
        return ((self.sell_currency, self.sell_amount.copy_negate()), (self.buy_currency, self.buy_amount))


Order = Trade | FxDeal
