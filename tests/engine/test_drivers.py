"""One instrument for each thing that may decide (desk 10): the driver, its price and the number that would change it, worked out by hand."""

from typing import Final

import pytest

from tests.engine.books import Json, approved, book, cash, decided, holding, lot, price

RESERVED: Final[Json] = {"explain": True, "cash_reserve": {"EUR": "1"}}
"""Guards the run, and leaves nearly all of the money."""


def tens(names: str) -> list[Json]:
    """Prices of 10."""
    return [price(name, "10") for name in names]


def flip(number: str, at: str, distance: str) -> Json:
    """What `flips_at` says, with twelve decimals."""
    return {"number": number, "at": twelve(at), "distance": twelve(distance)}


def twelve(amount: str) -> str:
    whole, _, decimals = amount.partition(".")
    return f"{whole}.{decimals.ljust(12, '0')}"


TARGET: Final = book(  # 500 are wished: 50 units; below a threshold of 500 they would be traded still
    balances=[cash("1000")],
    prices=tens("A"),
    model={"A": "0.5"},
    options={"explain": True, "min_trade_notional": {"amount": "100", "currency": "EUR"}},
)
ON_TARGET: Final = book(
    positions=[holding("A", "50")], balances=[cash("500")], prices=tens("A"), model={"A": "0.5"}, options={"explain": True}
)
LOCKED: Final = book(
    positions=[holding("A", "50")],
    prices=tens("A"),
    shelf=[{"instrument_id": "A", "status": "SUSPENDED"}],
    options={"explain": True},
)
UNPRICED: Final = book(
    balances=[cash("100")], model={"A": "1"}, shelf=[approved("A")], options={"explain": True, "block_on_missing_prices": False}
)
RANKED: Final = book(  # 300 fit into a turnover of 400, 200 more do not
    balances=[cash("1000")],
    prices=tens("AB"),
    model={"A": "0.2", "B": "0.3"},
    options={"explain": True, "max_turnover_pct": "0.4"},
)
SHARED: Final = book(  # desk vector 35: 200 to sell, 500 and 300 to buy, 500 may be turned: 500 ÷ 3 off each
    positions=[holding("A", "40")],
    balances=[cash("600")],
    prices=tens("ABC"),
    model={"A": "0.2", "B": "0.5", "C": "0.3"},
    options={"explain": True, "max_turnover_pct": "0.5", "turnover_policy": "FUNDED"},
)
SHARED_SHORT: Final = (
    book(  # 100 to sell, 300 wanted, 300 of 300 must stay: all of A pays for 100 of B, and 160 of the 360 that may be turned are left
        positions=[holding("A", "10")],
        balances=[cash("300")],
        prices=tens("AB"),
        model={"B": "0.75"},
        options={"explain": True, "max_turnover_pct": "0.9", "turnover_policy": "FUNDED", "cash_reserve": {"EUR": "300"}},
    )
)
TAXED: Final = book(  # 5 of 10 are too many, one sold gains 9: a budget of 18 lets 2 go, one of less than 9 none
    positions=[holding("A", "10", lots=[lot("L", "10", "1")])],
    prices=tens("A"),
    model={"A": "0.5"},
    options={"explain": True, "enable_tax_awareness": True, "max_realized_capital_gains": "18"},
)
UNCOVERED: Final = book(  # lots miss half a per cent of what is sold
    positions=[holding("A", "1000", lots=[lot("L", "995", "1")])],
    prices=tens("A"),
    options={"explain": True, "enable_tax_awareness": True},
)
DUST: Final = book(
    balances=[cash("1000")],
    prices=tens("A"),
    model={"A": "0.05"},
    options={"explain": True, "min_trade_notional": {"amount": "100", "currency": "EUR"}},
)
SHELF_DUST: Final = book(
    balances=[cash("1000")],
    prices=tens("A"),
    model={"A": "0.05"},
    shelf=[approved("A", min_notional={"amount": "80", "currency": "EUR"})],
    options={"explain": True},
)
FEW: Final = book(
    balances=[cash("1000")], prices=tens("A"), model={"A": "0.05"}, shelf=[approved("A", min_quantity="8")], options={"explain": True}
)
CROWDED: Final = book(  # A may not be sold for its gains: 400 of 500 stay taken, B gets 100 of its 200
    positions=[holding("A", "40", lots=[lot("L", "40", "1")])],
    balances=[cash("600")],
    prices=tens("AB"),
    model={"A": "0.1", "B": "0.2"},
    shelf=[approved(name, attributes={"sector": "T"}) for name in "AB"],
    options={
        **RESERVED,
        "enable_tax_awareness": True,
        "max_realized_capital_gains": "0",
        "group_constraints": {"sector:T": {"max_weight": "0.5"}},
    },
)
SHORT: Final = book(  # 600 and 400 are wished, 200 stay: 100 off each
    balances=[cash("1000")],
    prices=tens("AB"),
    model={"A": "0.6", "B": "0.4"},
    options={"explain": True, "cash_reserve": {"EUR": "200"}},
)
LOTTED: Final = book(
    balances=[cash("1000")], prices=tens("A"), model={"A": "0.2"}, shelf=[approved("A", lot_size="25")], options={"explain": True}
)
NEAREST: Final = book(  # 0.4 of a lot: one of up to 20 would be rounded up to
    balances=[cash("1000")],
    prices=tens("A"),
    model={"A": "0.1"},
    shelf=[approved("A", lot_size="25")],
    options={"explain": True, "quantity_rounding": "NEAREST_AFFORDABLE"},
)
CENTS: Final = book(  # desk vector 29
    base="USD",
    balances=[cash("100.051", "USD")],
    prices=[price("A", "1", "EUR")],
    rates={"EUR/USD": "1.00051"},
    model={"A": "1"},
    options={"explain": True, "money_rounding": "MINOR_UNITS", "fx_buffer_pct": "0"},
)

ROWS: Final[dict[str, tuple[Json, str, tuple[str, str, str, str | None, str | None], Json | None]]] = {
    "done": (TARGET, "A", ("BUY", "50", "TARGET", None, None), flip("min_trade_notional", "500", "400")),
    "on target": (ON_TARGET, "A", ("NONE", "0", "ON_TARGET", None, None), None),
    "locked": (LOCKED, "A", ("NONE", "0", "NOT_TRADEABLE", "LOCKED_DUE_TO_SUSPENDED", None), None),
    "no price": (UNPRICED, "A", ("NONE", "0", "MISSING_DATA", None, None), None),
    "dropped": (RANKED, "A", ("NONE", "0", "TURNOVER_LIMIT", None, None), None),
    "kept": (RANKED, "B", ("BUY", "30", "TARGET", None, None), None),
    "sell shared": (
        SHARED,
        "A",
        ("SELL", "3", "TURNOVER_PRICE", None, "166.666666666667"),
        flip("turnover.price", "190", "23.333333333333"),
    ),
    "buy shared": (
        SHARED,
        "B",
        ("BUY", "33", "TURNOVER_PRICE", None, "166.666666666667"),
        flip("turnover.price", "490", "323.333333333333"),
    ),
    "sold whole": (SHARED_SHORT, "A", ("SELL", "10", "TARGET", None, None), None),
    "short of money": (SHARED_SHORT, "B", ("BUY", "10", "TURNOVER_PRICE", None, twelve("0")), flip("turnover.price", "90", "90")),
    "taxed": (TAXED, "A", ("SELL", "2", "TAX_BUDGET", None, None), flip("max_realized_capital_gains", "9", "9")),
    "lots": (UNCOVERED, "A", ("SELL", "995", "LOT_QUANTITY", None, None), None),
    "dust": (DUST, "A", ("NONE", "0", "MINIMUM", "MIN_NOTIONAL", None), flip("min_trade_notional", "50", "50")),
    "shelf's dust": (SHELF_DUST, "A", ("NONE", "0", "MINIMUM", "MIN_NOTIONAL", None), flip("min_notional", "50", "30")),
    "too few": (FEW, "A", ("NONE", "0", "MINIMUM", "MIN_QUANTITY", None), flip("min_quantity", "5", "3")),
    "group": (CROWDED, "B", ("BUY", "10", "GROUP_ROOM", "sector:T", twelve("100")), flip("group_price", "190", "90")),
    "money": (SHORT, "A", ("BUY", "50", "CASH_PRICE", None, twelve("100")), flip("price_of_cash", "590", "490")),
    "money too": (SHORT, "B", ("BUY", "30", "CASH_PRICE", None, twelve("100")), flip("price_of_cash", "390", "290")),
    "lot": (LOTTED, "A", ("NONE", "0", "LOT_SIZE", None, None), flip("lot_size", "20", "5")),
    "nearest lot": (NEAREST, "A", ("NONE", "0", "LOT_SIZE", None, None), flip("lot_size", "20", "5")),
    "cents": (CENTS, "A", ("BUY", "99", "MONEY_ROUNDING", None, None), None),
}


@pytest.mark.parametrize("case", ROWS)
def test_what_decided_and_what_would_change_it(case: str) -> None:
    body, name, said, changes_at = ROWS[case]
    [row] = (row for row in decided(body)["explanation"]["reasons"] if row["instrument_id"] == name)
    assert tuple(row[member] for member in ("decision", "quantity", "driver", "driver_key", "price")) == said
    assert row["flips_at"] == changes_at


def test_turnover_that_money_leaves_unused_is_worth_nothing() -> None:
    plan = decided(SHARED_SHORT)["plan"]
    assert plan["turnover"] == {"budget": twelve("360"), "policy": "FUNDED", "price": twelve("0"), "cash_price": twelve("200")}


def test_a_sell_whose_wish_is_no_order_is_given_no_level() -> None:
    # A wishes to sell 4 of a lot of 10 units; no level makes an order of it. B and C want 500 and 460 of a budget of 482
    body = book(
        positions=[holding("A", "4")],
        balances=[cash("960")],
        prices=tens("ABC"),
        model={"A": "0", "B": "0.5", "C": "0.46"},
        shelf=[approved("A", min_quantity="5"), approved("B"), approved("C")],
        options={"explain": True, "max_turnover_pct": "0.482", "turnover_policy": "FUNDED"},
    )
    [row] = (row for row in decided(body)["explanation"]["reasons"] if row["instrument_id"] == "A")
    assert (row["decision"], row["driver"], row["flips_at"]) == ("NONE", "TURNOVER_PRICE", None)


def test_a_lot_that_comes_back_or_keeps_a_limit_flips_at_nothing() -> None:
    # practice vector 3: BND gets its lot back; practice vector 4: 80 are sold for the limit
    back = book(
        balances=[cash("100000")],
        prices=[price("SPY", "500", "USD"), price("BND", "73", "USD")],
        rates={"EUR/USD": "1.0946"},
        model={"SPY": "0.6", "BND": "0.4"},
        options={"explain": True},
    )
    rows = {row["instrument_id"]: row for row in decided(back)["explanation"]["reasons"]}
    assert (rows["BND"]["quantity"], rows["BND"]["flips_at"]) == ("593", None)
    assert rows["SPY"]["flips_at"]["number"] == "price_of_cash"
    kept = book(
        positions=[holding("A", "100")],
        balances=[cash("9500")],
        prices=[price("A", "90")],
        model={"A": "0.1"},
        options={"explain": True, "single_position_max_weight": "0.1", "min_trade_notional": {"amount": "10", "currency": "EUR"}},
    )
    [row] = decided(kept)["explanation"]["reasons"]
    assert (row["quantity"], row["flips_at"]) == ("80", None)
