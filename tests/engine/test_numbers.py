"""Decimal arithmetic of the engine: 28 digits half-even inside `arithmetic()`, units truncated from exact quotients."""

from collections.abc import Callable
from decimal import ROUND_UP, Decimal, DecimalException, getcontext, localcontext
from typing import Any

import pytest

from engine.numbers import arithmetic, inverse, plain, quotient, total, whole

D = Decimal


@pytest.mark.parametrize(
    ("left", "right", "quotient_text"),
    [
        ("1", "3", "0.3333333333333333333333333333"),
        ("2", "3", "0.6666666666666666666666666667"),
        ("1000", "8", "125"),
        ("0.30", "0.6", "0.5"),
    ],
)
def test_a_quotient_has_28_digits_half_even(left: str, right: str, quotient_text: str) -> None:
    with arithmetic():
        assert str(D(left) / D(right)) == quotient_text


def test_half_goes_to_the_even_digit() -> None:
    with arithmetic():
        assert D("1000000000000000000000000000.5") + 0 == D("1000000000000000000000000000")
        assert D("1000000000000000000000000001.5") + 0 == D("1000000000000000000000000002")


def test_the_callers_context_neither_enters_nor_suffers() -> None:
    with localcontext(prec=5, rounding=ROUND_UP):
        with arithmetic():
            assert D(1) / D(3) == D("0.3333333333333333333333333333")
        assert getcontext().prec == 5


@pytest.mark.parametrize(
    "operation", [lambda: D(1) / D(0), lambda: D(0) / D(0), lambda: D("9E999999") * 10, lambda: D("1E25").quantize(D("0.0001"))]
)
def test_what_leaves_the_range_raises(operation: Callable[..., Any]) -> None:
    with arithmetic(), pytest.raises(DecimalException):
        operation()


def test_a_sum_takes_the_widest_scale_and_nothing_sums_to_plain_zero() -> None:
    with arithmetic():
        assert str(total([D("1.50"), D("2")])) == "3.50"
        assert str(total([])) == "0"


def test_a_quotient_that_would_round_up_to_a_unit_stays_below_it() -> None:
    # 28 nines and two thirds of the next digit: at 28 digits that rounds up to 1, at 60 it does not
    assert whole(quotient(D("2.9999999999999999999999999999"), D("3"))) == 0
    with arithmetic():
        assert D("2.9999999999999999999999999999") / D("3") == 1


@pytest.mark.parametrize(("quantity", "units"), [("33.99", "33"), ("33", "33"), ("0.1", "0"), ("0", "0")])
def test_whole_truncates(quantity: str, units: str) -> None:
    assert str(whole(D(quantity))) == units


def test_units_of_more_than_28_digits_raise() -> None:
    assert whole(D("9999999999999999999999999999.9")) == D("9999999999999999999999999999")
    with pytest.raises(DecimalException):
        whole(D("1E28"))


def test_a_sum_is_not_rounded_up_to_a_unit_either() -> None:
    almost = quotient(D("2.9999999999999999999999999999"), D("3"))
    assert whole(D(5), almost) == 5
    with arithmetic():
        assert D(5) + almost == 6


def test_an_inverse_has_28_digits() -> None:
    assert str(inverse(D("0.9"))) == "1.111111111111111111111111111"
    assert inverse(D("0.8")) == D("1.25")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1E+3", "1000"), ("0E-8", "0.00000000"), ("-3E-7", "-0.0000003"), ("1.50", "1.50"), ("0E+2", "0"), ("1E-1001", "1E-1001")],
)
def test_figures_are_written_without_exponents_down_to_a_thousand_decimals(value: str, shown: str) -> None:
    assert plain(Decimal(value)) == shown
