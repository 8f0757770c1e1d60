"""Where `flips_at` is exact and where no one number would do, worked out by hand (desk 6.7, 6.8, 10)."""

from typing import Final

import pytest

from tests.engine.books import Json, approved, book, cash, decided, holding, price, trades
from tests.engine.test_drivers import flip, twelve

NEAREST: Final[Json] = {"explain": True, "quantity_rounding": "NEAREST_AFFORDABLE"}


def wanted(weight: str, options: Json, **shelf: str) -> Json:
    """A at 10, so much of 1,000 wanted, dealt in lots of 25 unless something else is said."""
    entry = approved("A", **({"lot_size": "25"} | shelf))
    return book(balances=[cash("1000")], prices=[price("A", "10")], model={"A": weight}, shelf=[entry], options=NEAREST | options)


def reason(body: Json, name: str = "A") -> Json:
    """The row of an instrument."""
    [row] = (row for row in decided(body)["explanation"]["reasons"] if row["instrument_id"] == name)
    found: Json = row
    return found


@pytest.mark.parametrize(
    "limit",
    [{"cash_reserve": {"EUR": "800"}}, {"single_position_max_weight": "0.2"}, {"max_turnover_pct": "0.2", "turnover_policy": "GREEDY"}],
)
def test_a_lot_that_a_limit_refused_has_no_size_at_which_it_would_do(limit: Json) -> None:
    # 150 are more than half of a lot of 250, but only 200 may be spent, held or turned. A lot of up to 15 units would be dealt for certain,
    # one of up to 20 as well: but what is then left of the limit depends on the lot.
    row = reason(wanted("0.15", limit))
    assert (row["decision"], row["driver"], row["flips_at"]) == ("NONE", "LOT_SIZE", None)
    assert reason(wanted("0.15", {}))["decision"] == "BUY"


def test_only_a_lot_that_was_refused_has_none() -> None:
    # 150 are wanted. Of 130 that are there more than half of a lot is left, which 130 do not pay for; of 120 less than half, and a lot of 24 would do.
    assert reason(wanted("0.15", {"cash_reserve": {"EUR": "870"}}))["flips_at"] is None
    assert reason(wanted("0.15", {"cash_reserve": {"EUR": "880"}}))["flips_at"] == flip("lot_size", "24", "1")


@pytest.mark.parametrize(("weight", "at"), [("0.5", None), ("0.4", "20")])
def test_no_lot_makes_an_order_of_less_than_the_minimum_quantity(weight: str, at: str | None) -> None:
    # 60 units are held, 10 or 20 too many for 500 or 400 of 1,000; a lot is 25 units, an order at least 15.
    body = book(
        positions=[holding("A", "60")],
        balances=[cash("400")],
        prices=[price("A", "10")],
        model={"A": weight},
        shelf=[approved("A", lot_size="25", min_quantity="15")],
        options={"explain": True},
    )
    row = reason(body)
    assert (row["decision"], row["driver"]) == ("NONE", "LOT_SIZE")
    assert row["flips_at"] == (at and flip("lot_size", at, "5"))


def test_a_buy_that_the_first_round_left_out_shows_the_level_of_that_round() -> None:
    # 600 and 400 are wanted. Where 500 are there 250 come off each; B would get 150 of its least 300 and is left out, and A then gives up 100.
    # Where 600 are there 200 come off each; A alone then gives up nothing. B would be dealt at a level of 400 - 300.
    for reserve, first, distance in (("500", "250", "150"), ("400", "200", "100")):
        body = book(
            balances=[cash("1000")],
            prices=[price(name, "10") for name in "AB"],
            model={"A": "0.6", "B": "0.4"},
            shelf=[approved("A"), approved("B", min_quantity="30")],
            options={"explain": True, "cash_reserve": {"EUR": reserve}},
        )
        row = reason(body, "B")
        assert (row["decision"], row["driver"], row["price"]) == ("NONE", "CASH_PRICE", twelve(first))
        assert row["flips_at"] == flip("price_of_cash", "100", distance)


def test_a_threshold_flips_nothing_where_a_minimum_quantity_is_missed_too() -> None:
    # 5 units for 50: below 100 EUR, and below 8 units; with a minimum of 4 units a threshold of 50 would let them go.
    threshold = {"quantity_rounding": "FLOOR", "min_trade_notional": {"amount": "100", "currency": "EUR"}}
    both = reason(wanted("0.05", threshold, lot_size="1", min_quantity="8"))
    assert (both["driver"], both["driver_key"], both["flips_at"]) == ("MINIMUM", "MIN_NOTIONAL", None)
    alone = reason(wanted("0.05", threshold, lot_size="1", min_quantity="4"))
    assert alone["flips_at"] == flip("min_trade_notional", "50", "50")


def test_no_minimum_quantity_makes_an_order_of_less_than_a_lot() -> None:
    # 5 units are wanted of a lot of 25.
    row = reason(wanted("0.05", {"quantity_rounding": "FLOOR"}, min_quantity="30"))
    assert (row["driver"], row["driver_key"], row["flips_at"]) == ("MINIMUM", "MIN_QUANTITY", None)


def test_a_threshold_between_the_lots_of_an_order_rounded_up_leaves_it_out() -> None:
    # 400 are wanted: 25 units for 250, and 150 of a lot of 250 are nearer to 50 units. A threshold above 250 asks for 50 units, and 400 are less
    # than their 500. Of 150 nothing is cut and one lot dealt: a threshold up to its 250 asks for no more than a lot.
    threshold = {"min_trade_notional": {"amount": "100", "currency": "EUR"}}
    for weight, units in (("0.4", "50"), ("0.15", "25")):
        row = reason(wanted(weight, threshold))
        assert (row["decision"], row["quantity"], row["driver"]) == ("BUY", units, "TARGET")
        assert row["flips_at"] == flip("min_trade_notional", "250", "150")
        assert reason(wanted(weight, {"min_trade_notional": {"amount": "250", "currency": "EUR"}}))["decision"] == "BUY"
        assert reason(wanted(weight, {"min_trade_notional": {"amount": "250.01", "currency": "EUR"}}))["decision"] == "NONE"


def test_a_position_that_is_only_being_bought_is_sold_at_no_price() -> None:
    # 10 units are under way and none is wanted: 100 too many, which may not be resold. 900 are wanted of B, and 950 may be turned: 25 off each.
    body = book(
        balances=[cash("1000")],
        prices=[price(name, "10") for name in "AB"],
        model={"B": "0.9"},
        portfolio={"open_orders": [{"instrument_id": "A", "side": "BUY", "quantity": "10"}]},
        options={"explain": True, "max_turnover_pct": "0.95", "turnover_policy": "FUNDED"},
    )
    row = reason(body)
    assert (row["decision"], row["driver"], row["flips_at"]) == ("NONE", "TURNOVER_PRICE", None)


def test_what_is_under_way_may_not_be_resold() -> None:
    # as above, and nothing limits turnover: 100 too many are no target reached
    body = book(
        balances=[cash("1000")],
        prices=[price(name, "10") for name in "AB"],
        model={"B": "0.9"},
        portfolio={"open_orders": [{"instrument_id": "A", "side": "BUY", "quantity": "10"}]},
        options={"explain": True},
    )
    row = reason(body)
    assert (row["wished"], row["traded"]) == (twelve("-100"), twelve("0"))
    assert (row["decision"], row["driver"], row["driver_key"], row["flips_at"]) == ("NONE", "NOT_TRADEABLE", None, None)


def taxed(gains: str, options: Json, weight: str = "0", **shelf: str) -> Json:
    """60 A at 10, bought at 4, of which so much of 600 stays; a unit gains 6."""
    units = {"lot_id": "l", "quantity": "60", "purchase_date": "2024-01-01", "unit_cost": {"amount": "4", "currency": "EUR"}}
    return book(
        positions=[holding("A", "60", lots=[units])],
        prices=[price("A", "10")],
        model={"A": weight},
        shelf=[approved("A", **shelf)],
        options={"explain": True, "enable_tax_awareness": True, "max_realized_capital_gains": gains} | options,
    )


def test_the_budget_and_no_lot_keeps_a_full_exit() -> None:
    # all 60 may go although a lot is 100, and gain 360; a budget of less lets go less than a lot, which is nothing, also where a lot is 60
    row = reason(taxed("359", {}, lot_size="100"))
    assert (row["decision"], row["driver"]) == ("NONE", "TAX_BUDGET")
    assert row["flips_at"] == flip("max_realized_capital_gains", "360", "1")
    assert reason(taxed("360", {}, lot_size="100"))["decision"] == "SELL"
    assert reason(taxed("359", {}, lot_size="60"))["decision"] == "NONE"


def test_the_budget_and_no_lot_keeps_what_a_limit_needs() -> None:
    # 204 of 600 are to stay: 396 too many are no lot of 400, but the limit asks for one, which gains 240
    row = reason(taxed("239", {"single_position_max_weight": "0.34"}, weight="0.34", lot_size="40"))
    assert (row["decision"], row["driver"], row["flips_at"]) == ("NONE", "TAX_BUDGET", None)


def test_no_budget_brings_back_what_the_turnover_left_out() -> None:
    # 60 gains let 10 of 60 go, for 100 of the 120 that may be turned; where nothing may be, no budget helps
    row = reason(taxed("60", {"max_turnover_pct": "0.2"}))
    assert (row["decision"], row["flips_at"]) == ("SELL", flip("max_realized_capital_gains", "6", "54"))
    for gains in ("60", "6", "360"):
        row = reason(taxed(gains, {"max_turnover_pct": "0"}))
        assert (row["decision"], row["flips_at"]) == ("NONE", None)


def test_no_threshold_leaves_out_a_lot_that_a_limit_needs() -> None:
    # 207 of 1,000, as the custodian says, where 200 may be held: 7 too many are nearer to a unit at 10 than to none. By its units A is worth 220, above
    # the limit also after one, so that it does not grow for it, and no sell of it is dust, whatever the threshold.
    body = book(
        positions=[holding("A", "22", market_value={"amount": "207", "currency": "EUR"})],
        balances=[cash("793")],
        prices=[price("A", "10")],
        model={"A": "0.2"},
        options=NEAREST
        | {
            "valuation_mode": "TRUST_SNAPSHOT",
            "single_position_max_weight": "0.2",
            "min_trade_notional": {"amount": "5", "currency": "EUR"},
        },
    )
    row = reason(body)
    assert (row["decision"], row["quantity"], row["driver"], row["flips_at"]) == ("SELL", "1", "TARGET", None)
    body["options"]["min_trade_notional"]["amount"] = "500"
    assert reason(body)["quantity"] == "1"


@pytest.mark.parametrize(
    ("model", "odd_lot_exit", "sold", "marks"),
    [
        ({}, True, "130", []),  # everything goes, 30 units of a lot of 100 too
        ({}, False, "100", ["LOT_SIZE"]),
        ({"A": "0.075"}, True, "100", ["LOT_SIZE"]),  # 150 of 2,000 stay: 115 units should go
        ({"A": "0.075"}, False, "100", ["LOT_SIZE"]),
        ({"A": "0.15"}, False, "100", []),  # 300 stay: a lot and no more should go
    ],
)
def test_a_lot_that_keeps_a_part_of_a_holding_is_named(model: dict[str, str], odd_lot_exit: bool, sold: str, marks: list[str]) -> None:
    body = book(
        positions=[holding("A", "130")],
        balances=[cash("700")],
        prices=[price("A", "10")],
        model=model,
        shelf=[approved("A", lot_size="100")],
        options={"odd_lot_exit": odd_lot_exit},
    )
    result = decided(body)
    assert trades(result) == {"A": ("SELL", sold)}
    assert result["intents"][0]["constraints_applied"] == marks


@pytest.mark.parametrize(("lot", "left"), [("1", "0.990844726562"), ("0.5", "0.490844726562"), ("1.000000000001", "0.990844726564")])
def test_what_is_left_of_a_lot_is_rounded_to_the_even_neighbour_as_what_is_wished_is(lot: str, left: str) -> None:
    # 37.50 of 1,000 are wanted, at a price of 8,192: twice that is 0.0091552734375 units, as far from …437 as from …438. Of a lot of one
    # 0.9908447265625 is left, as far from …562 as from …563, and of one more twelfth decimal 0.9908447265635: that is …564.
    body = book(
        balances=[cash("1000")],
        prices=[price("A", "8192")],
        model={"A": "0.0375"},
        shelf=[approved("A", lot_size=lot)],
        options=NEAREST,
    )
    assert reason(body)["flips_at"] == {"number": "lot_size", "at": "0.009155273438", "distance": left}
