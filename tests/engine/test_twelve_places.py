"""Rationals as results show them: twelve decimals, half to the even neighbour, whether they are written one by one or many at once."""

from fractions import Fraction

import pytest

from engine.guarded.exact import ratio, ratios

ATOM = 10**12
"""So many of the twelfth decimal are one."""
SHOWN = {
    "nothing": ((0, 7), "0.000000000000"),
    "below one": ((1, 8), "0.125000000000"),
    "one": ((ATOM, ATOM), "1.000000000000"),
    "above one": ((2001, 2), "1000.500000000000"),
    "below nothing": ((-1, 8), "-0.125000000000"),
    "minus one": ((-3, 3), "-1.000000000000"),
    "far below nothing": ((-2001, 2), "-1000.500000000000"),
    "half, down to the even one": ((1, 2 * ATOM), "0.000000000000"),
    "half, up to the even one": ((3, 2 * ATOM), "0.000000000002"),
    "minus half, to the even one": ((-1, 2 * ATOM), "0.000000000000"),
    "minus three halves, to the even one": ((-3, 2 * ATOM), "-0.000000000002"),
    "over half": ((2 * ATOM + 1, 4 * ATOM * ATOM), "0.000000000001"),
    "not quite one": ((2 * ATOM - 1, 2 * ATOM), "1.000000000000"),
    "not quite minus one": ((1 - 2 * ATOM, 2 * ATOM), "-1.000000000000"),
    "a third": ((10**30, 3 * 10**30), "0.333333333333"),
}


@pytest.mark.parametrize(("value", "text"), SHOWN.values(), ids=SHOWN)
def test_a_rational_has_twelve_decimals(value: tuple[int, int], text: str) -> None:
    numerator, denominator = value
    assert ratio(numerator, denominator) == text
    assert ratios([numerator], denominator) == [text]


@pytest.mark.parametrize("denominator", [1, 7, 10**8, 2 * ATOM, 3 * ATOM // 5, 2**41, 10**27 + 1])
def test_many_are_written_as_each_of_them_is(denominator: int) -> None:
    numerators = [sign * (size + step) for sign in (1, -1) for size in (0, denominator // 2, denominator, 10**19) for step in range(5)]
    assert ratios(numerators, denominator) == [_written(Fraction(numerator, denominator)) for numerator in numerators]


def _written(value: Fraction) -> str:
    """As Python rounds a fraction: half to the even neighbour."""
    atoms = round(value * ATOM)
    whole, rest = divmod(abs(atoms), ATOM)
    return f"{'-' if atoms < 0 else ''}{whole}.{rest:012d}"
