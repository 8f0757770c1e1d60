"""Figures as people read them: rounded half-even for the eye, never for the document. One formatter for each kind of value."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from engine.report.words import name, shortened, whole, words


class Kind(StrEnum):
    """What a value is, and so how it is shown."""

    MONEY = "money"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    WEIGHT = "weight"
    GAP = "gap"
    MEASURE = "measure"
    RATIO = "ratio"
    COUNT = "count"
    SIZE = "size"
    DAY = "day"
    TIME = "time"
    CODE = "code"
    SAID = "said"
    NAME = "name"
    TEXT = "text"
    SENTENCE = "sentence"


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


def gap(weight: str) -> str:
    """A difference of weights with its sign: 0.0125 as +1.25 %; what rounds to nothing has none."""
    shown = f"{Decimal(weight) * 100:+.2f}"
    return f"{shown.lstrip('+-') if not Decimal(shown) else shown} %"


def measure(value: str) -> str:
    """A measured figure as it stands, or with four decimals where it has more."""
    number = Decimal(value)
    shorter = Decimal(f"{number:.4f}")
    return f"{number:,f}" if number == shorter else f"{shorter:,f}"


def time(value: str) -> str:
    """A time of a document as 12 Sep 2012, 22:00 UTC; what is none as it stands."""
    try:
        told = datetime.fromisoformat(value)
    except ValueError:
        return shortened(value)
    zone = told.tzname() or ""
    return f"{told.day} {told:%b %Y, %H:%M} {zone}".rstrip()


FORMATS: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.MONEY: lambda value: f"{amount(value['amount'])} {shortened(value['currency'])}",
    Kind.AMOUNT: amount,
    Kind.QUANTITY: quantity,
    Kind.WEIGHT: lambda weight: percent(Decimal(weight)),
    Kind.GAP: gap,
    Kind.MEASURE: measure,
    Kind.RATIO: lambda weight: percent(Decimal(weight)),
    Kind.COUNT: lambda number: f"{int(number):,}",
    Kind.SIZE: lambda rows: f"{len(rows):,}",
    Kind.DAY: lambda day: f"T+{day}",
    Kind.TIME: time,
    Kind.CODE: words,
    Kind.SAID: lambda code: words(code)[0].lower() + words(code)[1:],
    Kind.NAME: name,
    Kind.TEXT: shortened,
    Kind.SENTENCE: whole,
}
"""By kind the one way in which a page shows a value."""

IN_A_TERMINAL: Final[Mapping[Kind, Callable[[Any], str]]] = {
    **FORMATS,
    **dict.fromkeys((Kind.CODE, Kind.SAID, Kind.NAME, Kind.TEXT, Kind.SENTENCE), str),
    Kind.MONEY: money,
    Kind.RATIO: measure,
}
"""A terminal shows the same, but codes, texts, currencies and ratios as they stand."""
