"""Books over HTTP: started once, followed, stopped, redriven, summed up; their runs become runs of their own."""

import gzip
import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.book_runs import BookStatus, Execution
from engine.records.books import BookStart
from engine.records.runs import Source
from engine.usecases.books.chunks import RESULTS, KeptChunk
from engine.usecases.books.following import LOOKED_AT
from engine.usecases.books.refused import BookRefused
from engine.usecases.refusals import Code
from infra.adapters import NO_BOOK_MACHINE
from infra.memory.books.machine import MemoryBookMachine
from tests.support.adapters import in_memory, on_aws
from tests.support.books import bought, simple
from tests.support.emulators import fresh
from tests.support.gateway import Reply, refused, violations
from tests.support.samples import HandClock
from tests.support.service import FOREIGNER, OPEN, PARTNER, READER, Service

FOLDER = "bank-a/uploads/up_1"
START: dict[str, Any] = {"manifest": [f"{FOLDER}/manifest.jsonl"], "shared": f"{FOLDER}/shared.json", "chunk_lines": 2}
LINES = [bought(f"pf_{number}", "1000") for number in range(1, 6)]


@pytest.fixture(params=["memory", "dynamodb"])
def service(request: pytest.FixtureRequest, clock: HandClock) -> Any:
    """Five portfolios of 1,000 dollars, of which the model wants half in a share at 10 dollars: each buys 50."""
    if request.param == "memory":
        yield uploaded(Service(in_memory(request.getfixturevalue("memory"), clock), OPEN, PARTNER))
    else:
        with fresh() as aws:
            yield uploaded(Service(on_aws(aws, clock), OPEN, PARTNER))


def uploaded(service: Service, lines: list[bytes] = LINES) -> Service:
    files = service.adapters.book_files("bank-a")
    files.keep(START["manifest"][0], b"\n".join(lines))
    files.keep(START["shared"], simple())
    return service


def machine(service: Service) -> MemoryBookMachine:
    runs = service.adapters.book_machine
    assert isinstance(runs, MemoryBookMachine)
    return runs


def start(service: Service, body: Any = None, key: str | None = "night-1", caller: Any = PARTNER) -> Reply:
    sent = {"Content-Type": "application/json"} | ({} if key is None else {"Idempotency-Key": key})
    return service.call("POST", "/rebalance/books", START if body is None else body, sent, caller)


def post(service: Service, path: str, caller: Any = PARTNER) -> Reply:
    return service.call("POST", f"/rebalance/books/{path}", None, {}, caller)


def book(service: Service, book_id: str) -> Any:
    reply = service.get(f"/rebalance/books/{book_id}")
    assert reply.status == 200, reply.body
    return reply.json


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


def test_a_book_whose_start_was_lost_is_started_by_the_sweeper(service: Service) -> None:
    start(service.with_adapters(book_machine=NO_BOOK_MACHINE))
    assert service.sweep()["books_started"] == 0  # it is young: its caller may be about to start it
    service.clock.forward(minutes=3)
    down = service.with_adapters(book_machine=NO_BOOK_MACHINE)
    with pytest.raises(StoreUnavailable, match="BOOK_MACHINE_UNAVAILABLE"):
        down.sweep()
    assert service.sweep()["books_started"] == 1
    assert service.sweep()["books_started"] == 0
    [row] = service.get("/rebalance/books").json["items"]
    assert row["status"] == "SUCCEEDED"


def test_a_cancelled_book_is_not_started_by_the_sweeper(service: Service) -> None:
    start(service.with_adapters(book_machine=NO_BOOK_MACHINE))
    [row] = service.get("/rebalance/books").json["items"]
    post(service, f"{row['book_id']}/cancel")
    service.clock.forward(minutes=3)
    assert service.sweep()["books_started"] == 0
    assert machine(service).executions == {}


def test_the_list_shows_how_books_stand_now(service: Service) -> None:
    """One that has ended since it was seen, one that runs; a narrowed list has what it says, page by page."""
    runs = machine(service)
    runs.held = 0
    names = [start(service, key=f"night-{number}").json["book_id"] for number in range(3)]
    ended = runs.executions[names[0]]
    runs.executions[names[0]] = replace(ended, status=BookStatus.SUCCEEDED, finished_at=service.clock.now)
    assert len(service.get("/rebalance/books", status="RUNNING", limit="9").json["items"]) == 2
    rows = {row["book_id"]: row["status"] for row in service.get("/rebalance/books").json["items"]}
    assert rows == {names[0]: "SUCCEEDED", names[1]: "RUNNING", names[2]: "RUNNING"}
    for name in names[1:]:
        runs.stop(name)
    first = service.get("/rebalance/books", status="RUNNING", limit="1").json
    assert (first["items"], first["next_cursor"] is None) == ([], False)  # the one that was there has just been seen to be over
    following = service.get("/rebalance/books", status="RUNNING", limit="1", cursor=first["next_cursor"]).json
    assert (following["items"], following["next_cursor"]) == ([], None)
    assert {row["status"] for row in service.get("/rebalance/books", status="CANCELLED").json["items"]} == {"CANCELLED"}


def test_a_list_looks_at_some_and_stands_an_outage(service: Service) -> None:
    runs = machine(service)
    runs.held = 0
    for number in range(LOOKED_AT + 2):
        service.clock.forward(seconds=1)
        start(service, key=f"night-{number}")
    asked: list[str] = []

    class Told(MemoryBookMachine):
        def state(self, execution: str) -> Execution | None:
            asked.append(execution)
            return runs.state(execution)

    newest = [row["book_id"] for row in service.get("/rebalance/books").json["items"]]
    service.with_adapters(book_machine=Told(service.adapters.book_files, service.clock)).get("/rebalance/books")
    assert asked == newest[:LOOKED_AT]
    assert [row["book_id"] for row in service.with_adapters(book_machine=NO_BOOK_MACHINE).get("/rebalance/books").json["items"]] == newest


def test_a_start_that_was_lost_is_made_up_by_the_next_call(service: Service) -> None:
    down = service.with_adapters(book_machine=NO_BOOK_MACHINE)
    assert refused(start(down)) == (503, "BOOK_MACHINE_UNAVAILABLE")
    [row] = service.get("/rebalance/books").json["items"]
    assert row["status"] == "PENDING"
    assert (book(service, row["book_id"])["status"], book(service, row["book_id"])["progress"]) == ("PENDING", None)
    again = start(service)
    assert (again.json["book_id"], again.headers["Idempotent-Replayed"]) == (row["book_id"], "true")
    assert book(service, row["book_id"])["status"] == "SUCCEEDED"


def test_a_start_whose_acknowledgement_was_lost_is_noticed_by_the_next_look(service: Service) -> None:
    class Deaf(MemoryBookMachine):
        def start(self, execution: str, document: Any) -> None:
            super().start(execution, document)
            raise StoreUnavailable(Code.BOOK_MACHINE_UNAVAILABLE)

    deaf = Deaf(service.adapters.book_files, service.clock)
    assert start(service.with_adapters(book_machine=deaf)).status == 503
    heard = service.with_adapters(book_machine=deaf)
    [row] = heard.get("/rebalance/books").json["items"]
    assert book(heard, row["book_id"])["status"] == "SUCCEEDED"


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


class DownOnce:
    """Records that are down when a book is to be kept: before they keep it, or after, when nobody hears of it."""

    def __init__(self, records: Any, *, after: bool) -> None:
        self.records, self.after = records, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.records, name)

    def keep(self, kept: Any) -> Any:
        if self.after:
            self.records.keep(kept)
        raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)


@pytest.mark.parametrize("after", [False, True])
def test_a_key_stands_for_the_book_that_was_recorded_whatever_was_tried_before(service: Service, *, after: bool) -> None:
    """Whoever is told 503 may come back with another document: what was never recorded stands in nobody's way."""
    down = service.with_adapters(book_records=DownOnce(service.adapters.book_records, after=after))
    assert start(down).status == 503
    again = start(service, START | {"chunk_lines": 3, "records": "ALL"})
    if after:
        assert refused(again) == (409, "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch")
        again = start(service)
    assert again.status == 202
    found = book(service, again.json["book_id"])
    assert (found["status"], found["fault"], found["start"]["chunk_lines"]) == ("SUCCEEDED", None, 2 if after else 3)


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


def test_a_book_that_has_ended_is_listed_as_that_with_nobody_looking(service: Service) -> None:
    """One that failed, one that runs; the sweeper looks where no caller does, and goes on past one of which nobody can say."""
    runs = machine(service)
    runs.held = 1
    names = [start(service, key=f"night-{number}").json["book_id"] for number in range(3)]
    runs.executions[names[0]] = Execution(BookStatus.FAILED, service.clock.now, service.clock.now, "BookIncomplete")

    class Deaf(MemoryBookMachine):
        def state(self, execution: str) -> Execution | None:
            if execution == names[1]:
                raise StoreUnavailable(Code.BOOK_MACHINE_UNAVAILABLE)
            return runs.state(execution)

    deaf = service.with_adapters(book_machine=Deaf(service.adapters.book_files, service.clock))
    with pytest.raises(StoreUnavailable, match="BOOK_MACHINE_UNAVAILABLE"):
        deaf.sweep()
    listed = service.with_adapters(book_machine=NO_BOOK_MACHINE)  # which shows what was seen last
    assert [row["book_id"] for row in listed.get("/rebalance/books", status="FAILED").json["items"]] == names[:1]
    assert len(listed.get("/rebalance/books", status="RUNNING").json["items"]) == 2
    assert service.sweep()["books_ended"] == 0
    runs.stop(names[1])
    assert service.sweep()["books_ended"] == 1


def test_a_book_whose_execution_nobody_remembers_has_failed_and_is_redriven(service: Service) -> None:
    runs = machine(service)
    runs.held = 1
    book_id = start(service).json["book_id"]
    forgotten = runs.executions.pop(book_id)
    assert book(service, book_id)["status"] == "RUNNING"  # it may be too young to be seen
    service.clock.forward(hours=2)
    found = book(service, book_id)
    assert (found["status"], found["fault"]) == ("FAILED", "BOOK_EXECUTION_GONE")
    runs.executions[book_id], runs.held = forgotten, None
    assert post(service, f"{book_id}/redrive").json["status"] == "SUCCEEDED"


def test_a_book_that_is_cancelled_while_it_is_being_started_is_stopped(service: Service) -> None:
    """The cancel looks before the execution is there, and is recorded after it is."""
    runs = machine(service)
    runs.held = 1

    class Overtaken(MemoryBookMachine):
        def start(self, execution: str, document: Any) -> None:
            assert post(service, f"{execution}/cancel").json["status"] == "CANCELLED"
            runs.start(execution, document)

        def stop(self, execution: str) -> None:
            runs.stop(execution)

    assert start(service.with_adapters(book_machine=Overtaken(service.adapters.book_files, service.clock))).status == 202
    [row] = service.get("/rebalance/books").json["items"]
    assert row["status"] == "CANCELLED"
    assert runs.executions[row["book_id"]].status is BookStatus.CANCELLED


def test_an_execution_that_was_cancelled_before_it_was_there_decides_nothing(service: Service) -> None:
    """Whoever started it did not live to stop it; another attempt, started by hand after that, is not meant."""
    start(service.with_adapters(book_machine=NO_BOOK_MACHINE))
    [row] = service.get("/rebalance/books").json["items"]
    post(service, f"{row['book_id']}/cancel")
    order = {"tenant": "bank-a", "book_id": row["book_id"]} | START
    given = {"input": order, "execution": row["book_id"], "started": "2026-02-20T22:00:00Z"}
    with pytest.raises(BookRefused, match=r"^BOOK_CANCELLED$"):
        service.function("book_index")(given, None)
    assert service.function("book_index")(given | {"execution": f"{row['book_id']}-r1"}, None)["left"] == 3


def test_a_redrive_follows_the_last_attempt_that_somebody_started(service: Service) -> None:
    """`night-r2` by hand, without `night-r1`: the next one is `night-r3`, whose list of chunks is its own."""
    given = {"input": {"tenant": "bank-a"} | START, "execution": "night", "started": "2026-02-20T22:00:00Z"}
    for execution in ("night", "night-r2"):
        service.function("book_index")(given | {"execution": execution}, None)
        machine(service).executions[execution] = Execution(BookStatus.FAILED, service.clock.now, service.clock.now, "BookIncomplete")
    assert book(service, "night")["attempt"] == 2
    again = post(service, "night/redrive").json
    assert (again["status"], again["attempt"]) == ("SUCCEEDED", 3)
    assert sorted(machine(service).executions) == ["night", "night-r2", "night-r3"]
    assert service.adapters.book_files("bank-a").has("bank-a/books/night/todo/003.json")


def test_a_book_is_cancelled_once_and_for_all(service: Service) -> None:
    machine(service).held = 1
    book_id = start(service).json["book_id"]
    first = post(service, f"{book_id}/cancel")
    assert (first.status, first.json["status"]) == (200, "CANCELLED")
    assert post(service, f"{book_id}/cancel").body == first.body
    assert service.get("/rebalance/books", status="CANCELLED").json["items"][0]["book_id"] == book_id


def test_a_book_that_was_never_started_is_cancelled_too(service: Service) -> None:
    start(service.with_adapters(book_machine=NO_BOOK_MACHINE))
    [row] = service.get("/rebalance/books").json["items"]
    assert post(service, f"{row['book_id']}/cancel").json["status"] == "CANCELLED"
    assert start(service).status == 202
    assert book(service, row["book_id"])["status"] == "CANCELLED"


def test_a_redrive_makes_what_is_missing_and_nothing_else(service: Service) -> None:
    runs = machine(service)
    runs.lost = frozenset({1})
    book_id = start(service).json["book_id"]
    found = book(service, book_id)
    assert (found["status"], found["fault"]) == ("FAILED", "BookIncomplete")
    assert service.get(f"/rebalance/books/{book_id}/summary").json["chunks"] == {"total": 3, "done": 2, "missing": [1]}
    runs.lost = frozenset()
    again = post(service, f"{book_id}/redrive")
    assert (again.json["status"], again.json["attempt"], again.json["fault"]) == ("SUCCEEDED", 1, None)
    assert sorted(runs.executions) == [book_id, f"{book_id}-r1"]
    todo = json.loads(service.adapters.book_files("bank-a").read(f"bank-a/books/{book_id}/todo/001.json"))
    assert [chunk["number"] for chunk in todo] == [1]
    assert service.get(f"/rebalance/books/{book_id}/summary").json["status"] == "COMPLETE"
    assert refused(post(service, f"{book_id}/redrive")) == (409, "BOOK_COMPLETE")


def test_a_book_that_runs_is_not_redriven(service: Service) -> None:
    machine(service).held = 1
    book_id = start(service).json["book_id"]
    assert refused(post(service, f"{book_id}/redrive")) == (409, "BOOK_UNDER_WAY")


def test_a_redrive_whose_start_was_lost_is_started_by_the_next_one(service: Service) -> None:
    runs = machine(service)
    runs.lost = frozenset({0})
    book_id = start(service).json["book_id"]
    assert refused(post(service.with_adapters(book_machine=Lost(runs)), f"{book_id}/redrive")) == (503, "BOOK_MACHINE_UNAVAILABLE")
    runs.lost = frozenset()
    assert (book(service, book_id)["status"], book(service, book_id)["attempt"]) == ("PENDING", 1)
    again = post(service, f"{book_id}/redrive").json
    assert (again["status"], again["attempt"]) == ("SUCCEEDED", 1)


class Lost:
    """A machine that can be looked at and not be started."""

    def __init__(self, runs: MemoryBookMachine) -> None:
        self.state, self.stop = runs.state, runs.stop

    def start(self, execution: str, document: Any) -> None:
        raise StoreUnavailable(Code.BOOK_MACHINE_UNAVAILABLE)


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


def first_line(service: Service, book_id: str) -> Any:
    return json.loads(gzip.decompress(service.adapters.book_files("bank-a").read(results(service, book_id))).splitlines()[0])


def results(service: Service, book_id: str) -> str:
    """The name of the results of its first chunk."""
    book = BookStart(book_id, [], "", "bank-a")
    return KeptChunk.of(service.adapters.book_files("bank-a"), book, 0).packed(RESULTS).name


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
    with service.adapters.book_files("bank-a").keeping(f"bank-a/books/{book_id}/shared.json") as file:
        file.write(simple().replace(b'"10"', b'"11"'))
    assert refused(post(service, f"{book_id}/runs/{run_id}")) == (500, "EVIDENCE_CORRUPT")
