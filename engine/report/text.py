"""Figures and columns as plain text, for reports that people read in a terminal or a file."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from textwrap import wrap
from typing import Final

GAPS: Final = ("  ", " ")
UNBROKEN: Final = "\u00a0"
NARROWEST: Final = 16
"""A last column never wraps at less."""
BAR: Final = 40
"""Characters for a whole: one stands for 2.5 %."""


def heading(title: str, width: int) -> str:
    """A title with a rule to the full width, which is never less than the title."""
    return f"── {title} ".ljust(width, "─")


def columns(align: str, rows: Sequence[Sequence[str]], width: int) -> str:
    """Rows under each other, one of `<` or `>` per column; the last column wraps where the width ends.

    Too wide, the columns move together; still too wide, they stay so: figures are never cut.
    """
    lines: list[str] = []
    for gap in GAPS:
        lines = _lines(align, rows, width, gap)
        if max(map(len, lines)) <= width:
            break
    return "\n".join(lines)


def _lines(align: str, rows: Sequence[Sequence[str]], width: int, gap: str) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(align))]
    indent = sum(widths[:-1]) + len(gap) * (len(align) - 1)
    room = max(width - indent, NARROWEST)
    lines: list[str] = []
    for row in rows:
        start = gap.join(f"{cell:{side}{size}}" for cell, side, size in zip(row[:-1], align, widths, strict=False))
        last = row[-1] if align[-1] == "<" else row[-1].rjust(widths[-1])
        first, *more = wrap(last, room, drop_whitespace=align[-1] == "<", break_long_words=False, break_on_hyphens=False) or [""]
        lines.append(f"{start}{gap}{first}".rstrip())
        lines.extend(" " * indent + line for line in more)
    return lines


def wrapped(name: str, entries: Sequence[str], width: int) -> str:
    """A named list, broken between its entries only and indented under the first."""
    start, text = f"{name}: ", "; ".join(entry.replace(" ", UNBROKEN) for entry in entries)
    lines = wrap(text, width - len(start), break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"{' ' * len(start) if number else start}{line.replace(UNBROKEN, ' ')}" for number, line in enumerate(lines))


def amount(value: str) -> str:
    """Two decimals and thousands, half-even: 1,234.50."""
    return f"{Decimal(value):,.2f}"


def money(value: Mapping[str, str]) -> str:
    """An amount with its currency: 1,234.50 EUR."""
    return f"{amount(value['amount'])} {value['currency']}"


def quantity(value: str | None) -> str:
    """Units with at most four decimals and no trailing zeros: 1,200 or 33.3333."""
    return "" if value is None else f"{Decimal(value):,.4f}".rstrip("0").rstrip(".")


def percent(weight: Decimal) -> str:
    """A weight of 0.25 as 25.00 %."""
    return f"{weight * 100:.2f} %"


def measure(value: str) -> str:
    """A measured figure as it stands, or with four decimals where it has more."""
    number = Decimal(value)
    shorter = Decimal(f"{number:.4f}")
    return f"{number:,f}" if number == shorter else f"{shorter:,f}"


def bar(weight: Decimal, model: Decimal) -> str:
    """A weight as a bar, with a mark where the model stands; what lies outside 0 to 1 is cut."""
    full, mark = (max(0, min(BAR, round(share * BAR))) for share in (weight, model))
    cells = ["█" if place < full else "·" for place in range(BAR + 1)]
    cells[mark] = "▌" if mark < full else "│"
    return "".join(cells)
