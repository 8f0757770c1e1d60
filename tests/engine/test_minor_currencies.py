"""Pence and cents: amounts in a minor code are a hundredth of the major, unless the code is a currency of its own (practice 5.2)."""

from decimal import Decimal

import orjson
import pytest

from engine.contracts import parse_options, parse_request
from engine.contracts.market_data import FxRate, MarketDataSnapshot
from engine.minor_currencies import MAJOR_OF, market_in_major, minors_of, options_in_major, portfolio_in_major, shelf_in_major
from tests.engine.books import Json, approved, book, cash, decided, holding, lot, price, trades, values

POUND = {"EUR/GBP": "0.8"}


@pytest.mark.parametrize(("minor", "major"), MAJOR_OF.items())
def test_a_price_in_a_minor_code_is_of_the_major(minor: str, major: str) -> None:
    body = book(positions=[holding("A", "100")], prices=[price("A", "2417", minor)], rates={f"{major}/EUR": "2"})
    result = decided(body)
    assert values(result) == {"A": f"2417.00 {major}"}
    assert result["before"]["total_value"]["amount"] == "4834.00"
    shown = result["before"]["positions"][0]
    assert (shown["price"], shown["instrument_currency"]) == ({"amount": "2417", "currency": minor}, major)
    assert trades(result) == {"A": ("SELL", "100")}
    assert result["intents"][0]["notional"] == {"amount": "2417.00", "currency": major}
    assert result["intents"][1]["pair"] == f"{major}/EUR"


@pytest.mark.parametrize(("rates", "base"), [({"GBX/EUR": "0.0125"}, "EUR"), ({"EUR/GBX": "80"}, "EUR"), ({}, "GBX")])
def test_a_code_that_a_rate_or_the_base_names_is_a_currency_of_its_own(rates: dict[str, str], base: str) -> None:
    result = decided(book(positions=[holding("A", "100")], prices=[price("A", "2417", "GBX")], rates=rates, base=base))
    assert values(result) == {"A": "241700 GBX"}


def test_a_rate_of_zero_names_nothing() -> None:
    result = decided(book(positions=[holding("A", "1")], prices=[price("A", "250", "GBX")], rates=POUND | {"GBX/EUR": "0"}))
    assert values(result) == {"A": "2.50 GBP"}


def test_one_of_two_codes_can_be_a_currency_of_its_own() -> None:
    rows = [price("A", "250", "GBX"), price("B", "250", "GBp")]
    result = decided(book(positions=[holding("A", "1"), holding("B", "1")], prices=rows, rates=POUND | {"GBX/EUR": "0.0125"}))
    assert values(result) == {"A": "250 GBX", "B": "2.50 GBP"}


def test_accrued_interest_is_quoted_like_the_price_and_the_multiplier_is_not() -> None:
    result = decided(book(positions=[holding("A", "1")], prices=[price("A", "250", "GBX", accrued="50", multiplier="10")], rates=POUND))
    assert values(result) == {"A": "30.00 GBP"}


@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        ([cash("5", "EUR"), cash("250", "GBX"), cash("10", "GBP")], [("EUR", "5", None, None), ("GBP", "12.50", None, None)]),
        ([cash("10", "GBP"), cash("5", "EUR"), cash("250", "GBX")], [("GBP", "12.50", None, None), ("EUR", "5", None, None)]),
        ([cash("250", "GBX"), cash("50", "GBp")], [("GBP", "3.00", None, None)]),
        ([cash("250", "GBX", settled="100", pending="40"), cash("10", "GBP")], [("GBP", "12.50", "11.00", "0.40")]),
        ([cash("-250", "GBX"), cash("10", "GBP", settled="0")], [("GBP", "7.50", "-2.50", None)]),
    ],
)
def test_cash_of_both_codes_is_one_row_at_the_first_place(rows: list[Json], merged: list[tuple[str, ...]]) -> None:
    result = decided(book(balances=rows, rates=POUND))
    found = [(row["currency"], row["amount"], row["settled"], row["pending"]) for row in result["before"]["cash_balances"]]
    assert found == merged


def test_thresholds_values_costs_and_overdrafts_are_taken_in_the_major() -> None:
    body = book(
        positions=[holding("A", "100", market_value={"amount": "40000", "currency": "GBX"}, lots=[lot("l", "100", "300", "GBp")])],
        prices=[price("A", "4", "GBP")],
        rates=POUND,
        shelf=[approved("A", min_notional={"amount": "40001", "currency": "GBX"})],
        options={"valuation_mode": "TRUST_SNAPSHOT", "enable_tax_awareness": True},
    )
    result = decided(body)
    assert values(result) == {"A": "400.00 GBP"}
    assert result["diagnostics"]["suppressed_intents"][0]["threshold"] == {"amount": "400.01", "currency": "GBP"}
    body["shelf_entries"][0]["min_notional"]["amount"] = "40000"
    impact = decided(body)["tax_impact"]  # 100 units gain 1 pound each, a pound is 1.25 euros
    assert impact["total_realized_gain"]["amount"] == "125.0000"


def test_options_are_taken_in_the_major() -> None:
    options = parse_options(
        {
            "min_trade_notional": {"amount": "500", "currency": "GBX"},
            "fx_min_deal": {"amount": "1", "currency": "ZAc"},
            "max_overdraft_by_ccy": {"GBX": "250", "GBP": "10", "EUR": "1"},
            "cash_reserve": {"ILA": "7"},
        }
    )
    found = options_in_major(options, MAJOR_OF)
    assert found.min_trade_notional is not None
    assert found.fx_min_deal is not None
    assert (str(found.min_trade_notional.amount), found.min_trade_notional.currency) == ("5.00", "GBP")
    assert (str(found.fx_min_deal.amount), found.fx_min_deal.currency) == ("0.01", "ZAR")
    assert {code: str(amount) for code, amount in found.max_overdraft_by_ccy.items()} == {"GBP": "12.50", "EUR": "1"}
    assert {code: str(amount) for code, amount in found.cash_reserve.items()} == {"ILS": "0.07"}


def test_nothing_is_copied_where_no_minor_code_occurs() -> None:
    body = book(positions=[holding("A", "1")], balances=[cash("5", "GBP")], prices=[price("A", "4", "GBP")], rates=POUND)
    request, options = parse_request(orjson.dumps(body)), parse_options({"max_overdraft_by_ccy": {"GBP": "1"}})
    portfolio, market, shelf = request.portfolio_snapshot, request.market_data_snapshot, request.shelf_entries
    assert minors_of("EUR", market) == MAJOR_OF
    assert minors_of("EUR", MarketDataSnapshot(fx_rates=[FxRate("XGBP/ILAC", Decimal(1))])) == MAJOR_OF  # holds ILA, and names it not
    assert portfolio_in_major(portfolio, MAJOR_OF) is portfolio
    assert market_in_major(market, MAJOR_OF) is market
    assert shelf_in_major(shelf, MAJOR_OF) is shelf
    assert options_in_major(options, MAJOR_OF) is options


def test_flows_are_taken_in_the_major() -> None:
    flows = [{"currency": "GBX", "amount": "-2500", "day": 2, "description": "fee"}]
    request = parse_request(orjson.dumps(book(portfolio={"cash_flows": flows})))
    [flow] = portfolio_in_major(request.portfolio_snapshot, MAJOR_OF).cash_flows
    assert (str(flow.amount), flow.currency, flow.day, flow.description) == ("-25.00", "GBP", 2, "fee")


def test_snapshots_are_identified_as_they_were_given() -> None:
    in_pence = book(positions=[holding("A", "1")], prices=[price("A", "250", "GBX")], rates=POUND)
    in_pounds = book(positions=[holding("A", "1")], prices=[price("A", "2.50", "GBP")], rates=POUND)
    pence, pounds = decided(in_pence), decided(in_pounds)
    assert pence["lineage"]["market_data_snapshot_id"] != pounds["lineage"]["market_data_snapshot_id"]
    assert pence["intents"] == pounds["intents"]


def test_what_two_codes_add_up_to_may_pass_the_bounds_of_what_is_given() -> None:
    most = "999999999999999999"
    body = book(
        balances=[cash(most, "GBP", settled=most), cash("100", "GBX")],
        rates=POUND,
        options={"max_overdraft_by_ccy": {"GBP": most, "GBX": "100"}, "enable_settlement_awareness": True},
    )
    [row] = decided(body)["before"]["cash_balances"]
    assert (row["amount"], row["settled"]) == ("1000000000000000000.00", "1000000000000000000.00")
