"""What one unit is worth: percent, accrued interest, multipliers, and a price of zero (practice 5)."""

from decimal import Decimal
from fractions import Fraction

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contracts import parse_request
from engine.contracts.market_data import PriceBasis
from engine.market import Market, clean_factor, unit_value
from engine.numbers import arithmetic
from tests.engine.books import Json, approved, book, cash, decided, holding, lot, price, trades, values


def market(*rows: Json) -> Market:
    request = parse_request(orjson.dumps(book(prices=list(rows))))
    with arithmetic():
        return Market.of(request.market_data_snapshot, base="EUR")


@pytest.mark.parametrize(
    ("members", "unit"),
    [
        ({}, "99.732"),
        ({"basis": "UNIT", "accrued": "0", "multiplier": "1"}, "99.732"),
        ({"basis": "PERCENT"}, "0.99732"),
        ({"basis": "PERCENT", "accrued": "1.25"}, "1.00982"),
        ({"multiplier": "50"}, "4986.6"),
        ({"accrued": "0.268", "multiplier": "0.5"}, "50"),
        ({"basis": "PERCENT", "accrued": "0.268", "multiplier": "1000"}, "1000"),
    ],
)
def test_a_unit_is_worth_price_and_accrued_times_multiplier_and_basis(members: Json, unit: str) -> None:
    assert market(price("A", "99.732", **members)).units == {"A": Decimal(unit)}


def test_the_unit_value_of_a_plain_price_is_the_price_itself() -> None:
    found = market(price("A", "99.732"))
    assert found.units["A"] is found.prices["A"].price


def test_a_default_that_is_stated_leaves_every_digit_as_it_is() -> None:
    """A price may have more zeros than arithmetic has digits: 1.5 with 40 of them plus nothing would lose some, and both requests hash equal."""
    amount = f"1.5{'0' * 40}"
    (silent, stated) = (
        market(price("A", amount)),
        market(price("A", amount, accrued="0", multiplier="1", basis="UNIT")),
    )
    assert str(stated.units["A"]) == str(silent.units["A"]) == amount
    assert str(market(price("A", amount, accrued="0.0")).units["A"]) != amount  # stands in the hash as it is written


decimals = st.decimals(min_value="0.0001", max_value="99999", places=4)


@given(decimals, decimals, decimals, st.sampled_from(PriceBasis))
def test_unit_values_are_exact_for_figures_of_everyday_length(
    amount: Decimal, accrued: Decimal, multiplier: Decimal, basis: PriceBasis
) -> None:
    row = market(price("A", str(amount), accrued=str(accrued), multiplier=str(multiplier), basis=basis.value)).prices["A"]
    hundredth = Fraction(1, 100) if basis is PriceBasis.PERCENT else 1
    with arithmetic():
        assert Fraction(unit_value(row)) == (Fraction(amount) + Fraction(accrued)) * Fraction(multiplier) * hundredth
        assert Fraction(clean_factor(row)) == Fraction(multiplier) * hundredth


def test_a_bond_is_held_and_bought_by_its_nominal() -> None:
    body = book(
        positions=[holding("B", "100000")],
        balances=[cash("200000")],
        prices=[price("B", "99.732", basis="PERCENT")],
        model={"B": "0.6"},
    )
    result = decided(body)
    # 0.6 × 299,732 = 179,839.20, less 99,732.00 held, by 0.99732 = 80,322.46…
    assert values(result) == {"B": "99732.00000 EUR"}
    assert trades(result) == {"B": ("BUY", "80322")}
    assert result["intents"][0]["notional"] == {"amount": "80106.73704", "currency": "EUR"}
    assert result["before"]["positions"][0]["price"] == {"amount": "99.732", "currency": "EUR", "basis": "PERCENT"}
    assert Decimal(result["after_simulated"]["total_value"]["amount"]) == 299732


def test_a_contract_is_sold_at_its_multiplier_and_dust_is_measured_at_it() -> None:
    body = book(
        positions=[holding("F", "10")],
        prices=[price("F", "20", multiplier="50")],
        model={"F": "0.75"},
        options={"min_trade_notional": {"amount": "2000", "currency": "EUR"}},
    )
    # 10,000 held, 7,500 wanted: 2.5 contracts of 1,000, two of them worth exactly the threshold
    assert trades(decided(body)) == {"F": ("SELL", "2")}
    body["options"]["min_trade_notional"]["amount"] = "2000.01"
    [left_out] = decided(body)["diagnostics"]["suppressed_intents"]
    assert left_out["intended_notional"] == {"amount": "2000", "currency": "EUR"}


def test_gains_compare_clean_prices() -> None:
    body = book(
        positions=[holding("B", "10000", lots=[lot("l", "10000", "90")])],
        prices=[price("B", "98", basis="PERCENT", accrued="2")],
        model={"B": "0.5"},
        options={"enable_tax_awareness": True},
    )
    result = decided(body)
    # 5,000 nominal sold at 100 % of it; (98 − 90) % of 5,000 gained, the accrued 2 % are no gain
    assert trades(result) == {"B": ("SELL", "5000")}
    assert Decimal(result["intents"][0]["notional"]["amount"]) == 5000
    assert Decimal(result["tax_impact"]["total_realized_gain"]["amount"]) == 400


def test_a_price_shows_what_is_not_as_usual() -> None:
    members = {"accrued": "1.50", "multiplier": "10"}
    result = decided(book(positions=[holding("A", "1")], prices=[price("A", "5", **members)]))
    assert result["before"]["positions"][0]["price"] == {"amount": "5", "currency": "EUR", "accrued": "1.50", "multiplier": "10"}
    usual = decided(book(positions=[holding("A", "1")], prices=[price("A", "5", accrued="0.00", multiplier="1.0", basis="UNIT")]))
    assert usual["before"]["positions"][0]["price"] == {"amount": "5", "currency": "EUR"}


def worthless(shelf: list[Json], *, model: dict[str, str] | None = None, options: Json | None = None, **prices: str) -> Json:
    return book(
        positions=[holding("A", "7")],
        balances=[cash("100")],
        prices=[price("A", "0", **prices)],
        shelf=shelf,
        model=model,
        options=options,
    )


LOCKED = [
    [],
    [approved("A", status="BANNED")],
    [approved("A", status="SUSPENDED")],
    [approved("A", status="RESTRICTED")],
]


@pytest.mark.parametrize("shelf", LOCKED)
def test_a_holding_that_may_not_be_traded_can_be_worth_nothing(shelf: list[Json]) -> None:
    result = decided(worthless(shelf, accrued="5"))
    assert (result["status"], values(result)) == ("READY", {"A": "0 EUR"})
    assert result["universe"]["coverage"]["price_coverage_pct"] == "1.0000"
    assert result["before"]["positions"][0]["price"]["amount"] == "0"
    assert trades(result) == {}


@pytest.mark.parametrize(
    ("shelf", "model", "options"),
    [
        ([approved("A")], {}, {}),
        ([approved("A", status="SELL_ONLY")], {}, {}),
        ([approved("A", status="RESTRICTED")], {"A": "0.5"}, {"allow_restricted": True}),
    ],
)
def test_for_what_may_be_traded_zero_is_a_missing_price(shelf: list[Json], model: dict[str, str], options: Json) -> None:
    result = decided(worthless(shelf, model=model, options=options))
    assert result["status"] == "BLOCKED"
    assert result["diagnostics"]["data_quality"]["price_missing"] == ["A"]


@pytest.mark.parametrize(("model", "options"), [({"A": "0.5"}, {}), ({}, {"allow_restricted": True})])
def test_a_restricted_holding_may_be_worth_nothing_where_it_stays_locked(model: dict[str, str], options: Json) -> None:
    result = decided(worthless([approved("A", status="RESTRICTED")], model=model, options=options))
    assert result["diagnostics"]["data_quality"]["price_missing"] == []


def sold_out(*lots: Json, **options: str) -> Json:
    body = book(positions=[holding("A", "30", lots=list(lots))], balances=[cash("0")], prices=[price("A", "10"), price("N", "10")])
    return decided(body | {"options": {"enable_tax_awareness": True} | options})


def test_lots_of_unknown_cost_are_sold_last_and_count_as_bought_for_nothing() -> None:
    lots = [lot("u", "10", None, date="2030-01-01"), lot("z", "10", "0"), lot("k", "10", "12")]
    result = sold_out(*lots)
    # k loses 20; z and u gain 100 each
    assert trades(result) == {"A": ("SELL", "30")}
    impact = result["tax_impact"]
    assert (impact["total_realized_gain"]["amount"], impact["total_realized_loss"]["amount"]) == ("200.0", "20.0")
    assert impact["unknown_cost_proceeds"] == {"amount": "100.0", "currency": "EUR"}
    assert result["diagnostics"]["warnings"] == ["LOT_COST_UNKNOWN_A"]


def test_a_budget_that_stops_before_unknown_costs_leaves_no_word_of_them() -> None:
    result = sold_out(lot("u", "10", None), lot("k", "20", "9"), max_realized_capital_gains="20")
    assert trades(result) == {"A": ("SELL", "20")}
    assert "unknown_cost_proceeds" not in result["tax_impact"]
    assert result["diagnostics"]["warnings"] == ["TAX_BUDGET_LIMIT_REACHED"]
