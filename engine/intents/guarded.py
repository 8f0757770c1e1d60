"""The guarded run: buys never exceed the money there is (desk 6.4). The list of steps is the table of contents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Final, Protocol

from engine.intents.exact import Parts
from engine.intents.funded_turnover import TurnoverLevels, turnover_levels
from engine.intents.funds import Amount, Effect, Funds, Ledger, Orders
from engine.intents.last_lots import Rooms, add_nearest_lots, give_back
from engine.intents.level import NOTHING, level, level_on_total
from engine.intents.lines import GroupCut, Line
from engine.intents.orders import BUY, SELL, Trade
from engine.intents.smallest import BELOW_MIN_NOTIONAL
from engine.intents.whole_units import WholeUnits
from engine.market import GroupLimit
from engine.notes import Notes
from engine.simulation.rules import WEIGHT_TOLERANCE

TURNOVER_LEVEL: Final = "TURNOVER_LEVEL"
GROUP_ROOM: Final = "GROUP_ROOM"
CASH_LEVEL: Final = "CASH_LEVEL"
PARTIAL: Final = "PARTIAL_REBALANCE_TURNOVER_LIMIT"
BELOW_FLOOR: Final = "CASH_BELOW_FLOOR"


class Gains(Protocol):
    """The budget of realised gains, spent in one walk over the sells (decisions S7); `trades` are the sells that it walked."""

    trades: dict[str, Trade]

    def walk(self, sells: Sequence[Line]) -> None:
        """Cut sells to what the budget and their lots let go; apply the smallest order at once."""

    def allow(self, line: Line) -> bool:
        """Whether one lot more may be sold within budget and lots."""

    def take(self, line: Line) -> None:
        """One lot more was sold."""


@dataclass(slots=True)
class Limits:
    """What the options limit: turnover in parts of base, a position's share, groups; how quantities are rounded."""

    turnover: int | None
    funded_turnover: bool
    position: Decimal | None
    groups: Sequence[GroupLimit]
    nearest: bool


@dataclass(slots=True)
class GuardedRun:
    """A run on its way through the guarded steps. Amounts are parts of base; `values` are those of all holdings.

    `first` are the quantities of the first sizing of a fallback, in steps; None in a run that was guarded from the start.
    `effect` is what a deal brings base with its money rounded as the options say. `sells` and `buys` are the lines with a wish; those that
    a ranked turnover dropped are no buys any more.
    """

    parts: Parts
    funds: Funds
    lines: list[Line]
    values: dict[str, int]
    worth: int
    limits: Limits
    gains: Gains
    effect: Callable[[Funds, Parts], Effect]
    breaks_minimum: Callable[[Line], str | None]
    notes: Notes
    kept: Mapping[str, Decimal]
    first: Mapping[str, int] | None = None
    turnover: TurnoverLevels | None = None
    price_of_cash: Fraction = NOTHING
    unfunded: bool = False
    dropped: list[Line] = field(default_factory=list)
    sells: list[Line] = field(init=False)
    buys: list[Line] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the lines by side once: wishes never change sides."""
        self.sells = [line for line in self.lines if line.side == SELL and (line.wish or line.exits)]
        self.buys = [line for line in self.lines if line.side == BUY and line.wish]

    def refine(self, *levels: Fraction) -> list[int]:
        """Count in parts so small that the levels are whole; answers the levels in them."""
        factor = lcm(*(found.denominator for found in levels))
        if factor > 1:
            self.parts, self.funds = self.parts.refined(factor), self.funds.refined(factor)
            self.worth *= factor
            self.values = {name: value * factor for name, value in self.values.items()}
            if self.limits.turnover is not None:
                self.limits.turnover *= factor
            for line in self.lines:
                line.refine(factor)
        return [int(found * factor) for found in levels]

    def ledger(self, effect: Effect) -> Ledger:
        """The balances after the orders as they stand."""
        net = self.net_of_sells()
        for line in self.buys:
            net[line.currency] = net.get(line.currency, 0) - line.worth
        return Ledger(self.funds, net, effect)

    def net_of_sells(self) -> dict[str, int]:
        """What the ordered sells bring, by currency."""
        net: dict[str, int] = {}
        for line in self.sells:
            net[line.currency] = net.get(line.currency, 0) + line.worth
        return net

    def ordered(self) -> int:
        """Parts that all orders are worth."""
        return sum(line.worth for line in self.lines)

    def values_after(self) -> dict[str, int]:
        """Worth of every position after the orders."""
        return {**self.values, **{line.instrument_id: line.stated_after for line in self.lines}}

    def limit(self, share: Decimal) -> int:
        """The largest worth that the rules on the portfolio after the orders let pass under a limit."""
        return self.parts.share(share + WEIGHT_TOLERANCE, self.worth)

    def rooms(self) -> Rooms:
        """What groups and positions may still take."""
        return Rooms.of(self.limits.groups, self.values_after(), self.worth, self.limits.position, self.parts)


def size(run: GuardedRun) -> None:
    """Give every line its quantity, in steps that are each optimal in their order (desk 6.4)."""
    for line in run.lines:
        line.planned = line.wish
    share_turnover(run)
    size_sells(run)
    rank_turnover(run)
    if run.limits.nearest:
        round_sells(run)
    keep_group_rooms(run)
    pay(run)
    for line in run.buys:
        line.cut()
    if run.first is not None:
        give_back(run.buys, run.first, run.rooms(), run.ledger(run.funds.effect))
    if run.limits.nearest:
        round_buys(run)


def share_turnover(run: GuardedRun) -> None:
    """Cut sells and buys to a funded turnover (6.5, FUNDED)."""
    if run.limits.turnover is None or not run.limits.funded_turnover:
        return
    sells, buys = ([(line.currency, line.wish) for line in lines] for lines in (run.sells, run.buys))
    found = turnover_levels(sells, buys, run.limits.turnover, run.funds)
    if found is None:
        return
    run.turnover = TurnoverLevels(run.parts.in_base(found.sells), run.parts.in_base(found.buys))
    run.notes.warn_once(PARTIAL)
    sell_level, buy_level = run.refine(found.sells, found.buys)
    for line in run.lines:
        if not line.wish:
            continue
        cut = sell_level if line.side == SELL else buy_level
        line.planned = max(line.wish - cut, 0)
        if cut:
            line.limited_by.append(TURNOVER_LEVEL)


def size_sells(run: GuardedRun) -> None:
    """Cut sells to executable quantities, let them keep limits, spend the gains budget, leave out what is too small."""
    sells = run.sells
    for line in sells:
        line.cut()
    if run.turnover is None:
        units = WholeUnits(run.lines, run.values, run.parts, run.worth, fits=lambda growth: _fits(run, growth))
        if run.limits.position is not None:
            units.keep_position_limit(run.limits.position)
        if run.limits.groups:
            units.keep_group_limits(run.limits.groups)
    run.gains.walk(sells)
    for line in sells:
        if line.quantity and (reason := run.breaks_minimum(line)):
            _leave_out(run, line, reason)


def _fits(run: GuardedRun, growth: int) -> bool:
    """Whether a sell may grow within a funded turnover that does not bind."""
    if run.limits.turnover is None or not run.limits.funded_turnover:
        return True
    return sum(line.worth if line.side == SELL else line.wish for line in run.lines) + growth <= run.limits.turnover


def rank_turnover(run: GuardedRun) -> None:
    """Keep the largest orders whole within the cap, drop the others (6.5, GREEDY); kept buys keep their wish."""
    budget = run.limits.turnover
    if budget is None or run.limits.funded_turnover:
        return
    sizes = [(line.worth, line) for line in run.sells if line.quantity]
    for line in run.buys:
        quantity = line.planned // line.lot_value * line.lot
        if quantity >= line.least:
            sizes.append((quantity * line.step, line))
    if sum(size for size, _ in sizes) <= budget:
        return
    sign, used = (-1 if run.worth > 0 else 1), 0
    for size_, line in sorted(sizes, key=lambda row: (sign * row[0], row[1].instrument_id)):
        if used + size_ <= budget:
            used += size_
        else:
            line.dropped, line.quantity, line.planned = size_ // line.step, 0, 0
            run.dropped.append(line)
    if run.dropped:
        run.buys = [line for line in run.buys if not line.dropped]
        run.notes.warn_once(PARTIAL)


def round_sells(run: GuardedRun) -> None:
    """Sell one lot more where that is nearer to the plan, within the gains budget and the cap (6.8, first pass)."""
    open_ = [
        line
        for line in run.sells
        if not (line.suppressed or line.dropped or line.grown or line.limited_by_tax or line.quantity == line.most)
    ]
    turnover = sum(line.worth for line in run.sells) + sum(line.planned for line in run.buys)

    def may(line: Line) -> bool:
        if line.quantity + line.lot > line.most:
            return False
        if run.limits.turnover is not None and turnover + line.lot_value > run.limits.turnover:
            return False
        return run.gains.allow(line)

    def took(line: Line) -> None:
        nonlocal turnover
        turnover += line.lot_value
        run.gains.take(line)

    add_nearest_lots(open_, may, took)


def keep_group_rooms(run: GuardedRun) -> None:
    """Cut the buys of a group to the room that its sells left (6.6): keys ascending, each once, since later ones only lower."""
    if not run.limits.groups:
        return
    buys = {line.instrument_id: line for line in run.buys}
    after = {**run.values, **{line.instrument_id: line.stated_after for line in run.sells}}
    planned: dict[str, Amount] = {name: line.planned for name, line in buys.items() if line.planned}
    cut: set[str] = set()
    for limit in run.limits.groups:
        members = [name for name in limit.carriers if name in planned]
        if not limit.known or not members:
            continue
        room = run.parts.share(limit.cap, run.worth) - sum(after.get(name, 0) for name in limit.carriers)
        found = level_on_total([planned[name] for name in members], max(room, 0))
        if not found:
            continue
        for name in members:
            before = planned[name]
            buys[name].group = GroupCut(limit.key, run.parts.in_base(found), run.parts.in_base(before))
            planned[name] = before - found if before > found else 0
        cut.update(members)
    if cut:
        names = sorted(cut)
        for name, amount in zip(names, run.refine(*(Fraction(planned[name]) for name in names)), strict=True):
            buys[name].planned = amount
            buys[name].limited_by.append(GROUP_ROOM)


def pay(run: GuardedRun) -> None:
    """Cut buys at the price of cash (6.7). What falls below the smallest order frees its cash once; what falls then, keeps it."""
    buys = [line for line in run.buys if line.planned]
    for line in buys:
        line.demand = run.parts.in_base(line.planned)
        lots = line.planned // line.lot_value * line.lot
        line.demanded = lots if lots >= line.least else 0
    at = _price_of_cash(run, buys)
    small = [line for line in buys if _too_small(line, at)]
    if small:
        for line in small:
            _suppress(run, line)
        buys = [line for line in buys if not line.suppressed]
        at = _price_of_cash(run, buys)
    run.price_of_cash = run.parts.in_base(at)
    if run.unfunded:
        run.notes.warn(BELOW_FLOOR)
    [cut] = run.refine(at)
    for line in buys:
        line.planned = max(line.planned - cut, 0)
        if cut:
            line.limited_by.append(CASH_LEVEL)
        if line.least > line.lot and 0 < line.planned < line.step * line.least:
            _suppress(run, line)


def _price_of_cash(run: GuardedRun, buys: Sequence[Line]) -> Fraction:
    """The level of the buys at which all is funded; the largest buy where nothing can be paid."""
    orders, net = Orders.of((line.currency, line.planned) for line in buys), run.net_of_sells()

    def proceeds(at: Fraction) -> dict[str, Amount]:
        left: dict[str, Amount] = dict(net)
        for name, amount in orders.left(at).items():
            left[name] = left.get(name, 0) - amount
        return left

    top, demands = orders.together.largest, orders.together
    found = level(lambda at: run.funds.surplus(proceeds(at)), top, demands.breaks, run.funds.turning_points(proceeds))
    run.unfunded = found is None and bool(buys)
    return top if found is None else found


def _too_small(line: Line, at: Fraction) -> bool:
    return line.least > line.lot and 0 < line.planned - at < line.step * line.least


def _suppress(run: GuardedRun, line: Line) -> None:
    """A buy whose amount is below its smallest order: say which minimum its whole lots break."""
    line.cut()
    _leave_out(run, line, run.breaks_minimum(line) or BELOW_MIN_NOTIONAL)


def _leave_out(run: GuardedRun, line: Line, reason: str) -> None:
    line.suppressed, line.intended, line.too_small = reason, run.parts.in_base(line.planned), line.quantity
    line.quantity, line.planned = 0, 0


def round_buys(run: GuardedRun) -> None:
    """Buy one lot more where that is nearer to the plan, while money, limits and the cap allow it (6.8, second pass)."""
    rooms, ledger, turnover = run.rooms(), run.ledger(run.effect(run.funds, run.parts)), run.ordered()

    def may(line: Line) -> bool:
        lot = line.lot_value
        within = run.limits.turnover is None or turnover + lot <= run.limits.turnover
        return within and rooms.allow(line, alone=True) and ledger.after(line.currency, -lot) >= 0

    def took(line: Line) -> None:
        nonlocal turnover
        turnover += line.lot_value
        rooms.take(line, line.lot_value)
        ledger.settle(line.currency, -line.lot_value)

    add_nearest_lots(run.buys, may, took)
