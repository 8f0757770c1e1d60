"""The page of a discretionary run: what is shown of its JSON answer, in the order of importance.

Takes the document as `GET /rebalance/runs/{id}` or `GET /rebalance/runs/{id}/artifact` answers it, so that every figure carries the path
that it has there. Both tell the result; the artifact also what it was decided from, and the hashes that prove it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.report import sections
from engine.report.allocation import attributes, by_asset_class, by_attribute, by_currency, by_instrument, by_shelf
from engine.report.figures import Kind
from engine.report.headline import key_figures, verdict
from engine.report.panels import balances, looked_at, of_section, ordered, ruled
from engine.report.places import Phrase, Place
from engine.report.plan import money_plan, reasons
from engine.report.rows import Bars, Drawn, Fact, Gaps, Ladder, Line, Page, Panel, Part, Table

FAMILY: Final = "Discretionary rebalance"
MANY: Final = 250
"""Rows of a table of reasons."""

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
    yield looked_at(here)
    yield ordered(here)
    yield _allocation(here, request)
    yield _held_back(here)
    yield _gaps(here)
    yield ruled(here)
    yield _cash(here)
    yield _tax(here)
    yield of_section("plan", "Money plan", money_plan(here))
    yield of_section("groups", "Group limits", sections.group_limits(here))
    yield _reasons(here)
    yield of_section("notices", "Notices", sections.notices(here))
    yield of_section("reconciliation", "Reconciliation", sections.reconciliation(here))


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
    parts += [*(part for part in projected.parts), balances(here)] if projected else [balances(here)]
    return Panel("cash", "Cash by currency", parts)


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
