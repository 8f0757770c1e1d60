"""A guarded run on its way: its lines, the money there is, and what limits it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Protocol

from msgspec import Struct

from engine.guarded.exact import Parts
from engine.guarded.funded_turnover import TurnoverLevels
from engine.guarded.funds import Effect, Funds, Ledger
from engine.guarded.groups import Group, groups_of
from engine.guarded.last_lots import Rooms
from engine.guarded.level import NOTHING
from engine.guarded.lines import Line
from engine.intents.orders import BUY, SELL, Trade
from engine.market import GroupLimit
from engine.notes import Notes
from engine.simulation.rules import WEIGHT_TOLERANCE


class Gains(Protocol):
    """The budget of realised gains, spent in one walk over the sells (dpm-engine S7); `trades` are the sells that it met."""

    trades: dict[str, Trade]

    def walk(self, run: "GuardedRun") -> None:
        """Cut the sells of a run to what the budget and their lots let go; apply the smallest order at once."""

    def allow(self, line: Line) -> bool:
        """Whether one lot more may be sold within budget and lots."""

    def take(self, line: Line) -> None:
        """One lot more was sold."""


class Limits(Struct):
    """What the options limit: turnover in parts of base, a position's share, groups; how quantities are rounded."""

    turnover: int | None
    funded_turnover: bool
    position: Decimal | None
    groups: Sequence[GroupLimit]
    nearest: bool


@dataclass(slots=True)
class GuardedRun:
    """A run on its way through the guarded steps. Amounts are parts of base; `values` are those of all holdings, `targets` as they were measured.

    `first` are the quantities of the first sizing of a fallback, in steps; None in a run that was guarded from the start.
    `effect` is what a deal brings base with its money rounded as the options say, `minimum` answers which minimum an order breaks, if any. `sells` and `buys` are the lines with a wish; those that
    a ranked turnover dropped are no buys any more. `sold` is what the sells bring, by currency, once buys are paid for: nothing changes sells then.
    """

    parts: Parts
    funds: Funds
    lines: list[Line]
    values: dict[str, int]
    worth: int
    limits: Limits
    gains: Gains
    effect: Callable[[Funds, Parts], Effect]
    minimum: Callable[[Line, "GuardedRun"], str | None]
    notes: Notes
    kept: Mapping[str, Decimal]
    targets: dict[str, int]
    first: Mapping[str, int] | None = None
    turnover: TurnoverLevels | None = None
    price_of_cash: Fraction = NOTHING
    unfunded: bool = False
    dropped: list[Line] = field(default_factory=list)
    sold: dict[str, int] = field(default_factory=dict)
    sells: list[Line] = field(init=False)
    buys: list[Line] = field(init=False)
    by_id: dict[str, Line] = field(init=False)
    groups: list[Group] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the lines by id, by side and by group once: wishes never change sides."""
        self.by_id = {line.instrument_id: line for line in self.lines}
        self.groups = groups_of(self.limits.groups, self.by_id, self.values)
        self.sells = [line for line in self.lines if line.side == SELL and (line.wish or line.exits)]
        self.buys = [line for line in self.lines if line.side == BUY and line.wish]

    def breaks_minimum(self, line: Line) -> str | None:
        """The minimum that the order breaks, if any."""
        return self.minimum(line, self)

    def refine(self, *levels: Fraction) -> list[int]:
        """Count in parts so small that the levels are whole; answers the levels in them."""
        factor = lcm(*(found.denominator for found in levels))
        if factor > 1:
            self.parts, self.funds = self.parts.refined(factor), self.funds.refined(factor)
            self.worth *= factor
            self.sold = {currency: amount * factor for currency, amount in self.sold.items()}
            self.values = {name: value * factor for name, value in self.values.items()}
            if self.limits.turnover is not None:
                self.limits.turnover *= factor
            for line in self.lines:
                line.refine(factor)
            for group in self.groups:
                group.held *= factor
        return [int(found * factor) for found in levels]

    def ledger(self, effect: Effect) -> Ledger:
        """The balances after the orders as they stand."""
        return Ledger(self.funds, self.net(), effect)

    def net(self) -> dict[str, int]:
        """What the orders as they stand bring, by currency; the sells are done."""
        net = dict(self.sold)
        for line in self.buys:
            if line.quantity:
                currency = line.price.currency
                net[currency] = net.get(currency, 0) - line.quantity * line.step
        return net

    def net_of_sells(self) -> dict[str, int]:
        """What the ordered sells bring, by currency."""
        net: dict[str, int] = {}
        for line in self.sells:
            if line.quantity:
                currency = line.price.currency
                net[currency] = net.get(currency, 0) + line.quantity * line.step
        return net

    def ordered(self) -> int:
        """Parts that all orders are worth."""
        return sum(line.worth for line in self.lines)

    def limit(self, share: Decimal) -> int:
        """The largest worth that the rules on the portfolio after the orders let pass under a limit."""
        return self.parts.share(share + WEIGHT_TOLERANCE, self.worth)

    def rooms(self) -> Rooms:
        """What groups may still take."""
        rooms = {group.key: self.parts.share(group.cap, self.worth) - group.after for group in self.groups}
        return Rooms(rooms, self.groups)
