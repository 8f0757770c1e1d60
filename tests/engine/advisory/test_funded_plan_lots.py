"""Which lots of a proposal go where rounded money does not suffice (desk 6.9, advisory-practice 4)."""

from tests.engine.advisory.plans import bought, buy, dealt, funded

RATE = {"EUR/USD": "1.00051"}


def test_the_least_lot_that_closes_the_gap_goes() -> None:
    # 100 USD at 1 ÷ 1.00051 are 99.949…: with 5 × 20 all of 199.95 fits by less than the rounding: 99.95 is paid, nothing is short.
    # 199.9491 are short by 0.0009: of lots of 20 EUR and 1 USD the one of 1 USD closes that
    trades = [buy("E", "5", "20"), buy("U", "100", "1", "USD")]
    assert bought(funded({"EUR": "199.95"}, trades, rates=RATE)) == {"E": "5", "U": "100"}
    found = funded({"EUR": "199.9491"}, trades, rates=RATE)
    assert bought(found) == {"E": "5", "U": "99"}
    assert dealt(found) == ["oi_fx_1 FUNDING 99.00 USD for 98.95 EUR"]


def test_a_lot_that_brings_base_nothing_is_kept() -> None:
    # as before, but 50 CHF of its own money pay C, whose lots are the least: under BASE_ONLY they bring base nothing
    trades = [buy("E", "5", "20"), buy("U", "100", "2", "USD"), buy("C", "50", "1", "CHF")]
    options = {"conventions": "DESK", "fx_funding_source_currency": "BASE_ONLY"}
    found = funded({"EUR": "299.8981", "CHF": "50"}, trades, rates=RATE | {"CHF/EUR": "1"}, options=options)
    # 200 USD are 199.898… → 199.90, 0.0019 short
    assert bought(found) == {"C": "50", "E": "5", "U": "99"}


def test_lots_that_only_bring_something_together_go_together() -> None:
    # 5 USD are wanted, 3 there, and a deal is 200 EUR at least: 200.102 USD → 200.11 for 200.01, a cent more than there is. No lot of
    # 0.000001 shrinks the smallest deal: 2,000,000 of them go, and with them the deal
    options = {"conventions": "DESK", "fx_min_deal": {"amount": "200", "currency": "EUR"}}
    found = funded({"EUR": "200", "USD": "3"}, [buy("U", "5", "1", "USD", lot="0.000001")], rates=RATE, options=options)
    assert bought(found) == {"U": "3"}
    assert not found.deals


def test_money_of_classes_that_are_not_bought_is_there_to_be_given_back() -> None:
    # 550 of 1,000 may go; A and B cost 16, C 250 a lot and 15: λ 215 leaves C two lots, 515. A and B get their lots back, 531 and 547;
    # D comes in a later class, and what it asked for counts no more
    costs = {"commission": [{"rate_bps": "0", "minimum": {"amount": "15", "currency": "EUR"}}]}
    trades = [buy("A", "1", "1", priority=1), buy("B", "1", "1", priority=1), buy("C", "3", "250", priority=1), buy("D", "1", "1")]
    found = funded({"EUR": "1000"}, trades, options={"conventions": "DESK", "cash_reserve": {"EUR": "450"}, "costs": costs})
    assert bought(found) == {"A": "1", "B": "1", "C": "2"}
