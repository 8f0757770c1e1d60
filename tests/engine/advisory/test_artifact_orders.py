"""Prices, rates and figures of the orders that an artifact hands on."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from engine.advisory.artifact.texts import bare, fixed, in_minor_units, percent, ratio, weight
from engine.numbers import plain
from tests.engine.advisory.artifacts import Json, artifact, body, buy, prices, sell, shelf


def orders(asked: Json) -> Json:
    found: Json = artifact(asked)["trades_and_funding"]
    return found


def test_a_bond_in_percent_tells_its_accrued_interest() -> None:
    """advisory-practice vector 1: 50,000 in pieces of 1,000 at 98.40 + 1.62 are 49,000 for 49,009.80, of which 49,000 × 1.62 % = 793.80."""
    bond = {"instrument_id": "B", "price": "98.40", "currency": "EUR", "basis": "PERCENT", "accrued": "1.62"}
    asked = body(
        cash={"EUR": "60000"},
        priced=[bond],
        offered=shelf({"instrument_id": "B", "asset_class": "BOND", "lot_size": "1000"}),
        trades=[{"side": "BUY", "instrument_id": "B", "notional": {"amount": "50000", "currency": "EUR"}}],
    )
    (trade,) = orders(asked)["trade_list"]
    assert trade["quantity"] == "49000"
    assert Decimal(trade["estimated_notional"]["amount"]) == Decimal("49009.80")
    assert trade["price"] == {"amount": "98.40", "currency": "EUR", "basis": "PERCENT"}
    assert Decimal(trade["accrued_interest"]["amount"]) == Decimal("793.80")
    assert trade["accrued_interest"]["currency"] == "EUR"
    assert list(trade)[7:9] == ["price", "accrued_interest"]


def test_a_contract_counts_its_multiplier() -> None:
    # 2 × 10 × (100 + 0.5) = 2,010, of which 2 × 10 × 0.5 = 10
    row = {"instrument_id": "F", "price": "100", "currency": "EUR", "accrued": "0.5", "multiplier": "10"}
    asked = body(cash={"EUR": "3000"}, priced=[row], offered=shelf("F"), trades=[buy("F", "2")])
    (trade,) = orders(asked)["trade_list"]
    assert (Decimal(trade["estimated_notional"]["amount"]), Decimal(trade["accrued_interest"]["amount"])) == (Decimal(2010), Decimal(10))


def test_a_price_in_pence_stays_in_pence_and_its_notional_is_in_pounds() -> None:
    # 100 × 250 pence = 250 GBP
    asked = body(
        base="GBP",
        held={"P": "100"},
        priced=prices("GBX", P="250"),
        offered=shelf("P"),
        trades=[sell("P", "100")],
        enable_drift_analytics=False,
    )
    (trade,) = orders(asked)["trade_list"]
    assert trade["price"] == {"amount": "250", "currency": "GBX", "basis": "UNIT"}
    assert trade["estimated_notional"]["currency"] == "GBP"
    assert Decimal(trade["estimated_notional"]["amount"]) == Decimal(250)


def test_a_trade_without_a_rate_has_no_notional_in_base() -> None:
    asked = body(held={"A": "5"}, priced=prices("USD", A="10"), offered=shelf("A"), trades=[sell("A", "1")], block_on_missing_fx=False)
    (trade,) = orders(asked)["trade_list"]
    assert trade["estimated_notional_base"] is None


@pytest.mark.parametrize(
    ("rates", "options", "rate", "effective"),
    [
        ({"USD/EUR": "0.8"}, {}, "0.8000", "0.8"),
        ({"USD/EUR": "0.123456"}, {}, "0.1235", "0.123456"),
        ({"EUR/USD": "1.25"}, {}, None, "0.8"),  # 1 ÷ 1.25
        ({"EUR/USD": "1.6", "USD/EUR": "0.6"}, {}, "0.6000", "0.6"),
        # through the hub: 1 USD = 0.9 CHF, 1 CHF = 1.05 EUR: 0.945
        ({"USD/CHF": "0.9", "CHF/EUR": "1.05"}, {"fx_hub": "CHF"}, None, "0.945"),
    ],
)
def test_a_deal_tells_the_rate_of_its_very_pair_and_the_one_it_is_made_at(
    rates: Any, options: Any, rate: str | None, effective: str
) -> None:
    asked = body(cash={"EUR": "1000"}, priced=prices("USD", A="10"), rates=rates, offered=shelf("A"), trades=[buy("A", "1")], **options)
    (deal,) = orders(asked)["fx_list"]
    assert (deal["pair"], deal["rate"], deal["effective_rate"], deal["buy_amount"]) == ("USD/EUR", rate, effective, "10")


def test_deals_are_listed_by_pair_and_a_note_says_that_orders_wait() -> None:
    asked = body(
        cash={"EUR": "1000"},
        priced=[*prices("USD", A="10"), *prices("CHF", B="10")],
        rates={"USD/EUR": "0.8", "CHF/EUR": "1"},
        offered=shelf("A", "B"),
        trades=[buy("A", "1"), buy("B", "1")],
    )
    found = orders(asked)
    assert [deal["pair"] for deal in found["fx_list"]] == ["CHF/EUR", "USD/EUR"]
    assert [note["code"] for note in found["execution_notes"]] == ["DEPENDENCY"]
    alone = orders(body(cash={"EUR": "1000"}, priced=prices(A="10"), offered=shelf("A"), trades=[buy("A", "1")]))
    assert (alone["fx_list"], alone["execution_notes"]) == ([], [])


def test_a_buy_that_waits_for_a_sell_is_noted_without_a_word_about_currency() -> None:
    asked = body(
        held={"A": "10"},
        priced=prices(A="10", B="10"),
        offered=shelf("A", "B"),
        trades=[sell("A", "5"), buy("B", "5")],
        link_buy_to_same_currency_sell_dependency=True,
    )
    (note,) = orders(asked)["execution_notes"]
    assert "FX" not in note["text"]  # advisory-engine S27


def test_each_traded_product_has_one_place_for_its_document() -> None:
    asked = body(
        held={"B": "10"},
        cash={"EUR": "100"},
        priced=prices(A="10", B="10"),
        offered=shelf("A", "B"),
        trades=[sell("B", "1"), sell("B", "2"), buy("A", "1"), buy("X", "1")],
    )
    assert [row["instrument_id"] for row in artifact(asked)["disclosures"]["product_docs"]] == ["A", "B"]


def test_market_data_without_an_id_is_called_md() -> None:
    pricing = artifact(body(valuation_mode="TRUST_SNAPSHOT"))["assumptions_and_limits"]["pricing"]
    assert pricing == {
        "market_data_snapshot_id": "md",
        "prices_as_of": "md",
        "fx_as_of": "md",
        "valuation_mode": "TRUST_SNAPSHOT",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3750.00", "3750"),
        ("0", "0"),
        ("0E-24", "0"),
        ("-0.0", "0"),
        ("1E+3", "1000"),
        ("0.050", "0.05"),
        ("-12.10", "-12.1"),
        ("100", "100"),
    ],
)
def test_bare_numbers(value: str, text: str) -> None:
    assert bare(plain(Decimal(value))) == text


@pytest.mark.parametrize(("value", "text"), [("0.12345", "0.1234"), ("0.12355", "0.1236"), ("-0.00001", "-0.0000"), ("1E+30", "0.0000")])
def test_weights_have_four_decimals(value: str, text: str) -> None:
    assert weight(Decimal(value)) == text


def test_other_figures_are_rounded_half_even_and_a_zero_has_no_sign() -> None:
    assert [in_minor_units(Fraction(value), "EUR") for value in ("0.005", "0.015", "-0.005", "-0.015", "1234567.891")] == [
        "0.00",
        "0.02",
        "0.00",
        "-0.02",
        "1234567.89",
    ]
    assert (in_minor_units(Fraction(5, 2), "JPY"), in_minor_units(Fraction(1, 3), "BHD")) == ("2", "0.333")
    assert ratio(Fraction(-1, 3)) == "-0.333333"
    assert [percent(Decimal(share)) for share in ("0.142857", "-0.00001", "1")] == ["14.29", "0.00", "100.00"]
    amounts = ("0.005", "0.015", "-0.005", "-0.015", "2.5", "1E+40", "-1234567890123456789012345678.5")
    for digits in (0, 2):
        assert [fixed(Decimal(amount), digits) for amount in amounts] == [fixed(Fraction(amount), digits) for amount in amounts]
    assert fixed(Fraction(10**40) + Fraction(1, 2), 1) == f"1{'0' * 40}.5"
