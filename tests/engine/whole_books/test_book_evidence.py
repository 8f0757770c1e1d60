"""A book's run is proved from its line and the shared document that it names."""

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.books.evidence import DIFFERS, run_of_line
from engine.books.shared import SharedBook
from engine.contracts.violations import InvalidRequest
from engine.evidence.artifacts import artifact_of
from engine.evidence.verification import Verdict, verify, verify_file
from engine.records.runs import Source
from tests.golden.scenarios import Scenario, scenarios
from tests.support.books import Book, bought, line_of, shared_of, simple

PACK = {"policy_pack_id": "careful", "version": "1", "turnover_policy": {"max_turnover_pct": "0.1"}}


@pytest.mark.parametrize("scenario", [found for found in scenarios() if not found.proposed][::12], ids=lambda scenario: scenario.name)
def test_a_run_is_verified_alone_and_as_an_artifact(scenario: Scenario) -> None:
    book = Book(shared_of(scenario.request, policy_pack=PACK), [line_of(scenario.request)])
    book.run()
    head, documents = run_of_line(book.results()[0], book.shared_book())
    assert head.source is Source.BOOK
    assert verify(head, documents).verdict is Verdict.VERIFIED
    assert verify_file(artifact_of(head, documents)).verdict is Verdict.VERIFIED


def test_what_runs_share_is_written_once_for_all_that_are_proved() -> None:
    """Once it is made, a shared document is not gone through for any run: not even where its rows are gone."""
    book = Book(simple(), [bought("pf_1", "1000"), bought("pf_2", "2000")])
    book.run()
    rowless: Any = None
    shared = replace(book.shared_book(), market_and_shelf=rowless)
    for line in book.results():
        assert verify(*run_of_line(line, shared)).verdict is Verdict.VERIFIED


def test_a_changed_line_is_found_out() -> None:
    book = Book(simple(), [bought("pf_1", "1000")])
    book.run()
    [line] = book.results()
    line["request"]["portfolio_snapshot"]["cash_balances"][0]["amount"] = "1001"
    assert verify(*run_of_line(line, book.shared_book())).verdict is Verdict.DIFFERS


def test_another_shared_document_proves_nothing() -> None:
    book = Book(simple(), [bought("pf_1", "1000")])
    book.run()
    [line] = book.results()
    dearer = SharedBook.of(simple().replace(b'"price": "10"', b'"price": "11"'))
    with pytest.raises(InvalidRequest) as refused:
        run_of_line(line, dearer)
    assert [(found.type, found.loc) for found in refused.value.violations] == [(DIFFERS, ("body", "request", "market_data_snapshot"))]
    packed = SharedBook.of(json.dumps(json.loads(simple()) | {"policy_pack": PACK}).encode())
    with pytest.raises(InvalidRequest) as refused:
        run_of_line(line, packed)
    assert refused.value.violations[0].loc == ("body", "policy_pack")


@pytest.mark.parametrize("missing", ["request", "result"])
def test_what_is_no_result_line_is_refused(missing: str) -> None:
    book = Book(simple(), [bought("pf_1", "1000")])
    book.run()
    [line] = book.results()
    del line[missing]
    with pytest.raises(InvalidRequest):
        run_of_line(line, book.shared_book())
