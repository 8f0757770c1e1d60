"""Where decimals end: a buy gives back a lot for money that is missing, never for the last digit of a sum (desk 6.9)."""

from decimal import Decimal

from tests.engine.books import Json, book, cash, decided, holding, price, trades


def test_a_sweep_of_just_enough_costs_no_lot() -> None:
    # 701 USD at 7 are 100 1/7 EUR. A wants 87 of them: 91 units are sold for 13 EUR. B wants 10 1/70, the floor keeps 3 3/700: 9 units
    # at 1 EUR can be paid. The sweep brings 9 + 3 3/700 = 12.00428571…, which no decimal ends: it is rounded up, or base misses its floor.
    body = book(
        positions=[holding("A", "701")],
        balances=[cash("0")],
        prices=[price("A", "1", "USD"), price("B", "1")],
        rates={"EUR/USD": "7"},
        model={"A": "0.87", "B": "0.1"},
        options={"cash_band_min_weight": "0.03", "fx_policy": "NEED_ONLY"},
    )
    result = decided(body)
    assert trades(result) == {"A": ("SELL", "91"), "B": ("BUY", "9")}
    assert result["status"] == "READY"
    assert floor_row(result)["status"] == "PASS"


def test_a_foreign_balance_does_not_fall_below_nothing_by_the_last_digits_of_a_sum() -> None:
    # 1,000 USD less a unit at 1 + 4e-27 are 999 at 28 digits. Were they swept, the 1 that is left would not pay for the unit.
    body = book(
        balances=[cash("1000", "USD")],
        prices=[price("A", "1.000000000000000000000000004", "USD")],
        rates={"USD/EUR": "1"},
        model={"A": "0.0015"},
        options={"funding": "REDUCE_BUYS"},
    )
    result = decided(body)
    [left] = [row["amount"] for row in result["after_simulated"]["cash_balances"] if row["currency"] == "USD"]
    assert trades(result) == {"A": ("BUY", "1")}
    assert result["status"] == "READY"
    assert 0 <= Decimal(left) < Decimal("1e-24")


def test_a_funding_pays_for_the_last_digits_of_a_sum() -> None:
    # 0.4 USD less 1 + 4e-27 less 99 + 3e-26 are -99.6 - 3e-26 at 28 digits. Were so much bought, it would be 100 together with the 0.4, then 99,
    # and 3e-26 too little in the end.
    body = book(
        balances=[cash("1000"), cash("0.4", "USD")],
        prices=[price("A", "1.000000000000000000000000004", "USD"), price("B", "99.00000000000000000000000003", "USD")],
        rates={"USD/EUR": "1"},
        model={"A": "0.0015", "B": "0.1"},
        options={"funding": "REDUCE_BUYS", "fx_buffer_pct": "0"},
    )
    result = decided(body)
    [left] = [row["amount"] for row in result["after_simulated"]["cash_balances"] if row["currency"] == "USD"]
    assert trades(result) == {"A": ("BUY", "1"), "B": ("BUY", "1")}
    assert result["status"] == "READY"
    assert 0 <= Decimal(left) < Decimal("1e-24")


def test_minor_units_cost_the_lot_that_is_worth_the_gap() -> None:
    # desk vector 29: the take of 100 units leaves nothing for the cent by which 100.06 USD passes 100.051
    body = book(
        base="USD",
        balances=[cash("100.051", "USD")],
        prices=[price("A", "1", "EUR")],
        rates={"EUR/USD": "1.00051"},
        model={"A": "1"},
        options={"money_rounding": "MINOR_UNITS", "fx_buffer_pct": "0"},
    )
    result = decided(body)
    assert trades(result) == {"A": ("BUY", "99")}
    [trade] = (row for row in result["intents"] if row["intent_type"] == "SECURITY_TRADE")
    assert "MONEY_ROUNDING" in trade["constraints_applied"]


def floor_row(result: Json) -> Json:
    """The rule on what must stay in base."""
    [row] = (row for row in result["rule_results"] if row["rule_id"] == "CASH_FLOOR")
    return dict(row)
