"""What a report shows of a result: status, gate, allocation, plan, orders, rules and what was held back, as rows for any page to lay out.

Takes the decoded result document. Amounts are shown with two decimals, weights as percentages with two, quantities with at most four; what
is shown is rounded half-even, the document is not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Final

from engine.report.figures import Kind, percent
from engine.report.orders import orders
from engine.report.places import Document, Phrase, Place
from engine.report.plan import cut, distance, plan, reasons, suppressed
from engine.report.rows import Balance, Bar, Cell, Entries, Fact, Legend, Line, Part, Section, Table

ZERO: Final = Decimal()
AIMS: Final = {"target": "final_weight", "model": "model_weight"}
WEIGHED: Final = frozenset({"CASH_BAND", "SINGLE_POSITION_MAX", "GROUP_MAX", "DISTANCE_TO_TARGET"})
"""Rules whose measure is a share of the portfolio."""


def sections(result: Document) -> list[Section]:
    """All sections that have something to show, in the order of `SECTIONS`."""
    found = (section(result) for section in SECTIONS)
    return [section for section in found if section is not None]


def status(result: Document) -> Section:
    """What was decided, for which portfolio, by which engine."""
    here = Place.of(result)
    before, after, lineage = here["before"], here["after_simulated"], here["lineage"]
    totals = Phrase("total value before ", before["total_value"].money, ", after ", after["total_value"].money)
    ids = (here["rebalance_run_id"].text, ", correlation ", here["correlation_id"].text, ", engine ", lineage["engine_version"].text)
    parts: list[Part] = [
        Line(Phrase(here["status"].code, "   ", totals)),
        Fact("run", Phrase(*ids)),
        Fact("portfolio", lineage["portfolio_snapshot_id"].text),
        Fact("market data", lineage["market_data_snapshot_id"].text),
        Fact("request", lineage["request_hash"].text),
    ]
    return Section("Decision", parts)


def gate(result: Document) -> Section | None:
    """Whether the orders may be executed, and every reason why not."""
    decision = Place.of(result)["gate_decision"]
    if not decision:
        return None
    rows = [
        (reason["severity"].code, reason["source"].code, reason["reason_code"].code, details(reason["details"]))
        for reason in decision["reasons"]
    ]
    title = Phrase("Gate: ", decision["gate"].code, ", next step ", decision["recommended_next_step"].code)
    return Section(title, [Table("<<<<", (), rows) if rows else Line("no reasons")])


def details(values: Place) -> Phrase:
    """The facts behind a reason; a reason code needs no name."""
    return Phrase.joined(", ", [value.code if key == "reason_code" else Phrase(f"{key} ", value.text) for key, value in values.items()])


def shown(entry: Place) -> Phrase:
    """A constraint as the solver names it, followed by the figures that are known of it."""
    figures = [
        Phrase(f"{name.replace('_', ' ')} ", value.text)
        for name, value in entry.items()
        if name != "constraint" and value.value is not None
    ]
    return Phrase.joined(" ", [entry["constraint"].text, *figures])


def by_class(result: Document, member: str) -> dict[str, Decimal]:
    """The targets' model or final weights summed by asset class; what they leave of 1 is cash.

    The class of a target is read from the states; one that nobody holds has the class UNKNOWN.
    """
    shown = Place.of(result).value
    states = (shown["before"], shown["after_simulated"])
    classes = {row["instrument_id"]: row["asset_class"] for state in states for row in state["positions"]}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for target in shown["target"]["targets"]:
        sums[classes.get(target["instrument_id"], "UNKNOWN")] += Decimal(target[member])
    sums["CASH"] += 1 - sum(sums.values())
    return sums


def allocation(result: Document) -> Section | None:
    """Weights by asset class before and after the orders, the target that limits allowed, and the model."""
    aimed = bool(Place.of(result)["target"]["targets"])
    return against(result, {name: by_class(result, member) for name, member in AIMS.items()} if aimed else {})


def against(result: Document, aims: Mapping[str, Mapping[str, Decimal]]) -> Section:
    """Weights by asset class before and after the orders, beside what they aim at; a bar marks the last of that."""
    values = Place.of(result).value
    states = {"before": "before", "after": "after_simulated"}
    shown = {
        name: {row["key"]: Decimal(row["weight"]) for row in values[state]["allocation_by_asset_class"]} for name, state in states.items()
    }
    weights = [*shown.values(), *aims.values()]
    rows: list[Sequence[Cell]] = [
        (name, *(percent(one.get(name, ZERO)) for one in weights), Bar(weights[1].get(name, ZERO), weights[-1].get(name, ZERO)))
        for name in dict.fromkeys(chain(*weights))
    ]
    header, legend = ("asset class", *shown, *aims), Legend(("after", "model") if aims else ("after",))
    return Section("Allocation", [Table("<" + ">" * len(weights) + "<", (*header, legend), rows)])


def rules(result: Document) -> Section | None:
    """The rules on the state after the orders, and what to do about those that failed."""
    found = Place.of(result)["rule_results"]
    rows = [rule_row(rule) for rule in found]
    hints = [(rule["rule_id"].code, rule["remediation_hint"].text) for rule in found if failed(rule) and rule["remediation_hint"]]
    names = ("Outcome", "If it fails", "Rule", "Measured", "Limit", "Because")
    parts: list[Part] = [Table("<<<>><", ("", "", "rule", "measured", "limit", "reason"), rows, names)]
    if hints:
        parts.append(Table("<<", (), hints, ("Rule that failed", "What can be done")))
    return Section("Rules", parts)


def rule_row(rule: Place) -> tuple[str, ...]:
    """One row of the rules: what it measured against its limits."""
    weighs = rule["rule_id"].value.partition(":")[0] in WEIGHED and rule["reason_code"].value != "NO_LIMIT_SET"
    kind = Kind.RATIO if weighs else Kind.MEASURE
    return (
        rule["status"].code,
        rule["severity"].code,
        rule["rule_id"].code,
        rule["measured"].show(kind),
        Phrase.joined(", ", [Phrase(f"{name} ", value.show(kind)) for name, value in rule["threshold"].items()]),
        rule["reason_code"].code,
    )


def failed(rule: Place) -> bool:
    """Whether a rule did not hold."""
    return bool(rule["status"].value == "FAIL")


def reconciliation(result: Document) -> Section | None:
    """Whether value was neither created nor lost."""
    block = Place.of(result)["reconciliation"]
    if not block:
        return None
    text = Phrase(block["status"].code, ", difference ", block["delta"].money, ", tolerance ", block["tolerance"].money)
    flows = block.get("known_flows")
    return Section("Reconciliation", [Line(Phrase(text, ", known flows ", flows.money) if flows else text)])


def tax(result: Document) -> Section | None:
    """Gains realised against the budget, and the sells that it cut."""
    here = Place.of(result)
    impact, events = here["tax_impact"], here["diagnostics"]["tax_budget_constraint_events"]
    if not impact:
        return None
    line = Phrase("gains ", impact["total_realized_gain"].money, ", losses ", impact["total_realized_loss"].money)
    if limit := impact["budget_limit"]:
        line = Phrase(line, ", budget used ", impact["budget_used"].amount, " of ", limit.money)
    if unknown := impact.get("unknown_cost_proceeds"):
        line = Phrase(line, ", sold at unknown cost ", unknown.money)
    rows = [
        (row["instrument_id"].text, row["requested_quantity"].quantity, row["allowed_quantity"].quantity, row["reason_code"].code)
        for row in events
    ]
    parts: list[Part] = [Line(line)]
    if rows:
        parts.append(Table("<>><", ("cut", "wanted", "allowed", "reason"), rows, ("Sell that was cut", "Wanted", "Allowed", "Because")))
    return Section("Tax", parts)


def held_back(result: Document) -> Section | None:
    """Instruments that may not be traded, orders that were dropped, too small, or made smaller for want of money."""
    here = Place.of(result)
    diagnostics = here["diagnostics"]
    excluded = [Phrase(row["instrument_id"].text, " ", row["reason_code"].code) for row in here["universe"]["excluded"]]
    dropped: dict[str, list[str]] = defaultdict(list)
    for row in diagnostics["dropped_intents"]:
        dropped[f"dropped, {row['reason'].text}"].append(Phrase(row["instrument_id"].text, " ", row["potential_notional"].money))
    small: dict[str, list[str]] = defaultdict(list)
    for row in diagnostics["suppressed_intents"]:
        small[f"left out, {row['reason'].text}"].append(suppressed(row))
    cuts = [cut(row) for row in diagnostics.get("funding_cuts")]
    named: dict[str, Sequence[str]] = {"excluded": excluded, **dropped, **small, "cut to the money there is": cuts}
    parts = [Entries(name, entries) for name, entries in named.items() if entries]
    return Section("Held back", parts) if parts else None


def group_limits(result: Document) -> Section | None:
    """Groups that were above their limit, and how much of their weight went elsewhere."""
    rows = [
        (
            row["constraint_key"].code,
            row["status"].code,
            row["group_weight_before"].weight,
            row["max_weight"].weight,
            Phrase(row["released_weight"].weight, " to ", row["recipients"].show(Kind.SIZE), " instruments"),
        )
        for row in Place.of(result)["diagnostics"]["group_constraint_events"]
    ]
    header = ("group", "", "wanted", "limit", "released")
    names = ("Group", "Outcome", "Wanted", "Limit", "Released")
    return Section("Group limits", [Table("<<>><", header, rows, names)]) if rows else None


def ladder(result: Document) -> Section | None:
    """Projected cash by currency and settlement day; a star marks a breach of the allowed overdraft."""
    days = balances(result)
    if not days:
        return None
    last = max(max(one) for one in days.values())
    header = ("", *(f"T+{day}" for day in range(last + 1)))
    rows: list[Sequence[str]] = [
        (currency, *(Phrase(one[day].amount, " *") if one[day].breach else one[day].amount for day in range(last + 1)))
        for currency, one in days.items()
    ]
    return Section("Projected cash", [Table("<" + ">" * (last + 1), header, rows, ("Currency", *header[1:]))])


def balances(result: Document) -> dict[str, dict[int, Balance]]:
    """Projected cash by currency and settlement day."""
    diagnostics = Place.of(result)["diagnostics"]
    breaches = {(row["currency"].value, row["date_offset"].value) for row in diagnostics["cash_ladder_breaches"]}
    days: dict[str, dict[int, Balance]] = defaultdict(dict)
    for row in diagnostics["cash_ladder"]:
        currency, day = row["currency"], row["date_offset"]
        breach = (currency.value, day.value) in breaches
        days[currency.text][day.value] = Balance(day.show(Kind.DAY), row["projected_balance"].amount, breach)
    return days


def notices(result: Document) -> Section | None:
    """Warnings, constraints without effect, missing data, derived rates, the solver's certificate or its conflict."""
    here = Place.of(result)
    diagnostics, strategy = here["diagnostics"], here.get("target").get("strategy")
    missing = [
        Phrase(f"{name} ", Phrase.joined(", ", [one.text for one in ids])) for name, ids in diagnostics["data_quality"].items() if ids
    ]
    proof = [Phrase(f"{name} ", strategy[name].text) for name in ("method", "certificate", "objective") if strategy.get(name)]
    infeasibility = here["explanation"].get("infeasibility")
    derived = [Phrase(row["pair"].text, " ", row["rate"].measure, " via ", row["via"].text) for row in diagnostics.get("fx_derived")]
    conflict = "in conflict" if infeasibility.get("minimal").value in {None, True} else "in conflict, or some of these"
    lines: Iterable[tuple[str, Sequence[str]]] = (
        ("warnings", [warning.code for warning in diagnostics["warnings"]]),
        ("without effect", [key.text for key in diagnostics.get("ineffective_constraints")]),
        ("missing data", missing),
        ("derived rates", derived),
        ("targets", proof),
        ("binding", [shown(row) for row in strategy.get("binding")]),
        (conflict, [shown(row) for row in infeasibility.get("conflict")]),
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
