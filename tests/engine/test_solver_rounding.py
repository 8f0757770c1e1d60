"""From the exact optimum to 12 decimals: floors, then units where there is room, never above a limit (RFC-0012)."""

from decimal import Decimal
from typing import Any

import pytest

from engine.targets.certified import Certified, certify
from engine.targets.problem import TargetProblem, units_down, units_up

FULL = (Decimal(0), Decimal(0))
TINY = Decimal("1E-12")


def problem(
    model: dict[str, Any],
    band: tuple[Decimal, Decimal] = FULL,
    cap: Decimal | None = None,
    groups: dict[str, Any] | None = None,
    locked: dict[str, Any] | None = None,
) -> TargetProblem:
    weights = {i: Decimal(w) for i, w in model.items()}
    kept = {i: Decimal(w) for i, w in (locked or {}).items()}
    limits = {key: (Decimal(maximum), members) for key, (maximum, members) in (groups or {}).items()}
    return TargetProblem.of(weights, kept, band, None if cap is None else Decimal(cap), limits)


def optimum(problem: TargetProblem) -> Certified:
    """The certified answer to what has one."""
    found = certify(problem)
    assert found is not None
    return found


def weights(stated: TargetProblem) -> dict[str, Any]:
    return {i: str(w) for i, w in optimum(stated).weights.items()}


def test_bounds_are_rounded_to_the_safe_side_before_solving() -> None:
    third = Decimal("0.3333333333333333333333333333")
    assert (units_up(third), units_down(third)) == (333_333_333_334, 333_333_333_333)
    stated = problem({"A": "0.5"}, (third, 2 * third), cap=third, groups={"s:x": (str(third), ["A"])}, locked={"L": "0.1"})
    assert stated.least == 233_333_333_334  # 1 - 0.666.. - 0.1
    assert stated.most == 566_666_666_666
    assert stated.cap == 333_333_333_333
    assert stated.groups[0].room == 333_333_333_333


def test_a_missing_unit_goes_to_the_first_id_among_equal_remainders() -> None:
    # Three times a third, floored to 0.333333333333: one unit of 1e-12 is missing to full investment.
    assert weights(problem({"C": "0.5", "A": "0.5", "B": "0.5"})) == {
        "C": "0.333333333333",
        "A": "0.333333333334",
        "B": "0.333333333333",
    }


def test_a_missing_unit_goes_to_the_largest_remainder() -> None:
    # 0.1 + 6 decimals finer: shares of the missing 0.7 are equal, so remainders follow the model's digits past the twelfth.
    stated = problem({"A": "0.1000000000000", "B": "0.1000000000006", "C": "0.0999999999994"}, band=(Decimal("0.1"), Decimal("0.1")))
    # A 0.3, B 0.3000000000006, C 0.2999999999994 → floors 0.3, 0.3, 0.299999999999: one unit short, remainders 0, 0.6, 0.4.
    assert weights(stated) == {"A": "0.300000000000", "B": "0.300000000001", "C": "0.299999999999"}


def test_a_group_at_its_cap_hands_the_unit_to_the_next() -> None:
    # A and B share 0.5 of s:x = 0.500000000001: 0.2500000000005 each, remainder 0.5; C and D take 0.2499999999995 each.
    # Floors leave two units missing. A takes one, which fills s:x; B has no room, C takes the other.
    stated = problem({"A": "0.4", "B": "0.4", "C": "0", "D": "0"}, groups={"s:x": ("0.500000000001", ["A", "B"])})
    assert weights(stated) == {"A": "0.250000000001", "B": "0.250000000000", "C": "0.250000000000", "D": "0.249999999999"}


def test_when_nobody_has_room_the_shortfall_is_told() -> None:
    # Six pairs in two rings of three: each pair holds 1e-12 at most, so each weighs half a unit and the sum is three units.
    # In whole units a ring can hold one. The first of each ring gets it, the third unit finds no room.
    rings = {f"p:{a}{b}": ("1E-12", [a, b]) for a, b in ("AB", "BC", "AC", "DE", "EF", "DF")}
    band = (Decimal(0), 1 - 3 * TINY)
    certified = optimum(problem(dict.fromkeys("ABCDEF", "0"), band, groups=rings))
    assert set(certified.exact.values()) == {certified.exact["A"]}
    assert {i: str(w) for i, w in certified.weights.items() if w} == {"A": "1E-12", "D": "1E-12"}
    assert certified.strategy()["rounding_shortfall"] == "0.000000000001"


def test_no_shortfall_is_told_where_there_is_none() -> None:
    assert "rounding_shortfall" not in optimum(problem({"A": "0.5"})).strategy()


@pytest.mark.parametrize("digits", ["0.08469844123553320912458424109", "0.3333333333333333333333333333"])
def test_a_one_point_band_survives_the_digits_of_locked_weights(digits: str) -> None:
    # 0.95 - L lies between two units. The upper one would leave too little cash; the lower one is taken and the unit reported.
    certified = optimum(problem({"A": "0.5", "B": "0.5"}, (Decimal("0.05"), Decimal("0.05")), locked={"L": digits}))
    invested = sum(certified.weights.values())
    assert invested <= Decimal("0.95") - Decimal(digits) < invested + TINY
    assert certified.strategy()["rounding_shortfall"] == "0.000000000001"


def test_a_one_point_band_between_two_units_is_empty() -> None:
    band = (Decimal("0.0500000000005"), Decimal("0.0500000000005"))
    assert certify(problem({"A": "0.5"}, band)) is None


def test_the_last_digit_of_quotients_decides_nothing() -> None:
    # Six sixths at 28 digits sum to more than 1 by 2e-28: nothing is left to invest, and that is feasible.
    sixths = {f"L{n}": "0.1666666666666666666666666667" for n in range(6)}
    assert weights(problem({"A": "0.3"}, (Decimal(0), Decimal(1)), locked=sixths)) == {"A": "0E-12"}


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        ({"A": "0.000000000001", "B": "0.000000000001"}, {"band": (Decimal(0), Decimal(1))}, ["1E-12", "1E-12"]),
        ({"A": "0.000000000001", "B": "0"}, {}, ["0.500000000001", "0.499999999999"]),
        ({"A": "0.5", "B": "0.5"}, {"cap": "0", "band": (Decimal(0), Decimal(1))}, ["0E-12", "0E-12"]),
        ({"A": "0.1", "B": "0.1"}, {"band": (Decimal("0.4"), Decimal("0.4"))}, ["0.300000000000", "0.300000000000"]),
        ({"A": "1", "B": "1"}, {"band": (Decimal(1), Decimal(1))}, ["0E-12", "0E-12"]),
        ({"A": "0.5", "B": "0.5"}, {"cap": "0.5"}, ["0.500000000000", "0.500000000000"]),
        ({"A": "0.5"}, {"groups": {"s:x": ("0", [])}}, ["1.000000000000"]),
        ({"A": "0.5"}, {"groups": {"s:x": ("0.2", ["L"])}, "locked": {"L": "0.2"}}, ["0.800000000000"]),
        ({"A": "0.9"}, {"locked": {"short": "-0.2"}}, ["1.200000000000"]),
    ],
)
def test_nasty_input(model: dict[str, Any], options: dict[str, Any], expected: list[str]) -> None:
    assert list(weights(problem(model, **options)).values()) == expected
