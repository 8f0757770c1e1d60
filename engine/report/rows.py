"""What a report is made of: sections of lines, facts, lists and tables, for any page to lay out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.report.places import Figure


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
    """Rows of one cell per column; `align` has `<` or `>` for each. Without a header the rows speak for themselves.

    A page heads the columns with `names`, which are longer.
    """

    align: str
    header: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    names: Sequence[str] = ()


Part = Line | Fact | Entries | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the report."""

    title: str
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A row of bars: a name, and a weight for each of the chart's columns; None where there is none."""

    name: str
    weights: Sequence[Figure | None]


@dataclass(frozen=True, slots=True)
class Bars:
    """Weights side by side: the first column before the orders, the second after them, further ones what they aim at."""

    columns: Sequence[str]
    rows: Sequence[Share]
    title: str = ""
    left_out: int = 0
    """Rows that are too many for a chart."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Differences from a target, before and after, to either side of nothing."""

    rows: Sequence[tuple[str, Figure, Figure]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """Cash on a day; `breach` where it is below what may be overdrawn."""

    day: Figure
    amount: Figure
    breach: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """Cash by currency over the days."""

    currencies: Sequence[tuple[str, Sequence[Balance]]]


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody must look at: how grave it is, what it is, and the facts behind it."""

    severity: Figure
    what: str
    facts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Issues:
    """What must be looked at, the gravest first."""

    steps: Sequence[Step]


Drawn = Bars | Gaps | Ladder | Issues


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page. `folded` parts are opened by their reader, and by a printer; `note` stands beside the title."""

    key: str
    title: str
    parts: Sequence[Part | Drawn]
    note: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a page says first: the state as a code, one sentence, and what is to be done."""

    status: Figure
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a page shows. `about` names what was decided and from what, `figures` are the few that are read first."""

    family: str
    subject: str
    about: Sequence[Fact]
    verdict: Verdict
    figures: Sequence[Fact]
    panels: Sequence[Panel]
    disclosures: Sequence[str]
    evidence: Sequence[Fact]
    verify: Sequence[str]
