"""The last lots: where one lot more is closer to the plan and can be paid, and which lot goes where money is short (desk 6.8, 6.9)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Protocol, TypeVar

from engine.guarded.funds import Ledger
from engine.guarded.groups import Group
from engine.guarded.lines import Line

ROUNDED_UP: Final = "ROUNDED_UP"
MONEY_ROUNDING: Final = "MONEY_ROUNDING"


class Lots(Protocol):
    """An order whose last lots are added or taken: quantities in steps, values in parts of base."""

    instrument_id: str
    quantity: int
    lot: int
    least: int
    limited_by: list[str]

    @property
    def lot_value(self) -> int:
        """What one lot is worth."""

    @property
    def rest(self) -> Fraction | int:
        """What a level left to the order, and its whole lots did not take."""


AnyLots = TypeVar("AnyLots", bound=Lots)
Paid = TypeVar("Paid")


@dataclass(slots=True)
class Rooms:
    """What groups may still take, in parts of base, by key. Which buys are in which of them is looked up when it matters."""

    groups: dict[str, int]
    members: Sequence[Group]
    _keys: dict[str, list[str]] = field(default_factory=dict)

    @property
    def keys(self) -> Mapping[str, Sequence[str]]:
        """The keys of the groups of every buy that is in any."""
        if not self._keys:
            for group in self.members:
                for line in group.buys:
                    self._keys.setdefault(line.instrument_id, []).append(group.key)
        return self._keys

    def allow(self, line: Line) -> bool:
        """Whether the line may take one lot more."""
        return all(self.groups[key] >= line.lot_value for key in self.keys.get(line.instrument_id, ()))

    def hold(self, lines: Sequence[Line]) -> bool:
        """Whether there is room for one lot more of all the lines; where any group could take them all, nobody asks which is in which."""
        left = dict(self.groups)
        if not left or min(left.values()) >= sum([line.lot_value for line in lines]):
            return True
        for line in lines:
            for key in self.keys.get(line.instrument_id, ()):
                left[key] -= line.lot_value
        return min(left.values()) >= 0

    def take(self, line: Line) -> None:
        """Let the line take one lot of its groups' rooms."""
        for key in self.keys.get(line.instrument_id, ()):
            self.groups[key] -= line.lot_value


def nearest_first(lines: Iterable[Line]) -> list[Line]:
    """Lines whose rest is more than half a lot, those first whose next lot brings the orders closest to the plan."""
    rows = []
    for line in lines:
        lot, rest = line.lot_value, line.planned - line.quantity * line.step
        if 2 * rest > lot and not line.cover:
            rows.append((-lot * (2 * rest - lot), line.instrument_id, line))
    rows.sort()
    return [line for _, _, line in rows]


def spent_on_lots(lines: Iterable[Line]) -> dict[str, int]:
    """What one lot more of each line costs, by currency."""
    spent: dict[str, int] = {}
    for line in lines:
        currency = line.price.currency
        spent[currency] = spent.get(currency, 0) + line.lot_value
    return spent


def add_lots(
    lines: Iterable[AnyLots], may: Callable[[AnyLots], bool] = lambda _: True, took: Callable[[AnyLots], None] = lambda _: None
) -> None:
    """Give each line, in this order, one lot more where that makes an order and is allowed: one walk, since no lot makes room for another."""
    for line in lines:
        if line.quantity + line.lot >= line.least and may(line):
            line.quantity += line.lot
            line.limited_by.append(ROUNDED_UP)
            took(line)


def largest_rest_first(lines: Iterable[AnyLots]) -> list[AnyLots]:
    """Lines in the order in which lots are given back: what the level left them and whole lots did not take, the largest first."""
    return sorted(lines, key=lambda line: (-line.rest, line.instrument_id))


def give_back(lines: Sequence[Line], first: Mapping[str, int], rooms: Rooms, ledger: Ledger) -> None:
    """Give buys of a fallback one lot of their first sizing back, the largest rest first, where groups hold and all is funded (practice 2.2)."""
    below = [line for line in lines if not line.dropped and line.quantity < first.get(line.instrument_id, 0)]

    def may(line: Line) -> bool:
        within = line.quantity + line.lot <= first[line.instrument_id]
        return within and rooms.allow(line) and ledger.after(line.currency, -line.lot_value) >= 0

    def took(line: Line) -> None:
        ledger.settle(line.currency, -line.lot_value)
        rooms.take(line)

    add_lots(largest_rest_first(below), may, took)


def repaired(attempt: Callable[[], tuple[Paid, int]], buys: Callable[[], Iterable[Lots]], reserve: Fraction) -> Paid:
    """What an attempt to pay makes of the orders: as long as it answers a gap above zero and something is bought, a lot goes back (desk 6.9).

    `buys` are those that may give one back. Lots that bring nothing, as below the smallest deal, go in O(log n) attempts.
    """
    paid, gap = attempt()
    while gap > 0 and (line := take_last_lot(buys(), gap, reserve)):
        paid, left = attempt()
        if left == gap and line.quantity:
            paid, left = _take_until_it_helps(line, attempt, gap)
        gap = left
    return paid


def _take_until_it_helps(line: Lots, attempt: Callable[[], tuple[Paid, int]], gap: int) -> tuple[Paid, int]:
    """Take the least number of lots that changes the gap, or all."""
    quantity = line.quantity

    def idle(lots: int) -> bool:
        line.quantity = quantity
        _take(line, lots)
        return attempt()[1] == gap and line.quantity > 0

    low, high = 0, 1
    while idle(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if idle(middle) else (low, middle)
    line.quantity = quantity
    _take(line, high)
    return attempt()


def take_last_lot(buys: Iterable[AnyLots], gap: int, reserve: Fraction) -> AnyLots | None:
    """Take back the lot that is worth the least among those that close the gap, else the largest; answers whose, None where nothing is bought.

    Where no lot closes the gap, as many of the largest go at once as surely have to: each brings base at most its worth and the
    reserve of the deal that would have paid it.
    """
    rows = [line for line in buys if line.quantity]
    if not rows:
        return None
    enough = [line for line in rows if line.lot_value >= gap]
    lots = 1
    if enough:
        line = min(enough, key=lambda line: (line.lot_value, line.instrument_id))
    else:
        line = min(rows, key=lambda line: (-line.lot_value, line.instrument_id))
        lots = max(1, int((gap - line.lot_value) // (line.lot_value * reserve)))
    _take(line, lots)
    if MONEY_ROUNDING not in line.limited_by:
        line.limited_by.append(MONEY_ROUNDING)
    return line


def _take(line: Lots, lots: int) -> None:
    """Take lots off an order, all of them where what stays would be none."""
    line.quantity = max(line.quantity - lots * line.lot, 0)
    if line.quantity < line.least:
        line.quantity = 0
