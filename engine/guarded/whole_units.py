"""Whole units keep limits: a sell that truncation left a unit short of a limit grows by it (practice 3)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.guarded.exact import Parts
from engine.guarded.groups import Group
from engine.guarded.lines import Line
from engine.intents.orders import BUY, SELL
from engine.simulation.rules import WEIGHT_TOLERANCE

SINGLE_POSITION_MAX: Final = "SINGLE_POSITION_MAX"


@dataclass(slots=True)
class WholeUnits:
    """Limits in parts of base: of one position, and of groups."""

    lines: Sequence[Line]
    parts: Parts
    worth: int
    fits: Callable[[int], bool]
    """Whether orders may grow by so much: a cap on turnover may forbid it."""

    def limit(self, share: Decimal) -> int:
        """The largest worth within a limit."""
        return self.parts.share(share + WEIGHT_TOLERANCE, self.worth)

    def keep_position_limit(self, cap: Decimal) -> None:
        """Let each sell whose position stays above the limit grow once, where that is enough."""
        limit = self.limit(cap)
        for line in self.lines:
            if line.side == SELL and line.wish and line.value_after > limit:
                self._grow(line, SINGLE_POSITION_MAX, enough=lambda value: value <= limit)

    def keep_group_limits(self, groups: Iterable[Group]) -> None:
        """Let the sells of a group grow, the largest rest first, until it is within its limit; none where all would not do."""
        for group in groups:
            self._keep_group(group)

    def _keep_group(self, group: Group) -> None:
        over = group.held - self.limit(group.cap)
        over += sum([(line.held - line.quantity) * line.step - line.value for line in group.sells])
        over += sum([line.held * line.step - line.value + line.wish // line.lot_value * line.lot_value for line in group.buys])
        if over <= 0:
            return
        growing = [
            (-line.rest, line.instrument_id, line)
            for line in group.sells
            if line.rest > 0 and not line.grown and line.next_quantity() is not None
        ]
        growing.sort()
        growths = [((line.next_quantity() or 0) - line.quantity) * line.step for _, _, line in growing]
        if over > sum(growths):
            return
        for (_, _, line), growth in zip(growing, growths, strict=True):
            if over <= 0:
                return
            if self._grow(line, f"GROUP_MAX:{group.key}"):
                over -= growth

    def _grow(self, line: Line, mark: str, enough: Callable[[int], bool] = lambda _: True) -> bool:
        further = line.next_quantity()
        if further is None or line.grown:
            return False
        growth = (further - line.quantity) * line.step
        if not enough(line.value_after - growth) or not self.fits(growth):
            return False
        line.quantity, line.grown = further, True
        line.limited_by.append(mark)
        return True


def needed_for_limit(line: Line, limit: int) -> bool:
    """Whether the position would be above its limit without the sell: it is no dust then, however small (practice 3.3)."""
    return line.side != BUY and line.held * line.step > limit
