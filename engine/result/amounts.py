"""Figures as a result shows them: all their digits, no exponent, nothing rounded (dpm-engine 1.3)."""

from collections.abc import Iterable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

import orjson

from engine.numbers import plain

Json = dict[str, Any]


quoted: Final = encode_basestring
"""A text as JSON, in the very characters that orjson writes: one call, no bytes between; to look up what is quoted already takes as long."""


def array(rows: Iterable[str]) -> orjson.Fragment:
    """Rows that are JSON text already: there are thousands of the kind, and objects for them would cost more than they say."""
    return orjson.Fragment(f"[{','.join(rows)}]")


def money(amount: Decimal, currency: str) -> Json:
    """An amount with its currency, unrounded."""
    return {"amount": plain(amount), "currency": currency}


def texts(one: Decimal, two: Decimal, three: Decimal) -> tuple[str, str, str]:
    """Three figures of a row at once, each as `plain` writes it: a call per figure would cost more than the figure."""
    first, second, third = str(one), str(two), str(three)
    if "E" in first or "E" in second or "E" in third:
        return plain(one), plain(two), plain(three)
    return first, second, third
