"""Requests that ask for the solver, from bytes to bytes: targets, strategy, refusals and the comparison of methods (RFC-0012)."""

import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import engine
from engine.contracts import parse_request
from engine.notes import Notes
from engine.snapshots import Snapshots
from engine.targets import certified
from engine.targets.certified import solver_targets
from engine.targets.plan import Targets
from engine.targets.problem import TargetProblem
from engine.targets.solver import SolverMissing, clarabel_guess
from engine.universe import build_universe


def request(
    model: dict[str, Any], *, held: dict[str, Any] | None = None, cash: str = "1000", shelf: dict[str, Any] | None = None, **options: Any
) -> bytes:
    """All prices 10 USD; `held` in units; `shelf` gives status and attributes where they are not APPROVED and {}."""
    held, shelf = held or {}, shelf or {}
    names = list(dict.fromkeys([*model, *held]))
    entries = [{"instrument_id": i, "status": shelf.get(i, ("APPROVED", {}))[0], "attributes": shelf.get(i, ("", {}))[1]} for i in names]
    return json.dumps(
        {
            "portfolio_snapshot": {
                "portfolio_id": "pf",
                "base_currency": "USD",
                "positions": [{"instrument_id": i, "quantity": quantity} for i, quantity in held.items()],
                "cash_balances": [{"currency": "USD", "amount": cash}],
            },
            "market_data_snapshot": {"prices": [{"instrument_id": i, "price": "10", "currency": "USD"} for i in names]},
            "model_portfolio": {"targets": [{"instrument_id": i, "weight": weight} for i, weight in model.items()]},
            "shelf_entries": entries,
            "options": {"target_method": "SOLVER"} | options,
        }
    ).encode()


def decided(body: bytes) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(engine.simulate_json(body, run_id="rr_1", correlation_id="c_1"))
    return result


def finals(result: dict[str, Any]) -> dict[str, Any]:
    return {row["instrument_id"]: Decimal(row["final_weight"]) for row in result["target"]["targets"]}


def test_three_halves_get_a_third_each() -> None:
    result = decided(request(dict.fromkeys("ABC", "0.5")))
    assert set(finals(result).values()) == {Decimal("0.333333333333")}
    assert result["target"]["strategy"] == {
        "method": "SOLVER",
        "certificate": "KKT_EXACT",
        "objective": "0.083333333333",  # 3 · (1/6)²
        "binding": [{"constraint": "cash_band.min", "shadow_price": "0.333333333333"}],
    }
    assert result["status"] == "READY"
    assert [row["quantity"] for row in result["intents"]] == ["33", "33", "33"]


def test_sell_only_weight_is_not_redistributed() -> None:
    result = decided(request({"A": "0.3", "B": "0.3", "C": "0.4"}, shelf={"C": ("SELL_ONLY", {})}))
    assert finals(result) == {"A": Decimal("0.3"), "B": Decimal("0.3"), "C": 0}
    assert result["status"] == "READY"


def test_locked_weight_stays_and_counts_in_its_group() -> None:
    # L is 400 of 1000 and may not be sold; s:T ≤ 0.5 leaves 0.1 for A, B takes what it wants.
    shelf = {"L": ("SUSPENDED", {"s": "T"}), "A": ("APPROVED", {"s": "T"})}
    body = request({"A": "0.3", "B": "0.2"}, held={"L": "40"}, cash="600", shelf=shelf, group_constraints={"s:T": {"max_weight": "0.5"}})
    result = decided(body)
    assert finals(result) == {"A": Decimal("0.1"), "B": Decimal("0.2"), "L": Decimal("0.4")}
    assert result["target"]["strategy"]["binding"] == [{"constraint": "group:s:T", "shadow_price": "0.400000000000"}]


def test_permuted_lists_give_the_same_certificate_and_the_same_trades() -> None:
    # 600 of 2100 are locked in three parts: repeating decimals, whose last digits depend on the order of summation.
    shelf = {f"L{n}": ("SUSPENDED", {"s": "T"}) for n in range(3)} | {"A": ("APPROVED", {"s": "T"})}
    held = {"L0": "11", "L1": "17", "L2": "32", "A": "7"}
    model = {"A": "0.4", "B": "0.3", "C": "0.3"}
    limits: dict[str, Any] = {
        "cash_band_min_weight": "0.03",
        "single_position_max_weight": "0.31",
        "group_constraints": {"s:T": {"max_weight": "0.5"}},
    }
    one = decided(request(model, held=held, cash="1430", shelf=shelf, **limits))
    backwards: dict[str, Any] = {"model": dict(reversed(model.items())), "held": dict(reversed(held.items()))}
    other = decided(request(**backwards, cash="1430", shelf=shelf, **limits))
    assert one["target"]["strategy"]["binding"]
    assert one["target"]["strategy"] == other["target"]["strategy"]
    trades = [{(row["instrument_id"], row["side"], row["quantity"]) for row in result["intents"]} for result in (one, other)]
    assert trades[0] == trades[1]
    assert {row[0] for row in trades[0]} == {"A", "B", "C"}


def test_infeasible_limits_block_with_hints_gate_reason_and_proof() -> None:
    shelf = {"L": ("SUSPENDED", {"s": "T"})}
    limits = {"group_constraints": {"s:T": {"max_weight": "0.25"}, "x:y": {"max_weight": "0"}}, "single_position_max_weight": "0.3"}
    result = decided(request({"A": "0.5"}, held={"L": "40"}, cash="600", shelf=shelf, cash_band_max_weight="0.1", **limits))
    assert result["status"] == "BLOCKED"
    assert result["diagnostics"]["warnings"] == [
        "UNKNOWN_CONSTRAINT_ATTRIBUTE_x",
        "INFEASIBLE_INFEASIBLE",
        "INFEASIBILITY_HINT_SINGLE_POSITION_CAPACITY",
        "INFEASIBILITY_HINT_LOCKED_GROUP_WEIGHT_s:T",
    ]
    assert result["target"] == {"target_id": "t_rr_1", "strategy": {}, "targets": []}
    assert [row["constraint"] for row in result["explanation"]["infeasibility"]["conflict"]] == ["group:s:T", "locked_weight"]
    reason = result["gate_decision"]["reasons"][0]
    assert (reason["reason_code"], reason["details"]["reason_code"]) == ("TARGETS_BLOCKED", "INFEASIBLE_INFEASIBLE")


def test_a_contradictory_cash_band_is_named() -> None:
    result = decided(request({"A": "0.5"}, cash_band_min_weight="0.3", cash_band_max_weight="0.1"))
    assert result["diagnostics"]["warnings"] == ["INFEASIBLE_INFEASIBLE", "INFEASIBILITY_HINT_CASH_BAND_CONTRADICTION"]


def test_without_anything_to_trade_nothing_is_checked() -> None:
    result = decided(
        request({}, held={"L": "100"}, cash="0", shelf={"L": ("BANNED", {})}, cash_band_min_weight="0.5", cash_band_max_weight="0.1")
    )
    assert finals(result) == {"L": Decimal(1)}
    assert result["target"]["strategy"] == {}


def test_unplaced_sell_only_excess_asks_for_review() -> None:
    result = decided(request({"A": "0", "C": "0.4"}, shelf={"C": ("SELL_ONLY", {})}))
    assert result["status"] == "PENDING_REVIEW"
    assert result["gate_decision"]["reasons"][0]["details"]["reason_code"] == "SELL_ONLY_EXCESS_UNPLACED"


def test_the_methods_are_compared_on_request() -> None:
    # The heuristic shares C's 0.4, the solver does not: A and B differ by 0.2.
    body: dict[str, Any] = {
        "model": {"B": "0.3", "A": "0.3", "C": "0.4"},
        "shelf": {"C": ("SELL_ONLY", {})},
        "compare_target_methods": True,
    }
    result = decided(request(**body))
    assert result["explanation"]["target_method_comparison"] == {
        "primary_method": "SOLVER",
        "primary_status": "READY",
        "alternate_method": "HEURISTIC",
        "alternate_status": "READY",
        "tolerance": "0.0001",
        "differing_instruments": ["A", "B"],
        "alternate_warnings": [],
    }
    assert result["diagnostics"]["warnings"] == ["TARGET_METHOD_WEIGHT_DIVERGENCE"]
    other = decided(request(**body, target_method="HEURISTIC", compare_target_methods_tolerance="0.2"))
    assert other["explanation"]["target_method_comparison"]["differing_instruments"] == []
    assert other["diagnostics"]["warnings"] == []
    assert finals(other)["A"] == Decimal("0.5")


def test_a_refused_alternate_differs_everywhere_and_keeps_its_warnings_apart() -> None:
    shelf = {"A": ("APPROVED", {"s": "T"})}
    body = request({"A": "0.5"}, shelf=shelf, compare_target_methods=True, group_constraints={"s:T": {"max_weight": "0.2"}})
    result = decided(body)
    compared = result["explanation"]["target_method_comparison"]
    assert (compared["alternate_status"], compared["differing_instruments"]) == ("BLOCKED", ["A"])
    assert compared["alternate_warnings"] == ["CAPPED_BY_GROUP_LIMIT_s:T", "NO_ELIGIBLE_REDISTRIBUTION_DESTINATION"]
    assert result["diagnostics"]["warnings"] == ["TARGET_METHOD_STATUS_DIVERGENCE", "TARGET_METHOD_WEIGHT_DIVERGENCE"]
    assert result["status"] == "READY"


def staged(body: bytes, guess: Callable[..., Any]) -> tuple[Targets, Notes]:
    asked, notes = parse_request(body), Notes()
    snapshots = Snapshots.of(asked)
    before = snapshots.before(asked.options.valuation_mode, notes)
    universe = build_universe(snapshots.targets, before, snapshots.shelf, asked.options, notes)
    return solver_targets(universe, snapshots.shelf, asked.options, notes, guess), notes


def test_missing_libraries_are_a_solver_error() -> None:
    def missing(_problem: TargetProblem) -> None:
        raise SolverMissing

    targets, notes = staged(request({"A": "0.5"}), missing)
    assert (targets.status, targets.refusal, notes.warnings) == ("BLOCKED", "SOLVER_ERROR", ["SOLVER_ERROR"])


def test_a_numerical_solver_that_cannot_say_changes_nothing() -> None:
    body = request({"A": "0.7", "B": "0.7"}, single_position_max_weight="0.45")
    targets, _ = staged(body, lambda _problem: None)
    assert targets.strategy == decided(body)["target"]["strategy"]
    assert targets.weights == {"A": Decimal("0.45"), "B": Decimal("0.45")}


def test_an_effort_that_ends_before_an_answer_is_proved_is_a_solver_error(monkeypatch: pytest.MonkeyPatch) -> None:
    body = request({"A": "0.5", "B": "0.6"})
    for name in ("TRIAL", "EFFORT"):
        monkeypatch.setattr(certified, name, 0)
    targets, notes = staged(body, clarabel_guess)
    assert (targets.status, targets.refusal, targets.infeasibility, notes.warnings) == ("BLOCKED", "SOLVER_ERROR", None, ["SOLVER_ERROR"])
    assert decided(body)["gate_decision"]["reasons"][0]["details"]["reason_code"] == "SOLVER_ERROR"


def modules_after(body: bytes, first: str = "") -> tuple[str, dict[str, Any]]:
    code = f"import sys\n{first}\nimport engine\nresult = engine.simulate_json({body!r}, run_id='rr_1', correlation_id='c_1')\n"
    code += "print(sorted({'numpy', 'scipy', 'cvxpy', 'clarabel'} & {name for name, module in sys.modules.items() if module}))\n"
    code += "print(result.decode())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)  # noqa: S603  (our own interpreter)
    loaded, result = run.stdout.splitlines()
    return loaded, json.loads(result)


def test_a_heuristic_request_never_imports_the_solver() -> None:
    loaded, result = modules_after(request({"A": "0.5"}, target_method="HEURISTIC"))
    assert loaded == "[]"
    assert result["status"] == "READY"


def test_a_solver_request_without_libraries_is_blocked_with_its_reason() -> None:
    loaded, result = modules_after(request({"A": "0.5"}), first="sys.modules['cvxpy'] = None")
    assert loaded == "[]"
    assert (result["status"], result["diagnostics"]["warnings"]) == ("BLOCKED", ["SOLVER_ERROR"])
    assert result["gate_decision"]["reasons"][0]["details"]["reason_code"] == "SOLVER_ERROR"


def test_bytes_do_not_depend_on_the_run_before() -> None:
    body = request({"A": "0.7", "B": "0.6", "C": "0.1"}, single_position_max_weight="0.45")
    first = engine.simulate_json(body, run_id="rr_1", correlation_id="c_1")
    decided(request({"A": "0.1", "B": "0.2", "C": "0.9"}, single_position_max_weight="0.35"))
    assert engine.simulate_json(body, run_id="rr_1", correlation_id="c_1") == first
