"""Why a run must be looked at: one reason for each thing that went wrong, from its source (RFC-0015)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.notes import Notes
from engine.simulation.rules import HARD, SOFT, RuleRow
from engine.targets.plan import Targets

HIGH: Final = "HIGH"
MEDIUM: Final = "MEDIUM"
RULE_ENGINE: Final = "RULE_ENGINE"
TARGETING: Final = "TARGETING"
DATA_QUALITY: Final = "DATA_QUALITY"
RULE_FAILURES: Final = {HARD: ("HARD_RULE_FAIL", HIGH), SOFT: ("SOFT_RULE_FAIL", MEDIUM)}


@dataclass(slots=True)
class Reason:
    """One reason of a gate decision; `details` say which of its kind it is."""

    code: str
    severity: str
    source: str
    details: Mapping[str, str]


def rule_reasons(rows: Iterable[RuleRow]) -> list[Reason]:
    """One for each failed row that is hard or soft."""
    failed = [(*RULE_FAILURES[row.severity], row) for row in rows if not row.passed and row.severity in RULE_FAILURES]
    return [Reason(f"{code}:{row.rule_id}", severity, RULE_ENGINE, {"reason_code": row.reason}) for code, severity, row in failed]


def target_reasons(targets: Targets, *, blocked: bool) -> list[Reason]:
    """Why there are no targets, or else why they differ from the model; the latter is no news of a blocked run."""
    if targets.refusal:
        return [Reason("TARGETS_BLOCKED", HIGH, TARGETING, {"reason_code": targets.refusal})]
    if targets.causes and not blocked:
        return [Reason("TARGETS_CONSTRAINED", MEDIUM, TARGETING, {"reason_code": targets.causes[0]})]
    return []


def data_reasons(notes: Notes) -> list[Reason]:
    """One for each kind of market data that is missing, whether or not it blocks."""
    if not (notes.price_missing or notes.fx_missing):
        return []
    kinds = ("PRICE", notes.price_missing), ("FX", notes.fx_missing)
    return [Reason(f"DATA_QUALITY_MISSING_{code}", HIGH, DATA_QUALITY, {"count": str(len(missing))}) for code, missing in kinds if missing]
