"""Decimal arithmetic of the engine: 28 significant digits, half-even, nothing rounded to minor units (RFC-0001).

Every public entry of the engine runs inside `arithmetic()`, so that a caller's decimal context never reaches a decision.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction
from functools import reduce
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
ZERO_WEIGHT: Final = Decimal("0.0")  # written so in the trace: the contract fixes its digits (dpm-engine 5.1, 6.6)
UNIT_RATE: Final = Decimal("1.0")
TOO_SMALL: Final = -1_000
MINOR_UNITS: Final = {0: Decimal(1), 2: Decimal("0.01"), 3: Decimal("0.001")}
MINOR_DIGITS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3}
FOUR_PLACES: Final = Decimal("0.0001")

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
_SINGLE = Context(prec=28, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999, traps=_TRAPS)
_QUOTIENT = Context(prec=60, rounding=ROUND_DOWN, Emin=-999999, Emax=999999, traps=_TRAPS)
_INVERSE = Context(prec=28, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=_TRAPS)
_EXACT = Context(prec=28, Emin=-999999, Emax=999999, traps=[*_TRAPS, Inexact])
_UNITS = Context(prec=28, rounding=ROUND_DOWN, Emin=-999999, Emax=999999, traps=_TRAPS)


def arithmetic() -> AbstractContextManager[Context]:
    """Enter the engine's decimal context; whatever leaves it raises `decimal.DecimalException`."""
    return localcontext(_SINGLE)


def total(values: Iterable[Decimal]) -> Decimal:
    """The sum from left to right, each step rounded to 28 digits; 0 of nothing."""
    return sum(values, ZERO)


def quotient(amount: Decimal, divisor: Decimal) -> Decimal:
    """Amount ÷ divisor towards zero at 60 digits: what is truncated to units afterwards."""
    return _QUOTIENT.divide(amount, divisor)


def plain(value: Decimal) -> str:
    """The value with all its digits and without an exponent, so that what is written out is taken back (dpm-engine S16).

    Values too small for any sane figure keep their exponent: a million zeros inform nobody.
    """
    text = str(value)
    if "E" not in text:
        return text
    if value.adjusted() - len(text) > TOO_SMALL:  # below its exponent, and known without taking its digits apart
        return format(value, "f")
    return format(value, "f") if value.as_tuple().exponent > TOO_SMALL else text  # type: ignore[operator]  # finite


def inverse(rate: Decimal) -> Decimal:
    """1 ÷ rate at 28 digits, for any rate above zero: if it leaves the range, that shows where it is used."""
    return _INVERSE.divide(UNIT_RATE, rate)


def chained(first: Decimal, second: Decimal) -> Decimal:
    """The product of two rates at 28 digits, like `inverse` in any range."""
    return _INVERSE.multiply(first, second)


def whole(*quantities: Decimal) -> Decimal:
    """The sum of quantities ≥ 0, at 60 digits, truncated to whole units; raises when that needs more than 28 digits."""
    return _UNITS.quantize(reduce(_QUOTIENT.add, quantities), ONE)


def multiple(of: Decimal, *quantities: Decimal) -> Decimal:
    """The sum of quantities ≥ 0, truncated to a multiple of a lot; raises as `whole` does."""
    if of == ONE:
        return whole(*quantities)
    return whole(_QUOTIENT.divide(reduce(_QUOTIENT.add, quantities), of)) * of


def all_digits(value: Decimal) -> Decimal:
    """The value, if 28 digits hold it; raises otherwise."""
    return _EXACT.plus(value)


def times(count: Decimal, of: Decimal) -> Decimal:
    """The product, if 28 digits hold it; raises otherwise: a multiple of a lot is one to its last digit."""
    return _EXACT.multiply(count, of)


def rational(value: Fraction) -> Decimal:
    """A rational rounded once, half-even, to 28 digits."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def minor_digits(currency: str) -> int:
    """Decimals of a currency's smallest unit (dpm-engine 13.3): none for JPY, KRW and VND, 3 for BHD, KWD and OMR, else 2."""
    return MINOR_DIGITS.get(currency, 2)


def minor_unit(currency: str) -> Decimal:
    """A currency's smallest unit."""
    return MINOR_UNITS[minor_digits(currency)]


def to_minor_up(value: Fraction, currency: str) -> Decimal:
    """The smallest amount in minor units that is not below the value."""
    return minor_up(value.numerator, value.denominator, currency)


def to_minor_down(value: Fraction, currency: str) -> Decimal:
    """The largest amount in minor units that is not above the value."""
    return minor_down(value.numerator, value.denominator, currency)


def minor_up(numerator: int, denominator: int, currency: str) -> Decimal:
    """As `to_minor_up`, of a fraction that need not be reduced; the denominator is above zero."""
    digits = minor_digits(currency)
    return Decimal(-(-numerator * 10**digits // denominator)).scaleb(-digits)


def minor_down(numerator: int, denominator: int, currency: str) -> Decimal:
    """As `to_minor_down`, of a fraction that need not be reduced; the denominator is above zero."""
    digits = minor_digits(currency)
    return Decimal(numerator * 10**digits // denominator).scaleb(-digits)
