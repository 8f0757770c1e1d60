"""Books over HTTP when something goes otherwise: starts that are lost, books that are cancelled, forgotten or redriven."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.book_runs import BookStatus, Execution
from engine.usecases.books.following import LOOKED_AT
from engine.usecases.books.refused import BookRefused
from engine.usecases.refusals import Code
from infra.adapters import NO_BOOK_MACHINE
from infra.memory.books.machine import MemoryBookMachine
from tests.support.book_service import START, DownOnce, Lost, book, books_on, machine, post, start
from tests.support.gateway import refused
from tests.support.samples import HandClock
from tests.support.service import Service


@pytest.fixture(params=["memory", "dynamodb"])
def service(request: pytest.FixtureRequest, clock: HandClock) -> Iterator[Service]:
    yield from books_on(request.param, request, clock)


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


def test_room_is_asked_for_by_a_redrive_and_taken_by_what_is_started_past_the_api(service: Service) -> None:
    runs = machine(service)
    runs.lost = frozenset({1})
    failed = start(service).json["book_id"]
    bounded = service.but(books=replace(service.settings.books, at_once=1))
    runs.held, runs.lost = 1, frozenset()
    order = {"tenant": "bank-a"} | START
    assert "left" in service.function("book_index")({"input": order, "execution": "night", "started": "2026-02-20T22:00:00Z"}, None)
    assert refused(start(bounded, key="night-2")) == (429, "BOOK_TOO_MANY")
    assert refused(post(bounded, f"{failed}/redrive")) == (429, "BOOK_TOO_MANY")
    assert book(service, failed)["attempt"] == 0
    runs.executions["night"] = Execution(BookStatus.SUCCEEDED, service.clock.now, service.clock.now)
    assert post(bounded, f"{failed}/redrive").json["status"] == "RUNNING"
    assert refused(start(bounded, key="night-2")) == (429, "BOOK_TOO_MANY")  # which a redrive takes up too
