"""Who gets a page: `Accept` decides, the table of calls says where, and what answers forbids a page everything."""

from hashlib import sha256

import pytest

from infra.api import CALLS
from infra.http.accept import prefers_html
from infra.http.messages import MAX_LAMBDA_ANSWER, fits
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.system import utc_now
from tests.support.adapters import in_memory, over
from tests.support.gateway import refused
from tests.support.portfolios import a_request
from tests.support.service import ADVISER, READER, Service, proving

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PAGES = ("/rebalance/runs/{}", "/rebalance/runs/{}/artifact")


@pytest.fixture
def desk(memory: MemoryTables) -> Service:
    return proving(over(MemoryRunStore(memory, clock=utc_now)))


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML; charset=utf-8", True),
        ("text/*", True),
        ("application/json;q=0.5, text/html;q=0.6", True),
        ("text/html, application/json;q=0", True),
        ("*/*;q=0.1, text/html;q=0.2", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html, application/json", False),  # a tie
        ("text/html;q=0.5, */*", False),  # JSON by the range weighs 1
        ("text/html;q=0", False),
        ("text/html;q=2", False),  # no weight, so it is not asked for
        ("text/*;q=0.9, text/html;q=0.1, application/json;q=0.2", False),  # the more specific one speaks
        ("image/png", False),
        (";,;q=,/", False),
    ],
)
def test_html_must_weigh_more_than_json(accept: str, page: bool) -> None:
    assert prefers_html({"accept": (accept,)} if accept else {}) is page


def test_several_lines_of_accept_are_one() -> None:
    assert prefers_html({"accept": ("application/json;q=0.4", "text/html;q=0.5")})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_travels_with_everything_forbidden(desk: Service, path: str) -> None:
    reply = desk.get(path.format(desk.run_id()), READER, headers={"Accept": BROWSER})
    assert reply.status == 200
    assert reply.headers == {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "private, max-age=86400, immutable",
        "ETag": f'"{sha256(reply.body).hexdigest()}"',
        "X-Correlation-Id": "c_none",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept, Authorization",
    }
    assert reply.body.startswith(b"<!DOCTYPE html>\n")


@pytest.mark.parametrize("path", PAGES)
def test_json_is_what_it_was_and_says_that_accept_decides(desk: Service, path: str) -> None:
    run_id = desk.run_id()
    plain, asked = (desk.get(path.format(run_id), READER, headers=headers) for headers in ({}, {"Accept": "*/*"}))
    assert (plain.headers["Content-Type"], plain.headers["Vary"]) == ("application/json", "Accept, Authorization")
    assert asked == plain


def test_the_table_names_the_calls_that_have_pages() -> None:
    assert [call.id for call in CALLS if call.page] == [
        "book_summary",
        "proposal_artifact",
        "proposal_version",
        "run",
        "artifact",
        "landing",
    ]


def test_no_other_call_looks_at_accept(desk: Service) -> None:
    reply = desk.get("/rebalance/runs", READER, headers={"Accept": BROWSER})
    assert (reply.headers["Content-Type"], reply.headers.get("Vary")) == ("application/json", None)


def test_a_proposal_is_a_page_to_who_prefers_one_and_the_same_proposal_in_json(memory: MemoryTables) -> None:
    """One key, one proposal: the page is made of the artifact that the key is answered with, first or again."""
    desk = Service(in_memory(memory, utc_now), caller=ADVISER)
    page, again = (desk.propose(headers={"Accept": BROWSER}, form="artifact") for _ in range(2))
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Vary"] == "Accept"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Idempotent-Replayed" not in page.headers
    assert again.body == page.body
    assert again.headers == {**page.headers, "Idempotent-Replayed": "true"}
    artifact = desk.propose(form="artifact")
    assert artifact.headers["Idempotent-Replayed"] == "true"
    assert artifact.json["evidence_bundle"]["hashes"]["artifact_hash"].encode() in page.body


@pytest.mark.parametrize("path", PAGES)
def test_a_refusal_is_a_problem_also_to_a_browser(desk: Service, path: str) -> None:
    assert refused(desk.get(path.format("rr_0"), READER, headers={"Accept": BROWSER})) == (404, "DPM_RUN_NOT_FOUND")


def test_a_large_page_travels_compressed_to_who_takes_it(desk: Service) -> None:
    """Each of 1,500 orders takes more than 700 bytes, so the page passes the 1 MB from which answers go compressed."""
    book = a_request(1_500)
    book["portfolio_snapshot"]["cash_balances"][0]["amount"] = "150000"
    path = f"/rebalance/runs/{desk.run_id(book)}"
    plain, zipped = (desk.get(path, READER, headers={"Accept": BROWSER, **more}) for more in ({}, {"Accept-Encoding": "gzip"}))
    assert plain.headers["Vary"] == "Accept, Authorization, Accept-Encoding"
    assert zipped.headers == plain.headers | {"Content-Encoding": "gzip", "ETag": f'{plain.headers["ETag"][:-1]}-gzip"'}
    assert zipped.body == plain.body
    assert len(plain.body) > 1_000_000


def test_ends_of_lines_count_twice_in_what_lambda_carries() -> None:
    """As a JSON string a line of 59 characters and its end is 61 bytes: 103,000 lines are 6,283,000 of the 6,275,072 there are."""
    assert MAX_LAMBDA_ANSWER == 6_275_072
    assert fits(b"x" * 59 * 103_000 + b" " * 103_000, gzip_accepted=False)
    assert not fits((b"x" * 59 + b"\n") * 103_000, gzip_accepted=False)
