"""The steps of the heuristic at their edges, by value (RFC-0005, RFC-0008, dpm-engine S1, S3, S18)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from engine.contracts import EngineOptions
from engine.contracts.shelf import ShelfEntry, ShelfStatus
from engine.market import Shelf
from engine.notes import Notes
from engine.numbers import arithmetic
from engine.result.diagnostics import render_group_event
from engine.targets.heuristic import heuristic_targets
from engine.targets.plan import Targets
from engine.universe import Universe

D = Decimal


@pytest.fixture(autouse=True)
def engine_arithmetic() -> Iterator[None]:
    with arithmetic():
        yield


def run(
    model: dict[str, Any] | tuple[Any, ...] = (),
    *,
    locked: dict[str, Any] | tuple[Any, ...] = (),
    to_sell: list[str] | tuple[Any, ...] = (),
    sell_only: dict[str, Any] | tuple[Any, ...] = (),
    sectors: dict[str, Any] | tuple[Any, ...] = (),
    **options: Any,
) -> tuple[Targets, Notes]:
    """Targets and notes of a universe; `sectors` maps instruments to the attribute s."""
    model, locked, sell_only, sectors = dict(model), dict(locked), dict(sell_only), dict(sectors)
    weights = {i: D(w) for i, w in model.items()} | {i: D(0) for i in (*sell_only, *to_sell)} | {i: D(w) for i, w in locked.items()}
    universe = Universe(
        model={i: D(w) for i, w in (model | sell_only).items()},
        weights=weights,
        tradeable=dict.fromkeys(model),
        sellable=dict.fromkeys((*model, *sell_only, *to_sell)),
        locked=dict.fromkeys(locked),
        sell_only={i: D(w) for i, w in sell_only.items()},
    )
    shelf = Shelf.of([ShelfEntry(i, ShelfStatus.APPROVED, attributes={"s": sector}) for i, sector in sectors.items()])
    notes = Notes()
    return heuristic_targets(universe, shelf, EngineOptions(**options), notes), notes


def finals(targets: Targets) -> dict[str, Any]:
    return {i: str(w.normalize()) for i, w in targets.weights.items()}


def caps(**by_sector: Any) -> dict[str, Any]:
    return {"group_constraints": {f"s:{sector}": {"max_weight": D(cap)} for sector, cap in by_sector.items()}}


def test_locked_weight_above_the_whole_leaves_nothing_to_buy() -> None:
    targets, _ = run({"A": "0.3"}, locked={"L": "1.2"})
    assert (finals(targets), targets.causes) == ({"A": "0", "L": "1.2"}, ["LOCKED_OVER_100", "OVERWEIGHT_SCALED"])


def test_locked_weight_above_the_whole_alone() -> None:
    targets, _ = run(locked={"L": "1.2"})
    assert (finals(targets), targets.causes) == ({"L": "1.2"}, ["LOCKED_OVER_100"])


@pytest.mark.parametrize(("weight", "invested", "causes"), [("0.5001", "1.0001", []), ("0.500101", "1", ["OVERWEIGHT_SCALED"])])
def test_a_sum_within_a_ten_thousandth_of_the_whole_stands(weight: str, invested: str, causes: list[Any]) -> None:
    targets, _ = run({"A": "0.5", "B": weight})
    assert (round(sum(targets.weights.values()), 27), targets.causes) == (D(invested), causes)


def test_sell_only_weight_goes_by_weight_not_by_head() -> None:
    targets, _ = run({"A": "0.1", "B": "0.3", "Z": "0"}, sell_only={"S": "0.2", "T": "0.2"})
    # 0.4 · 0.1 / 0.4 = 0.1 and 0.4 · 0.3 / 0.4 = 0.3
    assert (finals(targets), targets.causes) == ({"A": "0.2", "B": "0.6", "Z": "0", "S": "0", "T": "0"}, [])


def test_sell_only_weight_with_recipients_of_no_weight_is_unplaced() -> None:
    targets, _ = run({"Z": "0"}, sell_only={"S": "0.2"})
    assert (finals(targets), targets.causes) == ({"Z": "0", "S": "0"}, ["SELL_ONLY_EXCESS_UNPLACED"])


@pytest.mark.parametrize(("weight", "capped"), [("0.3001", False), ("0.300101", True)])
def test_a_group_within_a_ten_thousandth_of_its_cap_stands(weight: str, capped: bool) -> None:
    targets, notes = run({"A": weight, "B": "0.1"}, sectors={"A": "T"}, **caps(T="0.3"))
    assert bool(notes.group_events) is capped
    assert (targets.weights["A"] == D("0.3")) is capped


def test_members_give_in_proportion_and_recipients_take_in_proportion() -> None:
    targets, notes = run({"A": "0.4", "B": "0.2", "C": "0.1", "E": "0.3"}, sectors={"A": "T", "B": "T", "C": "F"}, **caps(T="0.3"))
    # T 0.6 → 0.3: halves; 0.3 over C 0.1 and E 0.3: 0.075 and 0.225
    assert finals(targets) == {"A": "0.2", "B": "0.1", "C": "0.175", "E": "0.525"}
    (event,) = notes.group_events
    assert render_group_event(event) | {"recipients": None} == {
        "constraint_key": "s:T",
        "group_weight_before": "0.6",
        "max_weight": "0.3",
        "released_weight": "0.3",
        "recipients": None,
        "status": "CAPPED",
    }
    assert event.recipients == {"C": D("0.075"), "E": D("0.225")}


def test_a_group_of_sold_holdings_has_nothing_to_release() -> None:
    targets, notes = run({"B": "0.1"}, to_sell=["A"], locked={"L": "0.4"}, sectors={"A": "T", "L": "T"}, **caps(T="0.2"))
    assert (finals(targets), targets.refusal) == ({"B": "0.1", "A": "0", "L": "0.4"}, None)
    assert (notes.warnings, notes.group_events, targets.causes) == (["LOCKED_WEIGHT_EXCEEDS_CAP_s:T"], [], ["LOCKED_WEIGHT_EXCEEDS_CAP"])


@pytest.mark.parametrize(("locked", "warnings"), [("0.3001", []), ("0.300101", ["LOCKED_WEIGHT_EXCEEDS_CAP_s:T"])])
def test_locked_weight_within_a_ten_thousandth_of_the_cap_needs_no_review(locked: str, warnings: list[Any]) -> None:
    targets, notes = run({"B": "0.1"}, locked={"L": locked}, sectors={"L": "T"}, **caps(T="0.3"))
    assert (notes.warnings, len(targets.causes)) == (warnings, len(warnings))


def test_recipients_without_weight_receive_nothing_so_the_run_is_refused() -> None:
    targets, notes = run({"A": "0.5", "Z": "0"}, sectors={"A": "T"}, **caps(T="0.3"))
    assert targets.refusal == "NO_ELIGIBLE_REDISTRIBUTION_DESTINATION"
    assert notes.warnings == ["CAPPED_BY_GROUP_LIMIT_s:T", "NO_ELIGIBLE_REDISTRIBUTION_DESTINATION"]


def test_after_a_refusal_no_other_group_is_looked_at() -> None:
    _, notes = run({"A": "0.5"}, sectors={"A": "T"}, group_constraints={"s:T": {"max_weight": D("0.3")}, "z:z": {"max_weight": D(0)}})
    assert notes.warnings == ["CAPPED_BY_GROUP_LIMIT_s:T", "NO_ELIGIBLE_REDISTRIBUTION_DESTINATION"]


@pytest.mark.parametrize(
    ("model", "cap", "expected", "causes"),
    [
        # nobody below the cap
        ({"A": "0.5", "B": "0.5"}, "0.3", {"A": "0.3", "B": "0.3"}, ["SINGLE_POSITION_EXCESS_UNPLACED"]),
        # only a weight of zero below it: no candidate
        ({"A": "0.5", "Z": "0"}, "0.3", {"A": "0.3", "Z": "0"}, ["SINGLE_POSITION_EXCESS_UNPLACED"]),
        # 0.301 + 0.2995 over 0.3: 0.001 up, 0.0005 of room, 0.0005 left: within 0.001
        ({"A": "0.301", "B": "0.2995"}, "0.3", {"A": "0.3", "B": "0.3"}, []),
        # 0.0021 up, 0.001 of room, 0.0011 left: beyond 0.001
        ({"A": "0.3021", "B": "0.299"}, "0.3", {"A": "0.3", "B": "0.3"}, ["SINGLE_POSITION_EXCESS_UNPLACED"]),
        # nobody above it
        ({"A": "0.3", "B": "0.1"}, "0.3", {"A": "0.3", "B": "0.1"}, []),
        # room for exactly everything
        ({"A": "0.4", "B": "0.2"}, "0.3", {"A": "0.3", "B": "0.3"}, []),
        # a cap of zero
        ({"A": "0.4"}, "0", {"A": "0"}, ["SINGLE_POSITION_EXCESS_UNPLACED"]),
        # three rounds: 0.3 up. Shares by 0.37: only B passes 0.3, 0.25 left; by 0.12: C passes, 0.05 left; D takes it
        ({"A": "0.6", "B": "0.25", "C": "0.1", "D": "0.02"}, "0.3", {"A": "0.3", "B": "0.3", "C": "0.3", "D": "0.07"}, []),
    ],
)
def test_the_position_cap_fills_what_is_below_it(model: dict[str, Any], cap: str, expected: dict[str, Any], causes: list[Any]) -> None:
    targets, _ = run(model, single_position_max_weight=D(cap))
    assert (finals(targets), targets.causes) == (expected, causes)


def test_a_locked_weight_above_the_cap_adds_no_excess() -> None:
    targets, notes = run({"A": "0.4", "B": "0.1"}, locked={"L": "0.5"}, single_position_max_weight=D("0.3"))
    # A gives 0.1 to B alone: L stays, and takes nothing
    assert (finals(targets), targets.causes) == ({"A": "0.3", "B": "0.2", "L": "0.5"}, ["LOCKED_WEIGHT_EXCEEDS_CAP"])
    assert notes.warnings == ["LOCKED_WEIGHT_EXCEEDS_CAP_L"]


def test_causes_stand_in_order_of_raising_each_once() -> None:
    targets, notes = run(
        {"A": "0.9", "B": "0.3"},
        locked={"L": "0.4"},
        sectors={"L": "T"},
        single_position_max_weight=D("0.25"),
        min_cash_buffer_pct=D("0.3"),
        **caps(T="0.2"),
    )
    # scaled into 0.6: A 0.45, B 0.15; capped at 0.25: A gives 0.2, B has room for 0.1; buffer leaves 1 − 0.3 − 0.4 = 0.3: halves of 0.5 · 0.6
    assert finals(targets) == {"A": "0.15", "B": "0.15", "L": "0.4"}
    assert targets.causes == ["LOCKED_WEIGHT_EXCEEDS_CAP", "OVERWEIGHT_SCALED", "SINGLE_POSITION_EXCESS_UNPLACED", "CASH_BUFFER_SCALED"]
    assert notes.warnings == ["LOCKED_WEIGHT_EXCEEDS_CAP_s:T", "LOCKED_WEIGHT_EXCEEDS_CAP_L"]


@pytest.mark.parametrize(
    ("buffer", "final", "causes"),
    [("0.2", "0.8", []), ("0.21", "0.79", ["CASH_BUFFER_SCALED"]), ("1", "0", ["CASH_BUFFER_SCALED"]), ("0", "0.8", [])],
)
def test_the_cash_buffer_scales_only_what_does_not_fit(buffer: str, final: str, causes: list[Any]) -> None:
    targets, _ = run({"A": "0.8"}, min_cash_buffer_pct=D(buffer))
    assert (finals(targets), targets.causes) == ({"A": final}, causes)


def test_a_buffer_that_locked_weight_uses_up_leaves_nothing() -> None:
    targets, _ = run({"A": "0.1"}, locked={"L": "0.9"}, min_cash_buffer_pct=D("0.2"))
    assert (finals(targets), targets.causes) == ({"A": "0", "L": "0.9"}, ["CASH_BUFFER_SCALED"])
