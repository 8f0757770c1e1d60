"""Books over HTTP: started once, followed, summed up; their runs become runs of their own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import pytest

from engine.records.runs import Source
from engine.usecases.books.refused import BookRefused
from infra.adapters import NO_BOOK_MACHINE
from tests.support.book_service import FOLDER, START, book, books_on, first_line, machine, post, start
from tests.support.books import simple
from tests.support.gateway import refused, violations
from tests.support.samples import HandClock
from tests.support.service import FOREIGNER, PARTNER, READER, Service


@pytest.fixture(params=["memory", "dynamodb"])
def service(request: pytest.FixtureRequest, clock: HandClock) -> Iterator[Service]:
    yield from books_on(request.param, request, clock)


def test_a_book_is_started_followed_and_summed_up(service: Service) -> None:
    reply = start(service)
    assert reply.status == 202
    where = f"/rebalance/books/{reply.json['book_id']}"
    assert (reply.headers["Location"], reply.headers["Retry-After"]) == (f"/prod{where}", "2")
    assert reply.json["links"] == {
        "book": where,
        "summary": f"{where}/summary",
        "cancel": f"{where}/cancel",
        "redrive": f"{where}/redrive",
    }
    found = book(service, reply.json["book_id"])
    assert (found["status"], found["attempt"], found["fault"], found["actor_id"]) == ("SUCCEEDED", 0, None, "adviser-7")
    assert found["progress"]["chunks"] == {"total": 3, "done": 3, "missing": 0}  # five lines, two a chunk
    assert found["progress"]["lines"] == {"total": 5, "done": 5}
    assert found["start"]["chunk_lines"] == 2
    summary = service.get(f"{where}/summary")
    assert summary.json["status"] == "COMPLETE"
    assert summary.json["lines"] == {"total": 5, "decided": 5, "failed": 0}
    [block] = summary.json["largest_blocks"]
    assert (block["quantity"], block["notional"]["amount"], block["orders"]) == ("250", "2500", 5)  # five times 50 units at 10


def test_the_same_call_is_the_same_book_and_another_one_a_conflict(service: Service) -> None:
    first, again = start(service), start(service)
    assert (again.status, again.body) == (202, first.body)
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert refused(start(service, START | {"chunk_lines": 3})) == (409, "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch")
    other = start(service, key="night-2")
    assert other.json["book_id"] != first.json["book_id"]
    assert len(machine(service).executions) == 2


def test_no_more_books_are_started_than_may_be_under_way(service: Service) -> None:
    machine(service).held = 0
    bounded = service.but(books=replace(service.settings.books, at_once=2))
    first, second = (start(bounded, key=f"night-{number}") for number in (1, 2))
    full = start(bounded, key="night-3")
    assert refused(full) == (429, "BOOK_TOO_MANY")
    assert full.headers["Retry-After"] == "60"
    assert start(bounded, key="night-1").body == first.body  # a call that is repeated starts none
    assert (
        start(bounded, START, "night-3", FOREIGNER).status == 422
    )  # another bank's books are counted apart: it is refused for its objects
    machine(service).stop(second.json["book_id"])  # past the API
    assert start(bounded, key="night-3").status == 202


def test_who_read_or_changed_a_book_stands_in_the_log(service: Service) -> None:
    book_id = start(service).json["book_id"]
    where = f"/rebalance/books/{book_id}"
    told = service.but()
    told.get(where)
    told.get(f"{where}/summary")
    post(told, f"{book_id}/cancel")
    post(told, f"{book_id}/runs/{first_line(service, book_id)['rebalance_run_id']}")
    told.call("GET", f"{where}/summary", None, {"Accept": "text/html"}, PARTNER)
    lines = [json.loads(line) for line in told.log.getvalue().splitlines()]
    assert [line.get("book_id") for line in lines if line["message"] == "call"] == [book_id] * 5


def test_defaults_are_part_of_what_is_the_same(service: Service) -> None:
    first = start(service)
    assert start(service, START | {"records": "NONE", "max_concurrency": 100}).body == first.body


def test_objects_must_be_the_tenants_own_and_there(service: Service) -> None:
    foreign = START | {"shared": "bank-b/uploads/up_1/shared.json"}
    beside = START | {"manifest": ["bank-ab/uploads/up_1/manifest.jsonl"]}
    for body in (foreign, beside):
        assert refused(start(service, body)) == (422, "BOOK_OBJECT_FOREIGN")
    assert refused(start(service, START | {"shared": f"{FOLDER}/other.json"})) == (422, "BOOK_OBJECT_MISSING")
    assert refused(start(service, caller=FOREIGNER)) == (422, "BOOK_OBJECT_FOREIGN")
    assert service.get("/rebalance/books").json["items"] == []
    assert machine(service).executions == {}


def test_what_is_no_start_is_refused_with_its_place(service: Service) -> None:
    assert violations(start(service, {})) == [(["body", "manifest"], "missing"), (["body", "shared"], "missing")]
    assert violations(start(service, START | {"tenant": "bank-b"})) == [(["body", "tenant"], "extra_forbidden")]
    assert violations(start(service, START | {"shared": "bank-a/../bank-b/x"})) == [(["body", "shared"], "string_pattern_mismatch")]
    assert violations(start(service, key=None)) == [(["header", "Idempotency-Key"], "missing")]


def test_objects_are_what_their_digests_say_or_the_book_is_refused(service: Service) -> None:
    files = service.adapters.book_files("bank-a")
    stated = {name: f"sha256:{sha256(files.read(name)).hexdigest()}" for name in (START["manifest"][0], START["shared"])}
    found = book(service, start(service, START | {"digests": stated}).json["book_id"])
    assert (found["status"], found["start"]["digests"][START["shared"]]) == ("SUCCEEDED", stated[START["shared"]][7:])
    other = START | {"digests": stated | {START["shared"]: "0" * 64}}
    failed = book(service, start(service, other, key="night-2").json["book_id"])
    assert (failed["status"], failed["fault"], failed["progress"]) == ("FAILED", "BOOK_DIGEST_MISMATCH", None)
    unknown = START | {"digests": {f"{FOLDER}/other": "0" * 64}}
    assert violations(start(service, unknown, key="night-3")) == [(["body", "digests", f"{FOLDER}/other"], "BOOK_OBJECT_UNKNOWN")]


def test_a_fault_says_where_the_shared_document_is_none(service: Service) -> None:
    files = service.adapters.book_files("bank-a")
    files.keep(f"{FOLDER}/bad.json", simple().replace(b'"weight"', b'"wait"'))
    found = book(service, start(service, START | {"shared": f"{FOLDER}/bad.json"}).json["book_id"])
    assert (found["status"], found["fault"]) == ("FAILED", "BOOK_SHARED_INVALID: missing at models.*.targets.0.weight")


def test_a_book_that_a_schedule_starts_is_found_too(service: Service) -> None:
    order = {"tenant": "bank-a"} | START
    given = {"input": order, "execution": "nightly", "started": "2026-02-20T22:00:00Z"}
    for execution in ("nightly", "nightly", "nightly-r1"):
        service.function("book_index")(given | {"execution": execution}, None)
    found = book(service, "nightly")
    assert (found["status"], found["actor_id"], found["attempt"]) == ("RUNNING", "system", 1)
    assert found["created_at"] == "2026-02-20T22:00:00+00:00"
    assert found["start"]["chunk_lines"] == 2
    assert [row["book_id"] for row in service.get("/rebalance/books").json["items"]] == ["nightly"]


def test_a_start_over_http_is_told_once_by_its_index_too(service: Service) -> None:
    book_id = start(service).json["book_id"]
    given = {"input": {"tenant": "bank-a", "book_id": book_id} | START, "execution": book_id, "started": service.clock().isoformat()}
    before = book(service, book_id)
    service.function("book_index")(given, None)
    assert book(service, book_id) | {"files": {}} == before | {"files": {}}  # whose addresses are signed anew every second


def test_rate_and_time_left_follow_from_the_chunks_that_are_made(service: Service) -> None:
    machine(service).held = 2  # of three chunks: four lines of five
    book_id = start(service).json["book_id"]
    service.clock.forward(seconds=8)
    found = book(service, book_id)
    assert (found["status"], found["finished_at"]) == ("RUNNING", None)
    assert found["progress"]["chunks"] == {"total": 3, "done": 2, "missing": 1}
    assert found["progress"]["lines"] == {"total": 5, "done": 4}
    assert found["progress"]["lines_per_second"] == "0.5"  # four lines in eight seconds
    assert found["progress"]["seconds_left"] == 2  # one line at half a line a second
    assert refused(service.get(f"/rebalance/books/{book_id}/summary")) == (404, "BOOK_NOT_SUMMED_UP")
    assert found["files"] == {"summary": None, "orders": None, "blocks": None}


def test_the_runs_of_a_book_are_of_who_asked_for_it_and_of_that_time(service: Service) -> None:
    """However late its execution begins, and whoever starts it."""
    start(service.with_adapters(book_machine=NO_BOOK_MACHINE), START | {"records": "ALL"})
    [row] = service.get("/rebalance/books").json["items"]
    order = {"tenant": "bank-a", "book_id": row["book_id"]} | START | {"records": "ALL"}
    service.function("book_index")({"input": order, "execution": row["book_id"], "started": "2027-02-20T22:00:00Z"}, None)
    kept = json.loads(service.adapters.book_files("bank-a").read(f"bank-a/books/{row['book_id']}/start.json"))
    assert (kept["actor"], kept["created_at"]) == ("adviser-7", row["created_at"])
    with pytest.raises(BookRefused, match=r"^BOOK_ID_TAKEN$"):  # although its record tells of the same book, of the same time
        service.function("book_index")({"input": order, "execution": row["book_id"], "started": "2027-05-29T22:00:00Z"}, None)


def test_a_run_of_a_book_becomes_one_of_its_own(service: Service) -> None:
    reply = start(service)
    book_id, created = reply.json["book_id"], reply.json["created_at"]
    line = first_line(service, book_id)
    run_id = line["rebalance_run_id"]
    assert refused(service.get(f"/rebalance/runs/{run_id}")) == (404, "DPM_RUN_NOT_FOUND")
    service.clock.forward(hours=9)
    made = post(service, f"{book_id}/runs/{run_id}")
    assert (made.status, made.json["result"], made.json["created_at"]) == (200, line["result"], created)
    assert post(service, f"{book_id}/runs/{run_id}").body == made.body
    assert service.get(f"/rebalance/runs/{run_id}").json == made.json
    head = service.adapters.runs.head("bank-a", run_id)
    assert head is not None
    assert (head.source, head.actor, head.portfolio_id) == (Source.BOOK, "adviser-7", "pf_1")
    assert service.evidence(f"{run_id}/verification").json["verdict"] == "VERIFIED"
    assert service.evidence(f"{run_id}/support-bundle").json["run"]["rebalance_run_id"] == run_id
    assert [row["rebalance_run_id"] for row in service.get("/rebalance/runs").json["items"]] == [run_id]


def test_a_run_that_is_none_of_the_book_is_not_found(service: Service) -> None:
    book_id = start(service).json["book_id"]
    assert refused(post(service, f"{book_id}/runs/rr_{'0' * 32}")) == (404, "BOOK_RUN_NOT_FOUND")
    assert refused(post(service, f"bk_0/runs/rr_{'0' * 32}")) == (404, "BOOK_NOT_FOUND")


def test_a_run_waits_for_the_summary(service: Service) -> None:
    machine(service).held = 1
    book_id = start(service).json["book_id"]
    assert refused(post(service, f"{book_id}/runs/rr_{'0' * 32}")) == (404, "BOOK_NOT_SUMMED_UP")


def test_a_foreign_book_is_an_unknown_one(service: Service) -> None:
    book_id = start(service).json["book_id"]
    for method, path in (("GET", ""), ("GET", "/summary"), ("POST", "/cancel"), ("POST", "/redrive"), ("POST", "/runs/rr_1")):
        reply = service.call(method, f"/rebalance/books/{book_id}{path}", None, {}, FOREIGNER)
        assert refused(reply) == (404, "BOOK_NOT_FOUND")
    assert service.get("/rebalance/books", FOREIGNER).json["items"] == []


def test_who_may_only_read_starts_stops_and_records_nothing(service: Service) -> None:
    book_id = start(service).json["book_id"]
    for path in (f"{book_id}/cancel", f"{book_id}/redrive", f"{book_id}/runs/rr_1"):
        assert post(service, path, READER).status == 403
    assert start(service, caller=READER).status == 403
    assert service.get(f"/rebalance/books/{book_id}", READER).status == 200


def test_uploads_are_offered_within_the_tenants_part(service: Service) -> None:
    body = {"manifest": [{"sha256": "0" * 64}, {}]}
    offered = service.call("POST", "/rebalance/books/uploads", body, {"Content-Type": "application/json"}, PARTNER)
    assert offered.status == 200
    folder = f"bank-a/uploads/{offered.json['upload_id']}"
    assert [file["object"] for file in offered.json["manifest"]] == [f"{folder}/manifest-001.jsonl", f"{folder}/manifest-002.jsonl"]
    assert offered.json["shared"]["object"] == f"{folder}/shared.json"
    alone = service.call("POST", "/rebalance/books/uploads", {}, {"Content-Type": "application/json"}, PARTNER)
    assert alone.json["manifest"][0]["object"].endswith("/manifest.jsonl")
    bad = service.call("POST", "/rebalance/books/uploads", {"shared": {"sha256": "x"}}, {"Content-Type": "application/json"}, PARTNER)
    assert violations(bad) == [(["body", "shared", "sha256"], "string_pattern_mismatch")]


def test_the_summary_is_a_page_for_who_prefers_one(service: Service) -> None:
    book_id = start(service).json["book_id"]
    page = service.get(f"/rebalance/books/{book_id}/summary", headers={"Accept": "text/html"})
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Vary"] == "Accept"
    assert b"/lines/decided" in page.body  # where the figure stands in the JSON answer
    assert b"portfolios decided" in page.body


def test_a_shared_document_that_is_another_one_now_proves_nothing(service: Service) -> None:
    book_id = start(service).json["book_id"]
    run_id = first_line(service, book_id)["rebalance_run_id"]
    files, name = service.adapters.book_files("bank-a"), f"bank-a/books/{book_id}/shared.json"
    with files.replacing(name, files.version(name)) as file:
        file.write(simple().replace(b'"10"', b'"11"'))
    assert refused(post(service, f"{book_id}/runs/{run_id}")) == (500, "EVIDENCE_CORRUPT")
