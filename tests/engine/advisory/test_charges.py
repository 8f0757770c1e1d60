"""Costs before the fact: once for the orders, every year for what is held, and what that comes to (advisory-practice 6)."""

from typing import Any

import pytest

from tests.engine.advisory.artifacts import Json, artifact, body, buy, prices, sell, shelf

SCHEDULE = {"commission": [{"rate_bps": "50", "minimum": {"amount": "15", "currency": "EUR"}}], "fx_spread_bps": "20"}


def eur(amount: str) -> Json:
    return {"amount": amount, "currency": "EUR"}


def charges(asked: Json) -> Json:
    found: Json = artifact(asked)["costs_and_charges"]
    return found


def test_vector_eleven() -> None:
    """advisory-practice vector 11, to the cent.

    Orders 20 × 120 = 2,400 EUR and 60 × 40 = 2,400 USD at 1.25 = 1,920 EUR. 50 bps of each are 12 EUR and 12 USD, at least 15 EUR and
    18.75 USD: 30 EUR. 2,418.75 USD for 1,935 EUR × 1.002 = 1,938.87: 3.87. All 33.87 of 4,320 traded = 0.0078402…
    Products 50 × 120 × 0.015 = 90 before; 30 × 120 × 0.015 + 1,920 × 0.002 = 54 + 3.84 = 57.84 after.
    Service (7,000 − 33.87) × 0.008 = 55.72904. A year 113.56904; with the orders 147.43904 of 7,000 = 0.0210627…
    Five years 33.87 + 567.8452 = 601.7152 of 7,000 = 0.0859593…, a fifth of that 0.0171918…
    """
    asked = body(
        held={"OLD": "50"},
        cash={"EUR": "1000"},
        priced=[*prices(OLD="120"), *prices("USD", NEW="40")],
        rates={"EUR/USD": "1.25"},
        offered=shelf({"instrument_id": "OLD", "ongoing_cost_pct": "0.015"}, {"instrument_id": "NEW", "ongoing_cost_pct": "0.002"}),
        trades=[sell("OLD", "20"), buy("NEW", "60")],
        conventions="DESK",
        costs=SCHEDULE,
        cost_disclosure={"service_fee_pct": "0.008", "holding_years": 5},
    )
    made = artifact(asked)
    assert made["costs_and_charges"] == {
        "one_off": {
            "commission": eur("30.00"),
            "transaction_tax": eur("0.00"),
            "fx": eur("3.87"),
            "total": eur("33.87"),
            "pct_of_traded": "0.007840",
        },
        "running": {
            "products_before": eur("90.00"),
            "products_after": eur("57.84"),
            "service": eur("55.73"),
            "total_after": eur("113.57"),
            "not_stated": [],
        },
        "effect": [
            {"years": 1, "amount": eur("147.44"), "pct": "0.021063", "pct_per_year": "0.021063"},
            {"years": 5, "amount": eur("601.72"), "pct": "0.085959", "pct_per_year": "0.017192"},
        ],
    }
    assert list(made)[8:10] == ["trades_and_funding", "costs_and_charges"]
    assert made["assumptions_and_limits"]["costs_and_fees"]["included"] is True


def test_it_is_there_only_when_asked_for_or_told_by_the_shelf() -> None:
    plain: Any = {"cash": {"EUR": "1000"}, "priced": prices(A="10")}
    assert "costs_and_charges" not in artifact(body(**plain, offered=shelf("A")))
    assert "costs_and_charges" in artifact(body(**plain, offered=shelf("A"), cost_disclosure={}))
    assert "costs_and_charges" in artifact(body(**plain, offered=shelf("A"), costs={}))
    told = artifact(body(**plain, offered=shelf({"instrument_id": "A", "ongoing_cost_pct": "0"})))
    assert "costs_and_charges" in told
    assert told["assumptions_and_limits"]["costs_and_fees"]["included"] is False


def test_without_orders_there_is_no_share_of_them_and_one_year_is_told_once() -> None:
    # 1,000 EUR × 1 % = 10 a year, of 1,000
    found = charges(body(cash={"EUR": "1000"}, cost_disclosure={"service_fee_pct": "0.01", "holding_years": 1}))
    assert found["one_off"]["pct_of_traded"] is None
    assert found["effect"] == [{"years": 1, "amount": eur("10.00"), "pct": "0.010000", "pct_per_year": "0.010000"}]


def test_shares_are_of_the_portfolio_with_the_money_that_comes() -> None:
    # 1,000 + 500 EUR come to 1,500, of which 1 % a year is 15.00: 5 × 15 = 75 of 1,500
    found = charges(body(cash={"EUR": "1000"}, flows={"EUR": "500"}, cost_disclosure={"service_fee_pct": "0.01"}))
    assert [(row["years"], row["amount"]["amount"], row["pct"]) for row in found["effect"]] == [
        (1, "15.00", "0.010000"),
        (5, "75.00", "0.050000"),
    ]


def test_of_nothing_there_is_no_share() -> None:
    found = charges(body(cost_disclosure={"service_fee_pct": "0.01"}))
    assert found["effect"] == [{"years": years, "amount": eur("0.00"), "pct": None, "pct_per_year": None} for years in (1, 5)]


def test_a_total_below_zero_costs_no_service_and_shorts_no_product() -> None:
    # 100 EUR less a short of 20 × 10: −100 in all
    asked = body(
        held={"A": "-20", "B": "1"},
        cash={"EUR": "90"},
        priced=prices(A="10", B="10"),
        offered=shelf({"instrument_id": "A", "ongoing_cost_pct": "0.5"}, {"instrument_id": "B", "ongoing_cost_pct": "0.1"}),
        cost_disclosure={"service_fee_pct": "0.01"},
    )
    running = charges(asked)["running"]
    assert (running["service"], running["products_after"]) == (eur("0.00"), eur("1.00"))


def test_holdings_without_a_stated_cost_are_named_in_order() -> None:
    asked = body(
        held={"Z": "1", "B": "1", "GONE": "1", "X": "1"},
        cash={"EUR": "100"},
        priced=prices(Z="10", B="10", GONE="10", X="10"),
        offered=shelf("Z", {"instrument_id": "B", "ongoing_cost_pct": "0"}, "GONE"),
        trades=[{"side": "SELL", "instrument_id": "GONE", "sell_all": True}],
    )
    assert charges(asked)["running"]["not_stated"] == ["X", "Z"]  # B costs nothing, and says so; X is not on the shelf


@pytest.mark.parametrize(("base", "shown"), [("JPY", "2"), ("USD", "2.50"), ("KWD", "2.500")])
def test_amounts_are_in_minor_units_of_base_half_even(base: str, shown: str) -> None:
    # 250 × 1 % = 2.5
    found = charges(body(base=base, cash={base: "250"}, cost_disclosure={"service_fee_pct": "0.01"}))
    assert found["running"]["service"] == {"amount": shown, "currency": base}


def test_figures_are_rounded_from_exact_sums_each_by_itself() -> None:
    # 0.004 of product and 0.004 of service are 0.00 each and 0.01 together: 0.8 × 0.005 and (0.8 + 0) × 0.005
    asked = body(
        held={"A": "1"},
        priced=prices(A="0.8"),
        offered=shelf({"instrument_id": "A", "ongoing_cost_pct": "0.005"}),
        cost_disclosure={"service_fee_pct": "0.005"},
    )
    running = charges(asked)["running"]
    assert [running[name]["amount"] for name in ("products_after", "service", "total_after")] == ["0.00", "0.00", "0.01"]
