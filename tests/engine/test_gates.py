"""The gate, by value: first match of its table, reasons sorted, nothing when switched off (RFC-0015, dpm-engine S1, S56)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
import pytest

from engine import simulate_json
from engine.contracts import EngineOptions
from engine.notes import Notes
from engine.result.gate import NO_ISSUES, NewIssues, decide_gate
from engine.result.reasons import Reason, data_reasons, rule_reasons, target_reasons
from engine.simulation.rules import RuleRow
from engine.targets.plan import Targets
from tests.engine.contract_requests import request


def row(rule_id: str, severity: str, reason: str = "BREACH", *, passed: bool = False) -> RuleRow:
    return RuleRow(rule_id, severity, passed=passed, measured=Decimal(0), reason=reason)


def gate(
    status: str = "READY",
    rows: Sequence[RuleRow] = (),
    causes: Sequence[str] = (),
    refusal: str | None = None,
    notes: Notes | None = None,
    issues: NewIssues = NO_ISSUES,
    **options: Any,
) -> dict[str, Any]:
    """The gate of a rebalance that ended so."""
    targets = Targets(causes=list(causes), refusal=refusal)
    reasons = [*rule_reasons(rows), *target_reasons(targets, blocked=status == "BLOCKED"), *data_reasons(notes or Notes())]
    given = EngineOptions(**options)
    consent, review = given.workflow_requires_client_consent, targets.need_risk_review
    return decide_gate(status, rows, reasons, given, consent=consent, risk_review=review, issues=issues)


def codes(decision: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(reason["severity"], reason["source"], reason["reason_code"]) for reason in decision["reasons"]]


HARD, SOFT = row("R", "HARD"), row("S", "SOFT")
CONSENT = {"workflow_requires_client_consent": True}
OBTAINED = {"client_consent_already_obtained": True}


@pytest.mark.parametrize(
    ("case", "expected", "step"),
    [
        ({}, "EXECUTION_READY", "EXECUTE"),
        (CONSENT, "CLIENT_CONSENT_REQUIRED", "REQUEST_CLIENT_CONSENT"),
        (CONSENT | OBTAINED, "EXECUTION_READY", "EXECUTE"),
        ({"rows": [row("P", "HARD", passed=True), row("Q", "SOFT", passed=True)]}, "EXECUTION_READY", "EXECUTE"),
        ({"rows": [row("I", "INFO")]}, "EXECUTION_READY", "EXECUTE"),
        ({"rows": [SOFT]} | CONSENT | OBTAINED, "RISK_REVIEW_REQUIRED", "RISK_REVIEW"),
        ({"rows": [SOFT, HARD]}, "BLOCKED", "FIX_INPUT"),
        ({"status": "BLOCKED"} | OBTAINED, "BLOCKED", "FIX_INPUT"),
        ({"causes": ["OVERWEIGHT_SCALED"]}, "RISK_REVIEW_REQUIRED", "RISK_REVIEW"),
        ({"causes": ["OVERWEIGHT_SCALED"]} | OBTAINED, "RISK_REVIEW_REQUIRED", "RISK_REVIEW"),
        ({"causes": ["CASH_BUFFER_SCALED"]}, "EXECUTION_READY", "EXECUTE"),
        ({"causes": ["CASH_BUFFER_SCALED"]} | CONSENT, "CLIENT_CONSENT_REQUIRED", "REQUEST_CLIENT_CONSENT"),
        ({"causes": ["OVERWEIGHT_SCALED", "CASH_BUFFER_SCALED"]}, "RISK_REVIEW_REQUIRED", "RISK_REVIEW"),
        ({"issues": NewIssues(high=1), "rows": [SOFT]} | OBTAINED, "COMPLIANCE_REVIEW_REQUIRED", "COMPLIANCE_REVIEW"),
        ({"issues": NewIssues(high=1), "rows": [HARD]}, "BLOCKED", "FIX_INPUT"),
        ({"issues": NewIssues(medium=1)} | OBTAINED, "RISK_REVIEW_REQUIRED", "RISK_REVIEW"),
        ({"issues": NewIssues(high=2, eased=2)} | OBTAINED, "RISK_REVIEW_REQUIRED", "RISK_REVIEW"),
        ({"issues": NewIssues(high=2, eased=1)} | OBTAINED, "COMPLIANCE_REVIEW_REQUIRED", "COMPLIANCE_REVIEW"),
    ],
)
def test_the_first_row_of_the_table_that_holds(case: dict[str, Any], expected: str, step: str) -> None:
    decision = gate(**case)
    assert (decision["gate"], decision["recommended_next_step"]) == (expected, step)


def test_no_gate_when_switched_off() -> None:
    for shown, switch in ((False, {"enable_workflow_gates": False}), (True, {})):
        result = orjson.loads(simulate_json(request("options", switch), run_id="rr_1", correlation_id="c_1"))
        assert (result["gate_decision"] is not None) is shown


def test_constrained_targets_name_their_first_cause() -> None:
    (reason,) = gate(causes=["LOCKED_WEIGHT_EXCEEDS_CAP", "OVERWEIGHT_SCALED"])["reasons"]
    assert reason == {
        "reason_code": "TARGETS_CONSTRAINED",
        "severity": "MEDIUM",
        "source": "TARGETING",
        "details": {"reason_code": "LOCKED_WEIGHT_EXCEEDS_CAP"},
    }


def test_a_blocked_run_has_no_constrained_targets() -> None:
    assert codes(gate(status="BLOCKED", rows=[HARD], causes=["OVERWEIGHT_SCALED"])) == [("HIGH", "RULE_ENGINE", "HARD_RULE_FAIL:R")]


@pytest.mark.parametrize("refusal", ["NO_ELIGIBLE_REDISTRIBUTION_DESTINATION", "INFEASIBLE_INFEASIBLE", "SOLVER_ERROR"])
def test_blocked_targets_name_why(refusal: str) -> None:
    (reason,) = gate(status="BLOCKED", refusal=refusal, causes=["SELL_ONLY_EXCESS_UNPLACED"])["reasons"]
    assert (reason["reason_code"], reason["severity"], reason["details"]) == ("TARGETS_BLOCKED", "HIGH", {"reason_code": refusal})


def test_reasons_stand_by_severity_source_and_code() -> None:
    notes = Notes(price_missing={"A": None, "B": None}, fx_missing={"EUR/USD": None}, shelf_missing={"C": None})
    rows = [row("Z", "HARD"), SOFT, row("A", "HARD", "Y"), row("A", "HARD", "X"), row("GROUP_MAX:s:T", "SOFT")]
    decision = gate(status="BLOCKED", rows=rows, refusal="SOLVER_ERROR", notes=notes)
    assert codes(decision) == [
        ("HIGH", "DATA_QUALITY", "DATA_QUALITY_MISSING_FX"),
        ("HIGH", "DATA_QUALITY", "DATA_QUALITY_MISSING_PRICE"),
        ("HIGH", "RULE_ENGINE", "HARD_RULE_FAIL:A"),
        ("HIGH", "RULE_ENGINE", "HARD_RULE_FAIL:A"),
        ("HIGH", "RULE_ENGINE", "HARD_RULE_FAIL:Z"),
        ("HIGH", "TARGETING", "TARGETS_BLOCKED"),
        ("MEDIUM", "RULE_ENGINE", "SOFT_RULE_FAIL:GROUP_MAX:s:T"),
        ("MEDIUM", "RULE_ENGINE", "SOFT_RULE_FAIL:S"),
    ]
    assert [reason["details"] for reason in decision["reasons"][:4]] == [
        {"count": "1"},
        {"count": "2"},
        {"reason_code": "X"},
        {"reason_code": "Y"},
    ]
    assert decision["summary"] == {
        "hard_fail_count": 3,
        "soft_fail_count": 2,
        "new_high_suitability_count": 0,
        "new_medium_suitability_count": 0,
    }


def test_reasons_of_any_source_are_sorted_in_and_new_issues_are_counted() -> None:
    """By severity, then source: SUITABILITY stands after RULE_ENGINE; two of one code by their issue key."""
    issues = [Reason("NEW_HIGH_SUITABILITY_ISSUE", "HIGH", "SUITABILITY", {"issue_id": "1", "issue_key": key}) for key in ("b", "a")]
    rows = [row("A", "HARD")]
    decision = decide_gate(
        "READY", rows, [*issues, *rule_reasons(rows)], EngineOptions(), consent=False, issues=NewIssues(high=2, medium=3)
    )
    assert decision is not None
    assert [(reason["source"], reason["details"].get("issue_key")) for reason in decision["reasons"]] == [
        ("RULE_ENGINE", None),
        ("SUITABILITY", "a"),
        ("SUITABILITY", "b"),
    ]
    assert decision["summary"] == {
        "hard_fail_count": 1,
        "soft_fail_count": 0,
        "new_high_suitability_count": 2,
        "new_medium_suitability_count": 3,
    }
