"""One contract for files of books, whatever holds them: memory, a folder, S3."""

from collections.abc import Callable, Iterator

import pytest

from engine.ports.books import BookFiles, Overtaken
from engine.ports.outside import StoreUnavailable
from infra.aws.books.files import BLOCK, S3BookFiles
from infra.local.books.files import FolderFiles
from infra.memory.books.files import MemoryBookFiles
from tests.support.emulators import provision
from tests.support.faults import Line, lost_acknowledgement, outage_before, refused

NAME = "bank-a/books/bk_1/results/000001"
OTHER = "bank-a/books/bk_1/results/000002"


def on_s3(request: pytest.FixtureRequest, tenant: str = "bank-a") -> S3BookFiles:
    aws = provision(request.getfixturevalue("endpoint"))
    return S3BookFiles(aws.s3, aws.bucket, tenant)


MAKERS: dict[str, Callable[[pytest.FixtureRequest], BookFiles]] = {
    "memory": lambda _: MemoryBookFiles(),
    "folder": lambda request: FolderFiles(request.getfixturevalue("tmp_path"), {}),
    "s3": on_s3,
}


@pytest.fixture(params=MAKERS)
def files(request: pytest.FixtureRequest) -> BookFiles:
    return MAKERS[request.param](request)


def test_a_file_is_read_as_it_was_kept(files: BookFiles) -> None:
    files.keep(NAME, b"0123456789")
    assert (files.has(NAME), files.size(NAME), files.read(NAME)) == (True, 10, b"0123456789")
    assert b"".join(files.stream(NAME)) == b"0123456789"


@pytest.mark.parametrize(("start", "end", "part"), [(0, 10, b"0123456789"), (3, 5, b"34"), (9, 10, b"9"), (4, 4, b""), (8, 99, b"89")])
def test_a_part_is_from_start_up_to_end(files: BookFiles, start: int, end: int, part: bytes) -> None:
    files.keep(NAME, b"0123456789")
    assert files.part(NAME, start, end) == part


def test_a_file_that_is_kept_again_stays_as_it_is(files: BookFiles) -> None:
    files.keep(NAME, b"first")
    files.keep(NAME, b"second")
    assert files.read(NAME) == b"first"


def test_a_file_that_is_written_piece_by_piece_is_there_at_the_end_and_replaces_one_that_was(files: BookFiles) -> None:
    for pieces in ((b"a", b"bc"), (b"d", b"", b"e")):
        before = files.read(NAME) if files.has(NAME) else None
        with files.replacing(NAME, files.version(NAME)) as file:
            for piece in pieces:
                file.write(piece)
            assert (files.read(NAME) if files.has(NAME) else None) == before
        assert files.read(NAME) == b"".join(pieces)


def test_what_was_broken_off_was_never_there(files: BookFiles) -> None:
    def half() -> None:
        with files.replacing(NAME, None) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert not files.has(NAME)


@pytest.mark.parametrize("there", [False, True])
def test_what_somebody_else_has_written_meanwhile_is_not_written_over(files: BookFiles, *, there: bool) -> None:
    if there:
        files.keep(NAME, b"before")
    seen = files.version(NAME)
    assert (seen is not None) is there
    with files.replacing(NAME, seen) as file:
        file.write(b"theirs")
    now = files.version(NAME)
    assert now not in {seen, None}

    def ours() -> None:
        with files.replacing(NAME, seen) as file:
            file.write(b"ours")

    with pytest.raises(Overtaken):
        ours()
    assert (files.read(NAME), files.version(NAME)) == (b"theirs", now)


def test_what_is_put_aside_is_read_back_and_nobody_elses(files: BookFiles) -> None:
    with files.aside() as one, files.aside() as other:
        one.write(b"0123456789")
        other.write(b"abc")
        assert (one.seek(3), one.read(4), other.seek(0), other.read()) == (3, b"3456", 0, b"abc")
        assert (one.seek(0, 2), one.write(b"x"), one.seek(8), one.read()) == (10, 1, 8, b"89x")
    assert one.closed


READS: dict[str, Callable[[BookFiles], object]] = {
    "size": lambda files: files.size(NAME),
    "read": lambda files: files.read(NAME),
    "part": lambda files: files.part(NAME, 0, 1),
    "stream": lambda files: b"".join(files.stream(NAME)),
}


@pytest.mark.parametrize("read", READS)
def test_what_is_not_there_is_told(files: BookFiles, read: str) -> None:
    files.keep(OTHER, b"x")
    with pytest.raises(LookupError, match=r"^BOOK_FILE_MISSING: bank-a/books/bk_1/results/000001$"):
        READS[read](files)
    assert not files.has(NAME)


def test_an_empty_file_is_a_file(files: BookFiles) -> None:
    files.keep(NAME, b"")
    with files.replacing(OTHER, None):
        pass
    assert [(files.has(name), files.read(name)) for name in (NAME, OTHER)] == [(True, b""), (True, b"")]


@pytest.fixture
def s3(request: pytest.FixtureRequest) -> S3BookFiles:
    return on_s3(request)


@pytest.mark.parametrize("name", ["bank-b/books/bk_1/x", "bank-a", "bank-a/", "bank-a/../bank-b/x", "bank-a//x", "/bank-a/x", "bank-ab/x"])
def test_nothing_outside_the_tenants_part_is_reached(s3: S3BookFiles, name: str) -> None:
    for ask in (s3.has, s3.read, s3.size, lambda name: s3.keep(name, b"x"), lambda name: s3.part(name, 0, 1)):
        with pytest.raises(ValueError, match="BOOK_FILE_NAME"):
            ask(name)


def test_a_large_file_comes_in_pieces(s3: S3BookFiles) -> None:
    content = bytes(BLOCK) + b"end"
    s3.keep(NAME, content)
    pieces = list(s3.stream(NAME))
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= BLOCK
    assert b"".join(pieces) == content


@pytest.fixture
def line(s3: S3BookFiles) -> Iterator[Line]:
    found = Line(s3.s3)
    yield found
    s3.s3.meta.events.unregister("before-send.*.*", found._send)


def test_what_was_kept_although_nobody_heard_of_it_is_kept_once_more_without_effect(s3: S3BookFiles, line: Line) -> None:
    line.break_at(range(1), lost_acknowledgement)
    s3.keep(NAME, b"ours")  # the SDK asks again, and is told that it is there
    assert s3.read(NAME) == b"ours"


def written(files: BookFiles, content: bytes) -> None:
    with files.replacing(NAME, files.version(NAME)) as file:
        file.write(content)


@pytest.mark.parametrize("there", [False, True])
def test_what_was_replaced_although_nobody_heard_of_it_is_ours(s3: S3BookFiles, line: Line, *, there: bool) -> None:
    """The SDK asks again, whole, and is told that it is another one now: it is, and holds what was sent."""
    if there:
        s3.keep(NAME, b"before")
    line.break_at(range(1, 2), lost_acknowledgement)  # after the look at its version
    written(s3, b"ours")
    assert s3.read(NAME) == b"ours"
    written(s3, b"again")
    assert s3.read(NAME) == b"again"


def test_what_somebody_else_wrote_meanwhile_is_theirs(s3: S3BookFiles) -> None:
    seen = s3.version(NAME)
    written(s3, b"theirs")
    with pytest.raises(Overtaken), s3.replacing(NAME, seen) as file:
        file.write(b"ours")
    with s3.replacing(NAME, seen) as file:  # equal chunks make equal bytes: nothing of theirs is lost
        file.write(b"theirs")
    assert s3.read(NAME) == b"theirs"


@pytest.mark.parametrize("code", ["ConditionalRequestConflict", "PreconditionFailed", "NoSuchKey"])
def test_whatever_s3_says_of_a_file_that_is_another_one_is_the_same(s3: S3BookFiles, line: Line, code: str) -> None:
    line.break_at(range(1, 2), refused(code))
    with pytest.raises(Overtaken):
        written(s3, b"ours")


def test_an_outage_while_replacing_is_an_outage(s3: S3BookFiles, line: Line) -> None:
    line.break_at(range(1, 99), outage_before)
    with pytest.raises(StoreUnavailable, match="BOOK_STORE_UNAVAILABLE"):
        written(s3, b"ours")


def test_what_is_replaced_may_be_larger_than_is_held_in_memory(s3: S3BookFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.aws.books.files.IN_MEMORY", 10)
    written(s3, b"0123456789" * 100_000)
    assert s3.read(NAME) == b"0123456789" * 100_000


@pytest.mark.parametrize("races", [1, 2])
def test_what_somebody_else_is_writing_is_written_again_until_it_is_there(s3: S3BookFiles, line: Line, races: int) -> None:
    """Whoever it is may die of it: only what is there is kept."""
    line.break_at(range(races), refused("ConditionalRequestConflict"))
    s3.keep(NAME, b"ours")
    assert s3.read(NAME) == b"ours"


def test_what_somebody_else_is_writing_for_ever_is_an_outage(s3: S3BookFiles, line: Line) -> None:
    line.break_at(range(99), refused("ConditionalRequestConflict"))
    with pytest.raises(StoreUnavailable, match="BOOK_STORE_UNAVAILABLE"):
        s3.keep(NAME, b"ours")


def test_an_outage_is_no_missing_file(s3: S3BookFiles, line: Line) -> None:
    line.break_at(range(99), outage_before)
    for ask in (s3.has, s3.read, lambda name: s3.keep(name, b"x")):
        with pytest.raises(StoreUnavailable, match="BOOK_STORE_UNAVAILABLE"):
            ask(NAME)
