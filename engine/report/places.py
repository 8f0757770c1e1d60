"""A document and the places in it: whatever is shown of it knows where it stands (RFC 6901)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, Self

from engine.report.figures import FORMATS, IN_A_TERMINAL, Kind

Json = Mapping[str, Any]


class Figure(str):
    """What a terminal shows of a value, with the value, its kind and the JSON Pointer that leads to it.

    Where it is made of several values, `fold` says how: their sum, their number, or the rest that they leave of one (or that it is the
    name of its member); a segment
    of the path then names several rows, as in `/intents/0,3-5/notional_base/amount`. `of` is the path of what it is a share of.
    """

    __slots__ = ("fold", "kind", "of", "path", "value")

    kind: Kind
    path: str
    value: Any
    fold: str
    of: str

    def __new__(cls, kind: Kind, path: str, value: Any, fold: str = "", of: str = "") -> Self:
        """The figure of a value."""
        figure = super().__new__(cls, IN_A_TERMINAL[kind](value))
        figure.kind, figure.path, figure.value, figure.fold, figure.of = kind, path, value, fold, of
        return figure

    @property
    def for_people(self) -> str:
        """The text of a page: the same, but a code in words, a long text shortened, a ratio in per cent."""
        return FORMATS[self.kind](self.value)


class Phrase(str):
    """A text with figures in it; `pieces` are what it is made of."""

    __slots__ = ("pieces",)

    pieces: tuple[str, ...]

    def __new__(cls, *pieces: str) -> Self:
        """The pieces in a row."""
        phrase = super().__new__(cls, "".join(pieces))
        phrase.pieces = tuple(chain.from_iterable(piece.pieces if isinstance(piece, Phrase) else (piece,) for piece in pieces))
        return phrase

    @classmethod
    def joined(cls, between: str, pieces: Sequence[str]) -> Self:
        """The pieces with a text between each two."""
        return cls(*(part for number, piece in enumerate(pieces) for part in ((between, piece) if number else (piece,))))


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a document and its JSON Pointer."""

    value: Any
    path: str = ""

    @classmethod
    def of(cls, document: Any) -> "Place":
        """The root of a document; a place is itself."""
        return document if isinstance(document, cls) else cls(document)

    def __getitem__(self, name: str | int) -> "Place":
        return Place(self.value[name], f"{self.path}/{name if isinstance(name, int) else escaped(name)}")

    def get(self, name: str) -> "Place":
        """A member that may be absent; what is not there has no value."""
        return self[name] if isinstance(self.value, dict) and name in self.value else Place(None, f"{self.path}/{escaped(name)}")

    def __iter__(self) -> Iterator["Place"]:
        return (Place(value, f"{self.path}/{number}") for number, value in enumerate(self.value or ()))

    def items(self) -> Iterator[tuple[str, "Place"]]:
        """The members of an object."""
        return ((name, self[name]) for name in self.value or ())

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return len(self.value or ())

    def show(self, kind: Kind) -> Figure:
        """The value as a figure."""
        return Figure(kind, self.path, self.value)

    @property
    def money(self) -> Figure:
        """An amount with its currency."""
        return self.show(Kind.MONEY)

    @property
    def amount(self) -> Figure:
        """An amount alone: of money, or of a bare number."""
        return (self["amount"] if isinstance(self.value, dict) else self).show(Kind.AMOUNT)

    @property
    def quantity(self) -> Figure:
        """Units; nothing where there are none."""
        return self.show(Kind.QUANTITY)

    @property
    def weight(self) -> Figure:
        """A share in per cent."""
        return self.show(Kind.WEIGHT)

    @property
    def gap(self) -> Figure:
        """A difference of shares in per cent, with its sign."""
        return self.show(Kind.GAP)

    @property
    def measure(self) -> Figure:
        """A number of any kind."""
        return self.show(Kind.MEASURE)

    @property
    def code(self) -> Figure:
        """A word of the document's vocabulary."""
        return self.show(Kind.CODE)

    @property
    def name(self) -> Figure:
        """A key that the bank chose: an asset class, a region."""
        return self.show(Kind.NAME)

    @property
    def text(self) -> Figure:
        """What a caller wrote: a name, an id."""
        return self.show(Kind.TEXT)

    @property
    def sentence(self) -> Figure:
        """What we wrote, names of a caller's in it."""
        return self.show(Kind.SENTENCE)

    @property
    def number(self) -> Figure:
        """How many there are."""
        return self.show(Kind.COUNT)


Document = Json | Place
"""A decoded document, or the place in another where it stands."""


def escaped(name: str) -> str:
    """A member's name as a segment of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def written(text: str) -> Figure:
    """What a caller wrote and no place is told of: it is isolated all the same."""
    return Figure(Kind.TEXT, "", text)


def count(places: Sequence[Place]) -> Figure:
    """How many there are, at least one."""
    return Figure(Kind.COUNT, together(places), len(places), "count")


def total(places: Sequence[Place], kind: Kind) -> Figure:
    """The sum of numbers, at least one."""
    return Figure(kind, together(places), str(sum_of(places)), "sum")


def share(places: Sequence[Place], of: Place) -> Figure:
    """The sum of numbers as a share of another; of nothing it is itself (dpm-engine 4.3.2)."""
    whole = Decimal(of.value) or Decimal(1)
    return Figure(Kind.WEIGHT, together(places), str(sum_of(places) / whole), "sum", of.path)


def rest(places: Sequence[Place]) -> Figure:
    """What shares leave of one."""
    return Figure(Kind.WEIGHT, together(places), str(1 - sum_of(places)), "rest")


def sum_of(places: Sequence[Place]) -> Decimal:
    """The plain sum, in the order of the document."""
    return sum((Decimal(place.value) for place in places), Decimal())


def together(places: Sequence[Place]) -> str:
    """One path to rows of one list: the segment in which their paths differ names them all."""
    paths = [place.path.split("/") for place in places]
    return "/".join(
        segment[0] if len(set(segment)) == 1 else _ranges([int(number) for number in segment]) for segment in zip(*paths, strict=True)
    )


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as 0,3-5."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
