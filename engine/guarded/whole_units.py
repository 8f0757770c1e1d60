"""Whole units keep limits: a sell that truncation left a unit short of a limit grows by it (practice 3)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.guarded.exact import Parts
from engine.guarded.lines import Line
from engine.intents.orders import BUY, SELL
from engine.market import GroupLimit
from engine.simulation.rules import WEIGHT_TOLERANCE

SINGLE_POSITION_MAX: Final = "SINGLE_POSITION_MAX"


@dataclass(slots=True)
class WholeUnits:
    """Limits in parts of base: of one position, and of groups; `values` are the worths of holdings that no line trades."""

    lines: Sequence[Line]
    values: Mapping[str, int]
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

    def keep_group_limits(self, limits: Sequence[GroupLimit]) -> None:
        """Let the sells of a group grow, the largest rest first, until it is within its limit; none where all would not do."""
        by_id = {line.instrument_id: line for line in self.lines}
        for limit in limits:
            if limit.known:
                self._keep_group(limit, by_id)

    def _keep_group(self, limit: GroupLimit, by_id: Mapping[str, Line]) -> None:
        over = -self.limit(limit.cap)
        growing: list[tuple[int, str, Line]] = []
        for name in limit.carriers:
            line = by_id.get(name)
            if line is None:
                over += self.values.get(name, 0)
                continue
            over += line.value_after if line.side == SELL else line.held * line.step + line.wish // line.lot_value * line.lot_value
            if line.side == SELL and line.rest > 0 and not line.grown and line.next_quantity() is not None:
                growing.append((-line.rest, name, line))
        if over <= 0:
            return
        growing.sort()
        growths = [((line.next_quantity() or 0) - line.quantity) * line.step for _, _, line in growing]
        if over > sum(growths):
            return
        for (_, _, line), growth in zip(growing, growths, strict=True):
            if over <= 0:
                return
            if self._grow(line, f"GROUP_MAX:{limit.key}"):
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
