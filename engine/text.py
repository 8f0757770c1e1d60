"""Figures and columns as plain text, for reports that people read in a terminal or a file."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from textwrap import wrap
from typing import Final

GAP: Final = "  "
BAR: Final = 40
"""Characters for a whole: one stands for 2.5 %."""


def heading(title: str, width: int) -> str:
    """A title with a rule to the full width, which is never less than the title."""
    return f"── {title} ".ljust(width, "─")


def columns(align: str, rows: Sequence[Sequence[str]], width: int) -> str:
    """Rows under each other, one of `<` or `>` per column; the last column wraps where the width ends.

    A table that is too wide even with a narrow last column stays too wide: figures are never cut.
    """
    widths = [max(len(row[place]) for row in rows) for place in range(len(align))]
    indent = sum(widths[:-1]) + len(GAP) * (len(align) - 1)
    room = max(width - indent, 16)
    lines: list[str] = []
    for row in rows:
        start = GAP.join(f"{cell:{side}{size}}" for cell, side, size in zip(row[:-1], align, widths, strict=False))
        last = row[-1] if align[-1] == "<" else row[-1].rjust(min(widths[-1], room))
        first, *more = wrap(last, room, drop_whitespace=align[-1] == "<", break_long_words=False) or [""]
        lines.append(f"{start}{GAP}{first}".rstrip())
        lines.extend(" " * indent + line for line in more)
    return "\n".join(lines)


def wrapped(name: str, entries: Sequence[str], width: int) -> str:
    """A named list, its entries separated by semicolons, broken between words and indented under the first."""
    start = f"{name}: "
    return "\n".join(
        wrap(
            "; ".join(entries),
            width,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


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
    shorter = round(number, 4)
    return f"{number:,f}" if number == shorter else f"{shorter:,f}"


def bar(weight: Decimal, model: Decimal) -> str:
    """A weight as a bar, with a mark where the model stands; what lies outside 0 to 1 is cut."""
    full, mark = (max(0, min(BAR, round(share * BAR))) for share in (weight, model))
    cells = ["█" if place < full else "·" for place in range(BAR + 1)]
    cells[mark] = "▌" if mark < full else "│"
    return "".join(cells)
