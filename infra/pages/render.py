"""A page as one HTML document, from the templates beside this module."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.report.rows import Bars, Entries, Fact, Gaps, Issues, Ladder, Line, Page, Table
from infra.pages.charts import bars_of, course_of, gaps_of
from infra.pages.markup import badge, cell, css_text, plain, sentence, shown, tone_of

TEMPLATES: Final = Path(__file__).parent / "templates"
PARTS: Final = (Line, Fact, Entries, Table, Bars, Gaps, Ladder, Issues)
WIDE: Final = 5
"""Columns from which a table's rows become cards on a narrow screen."""


def render(page: Page) -> bytes:
    """The document as UTF-8: equal pages give equal bytes."""
    tables = {id(part): f"t{number}" for number, part in enumerate(_wide_tables(page), start=1)}
    text = _templates().get_template("page.html.j2").render(page=page, tables=tables, wide=_wide_tables(page))
    return text.encode()


def _wide_tables(page: Page) -> list[Table]:
    return [part for panel in page.panels for part in panel.parts if isinstance(part, Table) and part.names and len(part.names) >= WIDE]


def heads(table: Table) -> str:
    """A table's name for who does not see it."""
    return ", ".join(map(plain, table.names)) or "Table"


@cache
def _templates() -> Environment:
    """Read once per container; whatever is not markup already is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "shown": shown,
        "cell": cell,
        "badge": badge,
        "plain": plain,
        "tone": tone_of,
        "id": id,
        "sentence": sentence,
        "css": css_text,
        "heads": heads,
    }
    environment.globals |= {"bars_of": bars_of, "gaps_of": gaps_of, "course_of": course_of}
    environment.tests |= {part.__name__.lower(): (lambda value, part=part: isinstance(value, part)) for part in PARTS}
    return environment
