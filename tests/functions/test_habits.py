"""What every answer says in its headers: whose it is, where to go on, how long it may be kept. Bodies keep their bytes."""

import re
from hashlib import sha256
from typing import Any

import pytest

from infra.api import CALLS
from infra.http.switches import Switch
from infra.memory.runs import MemoryTables
from tests.support.adapters import in_memory
from tests.support.gateway import IDENTITY, Reply
from tests.support.lives import Lives
from tests.support.portfolios import a_proposal, batch
from tests.support.queues import MemoryQueue
from tests.support.samples import HandClock
from tests.support.service import READER, Service

ADDRESSES = ["/prod", "", "/engine/v1"]
"""Before our paths stands the stage, on the gateway's own domain; on a custom one nothing, or what it maps."""
EVERYTHING = IDENTITY | {"scopes": "dpm.read dpm.run advisory.read advisory.run"}
BROWSER = "text/html,*/*;q=0.8"
KEPT = "private, max-age=86400, immutable"


@pytest.fixture
def desk(clock: HandClock) -> Service:
    return Service(in_memory(MemoryTables(), clock, queue=MemoryQueue()))


@pytest.fixture
def life(desk: Service) -> Lives:
    return Lives(desk)


# whose it is


@pytest.mark.parametrize("named", ["desk 7", "c_none", ""])
def test_every_answer_names_the_correlation_id_of_its_call(desk: Service, named: str) -> None:
    told = named or "c_none"
    answers = [
        desk.post(headers={"X-Correlation-Id": named}),
        desk.get("/rebalance/runs", headers={"X-Correlation-Id": named}),
        desk.get("/rebalance/runs/rr_0", headers={"X-Correlation-Id": named}),
        desk.get("/rebalance/runs", None, headers={"X-Correlation-Id": named}),
    ]
    assert [answer.status for answer in answers] == [200, 200, 404, 401]
    assert [answer.headers["X-Correlation-Id"] for answer in answers] == [told] * 4
    assert [answer.json["correlation_id"] for answer in answers if "correlation_id" in answer.json] == [told] * 3


@pytest.mark.parametrize("named", ["x" * 256, "a/b", "caf\xe9", ["one", "two"], "a\r\nSet-Cookie: b"], ids=repr)
def test_what_cannot_be_one_is_never_sent_back(desk: Service, named: Any) -> None:
    """Simulate keeps the id and refuses such a one; a look-up does not even read it."""
    refusal, answer = desk.post(headers={"X-Correlation-Id": named}), desk.get("/rebalance/runs", headers={"X-Correlation-Id": named})
    assert (refusal.status, answer.status) == (422, 200)
    assert (refusal.headers["X-Correlation-Id"], answer.headers["X-Correlation-Id"]) == ("c_none", "c_none")


def test_an_acceptance_names_the_id_that_it_drew(desk: Service) -> None:
    drawn = desk.submit()
    assert drawn.headers["X-Correlation-Id"] == drawn.json["correlation_id"] != "c_none"


# where to go on


@pytest.mark.parametrize("before", ADDRESSES)
@pytest.mark.parametrize(
    ("path", "body", "family"),
    [
        ("/rebalance/analyze/async", batch(), "/rebalance/operations"),
        ("/rebalance/proposals/async", {"simulate_request": a_proposal()}, "/rebalance/proposals/operations"),
        ("/rebalance/proposals/pp_1/versions/async", {"simulate_request": a_proposal()}, "/rebalance/proposals/operations"),
    ],
)
def test_an_acceptance_says_where_and_when_to_look(desk: Service, path: str, body: Any, family: str, before: str) -> None:
    accepted = desk.call("POST", path, body, {"Idempotency-Key": "key-1"}, EVERYTHING, before=before)
    assert accepted.status == 202
    where = f"{family}/{accepted.json['operation_id']}"
    assert (accepted.headers["Location"], accepted.headers["Retry-After"]) == (before + where, "2")
    assert accepted.json["status_url"] == where  # a link in a body is the same in every replay
    assert desk.get(where, EVERYTHING).status == 200


@pytest.mark.parametrize("before", ["//evil.example", "/\\evil.example", "javascript:alert(1)//", "/x\r\nSet-Cookie: a=b"])
def test_no_address_leads_to_another_host(desk: Service, before: str) -> None:
    """What follows two slashes is a host, before a colon a scheme (RFC 3986, 4.2); how callers spell a path is theirs."""
    for _ in range(2):
        desk.record()
    page = desk.call("GET", "/rebalance/runs", None, {}, READER, {"limit": 1, "\ud800": "\udfff"}, before=before)
    accepted = desk.call("POST", "/rebalance/analyze/async", batch(), {}, EVERYTHING, before=before)
    for address in (page.headers["Link"].removeprefix("<"), accepted.headers["Location"]):
        assert re.match(r"/[^/\\][!-~]*/rebalance/", address)


@pytest.mark.parametrize("before", ADDRESSES)
def test_a_list_that_goes_on_says_where(desk: Service, before: str) -> None:
    for _ in range(3):
        desk.record(portfolio_id="pf 1&2")
    query = {"portfolio_id": "pf 1&2", "limit": 2}
    first = desk.call("GET", "/rebalance/runs", None, {}, READER, query, before=before)
    cursor = first.json["next_cursor"]
    assert first.headers["Link"] == f'<{before}/rebalance/runs?portfolio_id=pf+1%262&limit=2&cursor={cursor}>; rel="next"'
    second = desk.call("GET", "/rebalance/runs", None, {}, READER, {**query, "cursor": cursor}, before=before)
    assert (len(second.json["items"]), second.json["next_cursor"], second.headers.get("Link")) == (1, None, None)


def test_a_cursor_takes_the_place_of_the_one_before(desk: Service) -> None:
    runs = [desk.record().run_id for _ in range(3)]
    page = desk.get("/rebalance/runs", READER, limit=1, cursor=runs[2])
    assert page.headers["Link"] == f'</prod/rebalance/runs?limit=1&cursor={runs[1]}>; rel="next"'


def test_the_edges_of_an_entity_go_on_under_its_own_path(desk: Service) -> None:
    for _ in range(2):
        desk.record(correlation_id="corr 1")
    page = desk.get("/rebalance/lineage/corr%201", READER, limit=1)
    assert page.headers["Link"].startswith("</prod/rebalance/lineage/corr%201?limit=1&cursor=")


# how long it may be kept


def test_the_table_says_which_answers_never_change() -> None:
    assert [call.id for call in CALLS if call.lasting] == ["proposal_version", "run", "artifact"]


def lasting(desk: Service, life: Lives, name: str) -> str:
    if name == "version":
        return f"/rebalance/proposals/{life.create().json['proposal']['proposal_id']}/versions/1"
    return f"/rebalance/runs/{desk.run_id()}" + ("/artifact" if name == "artifact" else "")


@pytest.mark.parametrize("name", ["run", "artifact", "version"])
def test_what_never_changes_may_be_kept_and_is_asked_for_by_its_digest(desk: Service, life: Lives, name: str) -> None:
    path = lasting(desk, life, name)
    first = desk.get(path, EVERYTHING)
    tag = f'"{sha256(first.body).hexdigest()}"'
    assert {header: first.headers[header] for header in ("ETag", "Cache-Control", "Vary")} == {
        "ETag": tag,
        "Cache-Control": KEPT,
        "Vary": "Accept, Authorization",
    }
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = desk.get(path, EVERYTHING, headers={"If-None-Match": held})
        assert (again.status, again.body, again.headers) == (304, b"", first.headers)
    other = desk.get(path, EVERYTHING, headers={"If-None-Match": '"other"'})
    assert (other.status, other.body) == (200, first.body)


@pytest.mark.parametrize("name", ["run", "artifact", "version"])
def test_who_may_not_have_it_is_not_told_that_a_copy_is_right(desk: Service, life: Lives, name: str) -> None:
    """Identity, scope, switch and look-up come first: a tag, even `*`, opens nothing."""
    path = lasting(desk, life, name)
    held = {"If-None-Match": "*"}
    refusals = [
        desk.get(path, None, headers=held),
        desk.get(path, EVERYTHING | {"scopes": "dpm.execute"}, headers=held),
        desk.get(path, EVERYTHING | {"expires_at": "1"}, headers=held),
        desk.get(path, EVERYTHING | {"tenant": "bank-b"}, headers=held),
        desk.but(closed=frozenset({Switch.SUPPORT_APIS, Switch.PROPOSALS})).get(path, EVERYTHING, headers=held),
    ]
    assert [reply.status for reply in refusals] == [401, 403, 401, 404, 404]
    assert all(reply.headers["Cache-Control"] == "no-store" and "ETag" not in reply.headers for reply in refusals)


def test_a_page_and_its_document_have_tags_of_their_own(desk: Service, life: Lives) -> None:
    path = lasting(desk, life, "run")
    page, document = desk.get(path, EVERYTHING, headers={"Accept": BROWSER}), desk.get(path, EVERYTHING)
    assert page.headers["ETag"] != document.headers["ETag"]
    crossed = desk.get(path, EVERYTHING, headers={"Accept": BROWSER, "If-None-Match": document.headers["ETag"]})
    assert (crossed.status, crossed.body) == (200, page.body)


def test_the_page_of_a_version_tells_what_happened_and_is_not_kept(desk: Service, life: Lives) -> None:
    page = desk.get(lasting(desk, life, "version"), EVERYTHING, headers={"Accept": BROWSER})
    assert (page.status, page.headers["Cache-Control"], page.headers.get("ETag")) == (200, "no-store", None)


def test_what_changes_is_not_kept(desk: Service, life: Lives) -> None:
    run = desk.run_id(**{"X-Correlation-Id": "corr-1"})
    operation, proposal = desk.accepted(), life.create().json["proposal"]["proposal_id"]
    paths = [
        "/rebalance/runs",
        "/rebalance/runs/by-correlation/corr-1",
        f"/rebalance/runs/{run}/workflow",
        f"/rebalance/runs/{run}/support-bundle",
        f"/rebalance/runs/{run}/verification",
        f"/rebalance/operations/{operation}",
        "/rebalance/supportability/summary",
        "/rebalance/proposals",
        f"/rebalance/proposals/{proposal}",
        f"/rebalance/proposals/{proposal}/workflow-events",
    ]
    answers: list[Reply] = [desk.get(path, EVERYTHING, headers={"If-None-Match": "*"}) for path in paths]
    assert [(answer.status, answer.headers["Cache-Control"]) for answer in answers] == [(200, "no-store")] * len(paths)


# what every answer says


def test_no_browser_takes_an_answer_for_another_kind_than_it_is(desk: Service) -> None:
    """Neither JSON nor a refusal, which quotes what was sent (WHATWG Fetch, 3.6)."""
    answers = [desk.post(), desk.get("/rebalance/runs"), desk.get("/rebalance/runs/rr_0"), desk.get("/rebalance/runs", None)]
    assert [(answer.status, answer.headers["X-Content-Type-Options"]) for answer in answers] == [
        (status, "nosniff") for status in (200, 200, 404, 401)
    ]


def test_what_is_read_is_asked_for_its_headers_alone(desk: Service) -> None:
    """RFC 9110, 9.3.2: HEAD says what GET would, to who may GET. The gateway leaves the body out."""
    run = f"/rebalance/runs/{desk.post().json['rebalance_run_id']}"
    for path in ("/rebalance/runs", run, f"{run}/artifact", "/rebalance/runs/rr_0", "/rebalance/proposals/pp_0"):
        read, head = (desk.call(method, path, None, {}, EVERYTHING) for method in ("GET", "HEAD"))
        assert (head.status, head.headers) == (read.status, read.headers)
    tag = desk.call("HEAD", run, None, {}, EVERYTHING).headers["ETag"]
    assert desk.call("HEAD", run, None, {"If-None-Match": tag}, EVERYTHING).status == 304
    assert [desk.call("HEAD", run, None, {}, caller).status for caller in (None, IDENTITY | {"scopes": "dpm.run"})] == [401, 403]
    refused = desk.call("HEAD", "/rebalance/simulate", None, {}, EVERYTHING)
    assert (refused.status, refused.headers["Allow"]) == (405, "POST")
