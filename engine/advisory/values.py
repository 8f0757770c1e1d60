"""What the stages of a proposal pass on: trades as they can be executed, and how they are paid."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.contracts.proposals import LAST_PRIORITY
from engine.intents.orders import ADVISED, FxDeal, Rationale, Trade
from engine.numbers import ZERO

LOT_SIZE: Final = "LOT_SIZE"
WHOLE_HOLDING: Final = "WHOLE_HOLDING"
HOLDING: Final = "HOLDING"
MONEY_ROUNDING: Final = "MONEY_ROUNDING"
FUNDS: Final = "FUNDS"
NOTHING: Final = Fraction(0)


class AdvisedTrade(Trade):
    """A proposed trade as it can be executed. `number` is its place in the proposal, from 1, and gives its id.

    `wish` are the units that were asked for. Quantities are multiples of `lot`, where it is not None, and no order is smaller than
    `min_quantity`, or than `min_notional` in the currency of its price. `whole_when_near` takes a sell of nearly everything as everything. `by_amount` tells a trade given by an amount or by what sells bring; the latter names them as `sources`. `adjusted` says why
    the quantity is not the wish, `beyond` are units of a sell that may not be sold.
    """

    rationale: Rationale = ADVISED
    number: int = 0
    wish: Decimal = ZERO
    lot: Decimal | None = None
    min_quantity: Decimal | None = None
    min_notional: Decimal | None = None
    beyond: Decimal = ZERO
    whole_when_near: bool = False
    by_amount: bool = False
    priority: int = LAST_PRIORITY
    sources: tuple[str, ...] = ()
    adjusted: tuple[str, ...] = ()

    @property
    def least(self) -> Fraction:
        """The smallest quantity that breaks no minimum; lots aside."""
        least = NOTHING if self.min_quantity is None else Fraction(self.min_quantity)
        return least if self.min_notional is None else max(least, Fraction(self.min_notional) / Fraction(self.unit))


@dataclass(slots=True)
class FundingRow:
    """What the buys in a currency need: amounts in it, unrounded. `pair` and `source` name the deal that brings what is needed."""

    currency: str
    required: Decimal
    available: Decimal
    pair: str | None = None
    source: str | None = None

    @property
    def needed(self) -> Decimal:
        """What must be bought of the currency."""
        return max(ZERO, self.required - self.available)


@dataclass(slots=True)
class Funding:
    """How the buys of a proposal are paid, and which are not.

    `skipped` come with the code of `diagnostics.skipped_trades`. `failures` block, `force_review` asks for a look. `floor` is what must
    stay in base where buys were reduced to the funds. With `complete` the orders know every payer that they wait for.
    """

    bought: list[AdvisedTrade]
    skipped: list[tuple[AdvisedTrade, str]] = field(default_factory=list)
    deals: list[FxDeal] = field(default_factory=list)
    rows: list[FundingRow] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    missing_pairs: list[str] = field(default_factory=list)
    insufficient: list[tuple[str, Decimal]] = field(default_factory=list)
    force_review: bool = False
    floor: Fraction | None = None
    complete: bool = False
