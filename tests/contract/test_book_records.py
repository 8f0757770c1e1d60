"""What every store of the records of books keeps to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.ports.book_runs import BookRecords
from engine.records.book_runs import Book, BookFilter, BookStatus, Execution
from engine.records.pages import Period
from tests.support.samples import START, TENANT
from tests.support.worlds import World

EVER = BookFilter()
DOCUMENT = {
    "manifest": ["bank-a/uploads/up_1/manifest.jsonl"],
    "shared": "bank-a/uploads/up_1/shared.json",
    "records": "NONE",
    "chunk_lines": 250,
    "max_concurrency": 100,
    "tolerated_failure_percentage": 10,
}


def a_book(number: int = 1, **changes: object) -> Book:
    name = f"bk_{number:032x}"
    made = Book(TENANT, name, "operations-1", START + timedelta(seconds=number), DOCUMENT, (name,))
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def books(world: World) -> BookRecords:
    return world.books()


def test_a_book_is_kept_as_it_is(books: BookRecords) -> None:
    assert books.keep(a_book()) == a_book()
    assert books.book(TENANT, a_book().book_id) == a_book()


def test_the_first_of_one_id_stays(books: BookRecords) -> None:
    books.keep(a_book())
    assert books.keep(a_book(actor="somebody-else")) == a_book()


def test_another_tenants_book_is_nobodys(books: BookRecords) -> None:
    books.keep(a_book())
    assert books.book("bank-b", a_book().book_id) is None
    assert books.book(TENANT, a_book(2).book_id) is None
    assert books.page("bank-b", EVER, limit=10).rows == ()
    assert books.page("bank-b", EVER, limit=10, cursor=a_book().book_id).rows == ()


def test_a_book_moves_from_how_it_was_seen_alone(books: BookRecords) -> None:
    seen = books.keep(a_book())
    begun, ended = START + timedelta(minutes=1), START + timedelta(minutes=2, microseconds=5)
    running = seen.seen(Execution(BookStatus.RUNNING, begun))
    failed = running.seen(Execution(BookStatus.FAILED, begun, ended, "BookIncomplete"))
    assert books.move(seen, running)
    assert books.book(TENANT, seen.book_id) == running
    assert books.move(running, failed)
    assert books.book(TENANT, seen.book_id) == failed
    assert not books.move(running, replace(running, status=BookStatus.CANCELLED))
    assert books.move(running, failed)  # acknowledged late
    assert books.book(TENANT, seen.book_id) == failed


def test_one_attempt_more_is_made_once(books: BookRecords) -> None:
    failed = books.keep(a_book(status=BookStatus.FAILED, started_at=START, finished_at=START, fault="BookIncomplete"))
    again = failed.again()
    assert again.attempts == (failed.book_id, f"{failed.book_id}-r1")
    assert books.move(failed, again)
    assert books.book(TENANT, failed.book_id) == again
    assert (again.status, again.attempt, again.started_at, again.finished_at, again.fault) == (BookStatus.PENDING, 1, None, None, None)
    late = replace(failed, attempts=(failed.book_id, "another"), status=BookStatus.PENDING)
    assert not books.move(failed, late)


def test_nothing_is_made_of_a_book_that_is_not_there(books: BookRecords) -> None:
    assert not books.move(a_book(), replace(a_book(), status=BookStatus.RUNNING))
    assert books.book(TENANT, a_book().book_id) is None


def test_the_list_is_newest_first_and_whole(books: BookRecords) -> None:
    made = [books.keep(a_book(number)) for number in range(1, 8)]
    rows: list[Book] = []
    cursor = None
    while True:
        page = books.page(TENANT, EVER, limit=3, cursor=cursor)
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    assert rows == [book.row for book in reversed(made)]
    assert books.page(TENANT, EVER, limit=3, cursor="bk_nobodys").rows == ()


def test_the_list_is_narrowed_by_status_and_time(books: BookRecords) -> None:
    made = [books.keep(a_book(number)) for number in range(1, 5)]
    ended = made[1].seen(Execution(BookStatus.SUCCEEDED, START, START))
    assert books.move(made[1], ended)
    assert books.page(TENANT, BookFilter(status="SUCCEEDED"), limit=5).rows == (ended.row,)
    within = Period(START + timedelta(seconds=3), START + timedelta(seconds=4))
    assert books.page(TENANT, BookFilter(within), limit=5).rows == (made[3].row, made[2].row)
    assert books.page(TENANT, BookFilter(status="SUCCEEDED"), limit=5, cursor=made[2].book_id).rows == ()


def test_books_that_wait_are_found_for_all_tenants_until_they_are_seen_to_run(books: BookRecords) -> None:
    made = [books.keep(a_book(number)) for number in (3, 1, 2)]
    foreign = books.keep(replace(a_book(4), tenant="bank-b"))
    later = START + timedelta(minutes=9)
    waiting = [(book.tenant, book.book_id) for book in (made[1], made[2], made[0], foreign)]
    assert books.waiting(recorded_before=later, most=9) == tuple(waiting)
    assert books.waiting(recorded_before=later, most=2) == tuple(waiting[:2])
    assert books.waiting(recorded_before=START + timedelta(seconds=3), most=9) == tuple(waiting[:2])
    running = made[1].seen(Execution(BookStatus.RUNNING, START))
    assert books.move(made[1], running)
    assert books.waiting(recorded_before=later, most=9) == tuple(waiting[1:])
    failed = running.seen(Execution(BookStatus.FAILED, START, START, "BookIncomplete"))
    assert books.move(running, failed)
    assert books.move(failed, failed.again())
    assert books.waiting(recorded_before=later, most=9) == tuple(waiting)


def test_books_that_run_are_found_for_all_tenants_until_they_are_seen_to_have_ended(books: BookRecords) -> None:
    """By when they began, not by when they were recorded."""
    began = {number: START + timedelta(minutes=minutes) for number, minutes in ((1, 3), (2, 1), (3, 2))}
    for number, moment in began.items():
        seen = books.keep(a_book(number) if number < 3 else replace(a_book(number), tenant="bank-b"))
        assert books.move(seen, seen.seen(Execution(BookStatus.RUNNING, moment)))
    books.keep(a_book(4, status=BookStatus.RUNNING))  # of which nobody says when it began
    books.keep(a_book(5))
    names = [(tenant, a_book(number).book_id) for tenant, number in ((TENANT, 4), (TENANT, 2), ("bank-b", 3), (TENANT, 1))]
    assert books.running(most=9) == tuple(names)
    assert books.running(most=2) == tuple(names[:2])
    running = a_book(2).seen(Execution(BookStatus.RUNNING, began[2]))
    assert books.move(running, running.seen(Execution(BookStatus.SUCCEEDED, began[2], began[2])))
    assert books.running(most=9) == (names[0], *names[2:])


@pytest.mark.parametrize(
    ("attempts", "number", "following"),
    [
        (["night"], 0, "night-r1"),
        (["night", "night-r2"], 2, "night-r3"),
        (["night", "night-r2", "night-r1"], 1, "night-r3"),
        (["night", "by-hand"], 1, "night-r2"),
    ],
)
def test_a_further_attempt_has_a_name_that_none_has(attempts: list[str], number: int, following: str) -> None:
    book = Book(TENANT, "night", "system", START, DOCUMENT, attempts)
    assert book.attempt == number
    assert book.again().attempts == (*attempts, following)
    assert book.again().execution == following


def test_a_search_that_is_too_long_goes_on_where_it_ended(world: World) -> None:
    books = world.books(max_evaluated=8)  # one for each shard at least
    for number in range(1, 31):
        books.keep(a_book(number))
    page, calls = books.page(TENANT, BookFilter(status="FAILED"), limit=5), 1
    while page.next_cursor is not None:
        assert page.rows == ()
        assert page.next_cursor.startswith("~")
        page, calls = books.page(TENANT, BookFilter(status="FAILED"), limit=5, cursor=page.next_cursor), calls + 1
    assert calls > 3
