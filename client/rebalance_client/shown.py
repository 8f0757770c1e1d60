"""Answers as tables for people. Every text that a caller or a client wrote is printed as it is, never as markup."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

Document = Mapping[str, Any]

COLOURS: Final = {
    "READY": "green",
    "SUCCEEDED": "green",
    "VERIFIED": "green",
    "COMPLETE": "green",
    "INCOMPLETE": "yellow",
    "PENDING_REVIEW": "yellow",
    "BLOCKED": "red",
    "FAILED": "red",
    "DIFFERS": "red",
}
NUMBERS: Final = frozenset({"quantity", "notional", "distance", "turnover", "orders", "count", "portfolios", "worth", "traded"})
"""Columns that are aligned to the right."""


def show_run(console: Console, result: Document) -> None:
    """A rebalance: what it comes to, its orders, what failed."""
    _head(console, result["status"], _gate(result), result.get("rebalance_run_id"))
    console.print(_orders(result["intents"]))
    _failures(console, result)
    if distance := result.get("distance"):
        console.print(Text(f"Distance to target {distance['before']} before, {distance['after']} after"))


def show_proposal(console: Console, result: Document) -> None:
    """A proposal, or its artifact: what it comes to and its orders."""
    if "evidence_bundle" in result:
        _head(console, result["status"], _gate(result), result["artifact_id"])
        result = result["evidence_bundle"]["engine_outputs"]["proposal_result"]
    else:
        _head(console, result["status"], _gate(result), result.get("proposal_run_id"))
    console.print(_orders(result["intents"]))
    _failures(console, result)


def show_proposal_head(console: Console, found: Document) -> None:
    """Where a proposal stands in its life."""
    proposal = found["proposal"]
    _head(console, proposal["current_state"], proposal.get("gate"), proposal["proposal_id"])


def show_batch(console: Console, result: Document) -> None:
    """A what-if: its scenarios side by side."""
    rows = [
        (name, row["status"], row["security_intent_count"], _money(row["gross_turnover_notional_base"]), row.get("distance_after") or "")
        for name, row in result["comparison_metrics"].items()
    ]
    console.print(table(("scenario", "status", "orders", "turnover", "distance"), rows))
    for name, reason in result["failed_scenarios"].items():
        console.print(Text(f"{name}: {reason}", style="red"))


def show_operation(console: Console, found: Document) -> None:
    """An operation, and what came of it."""
    _head(console, found["status"], None, found["operation_id"])
    if error := found.get("error"):
        console.print(Text(f"{error.get('code')}: {error.get('message', '')}", style="red"))
    result = found.get("result")
    if isinstance(result, dict) and "comparison_metrics" in result:
        show_batch(console, result)


def show_verification(console: Console, told: Document) -> None:
    """A verdict, and the first difference where there is one."""
    named = told.get("rebalance_run_id") or told.get("proposal_run_id") or ""
    _head(console, told["verdict"], None, named)
    if where := told.get("difference"):
        console.print(Text(f"{where['document']} {where['path'] or '/'}  {where['reason']}"))
        console.print(Text(f"recorded  {where['recorded']}"))
        console.print(Text(f"expected  {where['expected']}"))


def show_problem(console: Console, status: int, problem: Document) -> None:
    """A refusal with everything that it tells."""
    console.print(Text(f"{status} {problem.get('detail') or problem.get('title') or 'refused'}", style="red"))
    for row in problem.get("errors") or ():
        console.print(Text(f"  {'.'.join(map(str, row['loc']))}  {row['type']}  {row['msg']}"))
    if correlation_id := problem.get("correlation_id"):
        console.print(Text(f"  correlation id {correlation_id}", style="dim"))


def _head(console: Console, status: str | None, gate: str | None, name: object) -> None:
    line = Text(str(status), style=f"bold {COLOURS.get(str(status), '')}".strip())
    line.append(f"  {gate}" if gate else "", style="")
    line.append(f"  {name}" if name else "", style="dim")
    console.print(line)


def _gate(result: Document) -> str | None:
    decided = result.get("gate_decision")
    return str(decided["gate"]) if decided else None


def _orders(intents: Sequence[Document]) -> Table:
    rows = [row for row in map(_order, intents) if row is not None]
    return table(("order", "side", "what", "quantity", "notional", "after"), rows)


def _order(intent: Document) -> tuple[object, ...] | None:
    after = " ".join(intent.get("dependencies", ()))
    match intent["intent_type"]:
        case "SECURITY_TRADE":
            return (
                intent["intent_id"],
                intent["side"],
                intent["instrument_id"],
                intent.get("quantity", ""),
                _money(intent.get("notional")),
                after,
            )
        case "FX_SPOT":
            bought = f"{intent['buy_amount']} {intent['buy_currency']}"
            return (
                intent["intent_id"],
                "FX",
                intent["pair"],
                bought,
                f"-{intent['sell_amount_estimated']} {intent['sell_currency']}",
                after,
            )
        case _:
            return (intent["intent_id"], "CASH", intent.get("description") or "", "", f"{intent['amount']} {intent['currency']}", after)


def _failures(console: Console, result: Document) -> None:
    """The rules that failed, and what is missing: without that nobody could mend a request that is BLOCKED for its data."""
    failed = [
        (row["rule_id"], row["severity"], row["reason_code"], row["measured"]) for row in result["rule_results"] if row["status"] == "FAIL"
    ]
    if failed:
        console.print(table(("rule", "severity", "reason", "measured"), failed))
    for name, missing in result["diagnostics"]["data_quality"].items():
        if missing:
            console.print(Text(f"{name}: {', '.join(missing)}", style="red"))


def _money(amount: Document | None) -> str:
    return f"{amount['amount']} {amount['currency']}" if amount else ""


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """Rows under the names of their columns, which say how they are aligned."""
    shown = Table(*columns)
    for column, name in zip(shown.columns, columns, strict=True):
        column.justify = "right" if name in NUMBERS else "left"
        column.overflow = "fold"
    for row in rows:
        shown.add_row(*(Text(str(cell)) for cell in row))
    return shown
