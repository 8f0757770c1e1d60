"""Corners of release 1.1 that a reading of the rules beside the code brought up, each by hand (practice, desk 6, rulings-2)."""

import json
from typing import Any

import orjson
import pytest

import engine

Json = dict[str, Any]


def decide(
    *,
    base: str = "EUR",
    positions: tuple[Json, ...] = (),
    cash: tuple[tuple[str, str], ...] = (),
    prices: tuple[tuple[str, str, str], ...] = (),
    rates: tuple[tuple[str, str], ...] = (),
    model: tuple[tuple[str, str], ...] = (),
    shelf: dict[str, Json] | None = None,
    options: Json | None = None,
    **portfolio: Any,
) -> Json:
    """The result of a request; every priced instrument is APPROVED unless the shelf says otherwise."""
    entries = [{"instrument_id": name, "status": "APPROVED"} | (shelf or {}).get(name, {}) for name, _, _ in prices]
    body = {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": base,
            "positions": list(positions),
            "cash_balances": [{"currency": currency, "amount": amount} for currency, amount in cash],
            **portfolio,
        },
        "market_data_snapshot": {
            "prices": [{"instrument_id": name, "price": price, "currency": currency} for name, price, currency in prices],
            "fx_rates": [{"pair": pair, "rate": rate} for pair, rate in rates],
        },
        "model_portfolio": {"targets": [{"instrument_id": name, "weight": weight} for name, weight in model]},
        "shelf_entries": entries,
        "options": options or {},
    }
    found: Json = json.loads(engine.simulate_json(orjson.dumps(body), run_id="rr_1", correlation_id="c_1"))
    return found


def trades(result: Json) -> list[tuple[str, str, str]]:
    return [(row["side"], row["instrument_id"], row["quantity"]) for row in result["intents"] if row["intent_type"] == "SECURITY_TRADE"]


def rule(result: Json, rule_id: str) -> list[tuple[str, str]]:
    return [(row["severity"], row["status"]) for row in result["rule_results"] if row["rule_id"] == rule_id]


SHORT = {"instrument_id": "A", "quantity": "-10", "market_value": {"amount": "-100", "currency": "EUR"}}
TEN = (("A", "10", "EUR"),)


@pytest.mark.parametrize("options", [{}, {"funding": "REDUCE_BUYS"}])
def test_a_short_is_covered_once_however_much_is_under_way(options: Json) -> None:
    # 10 short, 4 of them are being bought: 6 are left to cover
    order = {"instrument_id": "A", "side": "BUY", "quantity": "4"}
    result = decide(
        positions=(SHORT,),
        cash=(("EUR", "1000"),),
        prices=TEN,
        open_orders=[order],
        options={"valuation_mode": "TRUST_SNAPSHOT", **options},
    )
    assert trades(result) == [("BUY", "A", "6")]


@pytest.mark.parametrize("options", [{}, {"funding": "REDUCE_BUYS"}, {"conventions": "DESK"}])
def test_a_trusted_short_is_covered_whole_and_never_beyond(options: Json) -> None:
    # 10.7 short: neither 10 nor 11
    short = SHORT | {"quantity": "-10.7"}
    result = decide(positions=(short,), cash=(("EUR", "1000"),), prices=TEN, options={"valuation_mode": "TRUST_SNAPSHOT", **options})
    assert trades(result) == [("BUY", "A", "10.7")]


def test_what_an_open_order_changed_this_run_did_not() -> None:
    # 90 suspended, 10 of them being sold: 80 of 100 stay, above the cap, and nobody can help it
    result = decide(
        positions=({"instrument_id": "A", "quantity": "90"},),
        cash=(("EUR", "100"),),
        prices=TEN,
        shelf={"A": {"status": "SUSPENDED"}},
        open_orders=[{"instrument_id": "A", "side": "SELL", "quantity": "10"}],
        options={"single_position_max_weight": "0.5"},
    )
    assert rule(result, "SINGLE_POSITION_MAX") == [("SOFT", "FAIL")]


def test_a_buy_that_money_pushes_below_its_minimum_says_which_and_how_far() -> None:
    # wishes 600 and 400, 600 may be spent: level 200 leaves 400 of A, 40 units of at least 50; then B takes its 400
    result = decide(
        cash=(("EUR", "1000"),),
        prices=(("A", "10", "EUR"), ("B", "10", "EUR")),
        model=(("A", "0.6"), ("B", "0.4")),
        shelf={"A": {"min_quantity": "50"}},
        options={"cash_reserve": {"EUR": "400"}, "explain": True},
    )
    assert trades(result) == [("BUY", "B", "40")]
    [left_out] = result["diagnostics"]["suppressed_intents"]
    assert (left_out["reason"], left_out["intended_notional"]["amount"], left_out["threshold"]["amount"]) == (
        "BELOW_MIN_QUANTITY",
        "400",
        "500",
    )
    reason = result["explanation"]["reasons"][0]
    # of what lowered it the price of cash stands last in the table: that of the round which left it out. Below 600 − 500 it is an order
    assert (reason["driver"], reason["driver_key"], reason["price"]) == ("CASH_PRICE", None, "200.000000000000")
    assert (reason["flips_at"]["number"], reason["flips_at"]["at"]) == ("price_of_cash", "100.000000000000")


def test_targets_are_worth_shares_of_what_is_left_once_known_money_is_gone() -> None:
    # 1000 less 200 that leaves: 90 % of 800
    result = decide(
        cash=(("EUR", "1000"),),
        prices=TEN,
        model=(("A", "0.9"),),
        cash_flows=[{"currency": "EUR", "amount": "-200", "day": 3}],
    )
    assert float(result["target"]["targets"][0]["final_value"]["amount"]) == 720


def test_what_money_took_is_said_before_what_dealing_did() -> None:
    # −10 GBP cost 100 USD to fund at the smallest deal: all of 887.50 does not fit
    result = decide(
        base="USD",
        cash=(("USD", "900"), ("GBP", "-10")),
        prices=(("A", "10", "USD"),),
        rates=(("GBP/USD", "1.25"),),
        model=(("A", "1.0"),),
        options={"fx_min_deal": {"amount": "100", "currency": "USD"}},
    )
    assert result["diagnostics"]["warnings"] == ["BUYS_REDUCED_TO_FUNDS", "FX_DEAL_LIFTED_GBP"]


def test_a_trusted_position_grows_its_sell_by_what_its_units_are_worth() -> None:
    # 100 units at 99.73 are 9973, trusted at 9964; with 8748.87 cash the total is 18,712.87: at most 0.101 of it, 1,890.00.
    # Target 1,871.287: (9964 − 1871.287) / 99.73 = 81.1 → 81 leave 19 × 99.73 = 1,894.87, above; 82 leave 1,795.14
    held = {"instrument_id": "A", "quantity": "100", "market_value": {"amount": "9964", "currency": "EUR"}}
    result = decide(
        positions=(held,),
        cash=(("EUR", "8748.87"),),
        prices=(("A", "99.73", "EUR"),),
        model=(("A", "0.1"),),
        options={"valuation_mode": "TRUST_SNAPSHOT", "single_position_max_weight": "0.1"},
    )
    assert trades(result) == [("SELL", "A", "82")]


def test_a_model_that_may_not_be_bought_has_its_distance_too() -> None:
    result = decide(
        cash=(("EUR", "1000"),), prices=TEN, model=(("A", "0.5"),), shelf={"A": {"status": "BANNED"}}, options={"max_distance_after": "0.1"}
    )
    assert result["distance"]["after"] == "0.0000"
    assert rule(result, "DISTANCE_TO_TARGET") == [("SOFT", "PASS")]


def test_open_orders_alone_leave_a_negative_total_negative() -> None:
    # 20 units of 10 and −1000 of cash: selling one changes nothing of the −800
    result = decide(
        positions=({"instrument_id": "L", "quantity": "10"}, {"instrument_id": "B", "quantity": "10"}),
        cash=(("EUR", "-1000"),),
        prices=(("L", "10", "EUR"), ("B", "10", "EUR")),
        shelf={"L": {"status": "SUSPENDED"}},
        open_orders=[{"instrument_id": "B", "side": "SELL", "quantity": "1"}],
    )
    [row] = [row for row in result["target"]["targets"] if row["instrument_id"] == "L"]
    assert (row["final_weight"], float(row["final_value"]["amount"])) == ("-0.125", 100)


def test_a_million_lots_too_many_go_back_at_once() -> None:
    # a unit of a hundred-millionth: the cents that three rounded deals lose are more than a million of them
    result = decide(
        cash=(("EUR", "100000.37"), ("USD", "77777.77"), ("GBP", "5555.55")),
        prices=(("A", "0.00000001", "EUR"),),
        rates=(("EUR/USD", "1.2345"), ("EUR/GBP", "0.857")),
        model=(("A", "1.0"),),
        options={"conventions": "DESK"},
    )
    [row] = [row for row in result["after_simulated"]["cash_balances"] if row["currency"] == "EUR"]
    assert 0 <= float(row["amount"]) < 0.01
    assert result["status"] == "READY"


def test_a_quantity_that_28_digits_do_not_hold_is_out_of_range() -> None:
    result = decide(
        cash=(("EUR", "999999999999999998"),),
        prices=(("A", "0.000000000000000007", "EUR"),),
        model=(("A", "1.0"),),
        options={"conventions": "DESK"},
    )
    assert result["rule_results"][-1]["rule_id"] == "NUMERIC_RANGE"
