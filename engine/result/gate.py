"""The gate: who must look at the run before it may be executed, and why (RFC-0015)."""

from collections.abc import Iterator
from typing import Any, Final

from engine.contracts import EngineOptions
from engine.notes import Notes
from engine.simulation.rules import HARD, SOFT, RuleRow
from engine.targets.plan import CASH_BUFFER_SCALED, Targets

SEVERITY_ORDER: Final = {"HIGH": 0, "MEDIUM": 1, "LOW": 2}
NEXT_STEP: Final = {
    "BLOCKED": "FIX_INPUT",
    "COMPLIANCE_REVIEW_REQUIRED": "COMPLIANCE_REVIEW",
    "RISK_REVIEW_REQUIRED": "RISK_REVIEW",
    "CLIENT_CONSENT_REQUIRED": "REQUEST_CLIENT_CONSENT",
    "EXECUTION_READY": "EXECUTE",
}


def decide_gate(status: str, rows: list[RuleRow], targets: Targets, notes: Notes, options: EngineOptions) -> dict[str, Any] | None:
    """The gate decision with its sorted reasons; None when gates are switched off."""
    if not options.enable_workflow_gates:
        return None
    failed = [row for row in rows if not row.passed]
    hard = [row for row in failed if row.severity == HARD]
    soft = [row for row in failed if row.severity == SOFT]
    gate = _gate(status, hard, soft, targets, options)
    reasons = [*_rule_reasons(hard, soft), *_target_reasons(status, targets), *_data_reasons(notes)]
    reasons.sort(key=_place)
    return {
        "gate": gate,
        "recommended_next_step": NEXT_STEP[gate],
        "reasons": reasons,
        "summary": {
            "hard_fail_count": len(hard),
            "soft_fail_count": len(soft),
            "new_high_suitability_count": 0,
            "new_medium_suitability_count": 0,
        },
    }


def _gate(status: str, hard: list[RuleRow], soft: list[RuleRow], targets: Targets, options: EngineOptions) -> str:
    if status == "BLOCKED" or hard:
        return "BLOCKED"
    if soft or any(cause != CASH_BUFFER_SCALED for cause in targets.causes):
        return "RISK_REVIEW_REQUIRED"
    if options.client_consent_already_obtained:
        return "EXECUTION_READY"
    if options.workflow_requires_client_consent:
        return "CLIENT_CONSENT_REQUIRED"
    return "EXECUTION_READY"


def _rule_reasons(hard: list[RuleRow], soft: list[RuleRow]) -> Iterator[dict[str, Any]]:
    for row in hard:
        yield _reason(f"HARD_RULE_FAIL:{row.rule_id}", "HIGH", "RULE_ENGINE", {"reason_code": row.reason})
    for row in soft:
        yield _reason(f"SOFT_RULE_FAIL:{row.rule_id}", "MEDIUM", "RULE_ENGINE", {"reason_code": row.reason})


def _target_reasons(status: str, targets: Targets) -> Iterator[dict[str, Any]]:
    if targets.refusal:
        yield _reason("TARGETS_BLOCKED", "HIGH", "TARGETING", {"reason_code": targets.refusal})
    elif targets.causes and status != "BLOCKED":
        yield _reason("TARGETS_CONSTRAINED", "MEDIUM", "TARGETING", {"reason_code": targets.causes[0]})


def _data_reasons(notes: Notes) -> Iterator[dict[str, Any]]:
    for code, missing in (("PRICE", notes.price_missing), ("FX", notes.fx_missing)):
        if missing:
            yield _reason(f"DATA_QUALITY_MISSING_{code}", "HIGH", "DATA_QUALITY", {"count": str(len(missing))})


def _reason(code: str, severity: str, source: str, details: dict[str, str]) -> dict[str, Any]:
    return {"reason_code": code, "severity": severity, "source": source, "details": details}


def _place(reason: dict[str, Any]) -> tuple[int, str, str, str]:
    detail = reason["details"].get("issue_key") or reason["details"].get("reason_code", "")
    return SEVERITY_ORDER[reason["severity"]], reason["source"], reason["reason_code"], detail
