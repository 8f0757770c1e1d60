"""Selling by lots, by value: order, gains, budget, and lots that hold less than the sale (RFC-0009, dpm-engine S7, S10)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from engine.contracts import EngineOptions
from engine.contracts.limits import OptionMoney
from engine.contracts.market_data import FxRate, MarketDataSnapshot, Price
from engine.contracts.snapshots import Cost, Position, TaxLot
from engine.intents.dust import Dust
from engine.intents.gains import GainsBudget
from engine.intents.orders import Trade
from engine.intents.tax_lots import Lot, lots_by_cost, realised, shortfall, within_budget
from engine.market import Market, Shelf
from engine.notes import Notes, TaxEvent
from engine.numbers import arithmetic

D = Decimal
TOLERANCE = D("0.0001")
PRICE = Price("A", D("10"), "USD")
MARKET = Market.of(MarketDataSnapshot(fx_rates=[FxRate("EUR/USD", D("2"))]), base="USD")


@pytest.fixture(autouse=True)
def engine_arithmetic() -> Iterator[None]:
    with arithmetic():
        yield


def lots(*rows: tuple[str, str]) -> list[Lot]:
    """(quantity, gain per unit) of each lot, in selling order."""
    return [Lot(D(quantity), D(gain)) for quantity, gain in rows]


def position(*rows: tuple[str, ...]) -> Position:
    """(lot id, quantity, cost, currency, date) of each lot."""
    return Position(
        "A",
        sum((D(row[1]) for row in rows), D(0)),
        lots=[TaxLot(name, D(quantity), Cost(D(cost), currency), date) for name, quantity, cost, currency, date in rows],
    )


def test_lots_stand_by_cost_date_and_id_descending() -> None:
    held = position(
        ("a", "1", "8", "USD", "2024-01-01"),
        ("b", "2", "8", "USD", "2024-01-01"),
        ("c", "3", "8", "USD", "2024-02-01"),
        ("d", "4", "9", "USD", "2020-01-01"),
        ("e", "5", "4", "EUR", "2023-01-01"),  # 4 · 2 = 8 USD, older than a and b
        ("f", "0", "99", "USD", "2024-01-01"),  # empty
    )
    found = lots_by_cost(held, PRICE, D("1.0"), MARKET, Notes())
    assert [lot.quantity for lot in found] == [4, 3, 2, 1, 5]
    assert [lot.unit_gain for lot in found] == [1, 2, 2, 2, 2]


def test_gains_are_in_base() -> None:
    # price 10 EUR, cost 8 USD = 8 · (1 / 2) = 4 EUR, rate 2: (10 − 4) · 2 = 12 USD
    (found,) = lots_by_cost(position(("a", "1", "8", "USD", "2024")), Price("A", D("10"), "EUR"), D("2"), MARKET, Notes())
    assert found.unit_gain == 12


def test_a_cost_without_rate_leaves_no_lots_and_is_missed() -> None:
    notes = Notes()
    held = position(("a", "1", "8", "JPY", "2024"), ("b", "1", "8", "CHF", "2024"))
    assert lots_by_cost(held, PRICE, D("1.0"), MARKET, notes) == []
    assert list(notes.fx_missing) == ["JPY/USD"]


@pytest.mark.parametrize(
    ("quantity", "amounts"),
    [("0", []), ("3", [-6]), ("5", [-10]), ("7", [-10, 4]), ("15", [-10, 20]), ("15.00005", [-10, 20])],
)
def test_what_a_sale_realises_lot_by_lot(quantity: str, amounts: list[Any]) -> None:
    assert realised(lots(("5", "-2"), ("10", "2")), D(quantity)) == amounts


@pytest.mark.parametrize(
    ("rows", "requested", "budget", "allowed"),
    [
        ([("100", "3")], "100", None, "100"),
        ([("100", "3")], "100", "300", "100"),
        ([("100", "3")], "100", "299.99", "99"),  # 99.9966…
        ([("100", "3")], "100", "100", "33"),
        ([("100", "3")], "100", "2.99", "0"),
        ([("100", "3")], "100", "0", "0"),
        ([("100", "3")], "12.5", "37.5", "12.5"),  # not limited, so not truncated
        ([("100", "3")], "12.5", "37.4", "12"),
        ([("100", "-3")], "100", "0", "100"),
        ([("100", "0")], "100", "0", "100"),
        ([("10", "-3"), ("10", "5")], "20", "24", "14"),  # the loss gives nothing back: 10 + 24 / 5
        ([("10.5", "1"), ("10", "2")], "20.5", "20.5", "15"),  # 10.5 + (20.5 − 10.5) / 2 = 15.5
        ([("10", "1"), ("10", "2")], "20", "10", "10"),
        ([("10", "1")], "10.0001", "10", "10.0001"),  # what no lot covers has no gain
    ],
)
def test_what_the_budget_lets_go(rows: list[tuple[str, str]], requested: str, budget: str | None, allowed: str) -> None:
    assert within_budget(lots(*rows), D(requested), None if budget is None else D(budget)) == D(allowed)


def test_a_budget_a_hair_below_a_unit_pays_for_one_unit_less() -> None:
    # 0.9999… with 28 nines and two thirds of the next digit: at 28 digits it would round up to 1
    assert within_budget(lots(("1", "3")), D("1"), D("2.9999999999999999999999999999")) == 0


@pytest.mark.parametrize(
    ("held", "requested", "units"),
    [("10", "10", None), ("10", "10.0001", None), ("10", "10.00011", "10"), ("9.99", "10", "9"), ("0.5", "10", "0")],
)
def test_lots_short_of_the_sale_cover_whole_units(held: str, requested: str, units: str | None) -> None:
    found = shortfall(lots((held, "1")), D(requested), TOLERANCE)
    assert found == (None if units is None else D(units))


def limited(rows: list[tuple[str, str]], requested: str, budget: str | None = None) -> tuple[Trade, Notes]:
    """A sell at 10 USD of lots with these units and gains, after its turn in the walk."""
    trade = Trade("A", "SELL", D(requested), PRICE, PRICE.price, D("1.0"))
    held = position(*((f"l{place}", units, str(10 - D(gain)), "USD", "2024") for place, (units, gain) in enumerate(rows)))
    notes = Notes()
    GainsBudget({"A": held}, MARKET, None if budget is None else D(budget), notes).walk([trade], lambda _: False)
    return trade, notes


def test_a_shortfall_of_lots_is_no_question_of_the_budget() -> None:
    trade, notes = limited([("9.99", "2")], "12")
    assert (trade.quantity, trade.limited_by, trade.realised) == (D(9), "LOT_QUANTITY", [D(18)])
    assert notes.warnings == ["LOT_QUANTITY_SHORTFALL"]
    assert notes.tax_events == [TaxEvent("A", D(12), D(9), "LOT_QUANTITY_SHORTFALL")]


def test_a_budget_may_cut_what_the_lots_cover() -> None:
    trade, notes = limited([("9.99", "2")], "12", "10")
    assert (trade.quantity, trade.limited_by, trade.realised) == (D(5), "TAX_BUDGET", [D(10)])
    assert notes.warnings == ["LOT_QUANTITY_SHORTFALL", "TAX_BUDGET_LIMIT_REACHED"]
    assert [(event.requested, event.allowed) for event in notes.tax_events] == [(D(12), D(9)), (D(12), D(5))]


def test_a_sale_that_nothing_limits_keeps_its_fraction() -> None:
    trade, notes = limited([("12.345", "2")], "12.345", "24.69")
    assert (trade.quantity, trade.limited_by, trade.realised) == (D("12.345"), None, [D("24.690")])
    assert (notes.warnings, notes.tax_events) == ([], [])


def test_the_first_answer_on_dust_stands() -> None:
    options = EngineOptions(min_trade_notional=OptionMoney(D("100"), "USD"))
    notes = Notes()
    dust = Dust(MARKET, Shelf({}), options, notes)
    assert [dust.suppresses("A", D(notional), "USD") for notional in ("99.99", "500")] == [True, True]
    assert [dust.suppresses("B", D(notional), "USD") for notional in ("100", "1")] == [False, False]
    assert [intent.instrument_id for intent in notes.suppressed] == ["A"]
