"""A fill is shared by largest remainder, ties by portfolio id, and nothing is lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.books.allocation import Part, allocate


def part(portfolio_id: str, quantity: str) -> Part:
    return Part(portfolio_id, f"rr_{portfolio_id}", "oi_1", Decimal(quantity))


@pytest.mark.parametrize(
    ("orders", "filled", "lot", "expected"),
    [
        (["10", "10", "10"], "30", "1", ["10", "10", "10"]),
        (["10", "10", "10"], "0", "1", ["0", "0", "0"]),
        (["10", "10", "10"], "10", "1", ["4", "3", "3"]),  # 3 1/3 each: the one that is left goes to the first by id
        (["50", "30", "20"], "77", "1", ["39", "23", "15"]),  # 38.5, 23.1, 15.4: 38 + 23 + 15 = 76, the largest rest is .5
        (["0.5", "10", "100"], "7", "1", ["0", "1", "6"]),  # 0.03, 0.63, 6.33 of 110.5
        (["150", "250"], "300", "100", ["100", "200"]),  # 112.5, 187.5: one lot each, the third to the rest of 87.5
        (["150", "250"], "400", "100", ["150", "250"]),  # all of it, odd lot included
        (["150", "250"], "350", "100", ["131", "219"]),  # 131.25, 218.75: 100, 200; of the 50 left 31.25 and 18.75, one more to .75
        (["0.25", "0.50"], "0.30", "1", ["0.1", "0.2"]),  # no whole lot: in hundredths
        (["10", "10", "10"], "10", "0.3", ["3.4", "3.3", "3.3"]),  # 3 1/3 each: eleven lots are 3.3, and a tenth is left
        (["5", "7"], "11", "2.5", ["5", "6"]),  # 4.58, 6.42: one lot and two; the rest of 2.083 gets the fourth, and 1 is left
    ],
)
def test_shares_by_hand(orders: list[str], filled: str, lot: str, expected: list[str]) -> None:
    parts = [part(f"pf_{at}", quantity) for at, quantity in enumerate(orders)]
    assert allocate(parts, Decimal(filled), Decimal(lot)) == [Decimal(amount) for amount in expected]


def test_equal_remainders_go_to_the_smaller_id_wherever_it_stands() -> None:
    assert allocate([part("b", "1"), part("a", "1")], Decimal(1)) == [Decimal(0), Decimal(1)]


@pytest.mark.parametrize("filled", ["-1", "2.1"])
def test_a_fill_that_the_block_cannot_have_is_refused(filled: str) -> None:
    with pytest.raises(ValueError, match="BLOCK_FILL_OUT_OF_RANGE"):
        allocate([part("a", "1"), part("b", "1")], Decimal(filled))


AMOUNTS = st.integers(1, 5_000)
UNITS = st.sampled_from([Decimal(1), Decimal("0.1"), Decimal("0.001"), Decimal(100)])


@given(st.lists(AMOUNTS, min_size=1, max_size=30), UNITS, UNITS, st.fractions(0, 1), st.randoms())
def test_every_fill_is_shared_whole_and_nobody_gets_more_than_ordered(
    amounts: list[int], unit: Decimal, lot: Decimal, share: object, random: object
) -> None:
    parts = [part(f"pf_{at}", str(amount * unit)) for at, amount in enumerate(amounts)]
    filled = int(sum(amounts) * share) * unit  # type: ignore[operator]  # a Fraction
    given_out = allocate(parts, filled, lot)
    assert sum(given_out) == filled
    assert all(0 <= amount <= order.quantity for amount, order in zip(given_out, parts, strict=True))
    turned = allocate(parts[::-1], filled, lot)
    assert turned[::-1] == given_out
