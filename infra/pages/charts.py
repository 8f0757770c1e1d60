"""Where the shapes of a chart lie. Charts are stretched to the width there is, so they hold shapes and no words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.report.places import Figure
from engine.report.rows import Balance, Bars, Gaps

WIDTH: Final = 1000
"""Of a chart's frame."""
HEIGHT: Final = 100

ZERO, ONE = Decimal(), Decimal(1)


@dataclass(frozen=True, slots=True)
class Shape:
    """A rectangle of a row, or a mark where it has no width, by the class that gives its height and colour."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from `low` to `high` over the width of a chart; what lies outside is cut."""

    low: Decimal
    high: Decimal

    @classmethod
    def over(cls, numbers: Sequence[Decimal]) -> "Scale":
        """From nothing, or the least, to the most."""
        low, high = min([ZERO, *numbers]), max([ZERO, *numbers])
        return cls(low, high if high > low else low + 1)

    def at(self, number: Decimal) -> int:
        """Where a number lies."""
        share = (number - self.low) / (self.high - self.low)
        return round(max(ZERO, min(ONE, share)) * WIDTH)

    def bar(self, kind: str, number: Decimal) -> Shape:
        """From nothing to the number; never so small that it is not seen, unless it is nothing."""
        start, end = sorted((self.at(ZERO), self.at(number)))
        return Shape(kind, start, max(end - start, int(number != 0)))

    def tick(self, kind: str, number: Decimal) -> Shape:
        """A mark at the number."""
        return Shape(kind, self.at(number), 0)


STATES: Final = ("before", "after")
"""Columns that are bars; the others are marks."""


def bars_of(chart: Bars) -> list[list[Shape]]:
    """The shapes of every row: bars for the two states, marks for what they aim at."""
    numbers = [Decimal(weight.value) for row in chart.rows for weight in row.weights if weight is not None]
    scale = Scale.over(numbers)
    kinds, rows = [name.lower() for name in chart.columns], []
    for row in chart.rows:
        known = [(kind, Decimal(weight.value)) for kind, weight in zip(kinds, row.weights, strict=True) if weight is not None]
        rows.append([scale.bar(kind, number) if kind in STATES else scale.tick(kind, number) for kind, number in known])
    return rows


def gaps_of(chart: Gaps) -> list[list[Shape]]:
    """The shapes of every row, to either side of the middle."""
    numbers = [_number(figure) for _, *figures in chart.rows for figure in figures]
    most = max(map(abs, numbers), default=ONE) or ONE
    scale = Scale(-most, most)
    axis = Shape("axis", WIDTH // 2, 0)
    return [[axis, scale.bar("before", _number(before)), scale.bar("after", _number(after))] for _, before, after in chart.rows]


@dataclass(frozen=True, slots=True)
class Course:
    """A currency's balance as a line of steps: where nothing lies, the line, the days of a breach, and the lowest of all days."""

    zero: int
    line: str
    breaches: Sequence[Shape]
    lowest: Balance


def course_of(days: Sequence[Balance]) -> Course:
    """One step a day; money at the top, what is owed below the line of nothing."""
    numbers = [_number(day.amount) for day in days]
    scale = Scale.over(numbers)
    heights = [HEIGHT - scale.at(number) * HEIGHT // WIDTH for number in numbers]
    edges = [WIDTH * place // len(days) for place in range(len(days) + 1)]
    line = f"M0 {heights[0]}" + "".join(f"V{height}H{edge}" for height, edge in zip(heights, edges[1:], strict=True))
    breaches = [Shape("breach", edges[place], edges[place + 1] - edges[place]) for place, day in enumerate(days) if day.breach]
    lowest = min(zip(numbers, range(len(days)), strict=True))[1]
    return Course(HEIGHT - scale.at(ZERO) * HEIGHT // WIDTH, line, breaches, days[lowest])


def _number(figure: Figure) -> Decimal:
    """The figure's number; money's is its amount."""
    return Decimal(figure.value["amount"] if isinstance(figure.value, dict) else figure.value)
