"""The gate: who must look at a run before it may be executed, and why (RFC-0015)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.contracts.options.shared import SharedOptions
from engine.result.amounts import Json
from engine.result.reasons import Reason
from engine.result.status import BLOCKED
from engine.simulation.rules import HARD, SOFT, RuleRow

SEVERITY_ORDER: Final = {"HIGH": 0, "MEDIUM": 1, "LOW": 2}
FIX_INPUT: Final = "FIX_INPUT"
ADD_FUNDS: Final = "ADD_FUNDS_OR_REDUCE"
FUNDS_RULES: Final = ({"INSUFFICIENT_CASH"}, {"SETTLEMENT_CASH_LADDER"}, {"SINGLE_POSITION_MAX"})
"""A run that one of these alone blocks needs no better input, but more money or less to do (practice 10)."""

NEXT_STEP: Final = {
    "BLOCKED": FIX_INPUT,
    "COMPLIANCE_REVIEW_REQUIRED": "COMPLIANCE_REVIEW",
    "RISK_REVIEW_REQUIRED": "RISK_REVIEW",
    "CLIENT_CONSENT_REQUIRED": "REQUEST_CLIENT_CONSENT",
    "EXECUTION_READY": "EXECUTE",
}


@dataclass(frozen=True, slots=True)
class NewIssues:
    """How many suitability issues the run would bring about; a discretionary run is not scanned and brings none.

    `eased` are those of the high ones that risk reviews and not compliance (rulings-2 proposal 6).
    """

    high: int = 0
    medium: int = 0
    eased: int = 0

    @property
    def for_compliance(self) -> int:
        """How many need a compliance review."""
        return self.high - self.eased


NO_ISSUES: Final = NewIssues()


def decide_gate(
    status: str,
    rows: Sequence[RuleRow],
    reasons: Iterable[Reason],
    options: SharedOptions,
    *,
    consent: bool,
    risk_review: bool = False,
    issues: NewIssues = NO_ISSUES,
    short_of_funds: bool = False,
) -> Json:
    """The gate decision with its reasons sorted, whether or not a result shows it.

    `consent` says that the client must agree, `risk_review` that something besides a rule wants a look, `short_of_funds` that nothing but
    money is missing, whatever rule says so.
    """
    failed = [row.severity for row in rows if not row.passed]
    hard, soft = failed.count(HARD), failed.count(SOFT)
    gate = "EXECUTION_READY"
    if status == BLOCKED or hard:
        gate = "BLOCKED"
    elif issues.for_compliance:
        gate = "COMPLIANCE_REVIEW_REQUIRED"
    elif soft or issues.high or issues.medium or risk_review:
        gate = "RISK_REVIEW_REQUIRED"
    elif consent and not options.client_consent_already_obtained:
        gate = "CLIENT_CONSENT_REQUIRED"
    return {
        "gate": gate,
        "recommended_next_step": ADD_FUNDS
        if gate == "BLOCKED" and (short_of_funds or _failed_hard(rows) in FUNDS_RULES)
        else NEXT_STEP[gate],
        "reasons": [_render(reason) for reason in sorted(reasons, key=_sort_key)],
        "summary": {
            "hard_fail_count": hard,
            "soft_fail_count": soft,
            "new_high_suitability_count": issues.high,
            "new_medium_suitability_count": issues.medium,
        },
    }


def _failed_hard(rows: Sequence[RuleRow]) -> set[str]:
    return {row.rule_id for row in rows if row.severity == HARD and not row.passed}


def _render(reason: Reason) -> Json:
    return {"reason_code": reason.code, "severity": reason.severity, "source": reason.source, "details": dict(reason.details)}


def _sort_key(reason: Reason) -> tuple[int, str, str, str]:
    detail = reason.details.get("issue_key") or reason.details.get("reason_code", "")
    return SEVERITY_ORDER[reason.severity], reason.source, reason.code, detail
