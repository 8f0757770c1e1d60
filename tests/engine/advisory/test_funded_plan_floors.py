"""What must stay and what is owed already, when money of several currencies pays a proposal's buys, worked out by hand (advisory-practice 4)."""

from typing import Any

import pytest

from tests.engine.advisory.plans import Json, bought, buy, dealt, funded, left, needs

RATES = {"EUR/USD": "1.10", "CHF/EUR": "1.05", "GBP/EUR": "1.16"}
DESK: Json = {"conventions": "DESK"}


def test_a_reserve_of_base_stays() -> None:
    # 9,000 − 3,000 = 6,000, 500 stay: 55 × 100
    found = funded({"EUR": "6000"}, [buy("F", "80", "100")], options={"cash_reserve": {"EUR": "500"}})
    assert bought(found) == {"F": "55"}
    assert found.floor == 500
    assert left({"EUR": "6000"}, found) == {"EUR": 500}


def test_a_share_of_the_worth_stays() -> None:
    # 10 % of 20,000 are more than the reserve: 4,000 of 6,000 pay 40
    options = DESK | {"cash_reserve": {"EUR": "500"}, "cash_band_min_weight": "0.1"}
    found = funded({"EUR": "6000"}, [buy("F", "80", "100")], options=options, worth="20000")
    assert bought(found) == {"F": "40"}
    assert found.floor == 2000


def test_no_more_of_base_must_stay_than_is_there_where_base_pays_nothing() -> None:
    # the reserve of 500 is above the 200 there are: USD pay their own buy, and base is left alone
    cash = {"EUR": "200", "USD": "600"}
    found = funded(cash, [buy("U", "10", "50", "USD")], rates={"EUR/USD": "1.25"}, options={"cash_reserve": {"EUR": "500"}})
    assert bought(found) == {"U": "10"}
    assert found.floor == 200
    assert not found.deals
    # 1,000 USD are 400 too many, and nothing of base may go
    found = funded(cash, [buy("U", "20", "50", "USD")], rates={"EUR/USD": "1.25"}, options={"cash_reserve": {"EUR": "500"}})
    assert bought(found) == {"U": "12"}


def test_a_reserve_of_foreign_cash_keeps_what_is_there_and_orders_nothing() -> None:
    # of 480 USD 400 stay, 80 and 400 EUR × 1.25 pay 580: 11 × 50, 550 − 80 = 470 USD cost 376
    cash = {"EUR": "400", "USD": "480"}
    options = {"cash_reserve": {"USD": "400"}}
    found = funded(cash, [buy("U", "20", "50", "USD")], rates={"EUR/USD": "1.25"}, options=options)
    assert bought(found) == {"U": "11"}
    assert dealt(found) == ["oi_fx_1 FUNDING 470.00 USD for 376.00 EUR"]
    assert left(cash, found) == {"EUR": 24, "USD": 400}
    # nothing is there: nothing is kept
    found = funded({"EUR": "400"}, [buy("U", "10", "50", "USD")], rates={"EUR/USD": "1.25"}, options=options)
    assert bought(found) == {"U": "10"}


def test_a_funding_is_lifted_to_the_smallest_deal() -> None:
    # 500 USD are needed, 480 there: 20 would be bought, 200 EUR are the smallest deal: 250 USD
    cash = {"EUR": "1000", "USD": "480"}
    options = {"fx_min_deal": {"amount": "200", "currency": "EUR"}}
    found = funded(cash, [buy("U", "10", "50", "USD")], rates={"EUR/USD": "1.25"}, options=options)
    assert dealt(found) == ["oi_fx_1 FUNDING 250.00 USD for 200.00 EUR"]
    assert found.warnings == ["FX_DEAL_LIFTED_USD"]
    assert left(cash, found) == {"EUR": 800, "USD": 230}


def test_a_sweep_below_the_smallest_deal_pays_nothing() -> None:
    # CHF 100 are below 200 EUR: 1,000 EUR pay 10 of 100, not the eleventh
    options = DESK | {"fx_min_deal": {"amount": "200", "currency": "EUR"}}
    found = funded({"EUR": "1000", "CHF": "100"}, [buy("E", "11", "100")], rates={"CHF/EUR": "1"}, options=options)
    assert (bought(found), found.deals) == ({"E": "10"}, [])


def test_an_old_overdraft_of_another_currency_is_left() -> None:
    cash = {"EUR": "1000", "CHF": "-50"}
    found = funded(cash, [buy("E", "10", "100")], rates=RATES)
    assert (bought(found), found.deals) == ({"E": "10"}, [])


def test_an_old_overdraft_is_left_where_the_buys_of_its_currency_are_left_out() -> None:
    # −1,000 USD cost 800 EUR. E 800 is first and fits into 1,000; U 50 USD would cost 40 and the 800, and goes
    cash = {"EUR": "1000", "USD": "-1000"}
    trades = [buy("E", "20", "40", priority=1), buy("U", "1", "50", "USD", priority=2)]
    members: Any = {"rates": {"EUR/USD": "1.25"}, "overdrafts": {"USD": "-1000"}}
    found = funded(cash, trades, **members)
    assert (bought(found), found.deals) == ({"E": "20"}, [])
    assert needs(found) == [("EUR", 800, 1000, 0, None)]
    assert left(cash, found) == {"EUR": 200, "USD": -1000}
    # in one class: at λ 40 U ends, and with it what it costs: E 760, 19 of 40, and the twentieth is given back
    alike = [buy("E", "20", "40"), buy("U", "1", "50", "USD")]
    assert bought(funded(cash, alike, **members)) == {"E": "20"}
    # 1,640 pay all of it: 1,050 USD for 840 EUR
    found = funded(cash | {"EUR": "1640"}, trades, **members)
    assert bought(found) == {"E": "20", "U": "1"}
    assert dealt(found) == ["oi_fx_1 FUNDING 1050.00 USD for 840.00 EUR"]


@pytest.mark.parametrize("overdrafts", [{}, {"USD": "-900"}])
def test_an_overdraft_that_grew_is_paid_off_by_whoever_asks_for_its_currency(overdrafts: Any) -> None:
    # of −1,000 USD nothing, or 900, came with the portfolio, an open order took the rest: 800 EUR pay it, 200 are left for E, 5 of 40
    cash = {"EUR": "1000", "USD": "-1000"}
    trades = [buy("E", "20", "40", priority=1), buy("U", "1", "50", "USD", priority=2)]
    found = funded(cash, trades, rates={"EUR/USD": "1.25"}, overdrafts=overdrafts)
    assert bought(found) == {"E": "5"}
    assert dealt(found) == ["oi_fx_1 FUNDING 1000.00 USD for 800.00 EUR"]


def test_an_old_overdraft_that_money_leaves_is_paid_off() -> None:
    # 100 more USD leave −1,100: 880 EUR; 120 are left for 3 of 40
    found = funded(
        {"EUR": "1000", "USD": "-1100"}, [buy("E", "20", "40")], rates={"EUR/USD": "1.25"}, leaving=["USD"], overdrafts={"USD": "-1000"}
    )
    assert dealt(found) == ["oi_fx_1 FUNDING 1100.00 USD for 880.00 EUR"]
    assert bought(found) == {"E": "3"}


def test_what_own_money_pays_is_bought_though_base_is_below_its_floor() -> None:
    # EUR 10 of 100 that should stay, and under BASE_ONLY no USD come to EUR: E 40 is left out, U takes 500 of its own 600 USD
    cash = {"EUR": "10", "USD": "600"}
    options = DESK | {"cash_reserve": {"EUR": "100"}, "fx_funding_source_currency": "BASE_ONLY"}
    trades = [buy("U", "10", "50", "USD"), buy("E", "1", "40")]
    found = funded(cash, trades, rates={"EUR/USD": "1.25"}, options=options)
    assert (bought(found), found.deals) == ({"U": "10"}, [])
    assert found.floor == 100
    assert [(trade.instrument_id, code) for trade, code in found.skipped] == [("E", "FUNDS")]
    # 15 × 50 are 750: what base would have to pay is not bought, 12 × 50 are
    found = funded(cash, [buy("U", "15", "50", "USD"), buy("E", "1", "40")], rates={"EUR/USD": "1.25"}, options=options)
    assert (bought(found), found.deals) == ({"U": "12"}, [])


def test_an_overdraft_of_a_currency_that_is_bought_in_is_paid_too() -> None:
    # 100 USD short and 500 to pay: 600 USD for 480 EUR
    found = funded({"EUR": "1000", "USD": "-100"}, [buy("U", "10", "50", "USD")], rates={"EUR/USD": "1.25"})
    assert dealt(found) == ["oi_fx_1 FUNDING 600.00 USD for 480.00 EUR"]
