"""Figures as a result shows them: all their digits, no exponent, nothing rounded (dpm-engine 1.3)."""

from decimal import Decimal
from typing import Any

from engine.numbers import plain

Json = dict[str, Any]


def money(amount: Decimal, currency: str) -> Json:
    """An amount with its currency, unrounded."""
    return {"amount": plain(amount), "currency": currency}


def texts(one: Decimal, two: Decimal, three: Decimal) -> tuple[str, str, str]:
    """Three figures of a row at once, each as `plain` writes it: a call per figure would cost more than the figure."""
    first, second, third = str(one), str(two), str(three)
    if "E" in first or "E" in second or "E" in third:
        return plain(one), plain(two), plain(three)
    return first, second, third
