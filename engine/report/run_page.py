"""The page of a discretionary run: what is shown of its JSON answer, in the order of importance.

Takes the document as `GET /rebalance/runs/{id}` or `GET /rebalance/runs/{id}/artifact` answers it, so that every figure carries the path
that it has there. Both tell the result; the artifact also what it was decided from, and the hashes that prove it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.report import sections
from engine.report.allocation import attributes, by_asset_class, by_attribute, by_currency, by_instrument, by_shelf
from engine.report.figures import Kind
from engine.report.headline import key_figures, verdict
from engine.report.orders import Order, named_payers, shown_order
from engine.report.places import Phrase, Place, count
from engine.report.plan import money_plan, reasons
from engine.report.rows import Bars, Drawn, Entries, Fact, Gaps, Issues, Ladder, Line, Page, Panel, Part, Section, Step, Table

FAMILY: Final = "Discretionary rebalance"
MANY: Final = 250
"""Rows of a table of reasons."""
ORDER_NAMES: Final = ("Order", "Side", "Instrument", "Quantity", "Amount", "In base", "Why", "Shaped by", "Waits for")

DISCLOSURES: Final = (
    "Amounts, weights and projected cash follow from the prices, rates and holdings of the snapshots named below; nothing else was looked up.",
    "Orders are simulated at those prices. Transaction costs, fees, spreads and the time that execution takes are not in the figures.",
    "Gains and losses are told for the lots that the portfolio snapshot names; they are no tax advice.",
    "Figures are rounded for reading. The JSON answer of this page's address holds every digit.",
)


def run_page(document: Mapping[str, Any]) -> Page:
    """Everything that is shown of a run."""
    root = Place.of(document)
    here = root["result"]
    return Page(
        family=FAMILY,
        subject=root["portfolio_id"].text,
        about=list(_about(root, here)),
        verdict=verdict(here),
        figures=key_figures(here),
        panels=[panel for panel in _panels(here, root.get("recomputation").get("request")) if panel.parts],
        disclosures=DISCLOSURES,
        evidence=list(_evidence(root, here)),
        verify=_verify(root),
    )


def _about(root: Place, here: Place) -> Iterator[Fact]:
    lineage, created = here["lineage"], root.get("created_at") or root.get("evidence").get("run_created_at")
    yield Fact("Portfolio", root["portfolio_id"].text)
    for name, member in (("Holdings as of", "portfolio_as_of"), ("Prices as of", "market_data_as_of")):
        if as_of := lineage.get(member):
            yield Fact(name, as_of.show(Kind.TIME))
    if created:
        yield Fact("Decided", created.show(Kind.TIME))
    yield Fact("Run", root["rebalance_run_id"].text)


def _panels(here: Place, request: Place) -> Iterator[Panel]:
    yield _looked_at(here)
    yield _orders(here)
    yield _allocation(here, request)
    yield _held_back(here)
    yield _gaps(here)
    yield _rules(here)
    yield _cash(here)
    yield _tax(here)
    yield of_section("plan", "Money plan", money_plan(here))
    yield of_section("groups", "Group limits", sections.group_limits(here))
    yield _reasons(here)
    yield of_section("notices", "Notices", sections.notices(here))
    yield of_section("reconciliation", "Reconciliation", sections.reconciliation(here))


def of_section(key: str, title: str, section: Section | None, *, folded: bool = False) -> Panel:
    """A section of the report as a panel of a page."""
    return Panel(key, title, section.parts if section else (), folded=folded)


def _looked_at(here: Place) -> Panel:
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


def _orders(here: Place) -> Panel:
    intents, base = list(here["intents"]), here["before"]["total_value"]["currency"].text
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


def _allocation(here: Place, request: Place) -> Panel:
    charts: list[Part | Drawn] = [by_asset_class(here), by_currency(here)]
    charts += [by_attribute(here, name, by_shelf(request, name) if request else None) for name in attributes(here)]
    charts.insert(3, by_instrument(here))
    return Panel("allocation", "Allocation", [chart for chart in charts if isinstance(chart, Bars) and chart.rows])


def _held_back(here: Place) -> Panel:
    """What may not be traded, was dropped, is too small, or was made smaller for want of money."""
    diagnostics, rows = here["diagnostics"], list[tuple[str, ...]]()
    for row in here["universe"]["excluded"]:
        rows.append((row["instrument_id"].text, row["reason_code"].code, "", ""))
    for row in diagnostics["dropped_intents"]:
        rows.append((row["instrument_id"].text, row["reason"].code, row["potential_notional"].money, ""))
    for row in diagnostics["suppressed_intents"]:
        rows.append(
            (row["instrument_id"].text, row["reason"].code, row["intended_notional"].money, Phrase("at least ", row["threshold"].money))
        )
    for row in diagnostics.get("funding_cuts"):
        rows.append(
            (row["instrument_id"].text, "Reduced to the money there is", row["sized_quantity"].quantity, row["funded_quantity"].quantity)
        )
    names = ("Instrument", "Why", "Would have been", "Allowed")
    return Panel("held-back", "Held back", [Table("<<>>", names, rows, names)] if rows else [])


def _gaps(here: Place) -> Panel:
    block = here.get("distance")
    if not block:
        return Panel("gaps", "", ())
    rows = [("Cash", block["cash_before"].gap, block["cash_after"].gap)]
    rows += [(row["instrument_id"].text, row["before"].gap, row["after"].gap) for row in block["largest"]]
    note = Phrase(block["before"].weight, " → ", block["after"].weight)
    return Panel("gaps", "Distance from the target", [Gaps(rows)], note=note)


def _rules(here: Place) -> Panel:
    """All rules; what can be done about those that failed stands with the gate's reasons, where there is a gate."""
    panel = of_section("rules", "Rules", sections.rules(here))
    return replace(panel, parts=panel.parts[:1]) if here["gate_decision"] else panel


def _tax(here: Place) -> Panel:
    impact = here["tax_impact"]
    if not impact:
        return Panel("tax", "Tax", ())
    named = (
        ("Gains realised", impact["total_realized_gain"]),
        ("Losses realised", impact["total_realized_loss"]),
        ("Budget for gains", impact["budget_limit"]),
        ("Of it used", impact["budget_used"]),
        ("Sold at unknown cost", impact.get("unknown_cost_proceeds")),
    )
    facts: list[Part] = [Fact(name, money.money) for name, money in named if money]
    section = sections.tax(here)
    return Panel("tax", "Tax", [*facts, *(section.parts[1:] if section else ())])


def _cash(here: Place) -> Panel:
    days, projected = sections.balances(here), sections.ladder(here)
    parts: list[Part | Drawn] = []
    if days:
        parts.append(Ladder([(currency, [one[day] for day in sorted(one)]) for currency, one in days.items()]))
    parts += [*(part for part in projected.parts), _balances(here)] if projected else [_balances(here)]
    return Panel("cash", "Cash by currency", parts)


def _balances(here: Place) -> Table:
    columns = [{row["currency"].value: row for row in here[state]["cash_balances"]} for state in ("before", "after_simulated")]
    rows = []
    for currency in dict.fromkeys(currency for column in columns for currency in column):
        found = [column.get(currency) for column in columns]
        name = next(row["currency"].text for row in found if row)
        pending = found[0]["pending"] if found[0] else None
        rows.append((name, *(row["amount"].amount if row else "" for row in found), pending.amount if pending else ""))
    names = ("Currency", "Before", "After the orders", "Pending before")
    return Table("<>>>", names, rows, names)


def _reasons(here: Place) -> Panel:
    section = reasons(here)
    if section is None:
        return Panel("reasons", "", ())
    (table,) = section.parts
    assert isinstance(table, Table)  # noqa: S101  (what `reasons` is made of)
    parts: list[Part] = [Table(table.align, table.header, table.rows[:MANY], table.names)]
    if len(table.rows) > MANY:
        parts.append(Line(f"The first {MANY} of {len(table.rows):,} rows; the JSON answer of this address has all of them."))
    return Panel("reasons", "Reason of every instrument", parts, folded=True)


def _evidence(root: Place, here: Place) -> Iterator[Fact]:
    """What the answer was decided from and the hashes that it carries."""
    lineage, hashes, pack = (
        here["lineage"],
        root.get("evidence").get("hashes"),
        root.get("policy_pack") or root.get("recomputation").get("policy_pack"),
    )
    named = (
        ("Portfolio snapshot", lineage["portfolio_snapshot_id"]),
        ("Market data snapshot", lineage["market_data_snapshot_id"]),
        ("Request hash", root.get("request_hash") or hashes.get("request_hash")),
        ("Artifact hash", hashes.get("artifact_hash")),
        ("Outcome hash", hashes.get("outcome_hash")),
        ("Engine version", lineage["engine_version"]),
        ("Correlation id", root["correlation_id"]),
        ("Idempotency key", root["idempotency_key"]),
        ("Policy pack", pack.get("policy_pack_id")),
        ("Policy pack version", pack.get("version")),
    )
    yield from (Fact(name, place.text) for name, place in named if place)


def _verify(root: Place) -> list[str]:
    run = root["rebalance_run_id"].text
    return [
        Phrase("GET /rebalance/runs/", run, "/verification decides the run again and compares byte by byte."),
        Phrase(
            "GET /rebalance/runs/",
            run,
            "/artifact as application/json is the evidence itself; python -m engine verify FILE checks it anywhere.",
        ),
        "The artifact hash is the SHA-256 of its canonical text without the two hashes: keys sorted, no blanks, ASCII.",
    ]
