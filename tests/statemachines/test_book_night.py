"""The deployed definition over five hundred portfolios: what fails, what is tried again, what a further attempt does; then runs that are recorded,
found, reviewed, proved and bundled through the API like any other."""

import gzip
import json
from collections import Counter
from datetime import datetime
from typing import Any

import boto3
import pytest

from engine.evidence.verification import Verdict, verify_file
from tests.statemachines.conftest import LARGE, MANIFEST, POISON, Books
from tests.support.machines import ALWAYS

JSON = {"Content-Type": "application/json"}
NIGHT: dict[str, Any] = {"manifest": [MANIFEST], "chunk_lines": 50}
FAULTS = {4: (2, "FunctionFailed"), 7: (ALWAYS, "FunctionFailed")}


@pytest.fixture(scope="module")
def night(books: Books) -> tuple[Books, Counter[int], Counter[int]]:
    """A night in which a chunk fails twice and another one for good, and the morning after: how often each chunk was asked for."""
    books.run("night", FAULTS, **NIGHT)
    first = books.steps["BookChunkFunction"].calls
    books.run("night-r1", **NIGHT)
    return books, first, books.steps["BookChunkFunction"].calls


def test_a_lost_chunk_is_tolerated_and_told(night: tuple[Books, Any, Any]) -> None:
    told = night[0].executions["night"]
    assert (told.status, told.error) == ("SUCCEEDED", None)
    # 500 lines in ten chunks of 50; one chunk is lost, one line is no JSON: 500 - 50 - 1
    assert told.output == {"book_id": "night", "status": "INCOMPLETE", "decided": 449, "failed": 1, "missing": 1}


def test_a_chunk_is_tried_again_twice(night: tuple[Books, Counter[int], Any]) -> None:
    assert night[1] == {**dict.fromkeys(range(10), 1), 4: 3, 7: 3}


def test_a_further_attempt_makes_what_was_lost_and_nothing_else(night: tuple[Books, Any, Counter[int]]) -> None:
    assert night[2] == {7: 1}
    told = night[0].executions["night-r1"]
    assert told.status == "SUCCEEDED"
    assert told.output == {"book_id": "night", "status": "COMPLETE", "decided": 499, "failed": 1, "missing": 0}


def test_the_summary_is_right(night: tuple[Books, Any, Any]) -> None:
    books = night[0]
    summary = json.loads(books.read("local/books/night/summary.json"))
    assert summary["lines"] == {"total": 500, "decided": 499, "failed": 1}
    assert summary["chunks"] == {"total": 10, "done": 10, "missing": []}
    [failed] = summary["failed_lines"]
    assert (failed["object"], failed["line"]) == ("local/uploads/up_1/manifest.jsonl", POISON + 1)
    blocks = [json.loads(line) for line in gzip.decompress(books.read("local/books/night/blocks.jsonl.gz")).splitlines()]
    bought = {block["status"]: block for block in blocks if block["instrument_id"] == "A"}
    # half of 1,000 at 10 is 50 pieces, 498 times; half of 7 × 1,000 + 1,000 is 400 pieces
    assert sum(int(block["quantity"]) for block in bought.values()) == 498 * 50 + 400
    sold = {(block["instrument_id"], block["quantity"]) for block in blocks if block["side"] == "SELL"}
    assert sold == {(f"L{number}", "1000") for number in range(1, 8)}


def test_a_large_line_is_a_portfolio_like_any_other(night: tuple[Books, Any, Any]) -> None:
    results = gzip.decompress(night[0].results("night", LARGE // 50)).splitlines()
    [large] = [line for line in results if len(line) > 700_000]
    assert json.loads(large)["portfolio_id"] == "pf_large"


def test_the_parent_remembers_as_much_of_one_chunk_as_of_ten(night: tuple[Books, Any, Any]) -> None:
    executions = night[0].executions
    assert executions["night"].states == executions["night-r1"].states == ["Index", "WhatIsLeft", "Chunks", "SumUp"]
    assert executions["night-r1"].events < 30  # of the 25,000 that an execution may have


def test_a_map_that_fails_is_summed_up_and_fails_the_book(books: Books) -> None:
    """Here the list of its chunks is not there, and nothing more was lost; the service calls that States.ItemReaderFailed."""
    assert books.run("stormy", {3: (ALWAYS, "BookRefused")}).output["missing"] == 1
    assert books.steps["BookChunkFunction"].calls[3] == 1  # what is refused is never tried again
    told = books.run("stormy-r1", answer={"todo": "local/books/stormy/todo/none.json"})
    assert (told.status, told.error) == ("FAILED", "BookStopped")
    assert told.cause is not None
    assert told.cause.startswith("States.Runtime: An error occurred (NoSuchKey)")
    assert told.states == ["Index", "WhatIsLeft", "Chunks", "SumUpWhatThereIs", "WhatStoppedIt", "Stopped"]
    summary = json.loads(books.read("local/books/stormy/summary.json"))
    assert (summary["status"], summary["chunks"]["missing"]) == ("INCOMPLETE", [3])


def test_a_book_that_cannot_be_run_fails_at_once(books: Books) -> None:
    told = books.run("foreign", shared="bank-b/uploads/up_1/shared.json")
    assert (told.status, told.error, told.states) == ("FAILED", "BookRefused", ["Index"])
    assert books.steps["BookIndexFunction"].calls[-1] == 1


def test_a_night_that_is_delivered_twice_is_decided_once(books: Books) -> None:
    first, second = (books.deliver(name, "2026-11-26T22:00:00Z") for name in ("d32c5kdd", "6dcd4fd2"))
    assert (first.status, first.states) == ("SUCCEEDED", ["Index", "WhatIsLeft", "Chunks", "SumUp"])
    assert (second.status, second.states) == ("SUCCEEDED", ["Index", "WhatIsLeft", "Elsewhere"])
    assert second.output == {"plan": {"elsewhere": "d32c5kdd"}}


def test_of_a_book_that_is_made_no_list_is_read_again(books: Books) -> None:
    books.run("whole")
    again = books.run("whole-r1")
    assert (again.states, again.output["status"]) == (["Index", "WhatIsLeft", "SumUp"], "COMPLETE")


def test_an_outage_while_summing_up_is_waited_out(books: Books) -> None:
    told = books.run("cloudy", {-1: (1, "StoreUnavailable")})
    assert (told.status, told.output["status"]) == ("SUCCEEDED", "COMPLETE")
    assert [books.steps[name].calls[-1] for name in ("BookIndexFunction", "BookSummaryFunction")] == [2, 2]


def runs_of(books: Books, book: str) -> dict[str, str]:
    """Portfolio to run, as the book's results tell."""
    found = [json.loads(line) for number in range(4) for line in gzip.decompress(books.results(book, number)).splitlines()]
    return {line["portfolio_id"]: line["rebalance_run_id"] for line in found if "result" in line}


def ask(books: Books, path: str, method: str = "GET", body: Any = None) -> Any:
    return books.stack.request(method, path, JSON, b"" if body is None else json.dumps(body).encode())


@pytest.fixture(scope="module")
def reviewed(books: Books) -> dict[str, str]:
    assert books.run("reviewed", records="REVIEW").output == {
        "book_id": "reviewed",
        "status": "COMPLETE",
        "decided": 3,
        "failed": 1,
        "missing": 0,
    }
    return runs_of(books, "reviewed")


def test_only_a_run_that_asks_for_review_is_recorded(books: Books, reviewed: dict[str, str]) -> None:
    assert {portfolio: ask(books, f"/rebalance/runs/{run}").status for portfolio, run in reviewed.items()} == {
        "pf_ready": 404,
        "pf_review": 200,
        "pf_last": 404,
    }


def test_it_is_found_with_the_time_of_its_book(books: Books, reviewed: dict[str, str]) -> None:
    [row] = json.loads(ask(books, "/rebalance/runs?portfolio_id=pf_review").body)["items"]
    started = json.loads(books.read("local/books/reviewed/start.json"))["created_at"]
    assert (row["rebalance_run_id"], row["status"], row["correlation_id"]) == (reviewed["pf_review"], "PENDING_REVIEW", "reviewed")
    assert datetime.fromisoformat(row["created_at"]) == datetime.fromisoformat(started)


def test_its_evidence_proves_it(books: Books, reviewed: dict[str, str]) -> None:
    path = f"/rebalance/runs/{reviewed['pf_review']}"
    assert json.loads(ask(books, f"{path}/verification").body)["verdict"] == "VERIFIED"
    for evidence in (f"{path}/artifact", f"{path}/support-bundle"):
        assert verify_file(ask(books, evidence).body).verdict is Verdict.VERIFIED


def test_it_is_reviewed(books: Books, reviewed: dict[str, str]) -> None:
    path = f"/rebalance/runs/{reviewed['pf_review']}/workflow"
    assert json.loads(ask(books, path).body)["workflow_status"] == "PENDING_REVIEW"
    assert ask(books, f"{path}/actions", "POST", {"action": "APPROVE", "reason_code": "CHECKED"}).status == 200
    assert json.loads(ask(books, path).body)["workflow_status"] == "APPROVED"


def test_a_chunk_that_is_made_again_records_nothing_twice(books: Books) -> None:
    books.run("all", records="ALL")
    before = {run: ask(books, f"/rebalance/runs/{run}").body for run in runs_of(books, "all").values()}
    assert len(before) == 3
    boto3.client("s3").delete_object(Bucket=books.bucket, Key="local/books/all/tallies/000001")  # it recorded its run and came no further
    assert books.run("all-r1", records="ALL").output["status"] == "COMPLETE"
    assert books.steps["BookChunkFunction"].calls == {1: 1}
    assert {run: ask(books, f"/rebalance/runs/{run}").body for run in before} == before
    for portfolio in ("pf_ready", "pf_last"):
        assert len(json.loads(ask(books, f"/rebalance/runs?portfolio_id={portfolio}").body)["items"]) == 1
