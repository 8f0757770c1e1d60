"""What a report shows of a result: status, gate, allocation, plan, orders, rules and what was held back, as rows for any page to lay out.

Takes the decoded result document. Amounts are shown with two decimals, weights as percentages with two, quantities with at most four; what
is shown is rounded half-even, the document is not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from engine.report.figures import amount, measure, money, percent, quantity
from engine.report.orders import orders
from engine.report.plan import cut, distance, plan, reasons, suppressed
from engine.report.rows import Bar, Cell, Entries, Fact, Legend, Line, Part, Section, Table

ZERO: Final = Decimal()

Document = Mapping[str, Any]


def sections(result: Document) -> list[Section]:
    """All sections that have something to show, in the order of `SECTIONS`."""
    found = (section(result) for section in SECTIONS)
    return [section for section in found if section is not None]


def status(result: Document) -> Section:
    """What was decided, for which portfolio, by which engine."""
    before, after, lineage = result["before"], result["after_simulated"], result["lineage"]
    parts: list[Part] = [
        Line(f"{result['status']}   total value before {money(before['total_value'])}, after {money(after['total_value'])}"),
        Fact("run", f"{result['rebalance_run_id']}, correlation {result['correlation_id']}, engine {lineage['engine_version']}"),
        Fact("portfolio", lineage["portfolio_snapshot_id"]),
        Fact("market data", lineage["market_data_snapshot_id"]),
        Fact("request", lineage["request_hash"]),
    ]
    return Section("Decision", parts)


def gate(result: Document) -> Section | None:
    """Whether the orders may be executed, and every reason why not."""
    decision = result["gate_decision"]
    if decision is None:
        return None
    rows = [(reason["severity"], reason["source"], reason["reason_code"], details(reason["details"])) for reason in decision["reasons"]]
    title = f"Gate: {decision['gate']}, next step {decision['recommended_next_step']}"
    return Section(title, [Table("<<<<", (), rows) if rows else Line("no reasons")])


def details(values: Document) -> str:
    """The facts behind a reason; a reason code needs no name."""
    return ", ".join(f"{value}" if key == "reason_code" else f"{key} {value}" for key, value in values.items())


def shown(entry: Document) -> str:
    """A constraint as the solver names it, followed by the figures that are known of it."""
    figures = [f"{name.replace('_', ' ')} {value}" for name, value in entry.items() if name != "constraint" and value is not None]
    return " ".join((entry["constraint"], *figures))


def by_class(result: Document, member: str) -> dict[str, Decimal]:
    """The targets' model or final weights summed by asset class; what they leave of 1 is cash.

    The class of a target is read from the states; one that nobody holds has the class UNKNOWN.
    """
    states = (result["before"], result["after_simulated"])
    classes = {row["instrument_id"]: row["asset_class"] for state in states for row in state["positions"]}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for target in result["target"]["targets"]:
        sums[classes.get(target["instrument_id"], "UNKNOWN")] += Decimal(target[member])
    sums["CASH"] += 1 - sum(sums.values())
    return sums


def allocation(result: Document) -> Section | None:
    """Weights by asset class before and after the orders, the target that limits allowed, and the model."""
    states = ("before", "after_simulated")
    weights = [{row["key"]: Decimal(row["weight"]) for row in result[state]["allocation_by_asset_class"]} for state in states]
    if result["target"]["targets"]:
        weights += [by_class(result, member) for member in ("final_weight", "model_weight")]
    rows: list[Sequence[Cell]] = [
        (name, *(percent(one.get(name, ZERO)) for one in weights), Bar(weights[1].get(name, ZERO), weights[-1].get(name, ZERO)))
        for name in dict.fromkeys(chain(*weights))
    ]
    header = ("asset class", "before", "after", "target", "model")[: len(weights) + 1]
    legend = Legend(("after", "model") if len(weights) > len(states) else ("after",))
    return Section("Allocation", [Table("<" + ">" * len(weights) + "<", (*header, legend), rows)])


def rules(result: Document) -> Section | None:
    """The rules on the state after the orders, and what to do about those that failed."""
    rows = [
        (
            rule["status"],
            rule["severity"],
            rule["rule_id"],
            measure(rule["measured"]),
            ", ".join(f"{name} {measure(value)}" for name, value in rule["threshold"].items()),
            rule["reason_code"],
        )
        for rule in result["rule_results"]
    ]
    failed = [rule for rule in result["rule_results"] if rule["status"] == "FAIL" and rule["remediation_hint"]]
    parts: list[Part] = [Table("<<<>><", ("", "", "rule", "measured", "limit", "reason"), rows)]
    if failed:
        parts.append(Table("<<", (), [(rule["rule_id"], rule["remediation_hint"]) for rule in failed]))
    return Section("Rules", parts)


def reconciliation(result: Document) -> Section | None:
    """Whether value was neither created nor lost."""
    block = result["reconciliation"]
    if block is None:
        return None
    text = f"{block['status']}, difference {money(block['delta'])}, tolerance {money(block['tolerance'])}"
    flows = block.get("known_flows")
    return Section("Reconciliation", [Line(f"{text}, known flows {money(flows)}" if flows else text)])


def tax(result: Document) -> Section | None:
    """Gains realised against the budget, and the sells that it cut."""
    impact, events = result["tax_impact"], result["diagnostics"]["tax_budget_constraint_events"]
    if impact is None:
        return None
    line = f"gains {money(impact['total_realized_gain'])}, losses {money(impact['total_realized_loss'])}"
    if impact["budget_limit"]:
        line += f", budget used {amount(impact['budget_used']['amount'])} of {money(impact['budget_limit'])}"
    if unknown := impact.get("unknown_cost_proceeds"):
        line += f", sold at unknown cost {money(unknown)}"
    rows = [
        (row["instrument_id"], quantity(row["requested_quantity"]), quantity(row["allowed_quantity"]), row["reason_code"]) for row in events
    ]
    parts: list[Part] = [Line(line)]
    if rows:
        parts.append(Table("<>><", ("cut", "wanted", "allowed", "reason"), rows))
    return Section("Tax", parts)


def held_back(result: Document) -> Section | None:
    """Instruments that may not be traded, orders that were dropped, too small, or made smaller for want of money."""
    diagnostics = result["diagnostics"]
    excluded = [f"{row['instrument_id']} {row['reason_code']}" for row in result["universe"]["excluded"]]
    dropped: dict[str, list[str]] = defaultdict(list)
    for row in diagnostics["dropped_intents"]:
        dropped[f"dropped, {row['reason']}"].append(f"{row['instrument_id']} {money(row['potential_notional'])}")
    small: dict[str, list[str]] = defaultdict(list)
    for row in diagnostics["suppressed_intents"]:
        small[f"left out, {row['reason']}"].append(suppressed(row))
    cuts = [cut(row) for row in diagnostics.get("funding_cuts") or ()]
    named = {"excluded": excluded, **dropped, **small, "cut to the money there is": cuts}
    parts = [Entries(name, entries) for name, entries in named.items() if entries]
    return Section("Held back", parts) if parts else None


def group_limits(result: Document) -> Section | None:
    """Groups that were above their limit, and how much of their weight went elsewhere."""
    rows = [
        (
            row["constraint_key"],
            row["status"],
            percent(Decimal(row["group_weight_before"])),
            percent(Decimal(row["max_weight"])),
            f"{percent(Decimal(row['released_weight']))} to {len(row['recipients'])} instruments",
        )
        for row in result["diagnostics"]["group_constraint_events"]
    ]
    header = ("group", "", "wanted", "limit", "released")
    return Section("Group limits", [Table("<<>><", header, rows)]) if rows else None


def ladder(result: Document) -> Section | None:
    """Projected cash by currency and settlement day; a star marks a breach of the allowed overdraft."""
    diagnostics = result["diagnostics"]
    if not diagnostics["cash_ladder"]:
        return None
    breaches = {(row["currency"], row["date_offset"]) for row in diagnostics["cash_ladder_breaches"]}
    days: dict[str, dict[int, str]] = defaultdict(dict)
    for row in diagnostics["cash_ladder"]:
        star = " *" if (row["currency"], row["date_offset"]) in breaches else ""
        days[row["currency"]][row["date_offset"]] = amount(row["projected_balance"]) + star
    last = max(max(balances) for balances in days.values())
    header = ("", *(f"T+{day}" for day in range(last + 1)))
    rows: list[Sequence[str]] = [(currency, *(balances[day] for day in range(last + 1))) for currency, balances in days.items()]
    return Section("Projected cash", [Table("<" + ">" * (last + 1), header, rows)])


def notices(result: Document) -> Section | None:
    """Warnings, constraints without effect, missing data, derived rates, the solver's certificate or its conflict."""
    diagnostics, strategy = result["diagnostics"], result["target"]["strategy"]
    missing = [f"{name} {', '.join(ids)}" for name, ids in diagnostics["data_quality"].items() if ids]
    proof = [f"{name} {strategy[name]}" for name in ("method", "certificate", "objective") if strategy.get(name)]
    infeasibility = result["explanation"].get("infeasibility") or {}
    derived = [f"{row['pair']} {measure(row['rate'])} via {row['via']}" for row in diagnostics.get("fx_derived") or ()]
    lines: Iterable[tuple[str, Sequence[str]]] = (
        ("warnings", diagnostics["warnings"]),
        ("without effect", diagnostics.get("ineffective_constraints") or ()),
        ("missing data", missing),
        ("derived rates", derived),
        ("targets", proof),
        ("binding", [shown(row) for row in strategy.get("binding", ())]),
        (
            "in conflict" if infeasibility.get("minimal", True) else "in conflict, or some of these",
            [shown(row) for row in infeasibility.get("conflict", ())],
        ),
    )
    parts = [Entries(name, entries) for name, entries in lines if entries]
    return Section("Notices", parts) if parts else None


SECTIONS: Final[tuple[Callable[[Document], Section | None], ...]] = (
    status,
    gate,
    allocation,
    distance,
    plan,
    orders,
    rules,
    tax,
    group_limits,
    held_back,
    reasons,
    ladder,
    reconciliation,
    notices,
)
