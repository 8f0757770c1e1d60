"""The guarded run: buys never exceed the money there is (desk 6.4). The list of steps is the table of contents."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from engine.guarded.funded_turnover import turnover_levels
from engine.guarded.funds import Amount, Orders
from engine.guarded.last_lots import add_lots, give_back, nearest_first, spent_on_lots
from engine.guarded.level import NOTHING, level, level_on_total
from engine.guarded.lines import GroupCut, LeftOut, Line
from engine.guarded.run import GuardedRun
from engine.guarded.whole_units import WholeUnits
from engine.intents.orders import SELL
from engine.intents.smallest import BELOW_MIN_NOTIONAL, ONE_UNIT

TURNOVER_LEVEL: Final = "TURNOVER_LEVEL"
GROUP_ROOM: Final = "GROUP_ROOM"
CASH_LEVEL: Final = "CASH_LEVEL"
PARTIAL: Final = "PARTIAL_REBALANCE_TURNOVER_LIMIT"
BELOW_FLOOR: Final = "CASH_BELOW_FLOOR"


def size(run: GuardedRun) -> None:
    """Give every line its quantity, in steps that are each optimal in their order (desk 6.4)."""
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
    """Cut sells and buys to a funded turnover (desk 6.5, FUNDED)."""
    if run.limits.turnover is None or not run.limits.funded_turnover:
        return
    sells, buys = ([(line.currency, line.wish) for line in lines] for lines in (run.sells, run.buys))
    found = turnover_levels(sells, buys, run.limits.turnover, run.funds)
    if found is None:
        return
    run.turnover = replace(found, sells=run.parts.in_base(found.sells), buys=run.parts.in_base(found.buys))
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
        units = WholeUnits(run.lines, run.parts, run.worth, fits=lambda growth: _fits(run, growth))
        if run.limits.position is not None:
            units.keep_position_limit(run.limits.position)
        units.keep_group_limits(run.groups)
    run.gains.walk(run)
    for line in sells:
        if line.quantity and line.smallest is not ONE_UNIT and (reason := run.breaks_minimum(line)):
            _leave_out(run, line, reason, line.planned)


def _fits(run: GuardedRun, growth: int) -> bool:
    """Whether a sell may grow within a funded turnover that does not bind."""
    if run.limits.turnover is None or not run.limits.funded_turnover:
        return True
    return sum(line.worth if line.side == SELL else line.wish for line in run.lines) + growth <= run.limits.turnover


def rank_turnover(run: GuardedRun) -> None:
    """Keep the largest orders whole within the cap, drop the others (desk 6.5, GREEDY); kept buys keep their wish."""
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
    """Sell one lot more where that is nearer to the plan, within the gains budget and the cap (desk 6.8, first pass)."""
    open_ = [
        line
        for line in nearest_first(run.sells)
        if not (line.left_out or line.dropped or line.grown or line.limited_by_tax or line.quantity == line.most)
    ]
    turnover = 0 if run.limits.turnover is None else sum(line.worth for line in run.sells) + sum(line.planned for line in run.buys)

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

    add_lots(open_, may, took)


def keep_group_rooms(run: GuardedRun) -> None:
    """Cut the buys of a group to the room that its sells left (desk 6.6): keys ascending, each once, since later ones only lower."""
    cut: dict[str, tuple[Line, Amount]] = {}
    for group in run.groups:
        asked = [(line, cut[line.instrument_id][1] if line.instrument_id in cut else line.planned) for line in group.buys if line.planned]
        room = run.parts.share(group.cap, run.worth) - group.after_sells
        if not asked or sum([amount for _, amount in asked]) <= room:
            continue
        found = level_on_total([amount for _, amount in asked], max(room, 0))
        for line, amount in asked:
            line.group = GroupCut(group.key, run.parts.in_base(found), run.parts.in_base(amount))
            cut[line.instrument_id] = (line, amount - found if amount > found else 0)
    if cut:
        rows = [cut[name] for name in sorted(cut)]
        for (line, _), amount in zip(rows, run.refine(*[Fraction(left) for _, left in rows]), strict=True):
            line.planned = amount
            line.limited_by.append(GROUP_ROOM)


def pay(run: GuardedRun) -> None:
    """Cut buys at the price of cash (desk 6.7). What falls below the smallest order frees its cash once; what falls then, keeps it."""
    run.sold = run.net_of_sells()
    buys = [line for line in run.buys if line.planned]
    for line in buys:
        line.demand = line.planned
        lots = line.planned // line.lot_value * line.lot
        line.demanded = lots if lots >= line.least else 0
    at = _price_of_cash(run, buys)
    small = [line for line in buys if line.least > line.lot and _too_small(line, at)]
    if small:
        for line in small:
            _suppress(run, line, line.planned - at, run.parts.in_base(at))
        buys = [line for line in buys if not line.left_out]
        at = _price_of_cash(run, buys)
    run.price_of_cash = run.parts.in_base(at) if at else NOTHING
    if run.unfunded:
        run.notes.warn(BELOW_FLOOR)
    [cut] = run.refine(at) if at else [0]
    for line in buys:
        if cut:
            line.planned = max(line.planned - cut, 0)
            line.limited_by.append(CASH_LEVEL)
        if line.least > line.lot and 0 < line.planned < line.step * line.least:
            _suppress(run, line, line.planned)


def _price_of_cash(run: GuardedRun, buys: Sequence[Line]) -> Fraction:
    """The level of the buys at which all is funded; the largest buy where nothing can be paid."""
    net = run.sold
    asked = dict[str, Amount](net)
    for line in buys:
        currency = line.price.currency
        asked[currency] = asked.get(currency, 0) - line.planned
    if run.funds.suffice(asked):
        run.unfunded = False
        return NOTHING
    orders = Orders.of((line.currency, line.planned) for line in buys)

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
    return 0 < line.planned - at < line.step * line.least


def _suppress(run: GuardedRun, line: Line, amount: Amount, level: Fraction | None = None) -> None:
    """A buy whose amount is below its smallest order: say which minimum its whole lots break."""
    line.quantity = int(amount // line.lot_value) * line.lot
    _leave_out(run, line, run.breaks_minimum(line) or BELOW_MIN_NOTIONAL, amount, level)


def _leave_out(run: GuardedRun, line: Line, minimum: str, amount: Amount, level: Fraction | None = None) -> None:
    line.left_out = LeftOut(minimum, run.parts.in_base(amount), line.quantity, level)
    line.quantity, line.planned = 0, 0


def round_buys(run: GuardedRun) -> None:
    """Buy one lot more where that is nearer to the plan, while money, limits and the cap allow it (desk 6.8, second pass)."""
    position = None if run.limits.position is None else run.parts.share(run.limits.position, run.worth)
    open_ = [line for line in nearest_first(run.buys) if position is None or line.stated_after + line.lot_value <= position]
    if not open_:
        return
    rooms, ledger = run.rooms(), run.ledger(run.effect(run.funds, run.parts))
    turnover = 0 if run.limits.turnover is None else run.ordered()
    if run.limits.turnover is None and rooms.hold(open_) and ledger.bears(spent_on_lots(open_)):
        add_lots(open_)  # where there is room for all of them, nobody has to be asked
        return

    def may(line: Line) -> bool:
        lot = line.lot_value
        within = run.limits.turnover is None or turnover + lot <= run.limits.turnover
        return within and rooms.allow(line) and ledger.after(line.currency, -lot) >= 0

    def took(line: Line) -> None:
        nonlocal turnover
        turnover += line.lot_value
        rooms.take(line)
        ledger.settle(line.currency, -line.lot_value)

    add_lots(open_, may, took)
