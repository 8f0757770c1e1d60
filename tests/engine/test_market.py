"""Prices, rates and the shelf as a run looks them up, by value (dpm-engine 4.1, S15)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from engine.contracts.limits import GroupConstraint
from engine.contracts.market_data import FxRate, MarketDataSnapshot, Price
from engine.contracts.shelf import ShelfEntry, ShelfStatus
from engine.market import Market, Shelf
from engine.numbers import arithmetic

D = Decimal


def market(base: str = "USD", **rates: Any) -> Market:
    pairs = [FxRate(pair.replace("_", "/"), D(rate)) for pair, rate in rates.items()]
    return Market.of(MarketDataSnapshot(fx_rates=pairs), base=base)


@pytest.mark.parametrize(
    ("rates", "source", "target", "rate"),
    [
        ({}, "USD", "USD", "1.0"),
        ({}, "XXX", "XXX", "1.0"),
        ({"EUR_USD": "2"}, "EUR", "USD", "2"),
        ({"EUR_USD": "2"}, "USD", "EUR", "0.5"),
        ({"USD_EUR": "0.9"}, "EUR", "USD", "1.111111111111111111111111111"),
        ({"EUR_USD": "2", "USD_EUR": "0.9"}, "EUR", "USD", "2"),
        ({"EUR_USD": "0", "USD_EUR": "0.8"}, "EUR", "USD", "1.25"),
        ({"EUR_USD": "0", "USD_EUR": "0"}, "EUR", "USD", None),
        ({"EUR_CHF": "1", "CHF_USD": "1"}, "EUR", "USD", None),
        ({"eur_usd": "2"}, "EUR", "USD", None),
        ({"EUR_CHF": "4"}, "CHF", "EUR", "0.25"),
    ],
)
def test_a_rate_is_quoted_or_the_inverse_of_a_quoted_one(rates: dict[str, Any], source: str, target: str, rate: str | None) -> None:
    with arithmetic():
        found = market(**rates).rate(source, target)
    assert found == (None if rate is None else D(rate))


@pytest.mark.parametrize(
    "rates", [{}, {"EUR_USD": "2"}, {"USD_EUR": "3"}, {"EUR_USD": "2", "USD_EUR": "3"}, {"EUR_USD": "0", "USD_EUR": "3"}]
)
def test_rates_to_base_are_those_same_rates(rates: dict[str, Any]) -> None:
    with arithmetic():
        found = market(**rates)
        assert {currency: found.base_rates.get(currency) for currency in ("EUR", "USD", "CHF")} == {
            currency: found.rate(currency, "USD") for currency in ("EUR", "USD", "CHF")
        }


def test_a_market_in_another_base_or_through_a_hub_has_exact_rates_of_its_own() -> None:
    """A euro is 2 dollars, a franc half a euro: asked first in dollars without a hub, where a franc has no rate."""
    dollars = market(EUR_USD="2", EUR_CHF="2")
    assert dollars.exact_rate("EUR") == 2
    assert dollars.exact_rate("CHF") is None
    assert dollars.in_base("EUR").exact_rate("EUR") == 1
    assert dollars.in_base("EUR").exact_rate("CHF") == Fraction(1, 2)
    assert dollars.through("EUR").exact_rate("CHF") == 1
    assert dollars.exact_rate("CHF") is None


def test_a_price_of_zero_is_no_price() -> None:
    rows = [Price("A", D(0), "USD"), Price("B", D("1.50"), "EUR")]
    found = Market.of(MarketDataSnapshot(prices=rows), base="USD")
    assert (list(found.prices), list(found.given), found.units) == (["B"], ["B"], {"B": D("1.50")})


def shelf() -> Shelf:
    return Shelf.of(
        [
            ShelfEntry("A", ShelfStatus.APPROVED, attributes={"sector": "TECH", "region": "US"}),
            ShelfEntry("B", ShelfStatus.BANNED, attributes={"sector": "FIN"}),
            ShelfEntry("C", ShelfStatus.APPROVED),
        ]
    )


def test_carriers_of_an_attribute_whatever_their_status() -> None:
    assert shelf().carriers("sector", "FIN") == {"B"}
    assert shelf().carriers("sector", "US") == set()


def test_known_attributes_and_keys_that_bind_nothing() -> None:
    assert (shelf().knows("region"), shelf().knows("rating")) == (True, False)
    limits = shelf().limits({key: GroupConstraint(D("0.5")) for key in ("sector:TECH", "sector:X", "rating:A", "region:EU")})
    assert [(limit.key, limit.known, limit.carriers) for limit in limits] == [
        ("rating:A", False, set()),
        ("region:EU", True, set()),
        ("sector:TECH", True, {"A"}),
        ("sector:X", True, set()),
    ]


def test_limits_are_those_of_the_constraints_asked_for() -> None:
    one, other = {"sector:TECH": GroupConstraint(D("0.5"))}, {"sector:FIN": GroupConstraint(D("0.4"))}
    whole = shelf()
    assert [[(limit.key, limit.cap) for limit in whole.limits(asked)] for asked in (one, other, one)] == [
        [("sector:TECH", D("0.5"))],
        [("sector:FIN", D("0.4"))],
        [("sector:TECH", D("0.5"))],
    ]
