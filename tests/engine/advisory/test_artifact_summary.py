"""An artifact at a glance: tags, takeaways, and the next step row by row."""

from typing import Any

import pytest

from engine.advisory.artifact.summary import next_step
from tests.engine.advisory.artifacts import artifact, body, buy, model, prices, shelf

# 1,000 EUR in cash; A at 10: cash weighs 1 before, 0.97 after three units.
QUIET = {"cash": {"EUR": "1000"}, "priced": prices(A="10"), "offered": shelf("A")}
NO_SCANNER = {"enable_suitability_scanner": False}


def tags(**more: Any) -> list[str]:
    found: list[str] = artifact(body(**QUIET, **more))["summary"]["objective_tags"]
    return found


def test_without_anything_to_do_it_is_maintenance() -> None:
    assert tags() == ["PORTFOLIO_MAINTENANCE"]


def test_each_purpose_is_tagged_in_its_order() -> None:
    assert tags(trades=[buy("A", "3")]) == ["RISK_ALIGNMENT"]
    assert tags(flows={"EUR": "-5"}) == ["CASH_DEPLOYMENT"]  # a withdrawal too (advisory-engine 16)
    assert tags(flows={"EUR": "0"}) == ["CASH_DEPLOYMENT"]
    # drift from 50 % shares: (1 − 0.5 + 0.5) ÷ 2 = 0.5 before; 0.47 after 30 EUR are invested
    assert tags(trades=[buy("A", "3")], model=model(EQUITY="0.5", CASH="0.5")) == ["RISK_ALIGNMENT", "DRIFT_REDUCTION"]
    # from all in cash: 0 before, 0.03 after
    assert tags(trades=[buy("A", "3")], model=model(CASH="1")) == ["RISK_ALIGNMENT"]


def test_a_trade_that_is_left_out_aligns_nothing() -> None:
    assert tags(trades=[buy("A", "200")]) == ["PORTFOLIO_MAINTENANCE"]  # 2,000 of 1,000: skipped


def test_takeaways_tell_drift_and_suitability_only_where_there_is_any() -> None:
    plain = artifact(body(**QUIET, trades=[buy("A", "3")], **NO_SCANNER))["summary"]
    assert [(row["code"], row["value"]) for row in plain["key_takeaways"]] == [
        ("STATUS", "The status of the proposal is READY."),
        ("INTENTS", "1 security trades and 0 FX intents were produced."),
        ("CASH", "The weight of cash moved from 1.0000 to 0.9700."),
    ]
    full = artifact(body(**QUIET, trades=[buy("A", "3")], model=model(EQUITY="0.5", CASH="0.5")))["summary"]
    assert [(row["code"], row["value"]) for row in full["key_takeaways"][3:]] == [
        ("DRIFT", "Asset-class drift moved from 0.5000 to 0.4700."),
        ("SUITABILITY", "Suitability issues: 0 new, 0 resolved, 1 persistent."),  # all that cash is above its band
    ]


def result(gate: str | None, *, status: str = "READY", recommended: str | None = None, reasons: Any = ()) -> dict[str, Any]:
    return {
        "status": status,
        "gate_decision": None if gate is None else {"gate": gate, "reasons": list(reasons)},
        "suitability": None if recommended is None else {"recommended_gate": recommended},
    }


def reason(source: str, severity: str) -> dict[str, str]:
    return {"source": source, "severity": severity}


@pytest.mark.parametrize(
    ("shown", "step"),
    [
        (result("BLOCKED", status="BLOCKED"), "RISK_REVIEW"),
        (result("BLOCKED", status="BLOCKED", reasons=[reason("SUITABILITY", "HIGH")]), "COMPLIANCE_REVIEW"),
        (result("BLOCKED", status="BLOCKED", reasons=[reason("SUITABILITY", "MEDIUM"), reason("RULE_ENGINE", "HIGH")]), "RISK_REVIEW"),
        (result("COMPLIANCE_REVIEW_REQUIRED"), "COMPLIANCE_REVIEW"),
        (result("RISK_REVIEW_REQUIRED"), "RISK_REVIEW"),
        (result("CLIENT_CONSENT_REQUIRED"), "CLIENT_CONSENT"),
        (result("EXECUTION_READY"), "EXECUTION_READY"),
        (result(None, recommended="COMPLIANCE_REVIEW"), "COMPLIANCE_REVIEW"),
        (result(None, recommended="RISK_REVIEW", status="BLOCKED"), "RISK_REVIEW"),
        (result(None, recommended="NONE"), "CLIENT_CONSENT"),
        (result(None), "CLIENT_CONSENT"),
        (result(None, status="PENDING_REVIEW"), "RISK_REVIEW"),
        (result(None, status="BLOCKED", recommended="NONE"), "RISK_REVIEW"),
    ],
)
def test_the_next_step(shown: dict[str, Any], step: str) -> None:
    assert next_step(shown) == step


def test_without_gates_there_is_a_gate_all_the_same_and_the_next_step_does_not_look_at_it() -> None:
    # The scanner finds cash outside its band before and after: nothing new.
    made = artifact(body(**QUIET, enable_workflow_gates=False, client_consent_already_obtained=True))
    assert made["evidence_bundle"]["engine_outputs"]["proposal_result"]["gate_decision"] is None
    assert made["gate_decision"]["gate"] == "EXECUTION_READY"
    assert made["summary"]["recommended_next_step"] == "CLIENT_CONSENT"


def test_without_the_scanner_suitability_is_not_available() -> None:
    profile = {"max_product_risk": 3, "knowledge": ["BONDS"], "horizon_years": None}
    assert artifact(body(**QUIET, **NO_SCANNER, client_profile=profile))["suitability_summary"] == {
        "status": "NOT_AVAILABLE",
        "new_issues": 0,
        "resolved_issues": 0,
        "persistent_issues": 0,
        "highest_severity_new": None,
        "highlights": [],
        "issues": [],
        "client_profile": profile,
    }


def test_one_limit_cuts_highlights_and_weight_changes() -> None:
    # Of 1,000 EUR 30, 20 and 10 EUR of A, B and C; no issuers: each new holding is an issue of its own.
    offered = [{"instrument_id": name, "status": "APPROVED", "liquidity_tier": "L1"} for name in "ABC"]
    asked = body(
        cash={"EUR": "1000"},
        priced=prices(A="10", B="10", C="10"),
        offered=offered,
        trades=[buy("C", "1"), buy("B", "2"), buy("A", "3")],
        drift_top_contributors_limit=2,
    )
    made = artifact(asked)
    changes = made["portfolio_impact"]["delta"]["largest_weight_changes"]
    assert [(row["bucket_id"], row["delta"]) for row in changes] == [("A", "0.0300"), ("B", "0.0200")]
    assert len(made["suitability_summary"]["highlights"]) == 2
    assert len(made["suitability_summary"]["issues"]) == 4


def test_equal_changes_are_ordered_by_id_and_what_does_not_move_is_not_listed() -> None:
    # 100 EUR of A, B and C each and 700 cash: B and A for 50 EUR each, 0.05; C stays 0.1.
    asked = body(
        held={"A": "10", "B": "10", "C": "10"},
        cash={"EUR": "700"},
        priced=prices(A="10", B="10", C="10"),
        offered=shelf("A", "B", "C"),
        trades=[buy("B", "5"), {"side": "SELL", "instrument_id": "A", "quantity": "5"}],
    )
    changes = artifact(asked)["portfolio_impact"]["delta"]["largest_weight_changes"]
    assert [(row["bucket_id"], row["delta"]) for row in changes] == [("A", "-0.0500"), ("B", "0.0500")]
