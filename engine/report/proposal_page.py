"""The page of a proposal: what its artifact says, first what the client reads, then what an adviser and a reviewer look at.

Takes the artifact as `POST /rebalance/proposals/artifact` answers it, so that every figure carries the path that it has there.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.report import proposal_sections as told
from engine.report.allocation import attributes, by_asset_class, by_attribute, by_currency, by_instrument
from engine.report.figures import Kind
from engine.report.headline import key_figures, verdict
from engine.report.panels import balances, looked_at, of_section, ordered, ruled
from engine.report.places import Phrase, Place
from engine.report.rows import Drawn, Entries, Fact, Gaps, Issues, Line, Page, Panel, Part, Step

FAMILY: Final = "Investment proposal"


def proposal_page(document: Mapping[str, Any]) -> Page:
    """Everything that is shown of a proposal."""
    root = Place.of(document)
    here = told.result_in(root)
    portfolio = root["evidence_bundle"]["inputs"]["portfolio_snapshot"]["portfolio_id"].text
    return Page(
        family=FAMILY,
        subject=portfolio,
        about=list(_about(root, here, portfolio)),
        verdict=verdict(here),
        figures=key_figures(here),
        panels=[panel for panel in _panels(root, here) if panel.parts],
        disclosures=list(_disclosures(root)),
        evidence=list(_evidence(root, here)),
        verify=_verify(root),
    )


def _about(root: Place, here: Place, portfolio: str) -> Iterator[Fact]:
    lineage = here["lineage"]
    yield Fact("Portfolio", portfolio)
    for name, member in (("Holdings as of", "portfolio_as_of"), ("Prices as of", "market_data_as_of")):
        if as_of := lineage.get(member):
            yield Fact(name, as_of.show(Kind.TIME))
    yield Fact("Proposed", root["created_at"].show(Kind.TIME))
    yield Fact("Proposal", root["proposal_run_id"].text)


def _panels(root: Place, here: Place) -> Iterator[Panel]:
    yield of_section("client", "For the client", told.client_lines(root))
    yield looked_at(here)
    yield _suitability(root)
    yield of_section("flows", "Money in and out", told.flows(root))
    yield ordered(here)
    yield _allocation(here)
    yield of_section("held-back", "Changed or left out", told.held_back(root))
    yield _drift(here)
    yield of_section("funding", "How the purchases are paid", told.funding(root))
    yield of_section("costs", "Costs and charges", told.charges(root))
    yield ruled(here)
    yield Panel("cash", "Cash by currency", [balances(here)])
    yield of_section("notices", "Notices", told.noticed(root))
    yield of_section("reconciliation", "Reconciliation", told.reconciled(root))


def _suitability(root: Place) -> Panel:
    """What the scanner found: the gravest of what the proposal brings first, then what was there and what goes."""
    found = root["suitability_summary"]
    title = "Suitability"
    if found["status"].value != "AVAILABLE":
        return Panel("suitability", title, [Line("The proposal was not scanned for suitability.")])
    steps = [
        Step(issue["severity"].code, issue["summary"].sentence, [(issue["severity_change"] or issue["status_change"]).code])
        for issue in found["issues"]
    ]
    counts = (("new_issues", " new, "), ("persistent_issues", " as before, "), ("resolved_issues", " resolved"))
    note = Phrase(*(piece for member, said in counts for piece in (found[member].number, said)))
    parts: list[Part | Drawn] = [Issues(steps)] if steps else [Line("No limit is exceeded, and nothing is missing.")]
    return Panel("suitability", title, parts, note=note)


def _allocation(here: Place) -> Panel:
    charts = [by_asset_class(here), by_currency(here), by_instrument(here)]
    charts += [by_attribute(here, name, None) for name in attributes(here)]
    return Panel("allocation", "Allocation", [chart for chart in charts if chart.rows])


def _drift(here: Place) -> Panel:
    """How far the portfolio is from the reference model, by what the model names."""
    found = here["drift_analysis"]
    if not found:
        return Panel("drift", "", ())
    titles = (("asset_class", "Asset class"), ("instrument", "Instrument"))
    parts: list[Part | Drawn] = [
        Gaps([(row["bucket"].name, row["drift_before"].gap, row["drift_after"].gap) for row in found[member]["buckets"]], title)
        for member, title in titles
        if found[member]
    ]
    outside = [Phrase(row["bucket"].text, " ", row["max_portfolio_weight"].weight) for row in found["highlights"]["unmodeled_exposures"]]
    parts += [Entries("not in the model", outside)] if outside else []
    classes = found["asset_class"]
    note = Phrase(
        classes["drift_total_before"].weight, " → ", classes["drift_total_after"].weight, ", ", found["reference_model"]["model_id"].text
    )
    return Panel("drift", "Drift from the reference model", parts, note=note)


def _disclosures(root: Place) -> Iterator[str]:
    """What the artifact discloses, and what it leaves out of account."""
    yield root["disclosures"]["risk_disclaimer"].sentence
    limits = root["assumptions_and_limits"]
    for member in ("costs_and_fees", "tax", "execution"):
        yield limits[member]["notes"].sentence
    documents = [Phrase(row["instrument_id"].text, ": ", row["doc_ref"].text) for row in root["disclosures"]["product_docs"]]
    if documents:
        yield Phrase("Documents of the products: ", Phrase.joined("; ", documents), ".")
    yield "Figures are rounded for reading. The JSON answer of this page's address holds every digit."


def _evidence(root: Place, here: Place) -> Iterator[Fact]:
    """What the proposal was made from and the hashes that it carries."""
    lineage, hashes = here["lineage"], root["evidence_bundle"]["hashes"]
    named = (
        ("Portfolio snapshot", lineage["portfolio_snapshot_id"]),
        ("Market data snapshot", lineage["market_data_snapshot_id"]),
        ("Request hash", hashes["request_hash"]),
        ("Content hash", hashes["content_hash"]),
        ("Artifact hash", hashes["artifact_hash"]),
        ("Engine version", root["evidence_bundle"]["engine_version"]),
        ("Artifact", root["artifact_id"]),
        ("Correlation id", root["correlation_id"]),
        ("Idempotency key", lineage["idempotency_key"]),
    )
    yield from (Fact(name, place.text) for name, place in named if place)


def _verify(root: Place) -> list[str]:
    return [
        "POST /rebalance/proposals/artifact as application/json is the evidence itself; python -m engine verify FILE checks it anywhere.",
        Phrase("Verification decides proposal ", root["proposal_run_id"].text, " again from its inputs and compares byte by byte."),
        "Two proposals with one content hash are the same proposal, whoever asked for it and when.",
    ]
