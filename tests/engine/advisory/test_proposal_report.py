"""The report of a proposal: what stands in it, in which order, and that every figure is the value at its place in the artifact."""

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from engine.report.figures import IN_A_TERMINAL, Kind
from engine.report.places import Figure, Phrase
from engine.report.proposal_sections import proposal_sections
from engine.report.rows import Entries, Fact, Line, Section, Table
from engine.report.text import render_proposal
from tests.engine.advisory.artifacts import V1, Json, artifact, body, buy, prices, sell, shelf

VECTOR = artifact(V1)


def lines(made: Json) -> list[str]:
    return render_proposal(made).splitlines()


def under(made: Json, title: str) -> list[str]:
    """The lines of the section that begins so."""
    text = lines(made)
    start = next(place for place, line in enumerate(text) if line.startswith(f"── {title}"))
    rest = text[start + 1 :]
    return rest[: rest.index("")] if "" in rest else rest


def titles(made: Json) -> list[str]:
    return [line.removeprefix("── ").rstrip("─ ") for line in lines(made) if line.startswith("── ")]


def test_the_vector_section_by_section() -> None:
    assert titles(VECTOR) == [
        "Proposal for PF-31",
        "For the client",
        "Gate: COMPLIANCE_REVIEW_REQUIRED, next step COMPLIANCE_REVIEW",
        "Money in and out",
        "Orders: 3 trades, 2 FX, turnover 8,677.91 CHF",  # 1,928.50 + 3,520 + 3,229.41
        "Funding",
        "Rules",
        "Suitability: 1 new, 0 resolved, 4 persistent",
        "Allocation",
        "Drift from balanced: 18.75 % → 3.24 %",
        "Reconciliation",
        "Next step: COMPLIANCE_REVIEW",
    ]


def test_the_headline_says_what_was_decided_and_the_client_reads_first() -> None:
    first, purpose, run, _, data, request, content = under(VECTOR, "Proposal for")
    assert first == "READY   total value before 45,548.30 CHF, after 44,548.30 CHF"
    assert purpose == "purpose     RISK_ALIGNMENT, CASH_DEPLOYMENT, DRIFT_REDUCTION"
    assert run.startswith("run         pr_1a2b3c4d, correlation c_1, engine ")
    assert data == "market data MD-31"
    hashes = VECTOR["evidence_bundle"]["hashes"]
    assert (request.split()[1], content.split()[1]) == (hashes["request_hash"], hashes["content_hash"])
    assert under(VECTOR, "For the client") == [line["text"] for line in VECTOR["summary"]["client_lines"]]


def test_orders_funding_and_flows_show_money_and_what_waits() -> None:
    assert under(VECTOR, "Money in and out") == ["oi_cf_1  -1,000.00  CHF"]
    assert under(VECTOR, "Orders")[1:6] == [
        "oi_2     SELL  BND_EU            20    2,030.00 EUR  1,928.50",
        "oi_fx_1  BUY   JPY/CHF               549,000.00 JPY  3,229.41  FX FUNDING",
        "oi_fx_2  BUY   USD/CHF                 3,750.00 USD  3,300.00  FX FUNDING",
        "oi_1     BUY   EQ_US         19.025    4,000.00 USD  3,520.00  ← oi_fx_2",
        "oi_3     BUY   FND_JP           300  549,000.00 JPY  3,229.41  ← oi_fx_1",
    ]
    assert [line.split() for line in under(VECTOR, "Funding")[1:]] == [
        ["JPY", "549,000.00", "0.00", "549,000.00", "from", "CHF"],
        ["USD", "4,000.00", "250.00", "3,750.00", "from", "CHF"],
    ]


def test_issues_stand_by_severity_with_what_happens_to_them() -> None:
    assert [line.split()[:2] for line in under(VECTOR, "Suitability")] == [
        ["HIGH", "PERSISTENT"],
        ["HIGH", "GROWN"],
        ["HIGH", "PERSISTENT"],
        ["MEDIUM", "NEW"],
        ["MEDIUM", "PERSISTENT"],
    ]


def test_allocation_and_drift_stand_against_the_reference_model() -> None:
    # BOND 63.51 − 60, CASH 20.24 − 5, EQUITY 16.25 − 35; after 60.61, 7.63, 31.76
    assert [line.replace(" %", "").split() for line in under(VECTOR, "Drift")[1:4]] == [
        ["BOND", "+3.51", "+0.61"],
        ["CASH", "+15.24", "+2.63"],
        ["EQUITY", "-18.75", "-3.24"],
    ]
    assert under(VECTOR, "Drift")[4] == "largest improvements: EQUITY +15.52 %; CASH +12.61 %; BOND +2.90 %"
    bond = next(line for line in under(VECTOR, "Allocation") if line.startswith("BOND"))
    assert bond.replace(" %", "").split()[1:4] == ["63.51", "60.61", "60.00"]


HELD_BACK = artifact(
    body(
        held={"A": "12.345678"},
        cash={"EUR": "100"},
        priced=[*prices(A="10", B="10"), *prices("USD", U="10")],
        rates={"USD/EUR": "1"},
        offered=shelf("A", "B", "U", {"instrument_id": "L", "lot_size": "100"}),
        trades=[sell("A", "12.3457"), buy("B", "10"), buy("U", "30"), buy("L", "1"), buy("X", "1")],
    )
)


def test_what_was_held_back_says_why_and_what_the_money_lacks() -> None:
    """A sale of 12.3457 of 12.345678 takes all; 100 + 123.46 EUR less 100 for B leave 123.46 of the 300 for U."""
    assert [line.split() for line in under(HELD_BACK, "Held back")[1:]] == [
        ["oi_1", "SELL", "A", "12.3457", "12.3457", "WHOLE_HOLDING"],
        ["oi_3", "BUY", "U", "left", "out", "PROPOSAL_INSUFFICIENT_FUNDING_CASH"],
        ["oi_4", "BUY", "L", "left", "out", "PRICE_MISSING"],
        ["oi_5", "BUY", "X", "left", "out", "SHELF_MISSING"],
    ]
    assert under(HELD_BACK, "Funding")[-1] == "short of: 176.54 EUR"  # 300 − (100 + 123.46 − 100)
    assert "missing data: price_missing L; shelf_missing X" in lines(HELD_BACK)


def test_costs_are_shown_where_they_are_told() -> None:
    made = artifact(body(held={"A": "1"}, cash={"EUR": "990"}, priced=prices(A="10"), cost_disclosure={"service_fee_pct": "0.01"}))
    shown = [line.split() for line in under(made, "Costs")]
    assert ["Service,", "a", "year", "10.00", "EUR"] in shown  # 1,000 × 1 %
    assert ["After", "5", "years", "50.00", "EUR", "5.00", "%"] in shown
    assert ["running", "costs", "not", "stated:", "A"] in shown
    assert not any(title.startswith("Costs") for title in titles(VECTOR))


def test_a_deal_between_two_foreign_currencies_shows_both_legs() -> None:
    asked = body(
        cash={"CHF": "1000"},
        priced=prices("USD", U="10"),
        rates={"USD/CHF": "0.8", "CHF/EUR": "1", "USD/EUR": "0.8"},
        offered=shelf("U"),
        trades=[buy("U", "10")],
    )
    assert any("oi_fx_1  BUY   USD/CHF" in line and "100.00 USD for 80.00 CHF" in line for line in lines(artifact(asked)))


def test_what_is_switched_off_or_empty_leaves_no_section() -> None:
    quiet = artifact(body(enable_suitability_scanner=False))
    assert titles(quiet) == [
        "Proposal for pf_1",
        "For the client",
        "Gate: CLIENT_CONSENT_REQUIRED, next step REQUEST_CLIENT_CONSENT",
        "Orders: none",
        "Rules",
        "Allocation",
        "Reconciliation",
        "Next step: CLIENT_CONSENT",
    ]


def texts(section: Section) -> Iterator[Any]:
    yield section.title
    for part in section.parts:
        match part:
            case Line(text) | Fact(_, text):
                yield text
            case Entries(_, entries):
                yield from entries
            case Table(_, _, rows):
                for row in rows:
                    yield from row


def figures(section: Section) -> Iterator[Figure]:
    for text in texts(section):
        for piece in text.pieces if isinstance(text, Phrase) else (text,):
            if isinstance(piece, Figure):
                yield piece


def value_at(document: Any, segments: Sequence[str]) -> Any:
    for segment in segments:
        document = document[int(segment) if isinstance(document, list) else segment]
    return document


@pytest.mark.parametrize("made", [VECTOR, HELD_BACK], ids=["vector", "held back"])
def test_every_figure_is_the_value_at_its_place(made: Json) -> None:
    seen = 0
    for section in proposal_sections(made):
        for figure in figures(section):
            if not figure.fold and figure.path:
                segments = [part.replace("~1", "/").replace("~0", "~") for part in figure.path.split("/")[1:]]
                assert value_at(made, segments) == figure.value
                assert str(figure) == IN_A_TERMINAL[figure.kind](figure.value)
                seen += 1
    assert seen > 100


def test_a_sentence_is_shown_to_its_end_without_what_turns_its_direction() -> None:
    hostile = f"\N{RIGHT-TO-LEFT OVERRIDE}evil{'x' * 100}"
    sentence = Figure(Kind.SENTENCE, "", f"Buy 1 of {hostile}.\x1b")
    assert sentence.for_people == f"Buy 1 of �evil{'x' * 100}.�"


def test_the_same_artifact_gives_the_same_text_and_is_left_alone() -> None:
    kept = copy.deepcopy(VECTOR)
    assert render_proposal(VECTOR) == render_proposal(json.loads(json.dumps(VECTOR)))
    assert kept == VECTOR
