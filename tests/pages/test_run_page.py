"""What a page of a run says, on documents written by hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from engine.report.allocation import by_asset_class, by_attribute, by_currency, by_instrument, by_shelf
from engine.report.figures import Kind
from engine.report.headline import key_figures, verdict
from engine.report.places import Figure, Place
from engine.report.rows import Balance, Bars, Gaps, Share
from engine.report.run_page import run_page
from infra.pages.charts import Shape, bars_of, course_of, gaps_of
from infra.pages.markup import plain
from infra.pages.render import render

Json = dict[str, Any]

OLD: Final = Path(__file__).parents[1] / "engine/recorded_by_1_0_0.json"


def usd(amount: str) -> Json:
    return {"amount": amount, "currency": "USD"}


def position(name: str, asset_class: str, currency: str, worth: str) -> Json:
    return {"instrument_id": name, "asset_class": asset_class, "instrument_currency": currency, "value_in_base_ccy": usd(worth)}


def metrics(**weights: str) -> list[Json]:
    return [{"key": key, "weight": weight} for key, weight in weights.items()]


def state(*positions: Json, classes: list[Json], instruments: list[Json], regions: list[Json]) -> Json:
    return {
        "total_value": usd("1000"),
        "positions": list(positions),
        "allocation_by_asset_class": classes,
        "allocation_by_instrument": instruments,
        "allocation_by_attribute": {"region": regions},
    }


def target(name: str, final: str, model: str) -> Json:
    return {"instrument_id": name, "final_weight": final, "model_weight": model}


HELD: Final = [position("A", "EQUITY", "USD", "600"), position("B", "BOND", "EUR", "300")]
RESULT: Final[Json] = {
    "status": "READY",
    "before": state(
        *HELD,
        classes=metrics(EQUITY="0.6000", BOND="0.3000", CASH="0.1000"),
        instruments=metrics(A="0.6000", B="0.3000"),
        regions=metrics(ASIA="0.9000"),
    ),
    "after_simulated": state(
        position("A", "EQUITY", "USD", "500"),
        position("B", "BOND", "EUR", "300"),
        position("C", "EQUITY", "USD", "150"),
        classes=metrics(EQUITY="0.6500", BOND="0.3000", CASH="0.0500"),
        instruments=metrics(A="0.5000", B="0.3000", C="0.1500"),
        regions=metrics(ASIA="0.8000"),
    ),
    "target": {"targets": [target("A", "0.5", "0.45"), target("B", "0.3", "0.3"), target("C", "0.16", "0.2")]},
    "intents": [],
    "distance": {"before": "0.2000", "after": "0.0100"},
    "gate_decision": {"gate": "EXECUTION_READY", "recommended_next_step": "EXECUTE", "reasons": []},
}
TRADE: Final = {"intent_type": "SECURITY_TRADE", "notional_base": usd("1500")}
DEAL: Final = {"intent_type": "FX_SPOT"}
BLOCKED: Final = {
    "gate": "BLOCKED",
    "recommended_next_step": "FIX_INPUT",
    "reasons": [{"reason_code": "DATA_QUALITY_MISSING_PRICE", "details": {"count": "1"}}],
}


def said(**changes: Any) -> tuple[str, str]:
    found = verdict(Place.of(RESULT | changes))
    return plain(found.sentence), plain(found.next_step)


def test_the_headline_tells_orders_distance_and_gate() -> None:
    execute = "Next: execute the orders in the sequence shown."
    orders = "2 orders and 1 currency deal bring the portfolio from 20.00 % to 1.00 % off its target — ready to execute"
    assert said(intents=[TRADE, DEAL, TRADE]) == (orders, execute)
    assert said(intents=[TRADE])[0] == "1 order brings the portfolio from 20.00 % to 1.00 % off its target — ready to execute"
    assert said() == ("No orders: the portfolio is 1.00 % off its target — ready to execute", execute)


def test_the_headline_of_a_blocked_run_says_why() -> None:
    blocked = {"status": "BLOCKED", "gate_decision": BLOCKED}
    assert said(**blocked) == ("No orders — blocked: prices are missing", "Next: correct the input and decide again.")
    assert said(**blocked, intents=[TRADE])[0] == "1 order may not be executed — blocked: prices are missing"


def test_without_gates_the_status_speaks() -> None:
    assert said(gate_decision=None, distance=None, intents=[TRADE]) == ("1 order — ready", "No gate was asked for.")


def test_key_figures_tell_before_and_after_where_anything_moves() -> None:
    moved = {fact.name: plain(fact.text) for fact in key_figures(Place.of(RESULT | {"intents": [TRADE, TRADE, DEAL]}))}
    assert moved == {
        "Total value": "1,000.00 USD → 1,000.00 USD",
        "Distance from target": "20.00 % → 1.00 %",
        "Cash": "10.00 % → 5.00 %",
        "Turnover": "3,000.00 USD",
    }
    still = {fact.name: plain(fact.text) for fact in key_figures(Place.of(RESULT))}
    assert still == {"Total value": "1,000.00 USD", "Distance from target": "20.00 %", "Cash": "10.00 %"}


def weights(chart: Bars) -> dict[str, list[str]]:
    return {plain(row.name): ["" if weight is None else weight.for_people for weight in row.weights] for row in chart.rows}


def test_weights_stand_beside_what_they_aim_at() -> None:
    """Targets of equity: 0.5 + 0.16, model 0.45 + 0.2; cash is what 0.96 and 0.95 leave of one."""
    here = Place.of(RESULT)
    assert weights(by_asset_class(here)) == {
        "Equity": ["60.00 %", "65.00 %", "66.00 %", "65.00 %"],
        "Bond": ["30.00 %", "30.00 %", "30.00 %", "30.00 %"],
        "Cash": ["10.00 %", "5.00 %", "4.00 %", "5.00 %"],
    }
    assert weights(by_currency(here)) == {
        "USD": ["60.00 %", "65.00 %", "66.00 %", "65.00 %"],
        "EUR": ["30.00 %", "30.00 %", "30.00 %", "30.00 %"],
        "Cash": ["10.00 %", "5.00 %", "4.00 %", "5.00 %"],
    }
    assert weights(by_instrument(here)) == {
        "A": ["60.00 %", "50.00 %", "50.00 %", "45.00 %"],
        "B": ["30.00 %", "30.00 %", "30.00 %", "30.00 %"],
        "C": ["", "15.00 %", "16.00 %", "20.00 %"],
    }


def test_an_attributes_target_is_known_where_the_shelf_is() -> None:
    shelf = {"shelf_entries": [{"instrument_id": "A", "attributes": {"region": "ASIA"}}, {"instrument_id": "C", "attributes": {}}]}
    chart = by_attribute(Place.of(RESULT), "region", by_shelf(Place.of(shelf), "region"))
    assert (plain(chart.title), weights(chart)) == ("By region", {"ASIA": ["90.00 %", "80.00 %", "50.00 %", "45.00 %"]})
    assert weights(by_attribute(Place.of(RESULT), "region", None)) == {"ASIA": ["90.00 %", "80.00 %"]}


def test_a_chart_of_many_shows_the_twenty_that_weigh_most() -> None:
    many = metrics(**{f"I{number:02}": f"0.00{number:02}" for number in range(25)})
    result = RESULT | {name: RESULT[name] | {"allocation_by_instrument": many} for name in ("before", "after_simulated")}
    chart = by_instrument(Place.of(result | {"target": {"targets": []}}))
    assert [plain(row.name) for row in chart.rows] == [f"I{number:02}" for number in range(24, 4, -1)]
    assert chart.left_out == 5
    assert chart.columns == ("Before", "After")


def weight(value: str) -> Figure:
    return Figure(Kind.WEIGHT, "", value)


def test_bars_begin_at_nothing_and_targets_are_marks() -> None:
    """The largest, 0.5, takes the whole width of 1000; 0.1 a fifth of it."""
    chart = Bars(
        ("Before", "After", "Target"), [Share("A", [weight("0.5"), weight("0.1"), weight("0.25")]), Share("B", [None, weight("0"), None])]
    )
    assert bars_of(chart) == [
        [Shape("before", 0, 1000), Shape("after", 0, 200), Shape("target", 500, 0)],
        [Shape("after", 0, 0)],
    ]


def test_a_short_lies_left_of_nothing() -> None:
    """From −0.1 to 0.4 nothing lies at a fifth of the width."""
    chart = Bars(("Before", "After"), [Share("A", [weight("-0.1"), weight("0.4")])])
    assert bars_of(chart) == [[Shape("before", 0, 200), Shape("after", 200, 800)]]


def test_gaps_lie_to_either_side() -> None:
    chart = Gaps([("A", weight("-0.2"), weight("0.1"))])
    assert gaps_of(chart) == [[Shape("axis", 500, 0), Shape("before", 0, 500), Shape("after", 500, 250)]]
    assert gaps_of(Gaps([("A", weight("0"), weight("0"))])) == [[Shape("axis", 500, 0), Shape("before", 500, 0), Shape("after", 500, 0)]]


def test_a_ladder_is_a_line_of_steps_with_its_lowest_day() -> None:
    """From −100 to 300 nothing lies a quarter above the ground, at 75 of 100 from the top; two days share the width."""
    days = [Balance(Figure(Kind.DAY, "", day), Figure(Kind.AMOUNT, "", amount), day == 1) for day, amount in ((0, "300"), (1, "-100"))]
    course = course_of(days)
    assert (course.zero, course.line, course.breaches) == (75, "M0 0V0H500V100H1000", [Shape("breach", 500, 500)])
    assert (str(course.lowest.day), Decimal(course.lowest.amount.value)) == ("T+1", Decimal(-100))


def test_a_run_that_1_0_0_recorded_has_a_page() -> None:
    page = run_page(json.loads(OLD.read_bytes()))
    assert plain(page.verdict.sentence) == "3 orders may not be executed — blocked: cash balance negative"
    assert "gaps" not in {panel.key for panel in page.panels}
    assert b"<h2>Rules</h2>" in render(page)


@pytest.mark.parametrize("huge", ["9E+60", "-1E-60", "0E-40"])
def test_numbers_out_of_range_are_drawn_all_the_same(huge: str) -> None:
    [shapes, _] = bars_of(Bars(("Before",), [Share("A", [weight(huge)]), Share("B", [weight("0.5")])]))
    assert all(0 <= shape.x <= 1000 and 0 <= shape.width <= 1000 for shape in shapes)
