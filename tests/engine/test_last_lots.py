"""Which lot goes where when not all can (desk 6.8, 6.9; practice 2.2): the walks in their order, worked out by hand."""

from tests.engine.books import book, cash, decided, price, trades


def test_the_lot_that_brings_the_orders_closest_goes_first() -> None:
    # desk vector 28: rests 250 of 300 and 60 of 70; 330 are left, the lot of A leaves too little for one of B
    body = book(
        balances=[cash("1000")],
        prices=[price("A", "300"), price("B", "70"), price("C", "40")],
        model={"A": "0.55", "B": "0.27", "C": "0.18"},
        options={"quantity_rounding": "NEAREST_AFFORDABLE"},
    )
    assert trades(decided(body)) == {"A": ("BUY", "2"), "B": ("BUY", "3"), "C": ("BUY", "4")}


def test_the_largest_rest_gets_its_lot_back_first() -> None:
    # 500 each are wished, with the reserve 476.19 each can be paid: 7 × 60 and 5 × 80, rests 56.19 and 76.19. They cost 861 with their
    # reserve, 139 are left: 84 for one more B, then 63 for one more A are too much.
    body = book(
        balances=[cash("1000")],
        prices=[price("A", "60", "USD"), price("B", "80", "USD")],
        rates={"EUR/USD": "1"},
        model={"A": "0.5", "B": "0.5"},
        options={"fx_buffer_pct": "0.05"},
    )
    assert trades(decided(body)) == {"A": ("BUY", "7"), "B": ("BUY", "6")}


def test_the_least_lot_that_closes_the_gap_goes_back() -> None:
    # 50 units at 1 and 25 at 2 take all of 100.051; 100.06 are to be paid: a lot of A closes the gap as well as one of B
    body = book(
        base="USD",
        balances=[cash("100.051", "USD")],
        prices=[price("A", "1", "EUR"), price("B", "2", "EUR")],
        rates={"EUR/USD": "1.00051"},
        model={"A": "0.5", "B": "0.5"},
        options={"money_rounding": "MINOR_UNITS", "fx_buffer_pct": "0"},
    )
    assert trades(decided(body)) == {"A": ("BUY", "49"), "B": ("BUY", "25")}


def test_an_order_as_large_as_the_turnover_is_kept() -> None:
    # 300 of 300 fit, the 200 of A do not; a reserve guards the run
    body = book(
        balances=[cash("1000")],
        prices=[price("A", "10"), price("B", "10")],
        model={"A": "0.2", "B": "0.3"},
        options={"max_turnover_pct": "0.3", "cash_reserve": {"EUR": "1"}},
    )
    assert trades(decided(body)) == {"B": ("BUY", "30")}
