"""Rates through a hub: what is derived, what never is, and exact rates to base (practice 6.2, desk 1.4)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contracts.market_data import FxRate, MarketDataSnapshot
from engine.market import Market
from engine.numbers import arithmetic
from tests.engine.books import Json, book, cash, decided, holding, lot, price

EXACT = {"EUR/USD": "1.25", "GBP/USD": "1.5", "USD/JPY": "160"}


def market(rates: dict[str, str], hub: str | None = None, base: str = "EUR") -> Market:
    with arithmetic():
        return Market.of(MarketDataSnapshot(fx_rates=[FxRate(pair, Decimal(rate)) for pair, rate in rates.items()]), base=base, hub=hub)


@pytest.mark.parametrize(
    ("source", "target", "rate"),
    [
        ("GBP", "EUR", "1.2"),  # 1.5 × (1 ÷ 1.25)
        ("EUR", "JPY", "200"),
        ("JPY", "EUR", "0.005"),
        ("GBP", "JPY", "240"),
        ("GBP", "USD", "1.5"),
        ("JPY", "USD", "0.00625"),
        ("CHF", "EUR", None),
        ("CHF", "CHF", "1"),
    ],
)
def test_a_missing_pair_goes_through_the_hub(source: str, target: str, rate: str | None) -> None:
    with arithmetic():
        assert market(EXACT, "USD").rate(source, target) == (None if rate is None else Decimal(rate))


def test_given_pairs_win_over_the_hub_and_zero_gives_none() -> None:
    quoted = market(EXACT | {"EUR/GBP": "0.9"}, "USD")
    zero = market(EXACT | {"EUR/GBP": "0"}, "USD")
    with arithmetic():
        assert quoted.rate("EUR", "GBP") == Decimal("0.9")
        assert zero.rate("GBP", "EUR") == Decimal("1.2")
    assert not quoted.derives("GBP", "EUR")
    assert zero.derives("GBP", "EUR")


def test_what_is_not_quoted_goes_through_the_hub_before_it_goes_through_base() -> None:
    # 1.5 × 160 = 240 through USD; through EUR it would be (1 ÷ 0.9) × 200
    quoted = EXACT | {"EUR/GBP": "0.9"}
    assert market(quoted, "USD").exact_between("GBP", "JPY") == 240
    assert market(EXACT | {"EUR/JPY": "200"}).exact_between("USD", "GBP") == Fraction(2, 3)
    assert market({"EUR/USD": "1.25", "EUR/GBP": "0.8"}).exact_between("USD", "GBP") == Fraction(16, 25)


def test_without_a_hub_nothing_is_derived() -> None:
    plain = market(EXACT)
    assert plain.rate("GBP", "EUR") is None
    assert plain.base_rates.keys() == {"EUR", "USD"}
    assert plain.exact_rate("GBP") is None


@pytest.mark.parametrize("hub", [None, "USD", "EUR", "GBP", "CHF"])
def test_rates_to_base_are_those_same_rates(hub: str | None) -> None:
    found = market(EXACT | {"CHF/GBP": "0.9"}, hub)
    with arithmetic():
        for currency in ("EUR", "USD", "GBP", "JPY", "CHF", "AUD"):
            assert found.base_rates.get(currency) == found.rate(currency, "EUR")


rates = st.decimals(min_value="0.0001", max_value="9999", places=4)


@given(rates, rates, st.booleans(), st.booleans())
def test_exact_rates_lose_nothing(first: Decimal, second: Decimal, first_inverse: object, second_inverse: object) -> None:
    legs = {
        "USD/JPY" if first_inverse else "JPY/USD": str(first),
        "EUR/USD" if second_inverse else "USD/EUR": str(second),
    }
    found = market(legs, "USD")
    one = 1 / Fraction(first) if first_inverse else Fraction(first)
    two = 1 / Fraction(second) if second_inverse else Fraction(second)
    assert found.exact_rate("USD") == two
    assert found.exact_rate("JPY") == one * two
    assert found.exact_rate("EUR") == 1
    assert found.exact_rate("CHF") is None
    shown = found.base_rates["JPY"]
    assert abs(Fraction(shown) - one * two) <= one * two / 10**26


def foreign_book(options: Json, **portfolio: list[Json]) -> Json:
    return book(
        positions=[holding("A", "10")],
        balances=[cash("100"), cash("0", "CHF")],
        prices=[price("A", "3", "GBP")],
        rates=EXACT | {"CHF/USD": "1"},
        portfolio=dict(portfolio),
        options=options,
    )


def test_a_derived_rate_that_valued_a_row_is_told() -> None:
    result = decided(foreign_book({"fx_hub": "USD"}))
    assert result["before"]["total_value"]["amount"] == "136.00"  # 100 + 30 × 1.2
    assert result["diagnostics"]["fx_derived"] == [{"pair": "GBP/EUR", "via": "USD", "rate": "1.20"}]
    assert result["universe"]["coverage"]["fx_coverage_pct"] == "1.0000"


def test_a_missing_rate_stays_missing_without_the_hub() -> None:
    result = decided(foreign_book({}))
    assert result["status"] == "BLOCKED"
    assert result["diagnostics"]["data_quality"]["fx_missing"] == ["GBP/EUR"]
    assert "fx_derived" not in result["diagnostics"]


def test_a_hub_that_derives_nothing_is_silent() -> None:
    body = book(balances=[cash("100"), cash("5", "USD")], rates=EXACT, options={"fx_hub": "USD"})
    assert "fx_derived" not in decided(body)["diagnostics"]


@pytest.mark.parametrize(("amount", "day", "told"), [("-5", 300, True), ("5", 5, True), ("5", 6, False)])
def test_rates_of_counted_flows_are_told(amount: str, day: int, told: object) -> None:
    result = decided(foreign_book({"fx_hub": "USD"}, cash_flows=[{"currency": "CHF", "amount": amount, "day": day}]))
    pairs = [row["pair"] for row in result["diagnostics"]["fx_derived"]]
    assert pairs == (["CHF/EUR", "GBP/EUR"] if told else ["GBP/EUR"])


def test_rates_of_sold_lots_are_told_under_tax_awareness() -> None:
    body = foreign_book({"fx_hub": "USD", "enable_tax_awareness": True})
    body["portfolio_snapshot"]["positions"][0]["lots"] = [lot("l", "10", "160", "JPY")]
    result = decided(body)
    told = {row["pair"]: row["rate"] for row in result["diagnostics"]["fx_derived"]}
    # a yen is 1 ÷ 160 dollars, a dollar 1 ÷ 1.5 pounds: 160 yen cost 0.6667 pounds
    assert told.keys() == {"GBP/EUR", "JPY/GBP"}
    assert told["JPY/GBP"].startswith("0.0041666")
    assert result["diagnostics"]["data_quality"]["fx_missing"] == []


def test_rates_of_thresholds_are_not_told() -> None:
    options = {"fx_hub": "USD", "min_trade_notional": {"amount": "1", "currency": "JPY"}}
    assert [row["pair"] for row in decided(foreign_book(options))["diagnostics"]["fx_derived"]] == ["GBP/EUR"]
