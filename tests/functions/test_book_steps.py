"""The steps of a book as their state machine calls them: what they answer, and what of a book comes into the log."""

import json
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest

from engine.books.shared import SharedBook
from engine.ports.outside import StoreUnavailable
from engine.usecases.books.refused import BookRefused
from engine.usecases.refusals import Code
from infra.adapters import Adapters
from infra.local.stack import TEMPLATE
from infra.memory.books.files import MemoryBookFiles
from infra.memory.runs import MemoryTables
from infra.observability import logger
from infra.settings.books import BookSettings
from infra.settings.container import Settings
from infra.settings.packs import EnvironmentPacks, PackSettings
from infra.triggers.once import FunctionFailed, telling
from tests.support.adapters import in_memory
from tests.support.books import bought, simple
from tests.support.gateway import load
from tests.support.samples import HandClock

WORD = re.compile(r"zq7[a-z]*", re.IGNORECASE)
MANIFEST, SHARED = "bank-a/zq7folder/zq7manifest", "bank-a/zq7folder/zq7shared"
ORDER = {"tenant": "bank-a", "manifest": [MANIFEST], "shared": SHARED, "records": "ALL", "chunk_lines": 2}
LINES = [
    bought("zq7portfolio", "1000", correlation_id="zq7corr", options={"cash_band_max_weight": "0.1"}),
    b'{"zq7member": "zq7value"',
    b'{"zq7member": "zq7value", "portfolio_snapshot": {"portfolio_id": ["zq7id"]}}',
    bought("zq7other", "1000", model_id="zq7model"),
]


@dataclass
class Steps:
    """The functions over one set of adapters, with what they write."""

    adapters: Adapters
    log: StringIO = field(default_factory=StringIO)
    settings: Settings = field(default_factory=Settings)

    def call(self, name: str, event: Any) -> Any:
        log = logger(f"{name}-{uuid4()}", self.log)
        return telling(load(name).build(self.settings, self.adapters, log), log)(event, None)

    def index(self, **changes: Any) -> Any:
        return self.call("book_index", {"input": ORDER | changes, "execution": "night", "started": "2026-11-26T20:00:00Z"})

    def ends(self, name: str, event: Any) -> str:
        """What the platform writes of a step that fails."""
        with pytest.raises((BookRefused, FunctionFailed, StoreUnavailable)) as failed:
            self.call(name, event)
        return f"{failed.value!r} {failed.value.__cause__!r} {failed.value.__context__!r}"


@pytest.fixture
def files() -> MemoryBookFiles:
    return MemoryBookFiles({MANIFEST: b"\n".join(LINES), SHARED: simple()})


@pytest.fixture
def steps(files: MemoryBookFiles, clock: HandClock) -> Steps:
    return Steps(replace(in_memory(MemoryTables(), clock), book_files=lambda _: files))


def test_a_book_is_made_step_by_step(steps: Steps, files: MemoryBookFiles) -> None:
    plan = steps.index()
    assert {name: plan[name] for name in ("left", "max_concurrency", "tolerated_failure_percentage")} == {
        "left": 2,
        "max_concurrency": 100,
        "tolerated_failure_percentage": 10,
    }
    chunks = json.loads(files.read(plan["todo"]))
    assert [steps.call("book_chunk", {"book": plan["book"], "chunk": chunk}) for chunk in chunks] == [
        {"lines": 2, "failed": 1},
        {"lines": 2, "failed": 2},
    ]
    summary = {"book_id": "night", "status": "COMPLETE", "decided": 1, "failed": 3, "missing": 0}
    assert steps.call("book_summary", {"book": plan["book"]}) == summary
    [row] = steps.adapters.lookup.by_correlation("bank-a", "zq7corr")
    assert (row.head.portfolio_id, row.head.status, row.head.actor) == ("zq7portfolio", "PENDING_REVIEW", "system")


def test_a_plan_has_what_states_read_and_nothing_else(steps: Steps) -> None:
    definition = (TEMPLATE.parent / "infra/statemachines/rebalance_book.asl.json").read_text(encoding="utf-8")
    assert set(steps.index()) == set(re.findall(r"\$\.plan\.(\w+)", definition)) - {"elsewhere"}


def test_nothing_of_a_book_that_a_client_chose_is_written(steps: Steps, files: MemoryBookFiles, capfd: Any) -> None:
    test_a_book_is_made_step_by_step(steps, files)
    book = steps.index()["book"]
    chunk = json.loads(files.read("bank-a/books/night/index.json"))[0]
    told = [
        steps.ends("book_index", {"input": ORDER | {"zq7member": "zq7value"}, "execution": "night", "started": "2026-11-26T20:00:00Z"}),
        steps.ends("book_index", {"input": ORDER | {"shared": "bank-b/zq7"}, "execution": "night", "started": "2026-11-26T20:00:00Z"}),
        steps.ends("book_index", {"input": ORDER | {"shared": SHARED + "zq7"}, "execution": "other", "started": "2026-11-26T20:00:00Z"}),
        steps.ends("book_chunk", {"book": book | {"shared": "bank-a/zq7none"}, "chunk": chunk | {"number": 7}}),
        steps.ends("book_summary", {"book": book | {"book_id": "none"}}),
        steps.ends("book_summary", {"zq7": "zq7"}),
    ]
    files.files[MANIFEST] = files.read(MANIFEST).replace(b"1000", b"zq71")
    told.append(steps.ends("book_chunk", {"book": book, "chunk": chunk | {"number": 8}}))
    files.files[SHARED + "bad"] = b'{"zq7member": "zq7value"}'
    bad = ORDER | {"shared": SHARED + "bad"}
    told.append(steps.ends("book_index", {"input": bad, "execution": "bad", "started": "2026-11-26T20:00:00Z"}))

    def down(_tenant: str) -> Any:
        raise StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE)

    broken = Steps(replace(steps.adapters, book_files=down), steps.log)
    told += [broken.ends(name, {"book": book, "chunk": chunk, "input": ORDER, "execution": "x", "started": "2026-11-26"}) for name in STEPS]
    assert {json.loads(line)["message"] for line in steps.log.getvalue().splitlines()} == {"book", "defect"}
    assert WORD.findall("".join([steps.log.getvalue(), *told, *capfd.readouterr()])) == []


def test_chunks_at_once_are_held_to_what_is_reserved(steps: Steps) -> None:
    for reserved, asked, found in ((0, 100, 100), (30, 100, 30), (30, 20, 20)):
        steps.settings = Settings(books=BookSettings(chunk_concurrency=reserved))
        assert steps.index(max_concurrency=asked)["max_concurrency"] == found


def test_a_book_is_decided_under_the_packs_of_the_deployment(steps: Steps, files: MemoryBookFiles) -> None:
    catalog = '{"house": {"version": "7", "constraint_policy": {"single_position_max_weight": "0.1"}}}'
    steps.settings = Settings(packs=PackSettings(enabled=True, by_tenant=True, tenant_map='{"bank-a": "house"}'))
    steps.adapters = replace(steps.adapters, packs=EnvironmentPacks(catalog))
    plan = steps.index(records="NONE")
    shared = SharedBook.of(files.read(plan["book"]["shared"]))
    assert (shared.trace and shared.trace.source, shared.options({}).effective.single_position_max_weight) == (
        "TENANT_DEFAULT",
        Decimal("0.1"),
    )


def test_a_defect_of_lines_is_told_by_its_places_a_few_times(steps: Steps, files: MemoryBookFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five lines meet it; their portfolios are not named."""

    def defect(*_: Any) -> Any:
        raise KeyError("zq7member")

    files.files[MANIFEST] = b"\n".join(bought(f"zq7{number}", "1000") for number in range(5))
    plan = steps.index(chunk_lines=5)
    [chunk] = json.loads(files.read(plan["todo"]))
    monkeypatch.setattr("engine.books.decided.decide", defect)
    assert steps.call("book_chunk", {"book": plan["book"], "chunk": chunk}) == {"lines": 5, "failed": 5}
    told = [line for line in map(json.loads, steps.log.getvalue().splitlines()) if line["message"] == "defect"]
    assert [(line["error_type"], line["book_id"], line["chunk"]) for line in told] == [("KeyError", "night", "0")] * 3
    assert all(line["places"][-1].endswith(" defect") for line in told)
    assert WORD.findall(steps.log.getvalue()) == []


def test_evidence_that_is_broken_is_told_as_that(steps: Steps, files: MemoryBookFiles) -> None:
    plan = steps.index()
    for chunk in json.loads(files.read(plan["todo"])):
        steps.call("book_chunk", {"book": plan["book"], "chunk": chunk})
    [name] = [name for name in files.files if "/orders/000000" in name]
    files.files[name] = b""
    assert "FunctionFailed('EvidenceCorrupt')" in steps.ends("book_summary", {"book": plan["book"]})
    told = json.loads(steps.log.getvalue().splitlines()[-1])
    assert (told["message"], told["code"], told["evidence_broken"], told["payload"]) == ("evidence", "EVIDENCE_CORRUPT", 1, name)


STEPS = ("book_index", "book_chunk", "book_summary")
