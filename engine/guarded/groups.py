"""Groups with a limit: what their members are worth, and which of them this run may trade (desk 6.6)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from engine.guarded.lines import Line
from engine.intents.orders import BUY, SELL
from engine.market import GroupLimit


class Group(Struct):
    """A group and the largest share that it may have; `held` is what all its members are worth before the orders, in parts of base."""

    key: str
    cap: Decimal
    held: int
    sells: Sequence[Line]
    buys: Sequence[Line]

    @property
    def after_sells(self) -> int:
        """What the members are worth once the sells are done, as they were valued before."""
        return self.held - sum([line.quantity * line.step for line in self.sells])

    @property
    def after(self) -> int:
        """What the members are worth once all orders are done, as they were valued before."""
        return self.after_sells + sum([line.quantity * line.step for line in self.buys])


def groups_of(limits: Iterable[GroupLimit], lines: Mapping[str, Line], values: Mapping[str, int]) -> list[Group]:
    """The groups that any entry of the shelf knows, keys ascending; `values` are those of all holdings."""
    groups: list[Group] = []
    for limit in limits:
        if not limit.known:
            continue
        held = sum([values[name] for name in values.keys() & limit.carriers])
        members = [lines[name] for name in lines.keys() & limit.carriers]
        sells, buys = [line for line in members if line.side == SELL], [line for line in members if line.side == BUY]
        groups.append(Group(limit.key, limit.cap, held, sells, buys))
    return groups
