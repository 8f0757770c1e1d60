"""What was checked, as JSON types: rule rows and the reconciliation of values (RFC-0005)."""

from engine.numbers import plain
from engine.result.amounts import Json, money
from engine.simulation.reconciliation import Reconciliation
from engine.simulation.rules import RuleRow


def render_rule(row: RuleRow) -> Json:
    """One evaluated rule; made afresh for every result, since rows are shared."""
    rule_id, severity, passed, measured, reason, at_least, at_most, hint = row
    threshold = {}
    if at_least is not None:
        threshold["min"] = plain(at_least)
    if at_most is not None:
        threshold["max"] = plain(at_most)
    return {
        "rule_id": rule_id,
        "severity": severity,
        "status": "PASS" if passed else "FAIL",
        "measured": plain(measured),
        "threshold": threshold,
        "reason_code": reason,
        "remediation_hint": None if passed else hint,
    }


def render_reconciliation(totals: Reconciliation) -> Json:
    """The totals before and after, and whether they agree."""
    amounts = {
        "before_total_value": totals.before,
        "after_total_value": totals.after,
        "delta": totals.after - totals.before,
        "tolerance": totals.tolerance,
    }
    shown: Json = {name: money(amount, totals.base) for name, amount in amounts.items()}
    shown["status"] = "OK" if totals.agrees else "MISMATCH"
    if totals.known_flows is not None:
        shown["known_flows"] = money(totals.known_flows, totals.base)
    if totals.costs is not None and totals.unexplained is not None:
        shown["costs"] = money(totals.costs, totals.base)
        shown["unexplained"] = money(totals.unexplained, totals.base)
    return shown
