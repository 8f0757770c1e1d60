"""What a report shows of a proposal: what the client reads, orders, what was held back, money, rules, suitability, drift, the next step.

Takes the decoded artifact, so that every figure carries the path that it has there; the result stands in the artifact's evidence. Figures
are shown as in the report of a rebalance, and the sections that both have are the same.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from engine.report.orders import orders
from engine.report.places import Document, Phrase, Place
from engine.report.rows import Entries, Fact, Line, Part, Section, Table
from engine.report.sections import against, gate, notices, reconciliation, rules

SEVERITIES: Final = ("HIGH", "MEDIUM", "LOW")


def proposal_sections(artifact: Document) -> list[Section]:
    """All sections that have something to show, in the order of `SECTIONS`."""
    here = Place.of(artifact)
    found = (section(here) for section in SECTIONS)
    return [section for section in found if section is not None]


def result_in(artifact: Place) -> Place:
    """The result, where it stands in the artifact."""
    return artifact["evidence_bundle"]["engine_outputs"]["proposal_result"]


def headline(here: Place) -> Section:
    """What was decided, for which portfolio, by which engine."""
    impact, bundle, result = here["portfolio_impact"], here["evidence_bundle"], result_in(here)
    totals = Phrase("total value before ", impact["before"]["total_value"].money, ", after ", impact["after"]["total_value"].money)
    ids = (here["proposal_run_id"].text, ", correlation ", here["correlation_id"].text, ", engine ", bundle["engine_version"].text)
    parts: list[Part] = [
        Line(Phrase(here["status"].code, "   ", totals)),
        Fact("purpose", Phrase.joined(", ", [tag.code for tag in here["summary"]["objective_tags"]])),
        Fact("run", Phrase(*ids)),
        Fact("portfolio", result["lineage"]["portfolio_snapshot_id"].text),
        Fact("market data", here["assumptions_and_limits"]["pricing"]["market_data_snapshot_id"].text),
        Fact("request", bundle["hashes"]["request_hash"].text),
        Fact("content", bundle["hashes"]["content_hash"].text),
    ]
    return Section(here["summary"]["title"].text, parts)


def client_lines(here: Place) -> Section:
    """What the client reads, sentence by sentence."""
    return Section("For the client", [Line(line["text"].sentence) for line in here["summary"]["client_lines"]])


def flows(here: Place) -> Section | None:
    """Money that comes in or goes out before the orders."""
    found = [intent for intent in result_in(here)["intents"] if intent["intent_type"].value == "CASH_FLOW"]
    rows = [
        (flow["intent_id"].text, flow["amount"].amount, flow["currency"].text, flow["description"].text if flow["description"] else "")
        for flow in found
    ]
    return Section("Money in and out", [Table("<><<", (), rows, ("Flow", "Amount", "Currency", "For"))]) if rows else None


def traded(here: Place) -> Section | None:
    """Every order in the sequence of execution."""
    return orders(result_in(here))


def held_back(here: Place) -> Section | None:
    """Trades that are dealt in another quantity than was asked for, and trades that are left out."""
    diagnostics = result_in(here)["diagnostics"]
    rows: list[Sequence[str]] = [
        (*_trade(row), row["proposed_quantity"].quantity, row["quantity"].quantity, _codes(row["reason_codes"]))
        for row in diagnostics["trade_adjustments"]
    ]
    rows += [(*_trade(row), "", "left out", row["reason_code"].code) for row in diagnostics["skipped_trades"]]
    header = ("order", "side", "instrument", "asked for", "dealt", "reason")
    names = ("Order", "Side", "Instrument", "Asked for", "Dealt", "Because")
    return Section("Held back", [Table("<<<>><", header, rows, names)]) if rows else None


def _trade(row: Place) -> tuple[str, str, str]:
    return row["intent_id"].text, row["side"].code, row["instrument_id"].text


def _codes(codes: Place) -> Phrase:
    return Phrase.joined(", ", [code.code for code in codes])


def funding(here: Place) -> Section | None:
    """What the buys in each currency need, what there is of it, and what pays the rest."""
    diagnostics = result_in(here)["diagnostics"]
    rows = [
        (
            row["target_currency"].text,
            row["required"].amount,
            row["available_before_fx"].amount,
            row["fx_needed"].amount,
            Phrase("from ", row["funding_currency"].text) if row["funding_currency"] else "",
        )
        for row in diagnostics["funding_plan"]
    ]
    short = [Phrase(row["deficit"].amount, " ", row["currency"].text) for row in diagnostics["insufficient_cash"]]
    lists: dict[str, Sequence[str]] = {"short of": short, "no rate for": [pair.text for pair in diagnostics["missing_fx_pairs"]]}
    names = ("Currency", "Buys need", "There is", "To be bought", "Paid from")
    parts: list[Part] = [Table("<>>><", ("", "buys need", "there is", "missing", ""), rows, names)] if rows else []
    parts += [Entries(name, entries) for name, entries in lists.items() if entries]
    return Section("Funding", parts) if parts else None


def charges(here: Place) -> Section | None:
    """What the orders cost, what a year costs, and what that comes to."""
    found = here.get("costs_and_charges")
    if not found:
        return None
    once, yearly = found["one_off"], found["running"]
    once_named = {"Commission": "commission", "Transaction tax": "transaction_tax", "FX": "fx", "Orders, once": "total"}
    yearly_named = {
        "Products now, a year": "products_before",
        "Products then, a year": "products_after",
        "Service, a year": "service",
        "All of it then, a year": "total_after",
    }
    rows: list[Sequence[str]] = [(name, once[member].money, "") for name, member in once_named.items()]
    rows += [(name, yearly[member].money, "") for name, member in yearly_named.items()]
    rows += [
        (Phrase("After ", row["years"].number, " years" if row["years"].value > 1 else " year"), row["amount"].money, _share(row["pct"]))
        for row in found["effect"]
    ]
    parts: list[Part] = [Table("<><", (), rows, ("Cost", "Amount", "Of the portfolio"))]
    if unstated := [name.text for name in yearly["not_stated"]]:
        parts.append(Entries("running costs not stated", unstated))
    return Section("Costs", parts)


def _share(pct: Place) -> str:
    return pct.weight if pct else ""


def checked(here: Place) -> Section | None:
    """The rules on the portfolio after."""
    return rules(result_in(here))


def suitability(here: Place) -> Section | None:
    """What the scanner found, the gravest first, and what the proposal does to it."""
    found = here["suitability_summary"]
    if found["status"].value != "AVAILABLE":
        return None
    issues = sorted(found["issues"], key=lambda issue: SEVERITIES.index(issue["severity"].value))
    rows = [
        (issue["severity"].code, (issue["severity_change"] or issue["status_change"]).code, issue["summary"].sentence) for issue in issues
    ]
    counts = [(found["new_issues"], " new, "), (found["resolved_issues"], " resolved, "), (found["persistent_issues"], " persistent")]
    title = Phrase("Suitability: ", *(piece for number, said in counts for piece in (number.number, said)))
    return Section(title, [Table("<<<", (), rows, ("Severity", "Change", "Issue"))] if rows else ())


def allocation(here: Place) -> Section:
    """Weights by asset class before and after, beside the reference model's."""
    measured = result_in(here)["drift_analysis"]
    model: Mapping[str, Mapping[str, Decimal]] = {}
    if measured:
        buckets = measured["asset_class"]["buckets"]
        model = {"model": {row["bucket"].value: Decimal(row["model_weight"].value) for row in buckets}}
    return against(result_in(here), model)


def drift(here: Place) -> Section | None:
    """How far the portfolio is from the reference model before and after, by asset class and what stands out."""
    found = result_in(here)["drift_analysis"]
    if not found:
        return None
    classes = found["asset_class"]
    rows = [(row["bucket"].name, row["drift_before"].gap, row["drift_after"].gap) for row in classes["buckets"]]
    title = Phrase("Drift from ", found["reference_model"]["model_id"].text, ": ", classes["drift_total_before"].weight, " → ")
    moves = {name: found["highlights"][name] for name in ("largest_improvements", "largest_deteriorations")}
    lists: dict[str, Sequence[str]] = {
        name.replace("_", " "): [Phrase(row["bucket"].text, " ", row["improvement"].gap) for row in rows] for name, rows in moves.items()
    }
    outside = found["highlights"]["unmodeled_exposures"]
    lists["not in the model"] = [Phrase(row["bucket"].text, " ", row["max_portfolio_weight"].weight) for row in outside]
    parts: list[Part] = [Table("<>>", ("over, under", "before", "after"), rows, ("Asset class", "Before", "After"))]
    parts += [Entries(name, entries) for name, entries in lists.items() if entries]
    return Section(Phrase(title, classes["drift_total_after"].weight), parts)


def reconciled(here: Place) -> Section | None:
    """Whether value was neither created nor lost."""
    return reconciliation(here["portfolio_impact"])


def noticed(here: Place) -> Section | None:
    """Warnings, missing data, derived rates."""
    return notices(result_in(here))


def next_step(here: Place) -> Section:
    """What is to be done next."""
    return Section(Phrase("Next step: ", here["summary"]["recommended_next_step"].code))


SECTIONS: Final[tuple[Callable[[Place], Section | None], ...]] = (
    headline,
    client_lines,
    gate,
    flows,
    traded,
    held_back,
    funding,
    charges,
    checked,
    suitability,
    allocation,
    drift,
    reconciled,
    noticed,
    next_step,
)
