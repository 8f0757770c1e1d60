"""The report as plain text, for a terminal or a file: sections under each other, columns aligned, bars of blocks; no colour, no I/O."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from textwrap import wrap
from typing import Any, Final, assert_never

from engine.report.proposal_sections import proposal_sections
from engine.report.rows import Bar, Cell, Entries, Fact, Legend, Line, Part, Section, Table
from engine.report.sections import sections

WIDTH: Final = 100
GAPS: Final = ("  ", " ")
UNBROKEN: Final = "\u00a0"
NARROWEST: Final = 16
"""A last column never wraps at less."""
BAR: Final = 40
"""Characters for a whole: one stands for 2.5 %."""
FACT: Final = 12
"""Characters for the name of a fact."""
MARKS: Final = {"after": "█", "model": "│"}


def render(result: Mapping[str, Any], width: int = WIDTH) -> str:
    """The whole result of a rebalance, section by section."""
    return _rendered(sections(result), width)


def render_proposal(artifact: Mapping[str, Any], width: int = WIDTH) -> str:
    """The whole artifact of a proposal, section by section."""
    return _rendered(proposal_sections(artifact), width)


def _rendered(found: Sequence[Section], width: int) -> str:
    return "\n\n".join(render_section(section, width) for section in found) + "\n"


def render_section(section: Section, width: int = WIDTH) -> str:
    """One section: its title with a rule, and its parts under each other."""
    return "\n".join([heading(section.title, width), *(_part(part, width) for part in section.parts)])


def _part(part: Part, width: int) -> str:
    match part:
        case Line(text):
            return text
        case Fact(name, text):
            return f"{name:<{FACT}}{text}"
        case Entries(name, entries):
            return wrapped(name, entries, width)
        case Table(align, header, rows):
            return columns(align, [[_cell(cell) for cell in row] for row in ([header, *rows] if header else rows)], width)
    assert_never(part)


def _cell(cell: Cell) -> str:
    match cell:
        case Bar(weight, model):
            return bar(weight, model)
        case Legend(names):
            return ", ".join(f"{name} {MARKS[name]}" for name in names)
    return cell


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


def bar(weight: Decimal, model: Decimal) -> str:
    """A weight as a bar, with a mark where the model stands; what lies outside 0 to 1 is cut."""
    full, mark = (max(0, min(BAR, round(share * BAR))) for share in (weight, model))
    cells = ["█" if place < full else "·" for place in range(BAR + 1)]
    cells[mark] = "▌" if mark < full else "│"
    return "".join(cells)
