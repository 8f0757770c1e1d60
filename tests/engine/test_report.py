"""The plain-text report, on small results written by hand."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from engine.report.figures import amount, measure, quantity
from engine.report.rows import Bar, Legend, Table
from engine.report.sections import sections
from engine.report.text import bar, columns, render, wrapped


def eur(value: str) -> dict[str, Any]:
    return {"amount": value, "currency": "EUR"}


def state(total: str, classes: list[tuple[str, str]], positions: list[Any]) -> dict[str, Any]:
    return {
        "total_value": eur(total),
        "positions": [{"instrument_id": name, "asset_class": asset_class} for name, asset_class in positions],
        "allocation_by_asset_class": [{"key": key, "weight": weight} for key, weight in classes],
    }


BLOCKED: dict[str, Any] = {
    "rebalance_run_id": "rr_1",
    "correlation_id": "c_1",
    "status": "BLOCKED",
    "before": state("1000", [("CASH", "1.0000")], []),
    "universe": {"excluded": []},
    "target": {"strategy": {}, "targets": []},
    "intents": [],
    "after_simulated": state("1000", [("CASH", "1.0000")], []),
    "reconciliation": None,
    "tax_impact": None,
    "rule_results": [
        {
            "rule_id": "DATA_QUALITY",
            "severity": "HARD",
            "status": "FAIL",
            "measured": "1",
            "threshold": {"max": "0"},
            "reason_code": "MISSING_DATA",
            "remediation_hint": "Supply the missing prices.",
        }
    ],
    "explanation": {"summary": "Blocked"},
    "diagnostics": {
        "warnings": [],
        "suppressed_intents": [],
        "dropped_intents": [],
        "group_constraint_events": [],
        "tax_budget_constraint_events": [],
        "cash_ladder": [],
        "cash_ladder_breaches": [],
        "data_quality": {"price_missing": ["A", "B"], "fx_missing": []},
    },
    "gate_decision": {
        "gate": "BLOCKED",
        "recommended_next_step": "FIX_INPUT",
        "reasons": [
            {
                "reason_code": "DATA_QUALITY_MISSING_PRICE",
                "severity": "HIGH",
                "source": "DATA_QUALITY",
                "details": {"count": "2"},
            }
        ],
    },
    "lineage": {
        "portfolio_snapshot_id": "ps_1",
        "market_data_snapshot_id": "md_1",
        "request_hash": "sha256:0",
        "engine_version": "1.0.0",
    },
}


def traded() -> dict[str, Any]:
    """Fund F at 7 USD: 71 units bought with 500 EUR at 1 USD per EUR; A sold in part for its gains."""
    result = copy.deepcopy(BLOCKED)
    result["status"] = "PENDING_REVIEW"
    result["after_simulated"] = state("1000.0", [("FUND", "0.4970"), ("CASH", "0.5030")], [("F", "FUND")])
    result["target"]["targets"] = [{"instrument_id": "F", "model_weight": "0.6", "final_weight": "0.5"}]
    result["intents"] = [
        {
            "intent_type": "SECURITY_TRADE",
            "intent_id": "oi_2",
            "instrument_id": "A",
            "side": "SELL",
            "quantity": "1200.50",
            "notional": {"amount": "4000000", "currency": "JPY"},
            "notional_base": eur("39820.80"),
            "dependencies": [],
            "rationale": {"code": "DRIFT_REBALANCE", "message": "Align"},
            "constraints_applied": ["MIN_NOTIONAL", "TAX_BUDGET"],
        },
        {
            "intent_type": "FX_SPOT",
            "intent_id": "oi_fx_3",
            "pair": "USD/EUR",
            "buy_currency": "USD",
            "buy_amount": "501.97",
            "sell_currency": "EUR",
            "sell_amount_estimated": "501.97",
            "dependencies": [],
            "rationale": {"code": "FUNDING", "message": "Fund"},
        },
        {
            "intent_type": "FX_SPOT",
            "intent_id": "oi_fx_4",
            "pair": "JPY/EUR",
            "buy_currency": "EUR",
            "buy_amount": "39820.80",
            "sell_currency": "JPY",
            "sell_amount_estimated": "4000000",
            "dependencies": [],
            "rationale": {"code": "SWEEP", "message": "Sweep"},
        },
        {
            "intent_type": "SECURITY_TRADE",
            "intent_id": "oi_1",
            "instrument_id": "F",
            "side": "BUY",
            "quantity": "71",
            "notional": {"amount": "497", "currency": "USD"},
            "notional_base": eur("497.0"),
            "dependencies": ["oi_fx_3"],
            "rationale": {"code": "DRIFT_REBALANCE", "message": "Align"},
            "constraints_applied": [],
        },
    ]
    result["tax_impact"] = {
        "total_realized_gain": eur("90"),
        "total_realized_loss": eur("0"),
        "budget_limit": eur("100"),
        "budget_used": eur("90"),
    }
    diagnostics = result["diagnostics"]
    diagnostics["tax_budget_constraint_events"] = [
        {
            "instrument_id": "A",
            "requested_quantity": "2000",
            "allowed_quantity": "1200.50",
            "reason_code": "TAX_BUDGET_LIMIT_REACHED",
        }
    ]
    diagnostics["dropped_intents"] = [
        {"instrument_id": "C", "reason": "TURNOVER_LIMIT", "potential_notional": eur("450.0"), "score": "0.3"}
    ]
    diagnostics["suppressed_intents"] = [
        {"instrument_id": "D", "reason": "BELOW_MIN_NOTIONAL", "intended_notional": eur("99.5"), "threshold": eur("100")}
    ]
    diagnostics["cash_ladder"] = [
        {"date_offset": day, "currency": currency, "projected_balance": balance}
        for currency, balances in (("EUR", ("1000", "-5", "3")), ("USD", ("0", "0", "1")))
        for day, balance in enumerate(balances)
    ]
    diagnostics["cash_ladder_breaches"] = [{"currency": "EUR", "date_offset": 1}]
    return result


def lines(result: dict[str, Any]) -> list[str]:
    return render(result).splitlines()


def test_a_blocked_run_says_why_and_shows_no_orders() -> None:
    text = lines(BLOCKED)
    assert text[1] == "BLOCKED   total value before 1,000.00 EUR, after 1,000.00 EUR"
    assert "HIGH  DATA_QUALITY  DATA_QUALITY_MISSING_PRICE  count 2" in text
    assert "FAIL  HARD  DATA_QUALITY         1  max 0  MISSING_DATA" in text
    assert "DATA_QUALITY  Supply the missing prices." in text
    assert "missing data: price_missing A, B" in text
    assert any(line.startswith("── Orders: none ") for line in text)
    assert not any("Tax" in line or "Reconciliation" in line for line in text)


def test_orders_stand_in_the_sequence_of_execution_with_their_limits_and_dependencies() -> None:
    text = lines(traded())
    start = next(place for place, line in enumerate(text) if line.startswith("── Orders"))
    assert text[start].startswith("── Orders: 2 trades, 2 FX, turnover 40,317.80 EUR ─")
    assert text[start + 2 : start + 7] == [
        "oi_2     SELL  A            1,200.5  4,000,000.00 JPY  39,820.80  MIN_NOTIONAL, TAX_BUDGET",
        "oi_fx_3  BUY   USD/EUR                     501.97 USD     501.97  FX FUNDING",
        "oi_fx_4  SELL  JPY/EUR               4,000,000.00 JPY  39,820.80  FX SWEEP",
        "oi_1     BUY   F                 71        497.00 USD     497.00  ← oi_fx_3",
        "rationale of the trades: DRIFT_REBALANCE (Align)",
    ]


def test_allocation_stands_against_target_and_model() -> None:
    text = lines(traded())
    start = next(place for place, line in enumerate(text) if line.startswith("── Allocation"))
    assert [line.split("  ")[0] for line in text[start + 1 : start + 4]] == ["asset class", "CASH", "FUND"]
    cash, fund = (line.replace(" %", "").split() for line in text[start + 2 : start + 4])
    assert cash[1:5] == ["100.00", "50.30", "50.00", "40.00"]
    assert fund[1:5] == ["0.00", "49.70", "50.00", "60.00"]


def test_what_was_held_back_is_named() -> None:
    text = render(traded())
    assert "dropped, TURNOVER_LIMIT: C 450.00 EUR" in text
    assert "left out, BELOW_MIN_NOTIONAL: D 99.50 EUR of 100.00 EUR" in text
    assert "gains 90.00 EUR, losses 0.00 EUR, budget used 90.00 of 100.00 EUR" in text
    assert "A     2,000  1,200.5  TAX_BUDGET_LIMIT_REACHED" in text


def test_the_day_of_an_overdraft_bears_a_star() -> None:
    text = lines(traded())
    start = next(place for place, line in enumerate(text) if line.startswith("── Projected cash"))
    assert [line.split() for line in text[start + 1 : start + 4]] == [
        ["T+0", "T+1", "T+2"],
        ["EUR", "1,000.00", "-5.00", "*", "3.00"],
        ["USD", "0.00", "0.00", "1.00"],
    ]


def test_the_solver_says_what_binds_or_what_conflicts() -> None:
    result = traded()
    binding = [{"constraint": "cash_band.max", "shadow_price": "0.25"}]
    result["target"]["strategy"] = {"method": "SOLVER", "certificate": "KKT_EXACT", "objective": "0.01", "binding": binding}
    conflict = [{"constraint": "group:s:T", "relaxation": "0.1"}, {"constraint": "long_only", "relaxation": None}]
    result["explanation"]["infeasibility"] = {"conflict": conflict, "certificate": {"gap": "1/10", "rows": []}}
    text = lines(result)
    assert "targets: method SOLVER; certificate KKT_EXACT; objective 0.01" in text
    assert "binding: cash_band.max shadow price 0.25" in text
    assert "in conflict: group:s:T relaxation 0.1; long_only" in text


def test_gates_that_are_switched_off_leave_no_section() -> None:
    result = copy.deepcopy(BLOCKED)
    result["gate_decision"] = None
    assert "Gate" not in render(result)


def test_the_same_result_gives_the_same_text_and_is_left_alone() -> None:
    result = traded()
    kept = copy.deepcopy(result)
    assert render(result) == render(result)
    assert result == kept


@pytest.mark.parametrize(
    ("figure", "text"),
    [("1234.5", "1,234.50"), ("-0.005", "-0.00"), ("0.015", "0.02"), ("0.025", "0.02"), ("1E+3", "1,000.00")],
)
def test_amounts_have_two_decimals_half_even(figure: str, text: str) -> None:
    assert amount(figure) == text


@pytest.mark.parametrize(("units", "text"), [("1200", "1,200"), ("33.33333", "33.3333"), ("0.50", "0.5"), ("1E+3", "1,000"), (None, "")])
def test_quantities_lose_trailing_zeros(units: str | None, text: str) -> None:
    assert quantity(units) == text


@pytest.mark.parametrize(("figure", "text"), [("0.70", "0.70"), ("0.123456", "0.1235"), ("-1", "-1"), ("1E+3", "1,000")])
def test_measures_are_cut_only_when_long(figure: str, text: str) -> None:
    assert measure(figure) == text


def test_a_bar_marks_the_model_and_stays_in_its_frame() -> None:
    assert bar(Decimal("0.5"), Decimal("0.25")) == "█" * 10 + "▌" + "█" * 9 + "·" * 21
    assert bar(Decimal("0.25"), Decimal("0.5")) == "█" * 10 + "·" * 10 + "│" + "·" * 20
    assert bar(Decimal(7), Decimal(-1)) == "▌" + "█" * 39 + "·"


def test_the_last_column_wraps_and_figures_are_never_cut() -> None:
    table = columns("<><", [("a", "1,000.00", "one two three four five"), ("b", "1.00", "six")], 32)
    assert table.splitlines() == [
        "a  1,000.00  one two three four",
        "             five",
        "b      1.00  six",
    ]
    assert "1,000.00" in columns(">>", [("1,000.00", "1,000.00")], 5)


def test_columns_move_together_before_a_table_gets_too_wide() -> None:
    row = ("FAIL", "HARD", "unbreakable_reason")
    assert columns("<<<", [row], 30) == "FAIL  HARD  unbreakable_reason"
    assert columns("<<<", [row], 29) == "FAIL HARD unbreakable_reason"
    assert columns("<<<", [row], 10) == "FAIL HARD unbreakable_reason"


def test_a_named_list_is_indented_under_its_first_entry() -> None:
    assert wrapped("dropped", ["A 1.00", "B 2.00", "C 3.00"], 25) == "dropped: A 1.00; B 2.00;\n         C 3.00"
    assert wrapped("dropped", ["A 1.00", "B 2.00", "C 3.00"], 23) == "dropped: A 1.00;\n         B 2.00; C 3.00"


def test_sections_hold_figures_and_weights_not_layout() -> None:
    """What a page draws for itself: the weight after the orders beside the model's, and tables cell by cell."""
    shown = {section.title.partition(":")[0]: section for section in sections(traded())}
    (table,) = shown["Allocation"].parts
    assert isinstance(table, Table)
    assert table.header[-1] == Legend(("after", "model"))
    assert table.rows[0] == ("CASH", "100.00 %", "50.30 %", "50.00 %", "40.00 %", Bar(Decimal("0.5030"), Decimal("0.4")))
    assert shown["Rules"].parts == [
        Table(
            "<<<>><",
            ("", "", "rule", "measured", "limit", "reason"),
            [("FAIL", "HARD", "DATA_QUALITY", "1", "max 0", "MISSING_DATA")],
            ("Outcome", "If it fails", "Rule", "Measured", "Limit", "Because"),
        ),
        Table("<<", (), [("DATA_QUALITY", "Supply the missing prices.")], ("Rule that failed", "What can be done")),
    ]
    assert "Reconciliation" not in shown
