"""Every figure of a page is a value of the JSON answer at the same address: it names the place, and one formatter makes its text."""

import json
import re

import pytest

from engine.evidence.canonical import canonical
from engine.report.figures import FORMATS, Kind
from engine.report.places import Figure, Phrase, Place, count, rest, share, total
from engine.report.proposal_page import proposal_page
from engine.report.run_page import run_page
from infra.pages.render import render
from tests.golden.scenarios import Scenario, scenarios
from tests.pages.decided import PROPOSALS, REQUESTS, Json, artifact, paged, proposal_of_request
from tests.pages.shown import expected, read

OWN_WORDS = re.compile(r"T\+\d|#\d+|SHA-256|25 more with less weight")
"""Digits that are no figure: days that head a column, names of lists, an algorithm, what a chart leaves out."""


NAMES = [*REQUESTS, *PROPOSALS]


def page(name: str) -> tuple[bytes, Json]:
    shown, document = paged(name)
    return render(shown), document


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_shows_the_value_at_its_place(name: str) -> None:
    shown, document = page(name)
    figures = read(shown).figures
    assert len(figures) > 20
    assert [(one, expected(one, document)) for one in figures if one.text != expected(one, document)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_digit_stands_beside_the_figures(name: str) -> None:
    shown, _ = page(name)
    assert [text for text in read(shown).beside if re.search(r"\d", OWN_WORDS.sub("", text))] == []


def test_a_look_up_shows_the_same_but_what_only_the_artifact_knows() -> None:
    document = json.loads(artifact("ready"))
    looked_up = {name: value for name, value in document.items() if name not in {"recomputation", "evidence"}}
    looked_up |= {"request_hash": document["request_snapshot"]["request_hash"], "created_at": "2026-11-26T09:30:00Z", "policy_pack": None}
    figures = {one.path: one.text for one in read(render(run_page(looked_up))).figures}
    told = {one.path: one.text for one in read(page("ready")[0]).figures}
    assert {path for path in told.keys() ^ figures.keys() if path.startswith("/result/")} == set()
    assert figures["/request_hash"] == told["/evidence/hashes/request_hash"]
    assert figures["/created_at"] == "26 Nov 2026, 09:30 UTC"


@pytest.mark.parametrize("name", NAMES)
def test_equal_documents_give_equal_bytes_of_at_most_six_times_the_artifact(name: str) -> None:
    shown, document = page(name)
    assert page(name)[0] == shown
    assert len(shown) <= 6 * len(canonical(document))


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: str(scenario.name))
def test_every_golden_scenario_has_a_page_of_its_figures(scenario: Scenario) -> None:
    if not scenario.proposed:
        ids = {
            "rebalance_run_id": "rr_1",
            "correlation_id": "c_1",
            "idempotency_key": None,
            "portfolio_id": "pf",
            "request_hash": "sha256:0",
        }
        document = ids | {"result": json.loads(scenario.decide())}
        markup = read(render(run_page(document)))
    else:
        document = json.loads(proposal_of_request(scenario.request))
        markup = read(render(proposal_page(document)))
    assert [(one, expected(one, document)) for one in markup.figures if one.text != expected(one, document)] == []
    assert [text for text in markup.beside if re.search(r"\d", OWN_WORDS.sub("", text))] == []


def test_a_path_names_rows_members_and_whole_lists() -> None:
    document = Place.of({"rows": [{"w": "0.1"}, {"w": "0.2"}, {"w": "0.3"}, {"w": "0.25"}], "a/b~c": {"n": "7"}, "worth": "2"})
    rows = [document["rows"][number]["w"] for number in (0, 1, 3)]
    assert total(rows, Kind.WEIGHT) == "55.00 %"  # 10 + 20 + 25
    assert (total(rows, Kind.WEIGHT).path, total(rows, Kind.WEIGHT).fold) == ("/rows/0-1,3/w", "sum")
    assert rest(rows) == "45.00 %"
    assert share(rows, document["worth"]) == "27.50 %"  # 0.55 of 2
    assert share(rows, document["worth"]).of == "/worth"
    assert (count(rows), count(rows).path) == ("3", "/rows/0-1,3/w")
    assert document["a/b~c"]["n"].amount.path == "/a~1b~0c/n"
    assert not document.get("nowhere")
    assert document.get("nowhere").path == "/nowhere"


def test_nothing_is_a_share_of_itself() -> None:
    document = Place.of({"rows": ["0.1"], "worth": "0"})
    assert share(list(document["rows"]), document["worth"]) == "10.00 %"


def test_a_phrase_reads_as_its_pieces_and_keeps_their_places() -> None:
    money = Place.of({"m": {"amount": "1234.5", "currency": "EUR"}})["m"].money
    phrase = Phrase("gains ", Phrase(money, " and "), "more")
    assert phrase == "gains 1,234.50 EUR and more"
    assert [piece.path for piece in phrase.pieces if isinstance(piece, Figure)] == ["/m"]
    assert Phrase.joined(", ", ["a", "b", "c"]) == "a, b, c"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("time", "2012-09-12T22:00:00Z", "12 Sep 2012, 22:00 UTC"),
        ("time", "2012-09-12T22:00:00.250000+02:00", "12 Sep 2012, 22:00 UTC+02:00"),
        ("time", "yesterday", "yesterday"),
        ("day", 2, "T+2"),
        ("count", 1234, "1,234"),
        ("size", ["a", "b"], "2"),
        ("ratio", "0.1611", "16.11 %"),
        ("code", "EXECUTION_READY", "Ready to execute"),
        ("code", "COMPLIANCE_REVIEW_REQUIRED", "Compliance review required"),
        ("code", "SOFT_RULE_FAIL:GROUP_MAX:sector:TECH", "Rule that asks for a review: Group limit: Sector: Tech"),
        ("code", "LOCKED_WEIGHT_EXCEEDS_CAP_UPS", "Locked above its cap: UPS"),
        ("code", "LOCKED_DUE_TO_SUSPENDED", "Locked: suspended"),
        ("code", "OVERDRAFT_ON_T_PLUS_2", "Overdrawn on day T+2"),
        ("code", "Déjà vu", "Déjà vu"),
        ("said", "BLOCKED", "blocked"),
        ("name", "MONEY_MARKET", "Money Market"),
        ("name", "EUR", "EUR"),
        ("name", "CASH", "Cash"),
        ("name", "Small caps", "Small caps"),
        ("text", "a\x00b\x85c", "a\ufffdb\ufffdc"),
        ("text", "x" * 97, "x" * 64 + "…" + "x" * 16 + " (97 characters)"),
    ],
)
def test_each_kind_has_one_formatter(kind: str, value: object, text: str) -> None:
    assert FORMATS[Kind(kind)](value) == text
