"""A proposal at a glance: what it is for, what comes of it, what is to be done next (advisory-engine 16)."""

from collections.abc import Iterator
from typing import Final

from engine.advisory.artifact.charges import Charges
from engine.advisory.artifact.client_lines import client_lines
from engine.advisory.artifact.material import FX_SPOT, SECURITY_TRADE, Json, Material
from engine.advisory.artifact.texts import weight
from engine.result.status import READY
from engine.valuation import CASH

NEXT_STEP: Final = {
    "COMPLIANCE_REVIEW_REQUIRED": "COMPLIANCE_REVIEW",
    "RISK_REVIEW_REQUIRED": "RISK_REVIEW",
    "CLIENT_CONSENT_REQUIRED": "CLIENT_CONSENT",
    "EXECUTION_READY": "EXECUTION_READY",
}
REVIEWS: Final = frozenset({"COMPLIANCE_REVIEW", "RISK_REVIEW"})


def summary(material: Material, charges: Charges | None) -> Json:
    """Title, tags, next step, takeaways, and the lines that a client reads."""
    step = next_step(material.result)
    return {
        "title": f"Proposal for {material.request.portfolio_snapshot.portfolio_id}",
        "objective_tags": list(_tags(material)) or ["PORTFOLIO_MAINTENANCE"],
        "advisor_notes": [],
        "recommended_next_step": step,
        "key_takeaways": [{"code": code, "value": value} for code, value in _takeaways(material)],
        "client_lines": client_lines(material, charges, step),
    }


def next_step(result: Json) -> str:
    """What is to be done next, by the gate that the result itself shows; without one by suitability and status (advisory-engine S21)."""
    gate = result["gate_decision"]
    if gate is None:
        recommended = (result["suitability"] or {}).get("recommended_gate")
        if recommended in REVIEWS:
            return str(recommended)
        return "CLIENT_CONSENT" if result["status"] == READY else "RISK_REVIEW"
    if gate["gate"] == "BLOCKED":
        grave = any(reason["source"] == "SUITABILITY" and reason["severity"] == "HIGH" for reason in gate["reasons"])
        return "COMPLIANCE_REVIEW" if grave else "RISK_REVIEW"
    return NEXT_STEP[gate["gate"]]


def _tags(material: Material) -> Iterator[str]:
    drift = material.decision.drift
    if material.intents(SECURITY_TRADE):
        yield "RISK_ALIGNMENT"
    if material.request.proposed_cash_flows:
        yield "CASH_DEPLOYMENT"
    if drift is not None and drift.asset_class_after < drift.asset_class_before:
        yield "DRIFT_REDUCTION"


def _takeaways(material: Material) -> Iterator[tuple[str, str]]:
    decision, found = material.decision, material.result["suitability"]
    trades, deals = len(material.intents(SECURITY_TRADE)), len(material.intents(FX_SPOT))
    before, after = (state.by_asset_class[CASH] / state.divisor for state in (material.before, material.after))
    yield "STATUS", f"The status of the proposal is {decision.status}."
    yield "INTENTS", f"{trades} security trades and {deals} FX intents were produced."
    yield "CASH", f"The weight of cash moved from {weight(before)} to {weight(after)}."
    if decision.drift is not None:
        yield (
            "DRIFT",
            f"Asset-class drift moved from {weight(decision.drift.asset_class_before)} to {weight(decision.drift.asset_class_after)}.",
        )
    if found is not None:
        counts = found["summary"]
        yield (
            "SUITABILITY",
            f"Suitability issues: {counts['new_count']} new, {counts['resolved_count']} resolved, {counts['persistent_count']} persistent.",
        )
