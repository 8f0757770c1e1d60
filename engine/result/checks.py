"""What was checked, as JSON types: rule rows and the reconciliation of values (RFC-0005)."""

from typing import Final

from engine.numbers import plain
from engine.result.amounts import Json, money
from engine.simulation.reconciliation import Reconciliation
from engine.simulation.rules import SHARED_ROWS, RuleRow


def render_rule(row: RuleRow) -> Json:
    """One evaluated rule; made afresh for every result, since rows are shared."""
    known = _SHOWN.get(row.rule_id)
    if known is None or known[0] is not row:
        return _rule(row)
    shown = known[1].copy()
    shown["threshold"] = shown["threshold"].copy()
    return shown


def _rule(row: RuleRow) -> Json:
    threshold = {}
    if row.at_least is not None:
        threshold["min"] = plain(row.at_least)
    if row.at_most is not None:
        threshold["max"] = plain(row.at_most)
    return {
        "rule_id": row.rule_id,
        "severity": row.severity,
        "status": "PASS" if row.passed else "FAIL",
        "measured": plain(row.measured),
        "threshold": threshold,
        "reason_code": row.reason,
        "remediation_hint": None if row.passed else row.hint,
    }


_SHOWN: Final = {row.rule_id: (row, _rule(row)) for row in SHARED_ROWS}
"""What decisions share, as each shows a copy of."""


def render_reconciliation(totals: Reconciliation) -> Json:
    """The totals before and after, and whether they agree."""
    base = totals.base
    shown: Json = {
        "before_total_value": money(totals.before, base),
        "after_total_value": money(totals.after, base),
        "delta": money(totals.after - totals.before, base),
        "tolerance": money(totals.tolerance, base),
        "status": "OK" if totals.agrees else "MISMATCH",
    }
    if totals.known_flows is not None:
        shown["known_flows"] = money(totals.known_flows, base)
    if totals.costs is not None and totals.unexplained is not None:
        shown["costs"] = money(totals.costs, base)
        shown["unexplained"] = money(totals.unexplained, base)
    return shown
