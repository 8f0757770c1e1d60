"""Starting a book in the cloud: what is refused, what an attempt has to do, and the book's own copy of what its portfolios share."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from engine.records.books import BookStart, ChunkRef
from engine.usecases.books import starting
from engine.usecases.books.chunks import DecideChunk, SharedDocuments
from engine.usecases.books.index import listed_chunks
from engine.usecases.books.packs import PackOfBook
from engine.usecases.books.refused import BookRefused
from engine.usecases.books.starting import PrepareBook, Prepared
from engine.usecases.books.summary import Summarise
from infra.memory.books.files import MemoryBookFiles
from infra.memory.books.machine import NO_PACKS
from infra.wire.book_machine import asked_of_machine, told_of_machine
from tests.support.books import bought, simple

MANIFEST, SHARED = "bank-a/uploads/up_1/manifest.jsonl", "bank-a/uploads/up_1/shared.json"
START = BookStart("bk_1", [MANIFEST], SHARED, "bank-a", created_at="2026-11-26T20:00:00+00:00")
OWN = "bank-a/books/bk_1/shared.json"


def uploaded(**files: bytes) -> MemoryBookFiles:
    lines = b"\n".join(bought(f"pf_{number}", "1000") for number in range(4))
    return MemoryBookFiles({MANIFEST: lines, SHARED: simple()} | files)


def prepared(files: MemoryBookFiles, start: BookStart = START, attempt: int = 0) -> Prepared:
    return PrepareBook(lambda _: files, PackOfBook(NO_PACKS))(start, attempt, 2)


def chunks(files: MemoryBookFiles, attempt: Prepared) -> list[ChunkRef]:
    return listed_chunks(files, attempt.todo)


def test_a_further_attempt_has_to_do_what_the_first_left() -> None:
    files = uploaded()
    first = prepared(files)
    assert (first.left, first.chunks, [chunk.number for chunk in chunks(files, first)]) == (2, 2, [0, 1])
    DecideChunk(files, SharedDocuments(files))(first.book, chunks(files, first)[0])
    again = prepared(files, replace(START, created_at="2026-11-27T03:00:00+00:00"), 1)
    assert (again.left, again.chunks, [chunk.number for chunk in chunks(files, again)]) == (1, 2, [1])
    assert again.book == first.book  # as it was started first


def test_the_book_keeps_what_its_portfolios_share_when_the_upload_goes() -> None:
    files = uploaded()
    first = prepared(files)
    assert (first.book.shared, first.book.manifest) == (OWN, ())
    del files.files[SHARED]
    again = prepared(files, attempt=1)
    decide = DecideChunk(files, SharedDocuments(files))
    for chunk in chunks(files, again):
        assert decide(again.book, chunk).lines == 2
    assert files.read(OWN) == simple()


def test_an_upload_that_changes_after_the_start_changes_no_portfolio() -> None:
    files = uploaded()
    first = prepared(files)
    files.files[SHARED] = simple().replace(b'"10"', b'"20"')
    assert SharedDocuments(files)(prepared(files, attempt=1).book.shared).market.digest == SharedDocuments(files)(OWN).market.digest
    assert first.book.shared == OWN
    assert files.read(OWN) == simple()


@pytest.mark.parametrize("changes", [{"manifest": [MANIFEST, MANIFEST]}, {"shared": "bank-a/uploads/up_2/shared.json"}, {"records": "ALL"}])
def test_an_id_stands_for_one_book(changes: dict[str, Any]) -> None:
    files = uploaded()
    prepared(files)
    with pytest.raises(BookRefused, match=r"^BOOK_ID_TAKEN$"):
        prepared(files, replace(START, **changes), 1)


@pytest.mark.parametrize("name", ["bank-b/uploads/up_1/x", "bank-ab/x", "bank-a", "x/bank-a/y"])
@pytest.mark.parametrize("member", ["manifest", "shared"])
def test_another_banks_objects_are_refused_and_never_read(member: str, name: str) -> None:
    files = uploaded(**{name: simple()})
    start = replace(START, manifest=[MANIFEST, name]) if member == "manifest" else replace(START, shared=name)
    with pytest.raises(BookRefused, match=r"^BOOK_OBJECT_FOREIGN$"):
        prepared(files, start)
    assert not [kept for kept in files.files if "/books/" in kept]


def test_what_is_missing_or_none_is_refused() -> None:
    with pytest.raises(BookRefused, match=r"^BOOK_OBJECT_MISSING$"):
        prepared(uploaded(), replace(START, manifest=["bank-a/uploads/none"]))
    with pytest.raises(BookRefused, match=r"^BOOK_SHARED_INVALID: missing at market_data_snapshot$"):
        prepared(uploaded(**{SHARED: b'{"models": {}}'}))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"models": {"a secret": {"targets": [{"instrument_id": "A"}]}}}, "missing at models.*.targets.0.weight"),
        ({"a secret": 1}, "extra_forbidden at *"),
        ({"options": {"a secret": 1}}, "extra_forbidden at options.*"),
        ({"options": {"max_turnover_pct": "many"}}, "decimal_parsing at options.max_turnover_pct"),
        ({"policy_pack": {"policy_pack_id": "p"}}, "missing at policy_pack.version"),
    ],
)
def test_a_bad_shared_document_is_told_by_its_place_and_by_nothing_that_was_sent(change: dict[str, Any], why: str) -> None:
    with pytest.raises(BookRefused) as refused:
        prepared(uploaded(**{SHARED: json.dumps(json.loads(simple()) | change).encode()}))
    assert str(refused.value) == f"BOOK_SHARED_INVALID: {why}"


def digests(files: MemoryBookFiles, *names: str) -> dict[str, str]:
    return {name: sha256(files.read(name)).hexdigest() for name in names}


@pytest.mark.parametrize("changed", [MANIFEST, SHARED])
def test_an_object_that_is_not_what_was_stated_is_refused_and_nothing_of_it_kept(changed: str) -> None:
    files = uploaded()
    stated = replace(START, digests=digests(files, MANIFEST, SHARED))
    files.files[changed] += b"\n"
    with pytest.raises(BookRefused, match=r"^BOOK_DIGEST_MISMATCH$"):
        prepared(files, stated)
    copy = "bank-a/books/bk_1/index.json" if changed == MANIFEST else OWN
    assert copy not in files.files


def test_objects_that_are_what_was_stated_are_run_also_when_they_are_gone() -> None:
    files = uploaded()
    stated = replace(START, digests=digests(files, MANIFEST, SHARED))
    first = prepared(files, stated)
    assert first.book.digests == {}  # no step that follows carries them
    files.files[SHARED] += b" "
    assert prepared(files, stated, 1).left == 2
    with pytest.raises(BookRefused, match=r"^BOOK_ID_TAKEN$"):
        prepared(files, replace(stated, digests={SHARED: "0" * 64}), 2)


def test_a_start_that_an_earlier_release_kept_has_no_digests() -> None:
    told = START.as_json()
    del told["digests"]
    assert BookStart.of(told) == START


@pytest.mark.parametrize("prefix", ["", "sha256:"])
def test_a_digest_is_stated_with_its_kind_or_without(prefix: str) -> None:
    assert asked_of_machine(asked(digests={SHARED: prefix + "9f2c" * 16})).book.digests == {SHARED: "9f2c" * 16}


def asked(execution: str = "night", **members: Any) -> Any:
    told = {"tenant": "bank-a", "manifest": [MANIFEST], "shared": SHARED} | members
    return {
        "input": {name: value for name, value in told.items() if value is not None},
        "execution": execution,
        "started": "2026-11-26T20:00:00.5Z",
    }


@pytest.mark.parametrize(
    ("event", "book_id", "attempt"),
    [
        (asked(), "night", 0),
        (asked("night-r1"), "night", 1),
        (asked("night-r12"), "night", 12),
        (asked("night-r0"), "night-r0", 0),
        (asked("any", book_id="bk_1", attempt=2), "bk_1", 2),
        (asked("bk_1-r3", book_id="bk_1"), "bk_1", 3),
    ],
)
def test_an_execution_is_an_attempt_at_a_book(event: Any, book_id: str, attempt: int) -> None:
    found = asked_of_machine(event)
    assert (found.book.book_id, found.attempt) == (book_id, attempt)
    assert (found.book.tenant, found.book.actor, found.book.created_at) == ("bank-a", "system", "2026-11-26T20:00:00.500000+00:00")
    assert (found.chunk_lines, found.max_concurrency, found.tolerated_failure_percentage) == (250, 100, 10)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"input": "no object", "execution": "night"}, "BOOK_START_INVALID"),
        (asked(tenant=None), "BOOK_START_INVALID"),
        (asked(tenant="bank a"), "BOOK_START_INVALID"),
        (asked(attempt="x"), "BOOK_START_INVALID"),
        (asked(shared=None), "BOOK_START_INVALID: shared"),
        (asked(manifest=[]), "BOOK_START_INVALID: manifest"),
        (asked(manifest=["bank-a/../bank-b/m"]), "BOOK_START_INVALID: manifest"),
        (asked(max_concurrency=0), "BOOK_START_INVALID: max_concurrency"),
        (asked(records="SOME"), "BOOK_START_INVALID: records"),
        (asked(colour="red"), "BOOK_START_INVALID"),
        (asked(book_id="a/b"), "BOOK_START_INVALID: book_id"),
        (asked(digests={SHARED: "9f2c"}), "BOOK_START_INVALID: digests"),
        (asked(digests={SHARED: "9F2C" * 16}), "BOOK_START_INVALID: digests"),
        (asked(digests={"bank-a/uploads/up_1/other": "9f2c" * 16}), "BOOK_START_INVALID: digests"),
    ],
)
def test_what_starts_no_book_is_refused_by_its_place(event: Any, code: str) -> None:
    with pytest.raises(BookRefused) as refused:
        asked_of_machine(event)
    assert str(refused.value) == code


def test_an_execution_ends_with_counts_alone() -> None:
    files = uploaded()
    first = prepared(files)
    summary = Summarise(files)(first.book, chunks(files, first))
    assert told_of_machine(summary) == {"book_id": "bk_1", "status": "INCOMPLETE", "decided": 0, "failed": 0, "missing": 2}


def test_an_id_that_is_started_anew_another_night_is_refused_and_never_answered_with_the_orders_of_the_first() -> None:
    files = uploaded()
    first = prepared(files)
    for chunk in chunks(files, first):
        DecideChunk(files, SharedDocuments(files))(first.book, chunk)
    files.files[MANIFEST] = bought("pf_9", "1000")
    with pytest.raises(BookRefused, match=r"^BOOK_ID_TAKEN$"):
        prepared(files, replace(START, created_at="2026-11-27T20:00:00+00:00"))
    assert prepared(files).left == 0  # the same execution, whose answer was lost


def test_what_a_refused_start_kept_goes_into_no_book_of_another_night() -> None:
    files = uploaded()
    with pytest.raises(BookRefused, match=r"^BOOK_OBJECT_MISSING$"):
        prepared(files, replace(START, manifest=["bank-a/uploads/none"]))
    with pytest.raises(BookRefused, match=r"^BOOK_ID_TAKEN$"):
        prepared(files, replace(START, created_at="2026-11-27T20:00:00+00:00"))


def test_what_a_refused_start_named_is_what_later_attempts_name() -> None:
    files = uploaded()
    manifest = files.files.pop(MANIFEST)
    with pytest.raises(BookRefused, match=r"^BOOK_OBJECT_MISSING$"):
        prepared(files)
    files.files["bank-a/uploads/other"] = simple().replace(b'"10"', b'"20"')
    files.files[MANIFEST] = manifest
    with pytest.raises(BookRefused, match=r"^BOOK_ID_TAKEN$"):
        prepared(files, replace(START, shared="bank-a/uploads/other"), attempt=1)
    assert prepared(files, attempt=1).left == 2  # four portfolios, two a chunk


@pytest.mark.parametrize("spoilt", [b" " * 101, b"," * 11, b'{"models":' * 6])
def test_a_shared_document_without_room_is_refused_before_it_is_parsed(spoilt: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "SHARED_BYTES", 100)
    monkeypatch.setattr(starting, "MOST_VALUES", 5)
    files = uploaded(**{SHARED: spoilt})
    with pytest.raises(BookRefused, match=r"^BOOK_SHARED_TOO_LARGE$"):
        prepared(files)
    assert OWN not in files.files


def test_of_two_shared_documents_one_is_held_at_a_time() -> None:
    files = MemoryBookFiles({"one": simple(), "two": simple(conventions="DESK")})
    documents = SharedDocuments(files)
    documents("one")
    read, held = files.read, []

    def noting(name: str) -> bytes:
        held.append(len(documents._kept))
        return read(name)

    files.read = noting  # type: ignore[method-assign]
    documents("two")
    assert held == [0]
