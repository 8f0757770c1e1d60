"""What a guarded run's buys take for the solver's cash band, once money is shared (rulings-2 reading 1; desk 6.4, 10)."""

import pytest

from tests.engine.books import Json, approved, book, cash, holding, price, trades
from tests.engine.books import decided as result_of
from tests.engine.test_solver_cash_band import GUARDS, HALVES, band, decided, orders


@pytest.mark.parametrize("guard", GUARDS[1:])
def test_a_guarded_run_shares_the_money_before_lots_are_taken(guard: Json) -> None:
    # EUR/USD 2, reserve 10 %: 500 less 23.81 each are paid, 3 A at 65 EUR (86.19 left) and 7 B (56.19). 151 USD and 19.5 EUR stay, 0.19. One A more costs
    # 143: 8 USD and 26 EUR stay, 0.06. Of 0.87 that may be turned 435 each: 3 A and 7 B, and B at 60 alone fits: 130 stay, so that none is taken.
    book = {"€A": ("65", "0.5"), "B": ("60", "0.5")}
    result = decided(book, rates={"EUR/USD": "2"}, fx_buffer_pct="0.1", cash_band_max_weight="0.1", **guard)
    assert sorted(orders(result)) == [("B", "BUY", "7"), ("€A", "BUY", "4")]
    marks = {row["instrument_id"]: row["constraints_applied"] for row in result["intents"] if row["intent_type"] == "SECURITY_TRADE"}
    assert marks == {"B": ["CASH_LEVEL"], "€A": ["CASH_LEVEL", "ROUNDED_UP"]}
    assert band(result) == ("PASS", "0.06")
    shared = decided(HALVES, cash_band_max_weight="0.1", max_turnover_pct="0.87", **(guard | {"turnover_policy": "FUNDED"}))
    assert orders(shared) == [("A", "BUY", "3"), ("B", "BUY", "7")]
    assert band(shared) == ("FAIL", "0.19")


@pytest.mark.parametrize("guard", [{"conventions": "DESK"}, {"cash_reserve": {"USD": "1"}}])
def test_ten_equal_buys_end_within_their_band(guard: Json) -> None:
    # 1,049 each buy 10 at 100, and 49 is less than half a lot: 490 of 10,490 stay, 0.0467. Two more leave 290, 0.0276.
    tens = {f"I{n}": ("100", "0.1") for n in range(10)}
    result = decided(tens, "10490", cash_band_max_weight="0.03", **guard)
    assert [units for _, _, units in orders(result)] == ["11", "11", *["10"] * 8]
    assert result["after_simulated"]["cash_balances"][0]["amount"] == "290"
    assert result["status"] == "READY"
    assert float(result["plan"]["residual_cash"]) == 290 - float(result["plan"]["cash_floor"])


def test_no_price_of_cash_decides_of_a_lot_that_the_band_asked_for() -> None:
    # 0.10 each go to the reserve of 1: at 999 a buy would fall to half a lot; what the band makes of one then no single number says
    tens = {f"I{n}": ("100", "0.1") for n in range(10)}
    result = decided(tens, "10490", cash_band_max_weight="0.03", conventions="DESK", cash_reserve={"USD": "1"})
    reasons = result["explanation"]["reasons"]
    assert [row["driver"] for row in reasons] == ["CASH_PRICE"] * 10
    assert [row["flips_at"] and float(row["flips_at"]["at"]) for row in reasons] == [None, None, *[999] * 8]


def test_no_lot_is_taken_that_leaves_less_than_the_band() -> None:
    # 600 in all, of which a short of C is -500, which is cash as well and too small for its lot of 1,000. Base has 1,100; 5 A at 100 are bought for 0.9 of
    # 600, and cash in all is 100, 0.17. One more leaves base 500, and cash in all 0: less than 0.01.
    body = book(
        positions=[holding("C", "-50")],
        balances=[cash("1100")],
        prices=[price("A", "100"), price("C", "10")],
        model={"A": "0.9"},
        shelf=[approved("A"), approved("C", asset_class="CASH", lot_size="1000")],
        options={"target_method": "SOLVER", "cash_band_min_weight": "0.01", "cash_band_max_weight": "0.1"},
    )
    assert trades(result_of(body)) == {"A": ("BUY", "5")}
    body["options"]["cash_band_min_weight"] = "0"
    assert trades(result_of(body)) == {"A": ("BUY", "6")}
