"""Drift against a reference model, by value (advisory-engine 12)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.notes import Notes
from tests.engine.advisory.scans import Json, Scene, buy, entry, sell
from tests.support.effort import examples

SHELF: Final = [
    entry("A", asset_class="EQUITY"),
    entry("B", asset_class="EQUITY"),
    entry("C", asset_class="BOND"),
    entry("D", asset_class="GOLD"),
]


def model(classes: Mapping[str, str], instruments: Mapping[str, str] | None = None, base: str = "EUR") -> Json:
    return {
        "model_id": "balanced",
        "as_of": "2026-03-31",
        "base_currency": base,
        "asset_class_targets": [{"asset_class": name, "weight": weight} for name, weight in classes.items()],
        "instrument_targets": [{"instrument_id": name, "weight": weight} for name, weight in (instruments or {}).items()],
    }


def scene(classes: Mapping[str, str], instruments: Mapping[str, str] | None = None, **options: Any) -> Scene:
    """Of 100: A 50, B 20, C 20, cash 10; then 10 of A and 5 of B are sold, and 7 of D bought: cash 18."""
    return Scene(
        {"A": 50, "B": 20, "C": 20},
        after={"A": 40, "B": 15, "C": 20, "D": 7},
        cash=10,
        cash_after=18,
        shelf=SHELF,
        executed=[sell("A", 10), sell("B", 5), buy("D", 7)],
        model=model(classes, instruments),
        options=options,
    )


def measured(drawn: Scene) -> Json:
    found = drawn.drift()
    assert found is not None
    return found.document


CLASSES: Final = {"EQUITY": "0.50", "BOND": "0.40", "CASH": "0.10"}


def test_by_asset_class() -> None:
    found = scene(CLASSES).drift()
    assert found is not None
    #          model  before  after   drift before  after   improvement
    # BOND     0.40   0.2     0.2     −0.20         −0.20   0
    # CASH     0.10   0.1     0.18     0.00          0.08   −0.08
    # EQUITY   0.50   0.7     0.55     0.20          0.05    0.15
    # GOLD     0      0       0.07     0             0.07   −0.07
    # half the sums: 0.5 × 0.40 = 0.2; 0.5 × 0.40 = 0.2
    bond, cash, equity, gold = (
        ("BOND", "0.40", "0.2", "0.2", "-0.20", "-0.20", "0.20", "0.20", "0.00"),
        ("CASH", "0.10", "0.1", "0.18", "0.00", "0.08", "0.00", "0.08", "-0.08"),
        ("EQUITY", "0.50", "0.7", "0.55", "0.20", "0.05", "0.20", "0.05", "0.15"),
        ("GOLD", "0", "0", "0.07", "0", "0.07", "0", "0.07", "-0.07"),
    )
    document = found.document
    assert document["reference_model"] == {"model_id": "balanced", "as_of": "2026-03-31", "base_currency": "EUR"}
    assert [tuple(row.values()) for row in document["asset_class"]["buckets"]] == [bond, cash, equity, gold]
    assert [tuple(row.values()) for row in document["asset_class"]["top_contributors_before"]] == [bond, equity, cash, gold]
    totals = {name: text for name, text in document["asset_class"].items() if name.startswith("drift_total")}
    assert totals == {"drift_total_before": "0.200", "drift_total_after": "0.200", "drift_total_delta": "0.000"}
    assert (found.asset_class_before, found.asset_class_after) == (Decimal("0.2"), Decimal("0.2"))
    assert document["instrument"] is None
    assert document["highlights"] == {
        "largest_improvements": [{"bucket": "EQUITY", "improvement": "0.15"}],
        "largest_deteriorations": [{"bucket": "CASH", "improvement": "-0.08"}, {"bucket": "GOLD", "improvement": "-0.07"}],
        "unmodeled_exposures": [
            {"bucket": "GOLD", "portfolio_weight_before": "0", "portfolio_weight_after": "0.07", "max_portfolio_weight": "0.07"}
        ],
    }


def test_by_instrument_where_the_model_names_instruments() -> None:
    document = measured(scene(CLASSES, {"A": "0.40", "E": "0.10"}))
    # A: 0.5, 0.4 of 0.40; B: 0.2, 0.15 of 0; C: 0.2, 0.2 of 0; D: 0, 0.07 of 0; E: 0, 0 of 0.10
    rows = {row["bucket"]: row for row in document["instrument"]["buckets"]}
    assert {name: (row["drift_before"], row["drift_after"], row["improvement"]) for name, row in rows.items()} == {
        "A": ("0.10", "0.00", "0.10"),
        "B": ("0.2", "0.15", "0.05"),
        "C": ("0.2", "0.2", "0.0"),
        "D": ("0", "0.07", "-0.07"),
        "E": ("-0.10", "-0.10", "0.00"),
    }
    # half of 0.10 + 0.2 + 0.2 + 0 + 0.10, and of 0 + 0.15 + 0.2 + 0.07 + 0.10: cash is in neither
    assert Decimal(document["instrument"]["drift_total_before"]) == Decimal("0.3")
    assert Decimal(document["instrument"]["drift_total_after"]) == Decimal("0.26")
    assert Decimal(document["instrument"]["drift_total_delta"]) == Decimal("-0.04")
    assert [row["bucket"] for row in document["instrument"]["top_contributors_before"]] == ["B", "C", "A", "E", "D"]
    assert document["highlights"] == {
        "largest_improvements": [{"bucket": "A", "improvement": "0.10"}, {"bucket": "B", "improvement": "0.05"}],
        "largest_deteriorations": [{"bucket": "D", "improvement": "-0.07"}],
        "unmodeled_exposures": [
            {"bucket": "B", "portfolio_weight_before": "0.2", "portfolio_weight_after": "0.15", "max_portfolio_weight": "0.2"},
            {"bucket": "C", "portfolio_weight_before": "0.2", "portfolio_weight_after": "0.2", "max_portfolio_weight": "0.2"},
            {"bucket": "D", "portfolio_weight_before": "0", "portfolio_weight_after": "0.07", "max_portfolio_weight": "0.07"},
        ],
    }


def test_a_traded_instrument_is_a_bucket_though_nothing_of_it_is_left_to_see() -> None:
    drawn = scene(CLASSES, {"A": "0.5"})
    drawn.executed = [*drawn.executed, buy("Z")]
    assert [row["bucket"] for row in measured(drawn)["instrument"]["buckets"]] == ["A", "B", "C", "D", "Z"]


def test_every_list_is_cut_to_its_limit_and_equals_go_by_key() -> None:
    document = measured(scene({}, {"A": "0.40"}, drift_top_contributors_limit=1))
    assert [row["bucket"] for row in document["instrument"]["top_contributors_before"]] == ["B"]
    assert [row["bucket"] for row in document["asset_class"]["top_contributors_before"]] == ["EQUITY"]
    assert {name: [row["bucket"] for row in rows] for name, rows in document["highlights"].items()} == {
        "largest_improvements": ["A"],
        "largest_deteriorations": ["D"],
        "unmodeled_exposures": ["B"],
    }


@pytest.mark.parametrize(
    ("threshold", "shown"),
    [("0.07", ["GOLD"]), ("0.0701", []), ("0", ["GOLD", "FUND"]), ("0.01", ["GOLD"])],
)
def test_what_the_model_lacks_is_shown_from_the_threshold_on(threshold: str, shown: list[str]) -> None:
    # a class that the model names with 0 is one that it lacks; a threshold of 0 shows it though nobody holds it
    document = measured(scene(CLASSES | {"FUND": "0"}, drift_unmodeled_exposure_threshold=threshold))
    assert [row["bucket"] for row in document["highlights"]["unmodeled_exposures"]] == shown


def test_cash_is_a_bucket_though_the_model_does_not_name_it() -> None:
    document = measured(scene({"EQUITY": "1"}))
    assert [row["bucket"] for row in document["asset_class"]["buckets"]] == ["BOND", "CASH", "EQUITY", "GOLD"]


def test_short_positions_count_as_they_are() -> None:
    # of 100: A 120, C −30, cash 10
    drawn = Scene({"A": 120, "C": -30}, cash=10, shelf=SHELF, model=model({}, {"C": "0.1"}))
    rows = {row["bucket"]: row for row in measured(drawn)["instrument"]["buckets"]}
    assert (rows["C"]["drift_before"], rows["C"]["abs_drift_before"]) == ("-0.4", "0.4")


def test_of_several_rows_of_a_model_the_last_one_holds() -> None:
    drawn = scene({})
    assert drawn.model is not None
    drawn.model["asset_class_targets"] = [{"asset_class": "EQUITY", "weight": "0.9"}, {"asset_class": "EQUITY", "weight": "0.7"}]
    rows = {row["bucket"]: row for row in measured(drawn)["asset_class"]["buckets"]}
    assert rows["EQUITY"]["model_weight"] == "0.7"


def test_instruments_can_be_left_out() -> None:
    document = measured(scene(CLASSES, {"A": "0.4"}, enable_instrument_drift=False))
    assert document["instrument"] is None
    assert document["highlights"]["largest_improvements"] == [{"bucket": "EQUITY", "improvement": "0.15"}]


def test_there_is_none_without_a_model_nor_when_it_is_switched_off() -> None:
    off, without = scene(CLASSES, enable_drift_analytics=False), scene(CLASSES)
    without.model = None
    notes = Notes()
    assert (off.drift(notes), without.drift(notes), notes.warnings) == (None, None, [])


def test_a_model_in_another_base_currency_is_not_compared() -> None:
    drawn, notes = scene(CLASSES), Notes()
    drawn.model = model(CLASSES, base="USD")
    assert drawn.drift(notes) is None
    assert notes.warnings == ["REFERENCE_MODEL_BASE_CURRENCY_MISMATCH"]


weights = st.dictionaries(st.sampled_from("ABCDE"), st.integers(-20, 60), max_size=5)
shares = st.dictionaries(st.sampled_from("ABCDE"), st.sampled_from(["0", "0.1", "0.25", "0.5"]), max_size=5)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Two states of 100 each, so that all weights are finite, and a model of instruments and classes."""
    held, after = draw(weights), draw(weights)
    return Scene(
        held,
        after={**dict.fromkeys(held, 0), **after},
        cash=100 - sum(held.values()),
        cash_after=100 - sum(after.values()),
        shelf=SHELF,
        model=model(draw(shares), draw(shares)),
        options={"drift_top_contributors_limit": draw(st.integers(1, 20))},
    )


def dimensions(document: Json) -> list[Json]:
    return [document[name] for name in ("asset_class", "instrument") if document[name]]


@examples(60)
@given(scenes())
def test_totals_are_half_of_what_the_buckets_say(drawn: Scene) -> None:
    for dimension in dimensions(measured(drawn)):
        rows = dimension["buckets"]
        assert [row["bucket"] for row in rows] == sorted({row["bucket"] for row in rows})
        for when in ("before", "after"):
            sizes = [Decimal(row[f"abs_drift_{when}"]) for row in rows]
            assert 2 * Decimal(dimension[f"drift_total_{when}"]) == sum(sizes)
            assert sizes == [abs(Decimal(row[f"portfolio_weight_{when}"]) - Decimal(row["model_weight"])) for row in rows]
        assert sum(Decimal(row["improvement"]) for row in rows) == -2 * Decimal(dimension["drift_total_delta"])


@examples(60)
@given(scenes())
def test_what_is_an_improvement_one_way_is_a_deterioration_the_other_way(drawn: Scene) -> None:
    there = measured(drawn)
    everyone = dict.fromkeys([*drawn.held, *(drawn.after or ())], 0)
    swapped: Json = {"held": everyone | dict(drawn.after or {}), "after": everyone | dict(drawn.held)}
    money: Json = {"cash": drawn.cash_after, "cash_after": drawn.cash}
    back = measured(Scene(**swapped, **money, shelf=SHELF, model=drawn.model, options=drawn.options))
    better, worse = there["highlights"]["largest_improvements"], back["highlights"]["largest_deteriorations"]
    assert [(row["bucket"], Decimal(row["improvement"])) for row in better] == [
        (row["bucket"], -Decimal(row["improvement"])) for row in worse
    ]
    exposed = [[row["bucket"] for row in one["highlights"]["unmodeled_exposures"]] for one in (there, back)]
    assert exposed[0] == exposed[1]


@examples(60)
@given(scenes(), st.randoms(use_true_random=False))
def test_rows_may_come_in_any_order(drawn: Scene, chance: Any) -> None:
    first = measured(drawn)
    assert drawn.model is not None
    assert drawn.after is not None
    drawn.held = {name: drawn.held[name] for name in chance.sample(sorted(drawn.held), len(drawn.held))}
    drawn.after = {name: drawn.after[name] for name in chance.sample(sorted(drawn.after), len(drawn.after))}
    drawn.shelf = chance.sample(SHELF, len(SHELF))
    for targets in ("asset_class_targets", "instrument_targets"):
        drawn.model[targets] = chance.sample(drawn.model[targets], len(drawn.model[targets]))
    assert measured(drawn) == first
