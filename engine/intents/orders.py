"""Orders as the stages pass them on."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

BUY: Final = "BUY"
SELL: Final = "SELL"
FUNDING: Final = "FUNDING"
SWEEP: Final = "SWEEP"


@dataclass(slots=True)
class Trade:
    """A security order: quantity in units, notional in the price's currency and in base.

    `realised` is what a sell realises lot by lot, in base.
    """

    intent_id: str
    instrument_id: str
    side: str
    quantity: Decimal
    currency: str
    notional: Decimal
    notional_base: Decimal
    constraints: list[str]
    dependencies: Sequence[str] = ()
    realised: Sequence[Decimal] = ()


@dataclass(slots=True)
class FxDeal:
    """A spot deal that funds buys in a currency or sweeps what is left of it into base (RFC-0001)."""

    intent_id: str
    pair: str
    buy_currency: str
    buy_amount: Decimal
    sell_currency: str
    sell_amount: Decimal
    code: str
    message: str


Order = Trade | FxDeal
