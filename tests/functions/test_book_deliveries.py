"""A start that a scheduler delivers more than once, and an execution that a later attempt has followed: one of them is at the book."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.records.book_runs import BookStatus, Execution
from infra.adapters import NO_BOOK_MACHINE
from infra.memory.books.machine import MemoryBookMachine
from tests.support.book_service import START, book, books_on, machine, post, start
from tests.support.faults import Crash
from tests.support.samples import HandClock
from tests.support.service import Service

SCHEDULE = "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/dpm-prod-BookNight-1"
NIGHT = "night-20260220T220000Z-"
DELIVERED = {"schedule": SCHEDULE, "scheduled_for": "2026-02-20T22:00:00Z", "book": {"tenant": "bank-a"} | START}
FIRST, SECOND = "d32c5kdd", "6dcd4fd2"
"""What the scheduler names its executions."""


@pytest.fixture(params=["memory", "dynamodb"])
def service(request: pytest.FixtureRequest, clock: HandClock) -> Iterator[Service]:
    yield from books_on(request.param, request, clock)


@pytest.fixture
def quick(request: pytest.FixtureRequest, clock: HandClock) -> Iterator[Service]:
    yield from books_on("memory", request, clock)


def deliver(service: Service, execution: str, second: int = 0, **changes: Any) -> Any:
    given = {"input": DELIVERED | changes, "execution": execution, "started": f"2026-02-20T22:00:{second:02}Z"}
    return service.function("book_index")(given, None)


def books(service: Service) -> list[str]:
    return [row["book_id"] for row in service.get("/rebalance/books").json["items"]]


class AtCall:
    """A port of which something happens at the call of a number, counted over all ports that share `calls`."""

    def __init__(self, port: Any, calls: list[str], at: int, act: Callable[[Callable[[], Any]], Any]) -> None:
        self.port, self.calls, self.at, self.act = port, calls, at, act

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self.calls.append(name)

            def ask() -> Any:
                return getattr(self.port, name)(*given, **named)

            return self.act(ask) if len(self.calls) - 1 == self.at else ask()

        return call


def at_call(service: Service, at: int, act: Callable[[Callable[[], Any]], Any], calls: list[str]) -> Service:
    files = AtCall(service.adapters.book_files("bank-a"), calls, at, act)
    return service.with_adapters(book_files=lambda _: files, book_records=AtCall(service.adapters.book_records, calls, at, act))


def calls_of_a_delivery(service: Service) -> int:
    calls: list[str] = []
    deliver(at_call(service, -1, lambda ask: ask(), calls), "counted", scheduled_for="2026-02-19T22:00:00Z")
    assert {"keep", "has", "stream"} <= set(calls)
    return len(calls)


def test_a_start_that_is_delivered_twice_begins_one_book(service: Service) -> None:
    assert deliver(service, FIRST)["left"] == 3
    assert deliver(service, SECOND, 41) == {"elsewhere": FIRST}
    assert deliver(service, FIRST)["left"] == 3  # the step of the first, tried again
    [book_id] = books(service)
    assert book_id.startswith(NIGHT)
    found = book(service, book_id)
    assert (found["created_at"], found["actor_id"], found["attempt"]) == ("2026-02-20T22:00:00+00:00", "system", 0)


def test_a_book_is_of_one_schedule_at_one_time(service: Service) -> None:
    deliver(service, FIRST)
    assert deliver(service, "next-night", scheduled_for="2026-02-21T22:00:00Z")["left"] == 3
    assert deliver(service, "other-schedule", schedule=f"{SCHEDULE}2")["left"] == 3
    assert len(set(books(service))) == 3


def test_a_start_that_is_delivered_again_when_all_is_made_begins_nothing(service: Service) -> None:
    deliver(service, FIRST)
    for status in (BookStatus.SUCCEEDED, BookStatus.CANCELLED):
        machine(service).executions[FIRST] = Execution(status, service.clock.now, service.clock.now)
        assert deliver(service, SECOND) == {"elsewhere": FIRST}


def test_two_deliveries_at_once_begin_one_book_wherever_the_second_comes_between(quick: Service, request: pytest.FixtureRequest) -> None:
    for at in range(calls_of_a_delivery(quick)):
        [service] = books_on("memory", request, HandClock())
        told: list[Any] = []

        def meanwhile(ask: Callable[[], Any], service: Service = service, told: list[Any] = told) -> Any:
            told.append(deliver(service, SECOND))
            return ask()

        told.append(deliver(at_call(service, at, meanwhile, []), FIRST))
        assert sorted("elsewhere" in plan for plan in told) == [False, True], at
        [book_id] = books(service)
        assert book(service, book_id)["attempt"] == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("back", [False, True])
def test_a_delivery_that_dies_anywhere_leaves_one_book(quick: Service, request: pytest.FixtureRequest, *, after: bool, back: bool) -> None:
    """Its machine tries the step again (`back`), or gives up, and then the second delivery goes on as whatever attempt follows."""
    for at in range(calls_of_a_delivery(quick)):
        [service] = books_on("memory", request, HandClock())

        def dies(ask: Callable[[], Any]) -> Any:
            if after:
                ask()
            raise Crash

        with pytest.raises(Crash):
            deliver(at_call(service, at, dies, []), FIRST)
        if back:
            assert deliver(service, FIRST)["left"] == 3
            assert deliver(service, SECOND) == {"elsewhere": FIRST}
        else:
            machine(service).executions[FIRST] = Execution(BookStatus.FAILED, service.clock.now, service.clock.now, "Crash")
            plan = deliver(service, SECOND)
            assert (plan["left"], deliver(service, SECOND)) == (3, plan)
            assert deliver(service, "3e1c") == {"elsewhere": SECOND}
        [book_id] = books(service)
        assert book(service, book_id)["attempt"] == int(plan["todo"][-len("000.json") : -len(".json")] if not back else 0)


@pytest.mark.parametrize("time", ["<aws.scheduler.scheduled-time>", "", "tonight"])
def test_a_time_that_is_none_begins_nothing(service: Service, time: str) -> None:
    with pytest.raises(ValueError, match=r"^BOOK_START_INVALID: scheduled_for$"):
        deliver(service, FIRST, scheduled_for=time)


@pytest.mark.parametrize("status", [BookStatus.SUCCEEDED, BookStatus.CANCELLED, BookStatus.FAILED])
def test_who_starts_the_input_again_as_an_attempt_goes_on_with_the_book(service: Service, status: BookStatus) -> None:
    """Lost chunks may be tolerated, and the night still be made whole in the morning."""
    deliver(service, FIRST)
    [book_id] = books(service)
    machine(service).executions[FIRST] = Execution(status, service.clock.now, service.clock.now)
    assert deliver(service, f"{book_id}-r1")["left"] == 3
    assert books(service) == [book_id]
    assert deliver(service, "another-night-r1") == {"elsewhere": f"{book_id}-r1"}  # only its own name says so


@pytest.mark.parametrize("stated", ["book_id", "attempt"])
def test_a_schedule_names_no_book_or_attempt_for_all_its_nights(service: Service, stated: str) -> None:
    with pytest.raises(ValueError, match=rf"^BOOK_START_INVALID: {stated}$"):
        deliver(service, FIRST, book={"tenant": "bank-a", **START, stated: "1"})


def test_a_book_of_a_schedule_is_redriven_like_any_other(service: Service) -> None:
    deliver(service, FIRST)
    [book_id] = books(service)
    machine(service).executions[FIRST] = Execution(BookStatus.FAILED, service.clock.now, service.clock.now, "BookIncomplete")
    again = post(service, f"{book_id}/redrive").json
    assert (again["status"], again["attempt"]) == ("SUCCEEDED", 1)
    assert sorted(machine(service).executions) == sorted([FIRST, f"{book_id}-r1"])


def test_an_attempt_that_begins_after_the_one_that_follows_it_decides_nothing(service: Service) -> None:
    """Its start stalls; meanwhile the book is cancelled and redriven."""
    start(service.with_adapters(book_machine=NO_BOOK_MACHINE))
    [book_id] = books(service)
    post(service, f"{book_id}/cancel")
    machine(service).held = 1
    assert post(service, f"{book_id}/redrive").json["status"] == "RUNNING"
    given = {"input": {"tenant": "bank-a", "book_id": book_id} | START, "execution": book_id, "started": "2026-02-20T22:00:00Z"}
    assert service.function("book_index")(given, None) == {"elsewhere": f"{book_id}-r1"}
    assert "left" in service.function("book_index")(given | {"execution": f"{book_id}-r1"}, None)


def test_a_start_that_stalls_is_stopped_where_a_later_attempt_has_followed(service: Service) -> None:
    """Whoever starts it has read that the book waits, and comes back when it has been cancelled and redriven."""
    start(service.with_adapters(book_machine=NO_BOOK_MACHINE))
    [book_id] = books(service)
    service.clock.forward(minutes=3)
    runs = machine(service)
    runs.held = 1

    class Stalled(MemoryBookMachine):
        def start(self, execution: str, document: Any) -> None:
            post(service, f"{book_id}/cancel")
            assert post(service, f"{book_id}/redrive").json["status"] == "RUNNING"
            runs.start(execution, document)

        def state(self, execution: str) -> Execution | None:
            return runs.state(execution)

        def stop(self, execution: str) -> None:
            runs.stop(execution)

    service.with_adapters(book_machine=Stalled(service.adapters.book_files, service.clock)).sweep()
    assert {name: found.status for name, found in runs.executions.items()} == {
        book_id: BookStatus.CANCELLED,
        f"{book_id}-r1": BookStatus.RUNNING,
    }
    assert book(service, book_id)["status"] == "RUNNING"
    runs.executions[f"{book_id}-r1"] = replace(runs.executions[f"{book_id}-r1"], status=BookStatus.SUCCEEDED, finished_at=service.clock.now)
    assert book(service, book_id)["status"] == "SUCCEEDED"
