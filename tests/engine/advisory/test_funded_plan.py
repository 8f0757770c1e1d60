"""What a proposal's buys come to when the money of several currencies pays them, worked out by hand (advisory-practice 4)."""

from decimal import Decimal

import pytest

from tests.engine.advisory.plans import Json, bought, buy, dealt, funded, left, needs, plan, sell

D = Decimal
RATES = {"EUR/USD": "1.10", "CHF/EUR": "1.05", "GBP/EUR": "1.16"}
DESK: Json = {"conventions": "DESK"}
FEES: Json = {"costs": {"commission": [{"rate_bps": "50", "minimum": {"amount": "15", "currency": "EUR"}}]}}


def test_several_currencies_pay_one_buy() -> None:
    # 26 × 50 = 1,300 USD cost 1,181.82 EUR, 600 are there: CHF 400 bring 420, of GBP 161.82 ÷ 1.16 = 139.5 are enough
    cash = {"EUR": "600", "CHF": "400", "GBP": "300"}
    found = funded(cash, [buy("USQ", "26", "50", "USD", lot=None)], rates=RATES, as_sized=True)
    assert bought(found) == {"USQ": "26"}
    assert dealt(found) == [
        "oi_fx_1 SWEEP 420.00 EUR for 400.00 CHF",
        "oi_fx_2 SWEEP 161.82 EUR for 139.50 GBP",
        "oi_fx_3 FUNDING 1300.00 USD for 1181.82 EUR",
    ]
    assert [deal.pair for deal in found.deals] == ["EUR/CHF", "EUR/GBP", "USD/EUR"]
    assert [deal.dependencies for deal in found.deals] == [[], [], ["oi_fx_1", "oi_fx_2"]]
    assert found.bought[0].dependencies == ["oi_fx_3"]
    assert left(cash, found) == {"EUR": 0, "CHF": 0, "GBP": D("160.50"), "USD": 0}
    assert needs(found) == [("USD", 1300, 0, 1300, "EUR")]
    assert found.rows[0].pair == "USD/EUR"


def test_foreign_cash_pays_a_buy_in_base() -> None:
    # 17 × 50 = 850, 100 are there, CHF bring 420, the last 330 cost 330 ÷ 1.16 = 284.48… → 284.49 GBP
    cash = {"EUR": "100", "CHF": "400", "GBP": "300"}
    found = funded(cash, [buy("EQ", "17", "50")], rates=RATES, as_sized=True)
    assert dealt(found) == ["oi_fx_1 SWEEP 420.00 EUR for 400.00 CHF", "oi_fx_2 SWEEP 330.00 EUR for 284.49 GBP"]
    assert found.bought[0].dependencies == ["oi_fx_1", "oi_fx_2"]
    assert left(cash, found) == {"EUR": 0, "CHF": 0, "GBP": D("15.51")}
    assert needs(found) == [("EUR", 850, 100, 750, None)]
    assert found.rows[0].pair is None


def test_two_currencies_give_up_the_same_amount() -> None:
    # 2,640 USD are 2,400 EUR, 1,220 EUR: 3,620 of 3,000 + 454 6/11; λ = (3,620 − 3,454 6/11) ÷ 2 = 910/11. 2,317.27 ÷ 80 → 28,
    # 1,137.27 ÷ 61 → 18; rests 77.27 and 39.27: U gets one back, 2,552 − 500 = 2,052 USD cost 1,865.46; then 36.54 are no 61.
    cash = {"EUR": "3000", "USD": "500"}
    found = funded(cash, [buy("U", "30", "88", "USD"), buy("E", "20", "61")], rates={"EUR/USD": "1.10"})
    assert bought(found) == {"U": "29", "E": "18"}
    assert dealt(found) == ["oi_fx_1 FUNDING 2052.00 USD for 1865.46 EUR"]
    assert left(cash, found) == {"EUR": D("36.54"), "USD": 0}
    assert found.warnings == ["BUYS_REDUCED_TO_FUNDS"]
    assert [trade.adjusted for trade in found.bought] == [("FUNDS",), ("FUNDS",)]


FOUR = [buy("U", "10", "50", "USD"), buy("E", "30", "40")]


def test_what_one_currency_frees_pays_the_other() -> None:
    # 400 + 1,200 of 1,480: λ 60; 8 × 40, 28 × 40, rests 20 and 20: E by its name; 200 USD are 160 EUR
    cash = {"EUR": "1000", "USD": "600"}
    found = funded(cash, FOUR, rates={"EUR/USD": "1.25"})
    assert bought(found) == {"E": "29", "U": "8"}
    assert dealt(found) == ["oi_fx_1 SWEEP 160.00 EUR for 200.00 USD"]
    assert left(cash, found) == {"EUR": 0, "USD": 0}


def test_base_alone_levels_nobody_below_its_own_money() -> None:
    # 1,200 of 1,000 EUR: λ 200; 500 USD of 600 are there, and help nobody else
    cash = {"EUR": "1000", "USD": "600"}
    found = funded(cash, FOUR, rates={"EUR/USD": "1.25"}, options=DESK | {"fx_funding_source_currency": "BASE_ONLY"})
    assert bought(found) == {"E": "25", "U": "10"}
    assert not found.deals
    assert left(cash, found) == {"EUR": 0, "USD": 100}


def test_base_alone_levels_a_currency_to_its_own_money_and_base_pays_the_rest() -> None:
    # U 1,000 USD are 800 EUR, 600 USD are 480 of it. 1,200 + 320 of 1,000 EUR: λ (1,200 − λ) + (320 − λ) = 1,000 → 260: 540 ÷ 40 → 13,
    # 940 ÷ 40 → 23; rests 20, 20; E 24: 960 + (650 − 600) ÷ 1.25 = 1,000 can be paid; then U not
    cash = {"EUR": "1000", "USD": "600"}
    options = DESK | {"fx_funding_source_currency": "BASE_ONLY"}
    found = funded(cash, [buy("U", "20", "50", "USD"), buy("E", "30", "40")], rates={"EUR/USD": "1.25"}, options=options)
    assert bought(found) == {"E": "24", "U": "13"}
    assert dealt(found) == ["oi_fx_1 FUNDING 50.00 USD for 40.00 EUR"]
    assert left(cash, found) == {"EUR": 0, "USD": 0}


def test_without_deals_each_currency_pays_for_itself() -> None:
    # 600 USD pay 12 of 50, and of 20 wanted 8 are lost; 1,000 EUR pay 25 of 40
    cash = {"EUR": "1000", "USD": "600"}
    trades = [buy("U", "20", "50", "USD"), buy("E", "30", "40")]
    found = funded(cash, trades, rates={"EUR/USD": "1.25"}, options=DESK | {"auto_funding": False})
    assert bought(found) == {"E": "25", "U": "12"}
    assert not [*found.deals, *found.rows]
    assert left(cash, found) == {"EUR": 0, "USD": 0}


def test_without_deals_what_a_currency_cannot_pay_keeps_no_other_from_buying() -> None:
    # the first class wants more EUR than there are; the USD of the second help nobody else
    trades = [buy("E", "30", "40", priority=1), buy("U", "10", "50", "USD")]
    found = funded({"EUR": "1000", "USD": "600"}, trades, rates={"EUR/USD": "1.25"}, options=DESK | {"auto_funding": False})
    assert bought(found) == {"E": "25", "U": "10"}


def test_without_deals_a_reserve_stays() -> None:
    # 1,000 − 150 = 850 pay 21 of 40; 600 − 70 = 530 USD pay 10 of 50
    options = DESK | {"auto_funding": False, "cash_reserve": {"EUR": "150", "USD": "70"}}
    found = funded({"EUR": "1000", "USD": "600"}, [buy("U", "20", "50", "USD"), FOUR[1]], rates={"EUR/USD": "1.25"}, options=options)
    assert bought(found) == {"E": "21", "U": "10"}


def test_priorities_are_bought_one_after_the_other() -> None:
    # A takes 1,200; 800 pay 26 of B's 30 × 30; C comes last and gets nothing
    trades = [buy("C", "20", "55"), buy("A", "12", "100", priority=1), buy("B", "30", "30", priority=2)]
    found = funded({"EUR": "2000"}, trades)
    assert bought(found) == {"A": "12", "B": "26"}
    assert [(trade.instrument_id, code) for trade, code in found.skipped] == [("C", "FUNDS")]
    assert left({"EUR": "2000"}, found) == {"EUR": 20}


def test_no_later_class_is_bought_with_what_a_cut_class_leaves() -> None:
    # 1,000 of 950: λ 50, 9 lots of 100; the 50 left would pay C
    trades = [buy("A", "10", "100", priority=1), buy("C", "1", "10")]
    found = funded({"EUR": "950"}, trades)
    assert bought(found) == {"A": "9"}


def test_what_is_below_its_smallest_order_frees_its_money_once() -> None:
    # 1,000 + 1,000 + 1,000 of 2,100: λ 300, 700 each; A needs 8 lots of 100 and is left out; B and C fit then
    trades = [buy("A", "10", "100", least="8"), buy("B", "10", "100"), buy("C", "10", "100")]
    found = funded({"EUR": "2100"}, trades)
    assert bought(found) == {"B": "10", "C": "10"}
    assert [trade.instrument_id for trade, _ in found.skipped] == ["A"]


def test_all_that_is_below_its_smallest_order_goes_at_once() -> None:
    # 1,000 each of 1,500: λ 500 leaves 5 lots of each; A needs 6 and B 8: C has all the money, and neither comes back
    trades = [buy("A", "10", "100", least="6"), buy("B", "10", "100", least="8"), buy("C", "10", "100", least="5")]
    found = funded({"EUR": "1500"}, trades)
    assert bought(found) == {"C": "10"}
    assert [trade.instrument_id for trade, _ in found.skipped] == ["A", "B"]


def test_a_buy_that_money_leaves_no_lot_of_frees_what_it_asked_for() -> None:
    # 1,000 + 1,000 of 1,500: λ 250; a lot of A is 1,000, so A goes, and B is bought whole
    found = funded({"EUR": "1500"}, [buy("A", "1", "1000"), buy("B", "100", "10")])
    assert bought(found) == {"B": "100"}
    assert [(trade.instrument_id, code) for trade, code in found.skipped] == [("A", "FUNDS")]


def test_quantities_without_a_rule_are_cut_to_whole_units() -> None:
    # 1,000.50 of 900: λ 100.50, 9 units of 100
    found = funded({"EUR": "900"}, [buy("A", "10.005", "100", lot=None)])
    assert bought(found) == {"A": "9"}


def test_a_give_back_never_passes_what_is_proposed() -> None:
    # A 2.5 at 100 and B 10 at 100 of 1,240: λ 5: 2 and 9; B's rest is 95, A's 45: B 10 costs 1,200, and A has its whole units already
    found = funded({"EUR": "1240"}, [buy("A", "2.5", "100", lot=None), buy("B", "10", "100")])
    assert bought(found) == {"A": "2", "B": "10"}


def test_fees_fit_too() -> None:
    # 10 × 100 + 15 is more than 1,000; 985 are 9; with the tenth it would be 1,015
    found = funded({"EUR": "1000"}, [buy("F", "10", "100")], options=FEES)
    assert bought(found) == {"F": "9"}
    assert found.bought[0].cost == 15
    assert left({"EUR": "1000"}, found) == {"EUR": 85}
    assert found.rows[0].required == 915


def test_a_level_knows_where_the_smallest_commission_ends() -> None:
    # 50 basis points, at least 15 EUR, are 15 up to 3,000. A 5,000 and B 4,000 of 7,000: at λ the costs are 0.005 × (5,000 − λ) above
    # 3,000 and 15 below. λ between 1,000 and 2,000: 9,000 − 2λ + 25 − 0.005 λ + 15 = 7,000 → λ 2,040 ÷ 2.005 = 1,017.46: A 3,982.54 →
    # 39, B 2,982.54 → 29; 3,900 + 19.50 + 2,900 + 15 = 6,834.50; rests 82.54 both: A 40: 6,935; B 30: 3,015 more is 7,035
    found = funded({"EUR": "7000"}, [buy("A", "50", "100"), buy("B", "40", "100")], options=FEES)
    assert bought(found) == {"A": "40", "B": "29"}
    assert left({"EUR": "7000"}, found) == {"EUR": 65}


def test_a_level_knows_where_the_largest_commission_is_reached() -> None:
    # 100 basis points, at most 20, of 3,000: above 2,000 it is 20. 2,990 pay 2,970 and 20: 29 lots, and no 30th
    costs = {"costs": {"commission": [{"rate_bps": "100", "maximum": {"amount": "20", "currency": "EUR"}}]}}
    found = funded({"EUR": "2990"}, [buy("A", "30", "100")], options=costs)
    assert bought(found) == {"A": "29"}
    found = funded({"EUR": "3019.99"}, [buy("A", "30", "100")], options=costs)
    assert bought(found) == {"A": "29"}
    found = funded({"EUR": "3020"}, [buy("A", "30", "100")], options=costs)
    assert bought(found) == {"A": "30"}


def test_a_spread_is_paid_in_both_directions() -> None:
    # 100 USD short cost 80 EUR and 0.20 %: 80.16; base lacks 60.16 of its 20, CHF bring 1 × 0.998: 60.16 ÷ 0.998 = 60.2805… → 60.29
    # that bring 60.169…, rounded down
    costs = {"costs": {"fx_spread_bps": "20"}}
    cash = {"EUR": "20", "CHF": "100"}
    found = funded(cash, [buy("U", "2", "50", "USD")], rates={"EUR/USD": "1.25", "CHF/EUR": "1"}, options=costs)
    assert dealt(found) == ["oi_fx_1 SWEEP 60.16 EUR for 60.29 CHF", "oi_fx_2 FUNDING 100.00 USD for 80.16 EUR"]
    assert left(cash, found) == {"EUR": 0, "CHF": D("39.71"), "USD": 0}


def test_costs_of_a_foreign_buy_are_bought_too() -> None:
    # SELL 20 × 120 − 15 = 2,385 and 1,000; BUY 60 × 40 = 2,400 USD and 18.75, cost 1,935 × 1.002 = 1,938.87
    options = {"conventions": "DESK", "costs": FEES["costs"] | {"fx_spread_bps": "20"}}
    trades = [sell("OLD", "20", "120"), buy("NEW", "60", "40", "USD")]
    found = funded({"EUR": "1000"}, trades, rates={"EUR/USD": "1.25"}, options=options)
    assert dealt(found) == ["oi_fx_1 FUNDING 2418.75 USD for 1938.87 EUR"]
    assert found.rows[0].required == D("2418.75")
    # 1,000 pay no 1,938.87: the deal waits for the sell
    assert found.deals[0].dependencies == ["oi_1"]


def test_a_withdrawal_is_paid_by_a_sell_through_a_deal() -> None:
    # −11,000 USD cost 10,000 EUR; 100 × 100 and 2,000 are there
    trades = [sell("F", "100", "100")]
    cash = {"EUR": "2000", "USD": "-11000"}
    found = funded(cash, trades, rates={"EUR/USD": "1.10"}, leaving=["USD"])
    assert dealt(found) == ["oi_fx_1 FUNDING 11000.00 USD for 10000.00 EUR"]
    assert found.deals[0].dependencies == ["oi_1"]
    assert needs(found) == [("USD", 0, -11000, 11000, "EUR")]


def test_a_withdrawal_of_base_is_paid_by_foreign_cash() -> None:
    # 300 lack, CHF 1.05 each: 285.7142… → 285.72
    found = funded({"EUR": "-300", "CHF": "400"}, [], rates=RATES, leaving=["EUR"])
    assert dealt(found) == ["oi_fx_1 SWEEP 300.00 EUR for 285.72 CHF"]


def test_a_gap_of_cents_is_taken_off_the_largest_amount() -> None:
    # 333.34 + 666.67 = 1,000.01
    amounts = [buy("A", None, "33.334", notional="333.34", lot=None), buy("B", None, "66.667", notional="666.67", lot=None)]
    found = funded({"EUR": "1000"}, amounts, as_sized=True)
    assert [trade.notional for trade in found.bought] == [D("333.34"), D("666.66")]
    assert [trade.adjusted for trade in found.bought] == [(), ("MONEY_ROUNDING",)]
    assert found.bought[1].quantity == D("666.66") / D("66.667")
    assert left({"EUR": "1000"}, found) == {"EUR": 0}


def test_a_gap_of_more_than_a_cent_an_amount_stays() -> None:
    # 0.03 for two amounts; 0.01 where quantities alone are given
    amounts = [buy("A", None, "10", notional="333.34", lot=None), buy("B", None, "10", notional="666.69", lot=None)]
    assert [trade.adjusted for trade in funded({"EUR": "1000"}, amounts, as_sized=True).bought] == [(), ()]
    found = funded({"EUR": "999.99"}, [buy("A", "10", "100", lot=None)], as_sized=True)
    assert (found.bought[0].adjusted, left({"EUR": "999.99"}, found)) == ((), {"EUR": D("-0.01")})


def test_a_gap_of_base_is_taken_off_in_the_currency_of_the_amount() -> None:
    # 1,000.01 USD at 1.10 cost 909.10; 909.09 are there: 0.01 × 1.1 = 0.011 → 0.02 USD less cost 909.09
    found = funded({"EUR": "909.09"}, [buy("U", None, "10", "USD", notional="1000.01", lot=None)], rates={"EUR/USD": "1.10"}, as_sized=True)
    assert found.bought[0].notional == D("999.99")
    assert dealt(found) == ["oi_fx_1 FUNDING 999.99 USD for 909.09 EUR"]


def test_a_cent_that_rounding_costs_takes_a_lot() -> None:
    # 100 units at 1 EUR for 100.051 USD: 1.00051 each, 100.051 exactly; the deal costs 100.06 (desk vector 29)
    found = funded({"USD": "100.051"}, [buy("A", "100", "1")], rates={"EUR/USD": "1.00051"}, base="USD")
    assert bought(found) == {"A": "99"}
    assert found.bought[0].adjusted == ("FUNDS",)
    assert dealt(found) == ["oi_fx_1 FUNDING 99.00 EUR for 99.06 USD"]


def test_a_missing_rate_leaves_the_proposal_to_the_older_way() -> None:
    assert plan({"EUR": "1000"}, [buy("J", "1", "100", "JPY")], rates=RATES) is None
    assert plan({"EUR": "1000"}, [sell("J", "1", "100", "JPY"), buy("E", "1", "1")], rates=RATES) is None
    assert plan({"EUR": "1000"}, [buy("E", "1", "1")], rates=RATES, leaving=["JPY"]) is None
    assert plan({"EUR": "1000", "JPY": "5"}, [buy("E", "1", "1")], rates=RATES) is not None


def test_nothing_is_dealt_where_nothing_is_bought() -> None:
    # the reserve of 500 is above all there is: neither a buy nor a sweep for the reserve's sake
    cash = {"EUR": "300", "CHF": "100"}
    found = funded(cash, [buy("E", "5", "100")], rates=RATES, options={"cash_reserve": {"EUR": "500"}})
    assert (found.bought, found.deals) == ([], [])
    assert found.floor == 500


@pytest.mark.parametrize(("conventions", "deals"), [("CLASSIC", 1), ("DESK", 2)])
def test_a_desk_pays_a_switch_from_what_its_sell_brings(conventions: str, deals: int) -> None:
    # 1,000 USD are got, 640 GBP to pay, 800 EUR either way; a desk takes them from the USD, not from the 5,000 EUR (rulings-2 proposal 5)
    trades = [sell("OLD", "10", "100", "USD"), buy("NEW", "64", "10", "GBP", sources=["OLD"])]
    cash = {"EUR": "5000"}
    options = {"conventions": conventions, "funding": "REDUCE_BUYS"}
    found = funded(cash, trades, rates={"EUR/USD": "1.25", "EUR/GBP": "0.8"}, options=options)
    assert dealt(found)[-1] == f"oi_fx_{deals} FUNDING 640.00 GBP for 800.00 EUR"
    assert dealt(found)[:-1] == ["oi_fx_1 SWEEP 800.00 EUR for 1000.00 USD"][: deals - 1]


def test_a_switch_draws_no_more_than_it_pays_and_base_pays_the_rest() -> None:
    # 100 GBP are there, 540 short cost 675 EUR: so much of the 800 that the sell brings
    trades = [sell("OLD", "10", "100", "USD"), buy("NEW", "64", "10", "GBP", sources=["OLD"])]
    rates = {"EUR/USD": "1.25", "EUR/GBP": "0.8"}
    found = funded({"EUR": "5000", "GBP": "100"}, trades, rates=rates)
    assert dealt(found) == ["oi_fx_1 SWEEP 675.00 EUR for 843.75 USD", "oi_fx_2 FUNDING 540.00 GBP for 675.00 EUR"]
    # the sell brings 400, the buy costs 800: base pays what is left
    found = funded({"EUR": "5000"}, [sell("OLD", "5", "100", "USD"), trades[1]], rates=rates)
    assert dealt(found) == ["oi_fx_1 SWEEP 400.00 EUR for 500.00 USD", "oi_fx_2 FUNDING 640.00 GBP for 800.00 EUR"]


def test_a_switch_into_base_draws_on_foreign_proceeds() -> None:
    # 800 EUR are got in USD, 790 are paid although base has them
    trades = [sell("OLD", "10", "100", "USD"), buy("NEW", "79", "10", sources=["OLD"])]
    found = funded({"EUR": "5000"}, trades, rates={"EUR/USD": "1.25"})
    assert dealt(found) == ["oi_fx_1 SWEEP 790.00 EUR for 987.50 USD"]
    # what base itself gets pays first
    both = [sell("OLD", "10", "100", "USD"), sell("OWN", "30", "10"), buy("NEW", "79", "10", sources=["OLD", "OWN"])]
    found = funded({"EUR": "5000"}, both, rates={"EUR/USD": "1.25"})
    assert dealt(found) == ["oi_fx_1 SWEEP 490.00 EUR for 612.50 USD"]


def test_what_a_switch_draws_and_what_base_lacks_are_one_deal() -> None:
    # the switch draws 400 of 800, and the second buy 250 more, all from USD
    trades = [sell("OLD", "10", "100", "USD"), buy("NEW", "40", "10", sources=["OLD"]), buy("X", "25", "10")]
    found = funded({"EUR": "0"}, trades, rates={"EUR/USD": "1.25"})
    assert dealt(found) == ["oi_fx_1 SWEEP 650.00 EUR for 812.50 USD"]
