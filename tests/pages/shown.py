"""What a page shows, read from its markup: the figures with the places that they name, and what is left beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, Final

from engine.report.figures import FORMATS, Kind

VOID: Final = frozenset({"meta", "link", "use", "rect", "path", "circle"})
UNSEEN: Final = frozenset({"style", "title", "symbol"})


@dataclass
class Shown:
    """An element that names a place."""

    path: str
    kind: Kind
    fold: str
    of: str
    text: str = ""


@dataclass
class Markup(HTMLParser):
    """A document's elements in passing."""

    figures: list[Shown] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    written: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Texts, with the elements that they stand in."""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[tuple[str, Shown | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag in VOID:
            return
        named = None
        if "data-path" in given:
            named = Shown(given["data-path"], Kind(given["data-as"]), given.get("data-fold", ""), given.get("data-of", ""))
            self.figures.append(named)
        self.stack.append((tag, named))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, tag
        assert self.stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        elements = tuple(tag for tag, _ in self.stack)
        self.written.append((data, elements))
        named = next((shown for _, shown in reversed(self.stack) if shown), None)
        if named:
            named.text += data
        elif not UNSEEN & set(elements):
            self.beside.append(data)


def read(page: bytes) -> Markup:
    """A page's markup; every element that is opened is closed."""
    markup = Markup()
    markup.feed(page.decode())
    markup.close()
    assert [tag for tag, _ in markup.stack] == []
    return markup


def expected(shown: Shown, document: Any) -> str:
    """The text that the places' values come to: one formatter for each kind, over a sum, a number or a rest where it says so."""
    values = list(at(shown.path, document))
    match shown.fold:
        case "sum":
            [whole] = list(at(shown.of, document)) if shown.of else ["1"]
            value: Any = str(sum(map(Decimal, values), Decimal()) / (Decimal(whole) or 1))
        case "rest":
            value = str(1 - sum(map(Decimal, values), Decimal()))
        case "count":
            value = len(values)
        case "name":
            value = shown.path.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        case _:
            [value] = values
    return FORMATS[shown.kind](value)


def at(path: str, document: Any) -> Iterator[Any]:
    """The values that a path leads to, by RFC 6901; of a list a segment may name several rows, as 0,3-5."""
    found = [document]
    for segment in path.split("/")[1:]:
        name = segment.replace("~1", "/").replace("~0", "~")
        found = [value for one in found for value in (rows(one, name) if isinstance(one, list) else [one[name]])]
    return iter(found)


def rows(values: list[Any], segment: str) -> list[Any]:
    ends = [part.partition("-") for part in segment.split(",")]
    return [values[number] for first, _, last in ends for number in range(int(first), int(last or first) + 1)]
