"""Panels that the pages of both families have: why somebody must look, the orders, the rules, cash by currency.

Each takes the result, wherever in a document it stands.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engine.report import sections
from engine.report.orders import Order, named_payers, shown_order
from engine.report.places import Phrase, Place, count
from engine.report.rows import Entries, Issues, Line, Panel, Part, Section, Step, Table

ORDER_NAMES: Final = ("Order", "Side", "Instrument", "Quantity", "Amount", "In base", "Why", "Shaped by", "Waits for")


def of_section(key: str, title: str, section: Section | None, *, folded: bool = False) -> Panel:
    """A section of the report as a panel of a page."""
    return Panel(key, title, section.parts if section else (), folded=folded)


def looked_at(here: Place) -> Panel:
    """The reasons of the gate, the gravest first."""
    decision = here["gate_decision"]
    found = list(decision["reasons"]) if decision else []
    failed = [rule for rule in here["rule_results"] if sections.failed(rule)]
    steps = [Step(reason["severity"].code, reason["reason_code"].code, _facts(reason, failed)) for reason in found]
    return Panel("gate", "Why it must be looked at", [Issues(steps)] if steps else [])


def _facts(reason: Place, failed: list[Place]) -> list[str]:
    """Who says so and why; of a rule what it measured, and what can be done."""
    facts: list[str] = [reason["source"].code]
    facts += [value.code if key == "reason_code" else Phrase(f"{key} ", value.text) for key, value in reason["details"].items()]
    rule = next((rule for rule in failed if reason["reason_code"].value.partition(":")[2] == rule["rule_id"].value), None)
    if rule:
        failed.remove(rule)
        _, _, _, measured, limits, _ = sections.rule_row(rule)
        facts.append(Phrase("measured ", measured, ", allowed ", limits))
        facts += [rule["remediation_hint"].text] if rule["remediation_hint"] else []
    return facts


def ordered(here: Place) -> Panel:
    """Every order in the sequence of execution, with what it waits for."""
    intents = [intent for intent in here["intents"] if intent["intent_type"].value != "CASH_FLOW"]
    base = here["before"]["total_value"]["currency"].text
    if not intents:
        return Panel("orders", "Orders", [Line("There are no orders.")])
    names = [Phrase("In ", base) if name == "In base" else name for name in ORDER_NAMES]
    payers = named_payers([intent.value for intent in intents])
    parts: list[Part] = [Table("<<<>>><<<", names, [_order(shown_order(intent, base), payers) for intent in intents], names)]
    waited = {tuple(intent["dependencies"].value): intent["dependencies"] for intent in intents}
    parts += [Entries(f"Orders to wait for, {name}", [one.text for one in waited[ids]]) for ids, name in payers.items()]
    return Panel("orders", "Orders", parts, note=Phrase(count(intents), " in the sequence of execution"))


def _order(order: Order, payers: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    named = payers.get(tuple(map(str, order.waits)))
    return (
        order.id,
        order.side,
        order.subject,
        order.quantity,
        order.notional,
        order.in_base,
        order.reason,
        Phrase.joined(", ", order.limits),
        named or Phrase.joined(", ", order.waits),
    )


def ruled(here: Place) -> Panel:
    """All rules; what can be done about those that failed stands with the gate's reasons, where there is a gate."""
    panel = of_section("rules", "Rules", sections.rules(here))
    return replace(panel, parts=panel.parts[:1]) if here["gate_decision"] else panel


def balances(here: Place) -> Table:
    """Cash by currency before and after the orders."""
    columns = [{row["currency"].value: row for row in here[state]["cash_balances"]} for state in ("before", "after_simulated")]
    rows = []
    for currency in dict.fromkeys(currency for column in columns for currency in column):
        found = [column.get(currency) for column in columns]
        name = next(row["currency"].text for row in found if row)
        pending = found[0]["pending"] if found[0] else None
        rows.append((name, *(row["amount"].amount if row else "" for row in found), pending.amount if pending else ""))
    names = ("Currency", "Before", "After the orders", "Pending before")
    return Table("<>>>", names, rows, names)
