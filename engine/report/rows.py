"""What a report is made of: sections of lines, facts, lists and tables, for any page to lay out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """A weight beside the model's, to be drawn."""

    weight: Decimal
    model: Decimal


@dataclass(frozen=True, slots=True)
class Legend:
    """What the bars of a column show."""

    names: tuple[str, ...]


Cell = str | Bar | Legend


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A named text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Entries:
    """A named list of short texts."""

    name: str
    entries: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one cell per column; `align` has `<` or `>` for each. Without a header the rows speak for themselves."""

    align: str
    header: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


Part = Line | Fact | Entries | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the report."""

    title: str
    parts: Sequence[Part] = ()
