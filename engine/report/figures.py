"""Figures as people read them: rounded half-even for the eye, never for the document."""

from collections.abc import Mapping
from decimal import Decimal


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
