"""A sell that truncation left nothing of, and that the nearest lot brings back, is a sale as any other (dpm-engine S7; desk 6.8: gains ≤ K, lots suffice)."""

from typing import Any

import pytest

from tests.engine.books import Json, approved, book, decided, holding, lot, price, trades


def kept(
    lots: list[Json], *, weight: str = "0.93", units: str = "10", shelf: Json | None = None, quoted: Json | None = None, **options: Any
) -> Json:
    """10,000 in A: at a weight of 0.93 it is 700 above its target, more than half of a unit of 1,000, and B wants what that brings."""
    return book(
        positions=[holding("A", units, lots=lots)],
        prices=[price("A", "1000", **(quoted or {})), price("B", "10")],
        model={"A": weight, "B": f"{1 - float(weight):.2f}"},
        shelf=[approved("A", **(shelf or {})), approved("B")],
        options={"conventions": "DESK", "enable_tax_awareness": True} | options,
    )


def realised(result: Json) -> tuple[float, float]:
    """Gain and loss as shown."""
    impact = result["tax_impact"]
    return float(impact["total_realized_gain"]["amount"]), float(impact["total_realized_loss"]["amount"])


CHEAP = [lot("l", "10", "100")]
"""Every unit gains 900."""


def test_no_lot_is_sold_beyond_the_budget() -> None:
    found = decided(kept(CHEAP, max_realized_capital_gains="899.99"))
    assert trades(found) == {}
    assert realised(found) == (0, 0)
    [reason, _] = found["explanation"]["reasons"]
    assert (reason["decision"], reason["driver"], reason["flips_at"]) == ("NONE", "LOT_SIZE", None)


def test_the_nearest_lot_is_sold_within_the_budget_and_uses_it() -> None:
    found = decided(kept(CHEAP, max_realized_capital_gains="900"))
    assert trades(found) == {"A": ("SELL", "1"), "B": ("BUY", "70")}
    assert realised(found) == (900, 0)
    assert float(found["tax_impact"]["budget_used"]["amount"]) == 900


def test_the_nearest_lot_shares_the_budget_with_the_walk() -> None:
    # C sells 2 of 20 at a gain of 50 each in the walk: 100 of 999 are used, and 900 no longer fit; of 1,000 they do
    def asked(budget: str) -> Json:
        return book(
            positions=[holding("A", "10", lots=CHEAP), holding("C", "20", lots=[lot("m", "20", "450")])],
            prices=[price("A", "1000"), price("B", "10"), price("C", "500")],
            model={"A": "0.465", "C": "0.45", "B": "0.085"},
            options={"conventions": "DESK", "enable_tax_awareness": True, "max_realized_capital_gains": budget},
        )

    assert trades(decided(asked("999"))) == {"C": ("SELL", "2"), "B": ("BUY", "100")}
    found = decided(asked("1000"))
    assert trades(found) == {"A": ("SELL", "1"), "C": ("SELL", "2"), "B": ("BUY", "170")}
    assert realised(found) == (1000, 0)


@pytest.mark.parametrize(("cost", "shown"), [("100", (900, 0)), ("2000", (0, 1000))])
def test_gains_and_losses_are_told_where_nothing_limits_them(cost: str, shown: tuple[float, float]) -> None:
    found = decided(kept([lot("l", "10", cost)]))
    assert trades(found)["A"] == ("SELL", "1")
    assert realised(found) == shown


def test_a_lot_of_unknown_cost_counts_as_bought_for_nothing() -> None:
    assert trades(decided(kept([lot("l", "10", None)], max_realized_capital_gains="999.99"))) == {}
    found = decided(kept([lot("l", "10", None)]))
    assert realised(found) == (1000, 0)
    assert float(found["tax_impact"]["unknown_cost_proceeds"]["amount"]) == 1000
    assert "LOT_COST_UNKNOWN_A" in found["diagnostics"]["warnings"]


def test_a_lot_of_unknown_cost_beside_a_known_one_is_sold_last() -> None:
    found = decided(kept([lot("l", "9", None), lot("m", "1", "2000")]))
    assert realised(found) == (0, 1000)
    assert "LOT_COST_UNKNOWN_A" not in found["diagnostics"]["warnings"]


def test_classic_with_the_nearest_lot_keeps_the_budget_too() -> None:
    stated: dict[str, Any] = {"conventions": "CLASSIC", "quantity_rounding": "NEAREST_AFFORDABLE"}
    assert trades(decided(kept(CHEAP, max_realized_capital_gains="0", **stated))) == {}
    assert trades(decided(kept(CHEAP, max_realized_capital_gains="900", **stated)))["A"] == ("SELL", "1")


def test_a_denomination_is_a_lot() -> None:
    # 1,000,000 nominal at 100 %, lots of 100,000 bought at 60 %: one of them gains 40,000
    bond: dict[str, Any] = {"units": "1000000", "shelf": {"lot_size": "100000"}, "quoted": {"price": "100", "basis": "PERCENT"}}
    lots = [lot("l", "1000000", "60")]
    assert trades(decided(kept(lots, max_realized_capital_gains="39999", **bond))) == {}
    assert trades(decided(kept(lots, max_realized_capital_gains="40000", **bond)))["A"] == ("SELL", "100000")


def test_a_cost_without_rate_is_missed() -> None:
    found = decided(kept([lot("l", "10", "100", "CHF")]))
    assert found["status"] == "BLOCKED"
    assert found["diagnostics"]["data_quality"]["fx_missing"] == ["CHF/EUR"]


def test_a_lot_that_the_lots_do_not_hold_is_not_sold() -> None:
    # one unit is held, 0.7 are too many, and the lots know of 0.99: a hundredth is doubted, and not sold
    assert trades(decided(kept([lot("l", "0.99", "2000")], units="1", weight="0.3"))) == {}
    assert trades(decided(kept([lot("l", "1", "2000")], units="1", weight="0.3")))["A"] == ("SELL", "1")
