"""Figures as an artifact writes them: bare numbers, weights at four decimals, amounts in minor units (advisory-engine 16)."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.numbers import FOUR_PLACES, minor_digits
from engine.result.states import to_places_or_zero

RATIO_DIGITS: Final = 6
PERCENT_DIGITS: Final = 2
SPOKEN_DIGITS: Final = 4
GROUP: Final = 3
_FORMATS: Final = [f".{digits}f" for digits in range(RATIO_DIGITS + 1)]
_SPOKEN: Final = [f",.{digits}f" for digits in range(SPOKEN_DIGITS + 1)]
"""By the number of decimals: to make a format takes longer than to use it."""


def bare(figure: str) -> str:
    """A figure of a result without trailing zeros or a bare point; a zero has no sign."""
    if "." in figure and "E" not in figure:
        figure = figure.rstrip("0").rstrip(".")
    return "0" if figure[0] in "-0" and not Decimal(figure) else figure


def weight(value: Decimal) -> str:
    """Four decimals, half-even; a zero keeps its sign, as in a state (advisory-engine S23)."""
    return str(to_places_or_zero(value, FOUR_PLACES))


def in_minor_units(value: Decimal | Fraction, currency: str) -> str:
    """An amount half-even in the currency's smallest unit; a zero has no sign."""
    return fixed(value, minor_digits(currency))


def amount_texts(value: Decimal, currency: str) -> tuple[str, str]:
    """The same, and as it stands within a sentence: the thousands set apart."""
    said = format(value, _SPOKEN[minor_digits(currency)])
    if said[0] == "-" and not said.strip("-0.,"):
        said = said[1:]
    return said.replace(",", ""), said


def ratio(value: Fraction) -> str:
    """A share at six decimals, half-even."""
    return fixed(value, RATIO_DIGITS)


def percent(share: Decimal) -> str:
    """A share of 0.25 as 25.00."""
    return fixed(share.scaleb(2), PERCENT_DIGITS)


def fixed(value: Decimal | Fraction, digits: int) -> str:
    """The value half-even with so many decimals, at most six, whatever its size; a zero has no sign."""
    if isinstance(value, Decimal):
        text = format(value, _FORMATS[digits])
        return text if text[0] != "-" or text.strip("-0.") else text[1:]
    units = round(value * 10**digits)
    whole, rest = divmod(abs(units), 10**digits)
    return f"{'-' if units < 0 else ''}{whole}{f'.{rest:0{digits}d}' if digits else ''}"


def spoken(figure: str) -> str:
    """A figure within a sentence: its thousands set apart, half-even at four decimals where it has more."""
    whole, _, rest = figure.partition(".")
    decimals, ahead = len(rest), len(whole) - GROUP
    if decimals <= SPOKEN_DIGITS and ahead <= GROUP and whole[0] != "-":  # most figures, and Decimals are slow to format
        return figure if ahead <= 0 else f"{figure[:ahead]},{figure[ahead:]}"
    text = format(Decimal(figure), _SPOKEN[min(decimals, SPOKEN_DIGITS)])
    return text.rstrip("0").rstrip(".") if decimals > SPOKEN_DIGITS else text
