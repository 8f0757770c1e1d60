"""What orders cost by a schedule, worked out by hand (desk 8.1, 8.2; practice 5.2)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.market_data import FxRate, MarketDataSnapshot, Price
from engine.contracts.proposals import parse_proposal
from engine.contracts.shelf import ShelfEntry, ShelfStatus
from engine.costs import Charges, OrderCost
from engine.intents.orders import BUY, SELL, Trade
from engine.market import Market, Shelf
from engine.minor_currencies import minors_of, options_in_major
from engine.numbers import ONE
from engine.simulation.dependencies import link_every_payer

D = Decimal
Json = dict[str, Any]
RATES = {"EUR/USD": "1.25", "EUR/JPY": "160"}
SHELF = {"B": {"type": "BOND", "country": "GB"}, "S": {"type": "SHARE", "country": "GB"}, "N": {}}


def charges(schedule: Json | None, rates: dict[str, str] | None = None) -> Charges:
    """The charges of a schedule, in major currencies, over three instruments with EUR as base."""
    snapshot = {"portfolio_id": "pf", "base_currency": "EUR", "positions": [], "cash_balances": []}
    body = {"portfolio_snapshot": snapshot, "market_data_snapshot": {"prices": [], "fx_rates": []}, "shelf_entries": []}
    options = parse_proposal(orjson.dumps(body | {"options": {"costs": schedule}})).options
    data = MarketDataSnapshot(fx_rates=[FxRate(pair, D(rate)) for pair, rate in (RATES if rates is None else rates).items()])
    shelf = Shelf.of(ShelfEntry(name, ShelfStatus.APPROVED, attributes=attributes) for name, attributes in SHELF.items())
    return Charges.of(options_in_major(options, minors_of("EUR", data)).costs, Market.of(data, base="EUR"), shelf)


def commission(rows: list[Json], name: str = "B", side: str = BUY, currency: str = "EUR", notional: str = "10000") -> Decimal:
    return charges({"commission": rows}).cost(name, side, D(notional), currency).commission


def row(bps: str, **members: Any) -> Json:
    return {"rate_bps": bps, **members}


def eur(amount: str) -> Json:
    return {"amount": amount, "currency": "EUR"}


@pytest.mark.parametrize(
    ("notional", "expected"),
    [
        ("1000", "15"),  # 1,000 × 50 ÷ 10,000 = 5, at least 15
        ("3000", "15"),  # exactly 15
        ("4000", "20"),
        ("30000", "100"),  # 150, at most 100
        ("3000.01", "15.01"),  # 15.00005, rounded up
    ],
)
def test_a_commission_is_a_share_of_the_notional_within_its_bounds(notional: str, expected: str) -> None:
    rows = [row("50", minimum=eur("15"), maximum=eur("100"))]
    assert commission(rows, notional=notional) == D(expected)


def test_bounds_are_in_any_currency() -> None:
    # 15 EUR are 18.75 USD or 2,400 JPY
    rows = [row("50", minimum=eur("15"))]
    assert commission(rows, currency="USD", notional="1000") == D("18.75")
    assert commission(rows, currency="JPY", notional="1000") == D("2400")


def test_nothing_is_charged_by_an_empty_schedule_or_for_no_notional() -> None:
    free = OrderCost(D(0), D(0))
    assert charges(None).cost("B", BUY, D(1000), "EUR") == free
    assert charges({}).cost("B", BUY, D(1000), "EUR") == free
    assert charges({"commission": [row("50", minimum=eur("15"))]}).cost("B", BUY, D(0), "EUR") == free


@pytest.mark.parametrize(
    ("rows", "bps"),
    [
        # a match beats a currency and a side together
        ([row("1", match="type:BOND"), row("2", currency="EUR", side="BUY"), row("3")], 1),
        # a currency beats a side
        ([row("1", side="BUY"), row("2", currency="EUR"), row("3")], 2),
        ([row("1"), row("2", side="BUY")], 2),
        # of two matches the one that says more besides; of equals the lesser text
        ([row("1", match="country:GB"), row("2", match="type:BOND", currency="EUR")], 2),
        ([row("1", match="type:BOND"), row("2", match="country:GB")], 2),
        # what names another currency, side or value does not apply
        ([row("1", match="type:SHARE"), row("2", currency="USD"), row("3", side="SELL"), row("4")], 4),
        ([row("1", match="type:SHARE"), row("2", currency="USD"), row("3", side="SELL")], 0),
        ([row("1", match="rating:AAA"), row("2")], 2),
    ],
)
def test_the_most_specific_commission_holds(rows: list[Json], bps: int) -> None:
    # a basis point of 10,000 is 1
    assert commission(rows) == bps
    assert commission(rows[::-1]) == bps


def test_an_instrument_without_a_shelf_entry_has_no_attribute() -> None:
    assert commission([row("1", match="type:BOND"), row("2")], name="?") == 2


def test_all_taxes_that_match_add_up_and_are_rounded_once() -> None:
    # 50 + 10 basis points of 1,001.01: 6.00606; commission 25 basis points: 2.502525
    found = charges(
        {
            "commission": [row("25")],
            "transaction_tax": [
                row("50", match="country:GB", side="BUY"),
                row("10"),
                row("70", match="country:GB", side="SELL"),
                row("5", match="type:SHARE"),
            ],
        }
    ).cost("B", BUY, D("1001.01"), "EUR")
    assert found == OrderCost(D("2.51"), D("6.01"))
    assert found.total == D("8.52")


def test_minor_units_are_those_of_the_currency() -> None:
    # 25 basis points of 1,001: 2.5025 JPY, 2.5025 KWD
    assert commission([row("25")], currency="JPY", notional="1001") == 3
    assert commission([row("25")], currency="KWD", notional="1001") == D("2.503")


def test_a_bound_without_a_rate_is_absent_and_said() -> None:
    found = charges({"commission": [row("50", minimum={"amount": "15", "currency": "CHF"})]})
    orders = [Trade(name, side, ONE, Price(name, ONE, "EUR"), ONE, ONE) for name, side in (("N", BUY), ("B", SELL), ("N", SELL))]
    assert found.cost("N", BUY, D(1000), "EUR").commission == 5
    assert list(found.unbounded(orders)) == ["COST_BOUND_UNCONVERTIBLE_N", "COST_BOUND_UNCONVERTIBLE_B"]
    assert list(charges({"commission": [row("50", minimum=eur("15"))]}).unbounded(orders)) == []


def test_a_side_that_tax_eats_up_is_not_traded() -> None:
    # ten rows of 500 basis points are half of what is traded
    attributes = [f"a{number}:x" for number in range(9)]
    rows = [row("500", side="BUY"), *(row("500", match=text, side="BUY") for text in attributes)]
    found = charges({"transaction_tax": rows})
    found.shelf.entries["B"].attributes.update({f"a{number}": "x" for number in range(9)})
    found.shelf.entries["S"].attributes.update({f"a{number}": "x" for number in range(8)})
    assert [found.prohibitive(name, BUY) for name in ("B", "S", "N")] == [True, False, False]
    assert not found.prohibitive("B", SELL)


def test_a_spread_is_that_of_the_currency_else_the_general_one() -> None:
    found = charges({"fx_spread_bps": "20", "fx_spread_bps_by_currency": {"JPY": "35"}})
    assert [found.spread("JPY"), found.spread("USD"), charges(None).spread("USD")] == [Fraction(35, 10_000), Fraction(1, 500), 0]


POUND = {"EUR/GBP": "0.8"}


def test_pence_count_as_pounds() -> None:
    # at least 1,500 pence are 15 GBP; 50 basis points of 1,000 are 5
    schedule = {
        "commission": [row("50", currency="GBX", minimum={"amount": "1500", "currency": "GBX"}), row("1")],
        "fx_spread_bps_by_currency": {"GBp": "7"},
    }
    found = charges(schedule, POUND)
    assert found.cost("N", BUY, D(1000), "GBP").commission == 15
    assert found.spread("GBP") == Fraction(7, 10_000)


def test_pence_that_a_rate_names_are_a_currency_of_their_own() -> None:
    schedule = {"commission": [row("50", currency="GBX"), row("1")], "fx_spread_bps_by_currency": {"GBX": "7"}}
    found = charges(schedule, POUND | {"EUR/GBX": "80"})
    assert found.cost("N", BUY, D(10000), "GBP").commission == 1
    assert found.cost("N", BUY, D(10000), "GBX").commission == 50
    assert [found.spread("GBP"), found.spread("GBX")] == [0, Fraction(7, 10_000)]


@pytest.mark.parametrize(
    "rows", [[row("3", currency="GBX"), row("2", currency="GBP")], [row("3", currency="GBp"), row("2", currency="GBX")]]
)
def test_what_is_said_of_pounds_wins_over_what_is_said_of_pence(rows: list[Json]) -> None:
    # of two codes for pence the lesser text
    for given_rows in (rows, rows[::-1]):
        spreads = {str(stated["currency"]): stated["rate_bps"] for stated in given_rows}
        found = charges({"commission": given_rows, "fx_spread_bps_by_currency": spreads}, POUND)
        assert found.cost("N", BUY, D(10000), "GBP").commission == 2
        assert found.spread("GBP") == Fraction(2, 10_000)


def test_a_buy_waits_for_the_sell_that_pays_its_commission() -> None:
    # 1,000 at hand pay the notional, not its commission of 5 (practice 6.4)
    sell = Trade("A", SELL, ONE, Price("A", ONE, "EUR"), ONE, ONE, intent_id="oi_1", notional=D(10))
    buy = Trade("B", BUY, ONE, Price("B", ONE, "EUR"), ONE, ONE, intent_id="oi_2", notional=D(1000))
    link_every_payer([sell, buy], [], {"EUR": D(1000)}, "EUR")
    assert buy.dependencies == []
    buy.cost = D(5)
    link_every_payer([sell, buy], [], {"EUR": D(1000)}, "EUR")
    assert buy.dependencies == ["oi_1"]


AMOUNTS = st.decimals(D("0.01"), D(10**9), places=2)


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(AMOUNTS, st.integers(0, 500), st.integers(0, 500), st.decimals(0, 100, places=3), st.decimals(0, 100, places=3), st.booleans())
def test_a_charge_is_the_exact_cost_rounded_against_the_client_by_less_than_a_minor_unit_each(
    notional: Decimal, bps: int, tax: int, least: Decimal, more: Decimal, capped: bool
) -> None:
    bounds: Json = {"minimum": eur(str(least))} | ({"maximum": eur(str(least + more))} if capped else {})
    found = charges({"commission": [row(str(bps), **bounds)], "transaction_tax": [row(str(tax))]})
    share = max(Fraction(notional) * bps / 10_000, Fraction(least))
    share = min(share, Fraction(least + more)) if capped else share
    cost = found.cost("N", BUY, notional, "EUR")
    for charged, exact in ((cost.commission, share), (cost.tax, Fraction(notional) * tax / 10_000)):
        assert 0 <= Fraction(charged) - exact < Fraction(1, 100)
        assert charged * 100 % 1 == 0
    assert found.terms("N", BUY, "EUR").cost(Fraction(notional)) == share + Fraction(notional) * tax / 10_000
