"""A book on this machine: whole files, resumed after any end, on processes that end with their parent."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from engine.records.books import BookStart
from infra.local.books.__main__ import main
from infra.local.books.demo import write_demo
from infra.local.books.files import FolderFiles, alone, clear_unfinished
from tests.support.books import bought, simple
from tests.support.effort import TIMES

ROOT = Path(__file__).parents[2]


def written(folder: Path, lines: list[bytes], shared: bytes | None = None) -> list[str]:
    """The arguments of a run over these lines."""
    (folder / "m.jsonl").write_bytes(b"\n".join(lines))
    (folder / "s.json").write_bytes(simple() if shared is None else shared)
    return ["run", str(folder / "m.jsonl"), str(folder / "s.json"), "--out", str(folder / "out")]


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def summary_of(folder: Path) -> dict[str, Any]:
    [path] = folder.rglob("summary.json")
    told: dict[str, Any] = json.loads(path.read_bytes())
    return told


def test_a_book_is_run_and_summarised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*written(tmp_path, [bought("pf_1", "1000"), b"{"]), "--workers", "1"]) == 0
    assert summary_of(tmp_path)["lines"] == {"total": 2, "decided": 1, "failed": 1}
    assert "1 portfolios decided, 1 failed lines" in capsys.readouterr().out


def test_a_shared_document_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(written(tmp_path, [bought("pf_1", "1000")], b"{}")) == 2
    assert "body.market_data_snapshot  missing" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["m.jsonl", "s.json"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str) -> None:
    arguments = written(tmp_path, [bought("pf_1", "1000")])
    (tmp_path / missing).unlink()
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"{tmp_path / missing}: no such file\n"


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = written(tmp_path, [bought("pf_1", "1000")])
    (tmp_path / "out").write_bytes(b"a file")
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"{tmp_path / 'out'}/books")
    assert told.endswith(": Not a directory\n")


def test_an_id_goes_on_with_its_own_input_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*written(tmp_path, [bought("pf_1", "1000")]), "--workers", "1", "--book-id", "bk"]) == 0
    kept = digests(tmp_path / "out")
    assert main([*written(tmp_path, [bought("pf_1", "2000")]), "--workers", "1", "--book-id", "bk"]) == 2
    assert "bk was begun with other files" in capsys.readouterr().err
    assert digests(tmp_path / "out") == kept


def test_a_file_that_is_not_what_was_kept_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*written(tmp_path, [bought("pf_1", "1000")]), "--workers", "1", "--book-id", "bk"]
    assert main(arguments) == 0
    [orders] = (path for path in (tmp_path / "out").rglob("orders/*") if path.is_file())
    orders.write_bytes(orders.read_bytes() + b"x")
    assert main(arguments) == 1
    assert capsys.readouterr().err.endswith(f"{orders} is not what was kept there; give another --book-id\n")


def test_one_run_at_a_time_is_at_a_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*written(tmp_path, [bought("pf_1", "1000")]), "--workers", "1", "--book-id", "bk"]
    other = tmp_path / "out/books/other/x.1.1.unfinished"
    with alone(tmp_path / "out/books/bk"):
        assert main(arguments) == 2
    assert capsys.readouterr().err == "Another run is at bk\n"
    other.parent.mkdir()
    other.write_bytes(b"of a run at another book")
    assert main(arguments) == 0
    assert other.exists()


def start(arguments: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "infra.local.books", *arguments, "--chunk-lines", "2", "--workers", "2", "--json"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  (our own command)


def _nobody_works_on(folder: Path) -> None:
    """Wait until no file below the folder is being written: workers end at their next chunk without their parent."""
    seen, quiet = -1, 0
    for _ in range(300):
        now = sum(1 for _ in folder.rglob("*"))
        seen, quiet = now, quiet + 1 if now == seen else 0
        if quiet >= 5:
            return
        time.sleep(0.05)
    raise AssertionError("workers outlive their parent")


@pytest.mark.soak
def test_a_killed_run_goes_on_where_it_was_and_ends_alike(tmp_path: Path) -> None:
    manifest, shared = write_demo(tmp_path / "demo", 24, 120)
    undisturbed = ["run", str(manifest), str(shared), "--out", str(tmp_path / "whole"), "--book-id", "bk"]
    assert start(undisturbed).wait(timeout=120) == 0
    expected = digests(tmp_path / "whole")
    chance = random.Random(TIMES)  # noqa: S311  (when to kill)
    arguments = [*undisturbed[:3], "--out", str(tmp_path / "killed"), "--book-id", "bk"]
    for _ in range(TIMES):
        process = start(arguments)
        time.sleep(chance.uniform(0.2, 1.2))
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        _nobody_works_on(tmp_path / "killed")
    assert start(arguments).wait(timeout=120) == 0
    assert digests(tmp_path / "killed") == expected
    assert orjson.loads((tmp_path / "killed/books/bk/summary.json").read_bytes())["lines"]["decided"] == 24


def test_what_is_kept_stays_and_names_lead_nowhere_else(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path, {})
    files.keep("a/b", b"first")
    files.keep("a/b", b"second")
    assert files.read("a/b") == b"first"
    with files.replacing("a/b", files.version("a/b")) as file:
        file.write(b"third")
    assert (files.read("a/b"), files.size("a/b"), files.part("a/b", 1, 3)) == (b"third", 5, b"hi")
    for name in ("../x", "/etc/hostname", "", "a/../../x"):
        with pytest.raises(ValueError, match="BOOK_FILE_NAME"):
            files.read(name)
    with pytest.raises(LookupError, match="BOOK_FILE_MISSING: nothing"):
        files.read("nothing")


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path, {})
    files.keep("a", b"first")
    with pytest.raises(RuntimeError), files.replacing("a", files.version("a")) as file:  # noqa: PT012  (it has to fail on the way)
        file.write(b"half")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    (tmp_path / "b.1.1.unfinished").write_bytes(b"x")
    clear_unfinished(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_demo_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_demo(tmp_path / name, 5, 60)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_the_start_names_everything_below_its_own_folder() -> None:
    book = BookStart("bk_1", ["m"], "s")
    assert {book.index(), book.chunk(7, "results"), book.of_whole("summary.json")} == {
        "books/bk_1/index.json",
        "books/bk_1/results/000007",
        "books/bk_1/summary.json",
    }
